"""What ``--data`` brings: retrieval tasks, groups of candidates, or plain texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from export.cli.options import DataSpec
from ondevice.errors import DatasetError, NotFoundError, StorageError

if TYPE_CHECKING:
    from export.gate.candidate_groups import CandidateGroups
    from export.gate.retrieval_data import RetrievalData


def read_texts(specs: Sequence[DataSpec]) -> list[str] | None:
    """Return the texts of every ``text:FILE``, or ``None`` where none is given.

    A file is UTF-8; its texts are divided by blank lines.

    Raises:
        NotFoundError: If a file is missing.
        DatasetError: If a file is not UTF-8, or holds no text.
        StorageError: If a file cannot be read.
    """
    texts = [text for spec in specs if spec.kind == "text" for text in _paragraphs(spec.path)]
    return texts or None


def read_retrieval(specs: Sequence[DataSpec], *, limit: int | None) -> tuple[RetrievalData, ...]:
    """Return the tasks of every ``lamp:DIR``, ``locomo:DIR`` and ``retrieval:DIR``, at most ``limit`` queries of each.

    Raises:
        NotFoundError: If a folder or file is missing.
        DatasetError: If a file has another form.
    """
    readers = _readers()
    found = [readers[spec.kind](spec.path) for spec in specs if spec.kind in readers]
    return tuple(each if limit is None else each.spread(limit) for each in found)


def read_groups(specs: Sequence[DataSpec]) -> tuple[CandidateGroups, ...]:
    """Return the groups of candidates of every ``pairs:FILE``; raises as their reader."""
    from export.gate.candidate_groups import read_candidate_groups

    return tuple(read_candidate_groups(spec.path) for spec in specs if spec.kind == "pairs")


def _readers() -> Mapping[str, Callable[[Path], RetrievalData]]:
    return {}


def _paragraphs(path: Path) -> list[str]:
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path.name!r}") from None
    except UnicodeDecodeError:
        raise DatasetError(f"the file {path.name!r} is not UTF-8") from None
    except OSError as error:
        raise StorageError(f"the file {path.name!r} cannot be read: {error.strerror}") from None
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
