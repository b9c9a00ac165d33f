"""LoCoMo conversations as retrieval tasks: a question searches its conversation, and its evidence is what is relevant.

Source: Maharana et al. 2024, arXiv:2402.17753 (record form, evidence).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from export.gate.retrieval_data import RetrievalData, translated
from ondevice.errors import DatasetError, NotFoundError
from ondevice.importers.locomo import read_locomo
from ondevice.importers.opening import read_json

ADVERSARIAL = 5
_TURN = re.compile(r"D(\d+):(\d+)")


def locomo_retrieval_data(folder: Path) -> RetrievalData:
    """Read every ``.json`` or ``.json.gz`` file of a folder (or one file): a turn is a passage, its evidence judged.

    Left out, and counted, are questions of category 5, which are made to have no answer, and questions without a
    turn of their conversation among their evidence (the released files have a few misprints).

    Raises:
        NotFoundError: If the folder has no such file.
        DatasetError: If a file has another form; it names the file, the conversation and the question.
    """
    files = [folder] if folder.is_file() else sorted({*folder.glob("*.json"), *folder.glob("*.json.gz")})
    if not files:
        raise NotFoundError(f"the folder {folder.name!r} has no LoCoMo file (.json or .json.gz)")
    reader = _Reader()
    for file in files:
        with translated(file):
            reader.read(file)
    return RetrievalData(
        name="locomo",
        passages=reader.passages,
        queries=reader.queries,
        candidates=reader.candidates,
        relevant=reader.relevant,
        n_left_out=reader.n_left_out,
    )


class _Reader:
    """Gathers the conversations of several files."""

    def __init__(self) -> None:
        self.passages: list[str] = []
        self.queries: list[str] = []
        self.candidates: list[list[int]] = []
        self.relevant: list[frozenset[int]] = []
        self.n_left_out = 0

    def read(self, file: Path) -> None:
        turns: dict[str, dict[str, int]] = {}
        for draft in read_locomo(file):
            talk = turns.setdefault(str(draft.metadata["conversation"]), {})
            talk[str(draft.metadata["dia_id"])] = len(self.passages)
            self.passages.append(draft.text)
        samples = read_json(file)
        assert isinstance(samples, list)  # noqa: S101 (read_locomo has refused anything else)
        for number, sample in enumerate(samples, start=1):
            name = str(sample.get("sample_id", number))
            self._ask(f"{file.name}, conversation {name}", sample, turns[name])

    def _ask(self, where: str, sample: Mapping[str, object], turns: Mapping[str, int]) -> None:
        asked = sample.get("qa")
        if not isinstance(asked, list):
            raise DatasetError(f"{where}: the field 'qa' must be a list of questions")
        for number, each in enumerate(asked, start=1):
            question, evidence = _checked(f"{where}, question {number}", each)
            found = frozenset(turns[turn] for turn in evidence if turn in turns)
            if each.get("category") == ADVERSARIAL or not found:
                self.n_left_out += 1
                continue
            self.queries.append(question)
            self.candidates.append(list(turns.values()))
            self.relevant.append(found)


def _checked(where: str, value: object) -> tuple[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise DatasetError(f"{where}: it must be an object")
    question, evidence = value.get("question"), value.get("evidence", [])
    if not isinstance(question, str) or not question.strip():
        raise DatasetError(f"{where}: the field 'question' must be a text")
    if not isinstance(evidence, list) or not all(isinstance(each, str) for each in evidence):
        raise DatasetError(f"{where}: the field 'evidence' must be a list of turn ids")
    # Some entries name two turns in one string.
    return question, tuple(f"D{session}:{turn}" for each in evidence for session, turn in _TURN.findall(each))
