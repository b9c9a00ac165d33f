"""Retrieval data from a folder of corpus, queries and judgements.

The folder has three files, UTF-8, plain or with ``.gz`` behind the name (the shapes that the BEIR collection made
common):

- ``corpus.jsonl``: ``{"id": "p1", "text": "…"}`` a line; ``_id`` may stand for ``id``; a ``title`` that is not empty is
  put before the text.
- ``queries.jsonl``: ``{"id": "q1", "text": "…"}`` a line; optionally ``"candidates": ["p1", …]``, the only passages it
  searches (without it, all).
- ``qrels.tsv``, which may be missing where nobody judged: ``query id <tab> passage id <tab> score`` a line, after a
  heading or without; a score above zero means relevant. Queries without any are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn

from export.errors import DatasetError
from export.gate.retrieval_data import RetrievalData, translated
from ondevice.errors import NotFoundError
from ondevice.importers.opening import read_lines
from ondevice.safety.strict_json import parse_json


def read_retrieval_data(folder: Path) -> RetrievalData:
    """Read a folder of ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv``; its name becomes the data's.

    Raises:
        NotFoundError: If the corpus or the queries are missing.
        DatasetError: If a line has another form; it names the file, the line and the field.
    """
    corpus = {place: text for place, text, _ in _entries(_file(folder, "corpus.jsonl"))}
    place = {name: number for number, name in enumerate(corpus)}
    queries = list(_entries(_file(folder, "queries.jsonl")))
    qrels = _find(folder, "qrels.tsv")
    judged = None if qrels is None else _judgements(qrels, place, {name for name, _, _ in queries})
    kept = [each for each in queries if judged is None or each[0] in judged]
    everything = list(range(len(corpus)))
    return RetrievalData(
        name=folder.name,
        passages=list(corpus.values()),
        queries=[text for _, text, _ in kept],
        candidates=[everything if chosen is None else _places(folder, name, chosen, place) for name, _, chosen in kept],
        relevant=None if judged is None else [judged[name] for name, _, _ in kept],
        n_left_out=len(queries) - len(kept),
    )


def _entries(path: Path) -> Iterator[tuple[str, str, list[str] | None]]:
    seen: set[str] = set()
    with translated(path):
        for number, line in read_lines(path):
            if not line.strip():
                continue
            where = f"{path.name}, line {number}"
            name, text, candidates = _entry(where, line)
            if name in seen:
                _refuse(where, "the id stands in the file before")
            seen.add(name)
            yield name, text, candidates


def _entry(where: str, line: str) -> tuple[str, str, list[str] | None]:
    try:
        value = parse_json(line)
    except ValueError:
        _refuse(where, "the line is not valid JSON")
    if not isinstance(value, dict):
        _refuse(where, "the line must be an object")
    name, text, title = value.get("id", value.get("_id")), value.get("text"), value.get("title") or ""
    if not isinstance(name, str) or not name:
        _refuse(where, "the field 'id' must be a text that is not empty")
    if not isinstance(title, str):
        _refuse(where, "the field 'title' must be a text")
    if not isinstance(text, str) or not f"{title}{text}".strip():
        _refuse(where, "the field 'text' must be a text that is not empty")
    candidates = value.get("candidates")
    if candidates is not None and not (
        isinstance(candidates, list) and candidates and all(isinstance(each, str) for each in candidates)
    ):
        _refuse(where, "the field 'candidates' must be a list of passage ids")
    return name, f"{title} {text}" if title else text, candidates


def _judgements(path: Path, place: Mapping[str, int], queries: set[str]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    with translated(path):
        for number, line in read_lines(path):
            fields = line.rstrip("\r\n").split("\t")
            where = f"{path.name}, line {number}"
            if not line.strip() or (number == 1 and len(fields) == 3 and fields[2].strip().lower() == "score"):
                continue
            if len(fields) != 3:
                _refuse(where, f"it has {len(fields)} fields, not 3 with tabs between them")
            query, passage, score = (each.strip() for each in fields)
            if query not in queries:
                _refuse(where, "the first field is no query's id")
            if passage not in place:
                _refuse(where, "the second field is no passage's id")
            if not score.lstrip("-").isdecimal():
                _refuse(where, "the third field, the score, must be a whole number")
            if int(score) > 0:
                found.setdefault(query, set()).add(place[passage])
    return {query: frozenset(passages) for query, passages in found.items()}


def _places(folder: Path, query: str, candidates: list[str], place: Mapping[str, int]) -> list[int]:
    unknown = sum(each not in place for each in candidates)
    if unknown:
        _refuse(f"{folder.name}, query {query!r}", f"{unknown} of its {len(candidates)} candidates are no passage's id")
    return [place[each] for each in candidates]


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _file(folder: Path, name: str) -> Path:
    path = _find(folder, name)
    if path is None:
        raise NotFoundError(f"the folder {folder.name!r} has no {name}", hint="it needs corpus.jsonl and queries.jsonl")
    return path


def _refuse(where: str, reason: str) -> NoReturn:
    raise DatasetError(f"{where}: {reason}")
