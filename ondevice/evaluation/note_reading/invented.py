"""Invented people as holders of notes: their requests, sampled, and what they forget in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.evaluation.note_reading.questions import (
    AFTER_FORGETTING,
    ANSWERED,
    REFUSED,
    RIGHT,
    RIGHTLY_REFUSED,
    WRONG,
    WRONGLY_REFUSED,
    Holder,
    NoteQuestion,
    Score,
    drawn,
)
from ondevice.evaluation.people import grade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ondevice.evaluation.people import Grade, Person

FOLLOW_UP = "follow-up"
"""The category of an answerable question that only the one before it explains."""


def holders_of(people: Iterable[Person], *, questions: int, seed: int) -> Iterator[Holder]:
    """Yield each person with some of their requests.

    Args:
        people: Who they are.
        questions: Requests of each that are asked, and at most as many again after forgetting.
        seed: Which ones.
    """
    for place, person in enumerate(people):
        yield _holder(place, person, questions, seed)


def _holder(place: int, person: Person, n: int, seed: int) -> Holder:
    asked = [
        NoteQuestion(
            number=number,
            text=request.text,
            gold=request.answer,
            category=FOLLOW_UP if request.after and request.is_answerable else request.category,
            earlier=request.after,
            evidence=request.evidence,
            is_answerable=request.is_answerable,
        )
        for number, request in enumerate(person.requests)
    ]
    gone = frozenset(person.forgotten)
    # What is left of a request's evidence, or says what was so before, could still be answered from.
    lost = [
        replace(each, evidence=(), is_answerable=False)
        for each in asked
        if each.evidence and gone.issuperset((*each.evidence, *person.requests[each.number].outdated))
    ]

    def score(question: NoteQuestion, text: str) -> Score:
        request = person.requests[question.number]
        return score_of(grade(request, text), question, is_lost=request.is_answerable and not question.is_answerable)

    name = f"{place + 1} {person.name}"  # two may have one name
    return Holder(
        name=name,
        now=person.now,
        drafts=tuple(person.drafts),
        questions=drawn(asked, n, seed=f"{seed} {name}"),
        forgotten=tuple(person.forgotten),
        asked_again=drawn(lost, n, seed=f"{seed} {name} again"),
        score=score,
    )


def score_of(grade: Grade, question: NoteQuestion, *, is_lost: bool = False) -> Score:
    """Return what a graded answer counts for.

    Args:
        grade: What it is.
        question: What was asked.
        is_lost: Whether the notes said it before some were forgotten.
    """
    refused = float(grade == REFUSED)
    if is_lost:
        return Score(mark=grade, values={AFTER_FORGETTING: refused}, lead=refused)
    if not question.is_answerable:
        return Score(mark=grade, values={RIGHTLY_REFUSED: refused, ANSWERED: 1 - refused}, lead=refused)
    values = {RIGHT: float(grade == "right"), WRONG: float(grade == "wrong"), WRONGLY_REFUSED: refused}
    return Score(mark=grade, values=values, lead=values[RIGHT])
