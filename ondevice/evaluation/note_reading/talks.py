"""LoCoMo's conversations as holders of notes: each turn is a note, and the data's own questions are asked.

What a right answer is, nobody judges: answers are compared with the data's by their words, and by dates and numbers.
Questions made to have no answer are to be refused.

Source: Maharana et al. 2024, arXiv:2402.17753.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ondevice.errors import NotFoundError
from ondevice.evaluation.note_reading.matching import dates_and_numbers, token_f1
from ondevice.evaluation.note_reading.questions import (
    ANSWERED,
    REFUSED,
    RIGHTLY_REFUSED,
    WRONGLY_REFUSED,
    Holder,
    NoteQuestion,
    Score,
    drawn,
)
from ondevice.generation.prompts.refusal import refuses
from ondevice.importers import read_locomo
from ondevice.importers.locomo_questions import ADVERSARIAL, LocomoQuestion, read_locomo_questions
from ondevice.records import Draft

F1, SAME_DATES = "token F1", "the same dates and numbers"
_CATEGORIES = {1: "several turns", 2: "time", 3: "open", 4: "one turn", ADVERSARIAL: "no answer"}
_SOON = timedelta(minutes=1)


def holders_of_talks(path: Path, *, questions: int, seed: int) -> Iterator[Holder]:
    """Yield each conversation of a LoCoMo file with some of its questions.

    Left out are questions that the data gives no answer for, unless they are made to have none.

    Args:
        path: The file, ``.json`` or ``.json.gz``.
        questions: Questions of each conversation.
        seed: Which ones.

    Raises:
        NotFoundError: If there is no such file, or no question in it that can be asked.
        InputError: If it has another form; it names the conversation and the question.
    """
    asked = list(read_locomo_questions(path))
    drafts = list(read_locomo(path))
    has_any = False
    for name in dict.fromkeys(str(draft.metadata["conversation"]) for draft in drafts):
        own = [draft for draft in drafts if draft.metadata["conversation"] == name]
        usable = [each for each in asked if each.conversation == name and _can_be_asked(each)]
        if usable:
            has_any = True
            yield _holder(name, own, usable, questions, seed)
    if not has_any:
        raise NotFoundError(f"{path.name!r} has no question with an answer")


def score_talk(question: NoteQuestion, text: str) -> Score:
    """Return what an answer to a conversation's question is worth."""
    refused = refuses(text)
    if not question.is_answerable:
        values = {RIGHTLY_REFUSED: float(refused), ANSWERED: float(not refused)}
        return Score(mark=REFUSED if refused else "answered", values=values, lead=float(refused))
    f1 = 0.0 if refused else token_f1(text, question.gold)
    values = {F1: f1, WRONGLY_REFUSED: float(refused)}
    if wanted := dates_and_numbers(question.gold):
        values[SAME_DATES] = float(not refused and dates_and_numbers(text) == wanted)
    return Score(mark=REFUSED if refused else f"F1 {f1:.2f}", values=values, lead=f1)


def _holder(name: str, drafts: list[Draft], asked: list[LocomoQuestion], n: int, seed: int) -> Holder:
    ids = {str(draft.metadata["dia_id"]): f"turn-{place}" for place, draft in enumerate(drafts)}
    questions = [
        NoteQuestion(
            number=number,
            text=each.text,
            gold=each.answer or "",
            category=_CATEGORIES.get(each.category or 0, "other"),
            evidence=() if each.category == ADVERSARIAL else tuple(ids[turn] for turn in each.evidence if turn in ids),
            is_answerable=each.category != ADVERSARIAL,
        )
        for number, each in enumerate(asked)
    ]
    return Holder(
        name=name,
        now=max(draft.time for draft in drafts if draft.time is not None) + _SOON,
        drafts=tuple(replace(draft, id=f"turn-{place}") for place, draft in enumerate(drafts)),
        questions=drawn(questions, n, seed=f"{seed} {name}"),
        score=score_talk,
    )


def _can_be_asked(question: LocomoQuestion) -> bool:
    return question.category == ADVERSARIAL or question.answer is not None
