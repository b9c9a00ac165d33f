"""Long documents with known places: each session of LoCoMo's talks is one item, and questions name their turns.

Source: Maharana et al. 2024, arXiv:2402.17753.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ondevice.importers import read_locomo
from ondevice.importers.locomo_questions import ADVERSARIAL, read_locomo_questions
from ondevice.records import Draft


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked, the documents that answer it, and the turns in them that do."""

    text: str = field(repr=False)
    documents: frozenset[int]
    turns: tuple[tuple[int, str], ...] = field(repr=False)
    """Document and what is said there."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """The sessions of one talk, as documents whose ids are their numbers, and the questions about them."""

    drafts: list[Draft] = field(repr=False)
    questions: list[Question] = field(repr=False)


def libraries(folder: Path) -> list[Library]:
    """Return one library for each talk in the files of a folder."""
    return [library for path in sorted(folder.iterdir()) for library in _of_file(path)]


def _of_file(path: Path) -> list[Library]:
    sessions: dict[tuple[Any, Any], list[Draft]] = defaultdict(list)
    for turn in read_locomo(path):
        sessions[turn.metadata["conversation"], turn.metadata["session"]].append(turn)
    documents: dict[Any, list[Draft]] = defaultdict(list)
    place: dict[tuple[Any, Any], tuple[int, str]] = {}
    for (talk, number), turns in sessions.items():
        documents[talk].append(_document(number, turns))
        place |= {(talk, turn.metadata["dia_id"]): (number, turn.text) for turn in turns}
    questions: dict[Any, list[Question]] = defaultdict(list)
    for each in read_locomo_questions(path):
        turns_of = tuple(place[each.conversation, turn] for turn in each.evidence if (each.conversation, turn) in place)
        if each.category != ADVERSARIAL and turns_of:
            numbers = frozenset(number for number, _ in turns_of)
            questions[each.conversation].append(Question(text=each.text, documents=numbers, turns=turns_of))
    return [Library(drafts=documents[talk], questions=questions[talk]) for talk in documents]


def _document(number: int, turns: Sequence[Draft]) -> Draft:
    return Draft(id=str(number), kind="talk", text="\n".join(turn.text for turn in turns), time=turns[0].time)
