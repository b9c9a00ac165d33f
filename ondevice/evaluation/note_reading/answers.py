"""Graded answers in a file, one a line: a run that is killed goes on, and a reader finds each question's story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ondevice.evaluation.ledger import Ledger
from ondevice.evaluation.note_reading.conditions import NoteCondition
from ondevice.safety.strict_json import read_record

LEDGER = "questions.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteAnswer:
    """What was answered to one question under one condition.

    Args:
        holder: Whose notes were asked.
        number: The question's place among theirs.
        category: What kind of question it is.
        condition: Which notes stood in the prompt.
        is_again: Whether notes had been forgotten before.
        request: What was asked.
        text: What was answered.
        mark: What it is worth, in a word.
        notes: Ids of the notes in the prompt, best first.
        cited: Ids of those that the answer names.
        made_up: Names, dates and numbers of the answer that stand nowhere in the prompt.
        support: How far the answer may be relied on, or ``None`` where the model names no notes.
        n_prompt_tokens: Length of the prompt.
        n_tokens: Length of the answer.
        seconds: What it took, from the request to the answer.
    """

    holder: str
    number: int
    category: str
    condition: NoteCondition
    is_again: bool = False
    request: str = field(repr=False)
    text: str = field(repr=False)
    mark: str
    notes: tuple[str, ...]
    cited: tuple[str, ...] = ()
    made_up: tuple[str, ...] = field(default=(), repr=False)
    support: float | None = None
    n_prompt_tokens: int
    n_tokens: int
    seconds: float


class NoteAnswers(Ledger[NoteAnswer]):
    """The answers of a run by key, in a folder or in memory alone; close it, or use it as a context manager."""

    def __init__(self, folder: Path | None) -> None:
        """Read what the folder holds; see :class:`~ondevice.evaluation.ledger.Ledger`."""
        path = None if folder is None else folder / LEDGER
        super().__init__(path, noun="a graded answer", to_json=asdict, from_json=_answer_of)


def _answer_of(value: Mapping[str, Any]) -> NoteAnswer:
    return read_record(NoteAnswer, value, "the line", ValueError)
