"""Whose notes are asked about, what is asked, and how an answer is scored: the same form for people and for talks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from ondevice.evaluation.ledger import content_key
from ondevice.records import Draft

REFUSED = "refused"
"""The mark of an answer that says that the notes do not say."""
RIGHT, WRONG, WRONGLY_REFUSED = "right", "wrong", "refused wrongly"
RIGHTLY_REFUSED, ANSWERED = "refused rightly", "answered all the same"
AFTER_FORGETTING = "refused after forgetting"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteQuestion:
    """One question about somebody's notes.

    Args:
        number: Its place among all that can be asked of them.
        text: What is asked.
        gold: What a right answer says.
        category: What kind of question it is.
        evidence: Ids of the notes that answer it; none where the notes do not say.
        is_answerable: Whether the notes say it.
        earlier: The question and the answer before it in a conversation; empty where it stands alone.
    """

    number: int
    text: str = field(repr=False)
    gold: str = field(repr=False)
    category: str
    evidence: tuple[str, ...] = ()
    is_answerable: bool = True
    earlier: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """What an answer is worth.

    Args:
        mark: One word or two for readers, such as ``right``.
        values: The figures that the question counts for, each between 0 and 1.
        lead: What it adds to its category's count.
    """

    mark: str
    values: Mapping[str, float]
    lead: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Somebody with notes, and what is asked of them.

    Args:
        name: Tells them from the others of a run.
        now: When they ask.
        drafts: Their notes, each with an id.
        questions: What is asked.
        forgotten: Ids of notes that are forgotten in the end.
        asked_again: What is asked again then, and must be refused.
        score: Gives an answer's worth.
    """

    name: str
    now: datetime
    drafts: tuple[Draft, ...] = field(repr=False)
    questions: tuple[NoteQuestion, ...]
    forgotten: tuple[str, ...] = ()
    asked_again: tuple[NoteQuestion, ...] = ()
    score: Callable[[NoteQuestion, str], Score] = field(repr=False)


def drawn(questions: Sequence[NoteQuestion], n: int, *, seed: str) -> tuple[NoteQuestion, ...]:
    """Draw ``n`` questions, as many of each category as there are while they last, and return them in their order.

    Args:
        questions: What can be asked.
        n: How many are drawn; all where there are no more.
        seed: The same seed draws the same questions.
    """
    dice = dice_of(seed)
    waiting: dict[str, list[NoteQuestion]] = {}
    for place in dice.permutation(len(questions)):
        waiting.setdefault(questions[place].category, []).append(questions[place])
    names = sorted(waiting)
    names = [names[place] for place in dice.permutation(len(names))]  # one category gets one more, not always the same
    chosen: list[NoteQuestion] = []
    while len(chosen) < min(n, len(questions)):
        for name in names:
            if waiting[name] and len(chosen) < n:
                chosen.append(waiting[name].pop())
    return tuple(sorted(chosen, key=lambda question: question.number))


def dice_of(seed: str) -> np.random.Generator:
    """Return dice that fall alike for the same words, on every machine."""
    return np.random.default_rng(int(content_key(seed=seed)[:16], 16))
