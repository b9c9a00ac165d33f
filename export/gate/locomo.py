"""LoCoMo conversations as retrieval tasks: a question searches its conversation, and its evidence is what is relevant.

Source: Maharana et al. 2024, arXiv:2402.17753 (record form, evidence).
"""

from __future__ import annotations

from pathlib import Path

from export.gate.retrieval_data import RetrievalData, translated
from ondevice.errors import NotFoundError
from ondevice.importers.locomo import read_locomo
from ondevice.importers.locomo_questions import ADVERSARIAL, read_locomo_questions


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
        for question in read_locomo_questions(file):
            talk = turns[question.conversation]
            found = frozenset(talk[turn] for turn in question.evidence if turn in talk)
            if question.category == ADVERSARIAL or not found:
                self.n_left_out += 1
                continue
            self.queries.append(question.text)
            self.candidates.append(list(talk.values()))
            self.relevant.append(found)
