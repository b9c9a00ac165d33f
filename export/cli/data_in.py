"""What ``--data`` brings: retrieval tasks, groups of candidates, or plain texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from export.cli.options import DataSpec
from export.errors import DatasetError
from export.gate.given_files import read_given

if TYPE_CHECKING:
    from export.gate.candidate_groups import CandidateGroups
    from export.gate.retrieval_data import RetrievalData

RETRIEVAL_KINDS = ("lamp", "locomo", "retrieval")
MAX_TEXTS_BYTES = 1 << 30


def read_retrieval(specs: Sequence[DataSpec], *, limit: int | None) -> tuple[RetrievalData, ...]:
    """Return the tasks of every ``lamp:DIR``, ``locomo:DIR`` and ``retrieval:DIR``, ``limit`` queries of each."""
    return tuple(_tasks(spec, limit) for spec in specs if spec.kind in RETRIEVAL_KINDS)


def read_groups(specs: Sequence[DataSpec]) -> tuple[CandidateGroups, ...]:
    """Return the groups of candidates of every ``pairs:FILE``; raises as their reader."""
    from export.gate.candidate_groups import read_candidate_groups

    return tuple(read_candidate_groups(spec.path) for spec in specs if spec.kind == "pairs")


def read_texts(specs: Sequence[DataSpec], *, limit: int | None = None) -> list[str] | None:
    """Return the texts of every ``text:FILE`` and the passages of all retrieval data; ``None`` where none is given.

    A file of texts is UTF-8; its texts are divided by blank lines.

    Args:
        specs: What was given.
        limit: At most so many of each, evenly taken.
    """
    from export.publishing.parity import evenly

    found: list[str] = []
    for spec in specs:
        if spec.kind == "pairs":
            continue
        texts = _paragraphs(spec.path) if spec.kind == "text" else list(_tasks(spec, None).passages)
        found += texts if limit is None else evenly(texts, limit)
    return found or None


def names_of(specs: Sequence[DataSpec]) -> str:
    """Return what to call the texts of :func:`read_texts` in a manifest."""
    return "+".join(spec.path.stem if spec.kind == "text" else spec.kind for spec in specs) or "built-in"


def _tasks(spec: DataSpec, limit: int | None) -> RetrievalData:
    from export.gate.lamp import lamp_retrieval_data
    from export.gate.locomo import locomo_retrieval_data
    from export.gate.reading import read_retrieval_data

    if spec.kind == "lamp":
        try:
            return lamp_retrieval_data(spec.path, limit=limit)
        except ValueError as error:
            raise DatasetError(str(error), hint="raise --limit, or name one task's folder") from None
    data = locomo_retrieval_data(spec.path) if spec.kind == "locomo" else read_retrieval_data(spec.path)
    return data if limit is None else data.spread(limit)


def _paragraphs(path: Path) -> list[str]:
    try:
        text = read_given(path, limit_bytes=MAX_TEXTS_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DatasetError(f"the file {path.name!r} is not UTF-8") from None
    texts: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            texts[-1].append(line)
        elif texts[-1]:
            texts.append([])
    found = ["\n".join(lines) for lines in texts if lines]
    if not found:
        raise DatasetError(f"the file {path.name!r} holds no text")
    return found
