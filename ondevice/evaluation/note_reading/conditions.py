"""Which notes stand in the prompt: none, what the retriever finds, or what an oracle knows to be the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

from ondevice.records import Filter

if TYPE_CHECKING:
    from ondevice.evaluation.note_reading.questions import NoteQuestion
    from ondevice.generation.answering import Prepared
    from ondevice.personalizer import Personalizer
    from ondevice.personalizer.options import AnswerOptions

NoteCondition = Literal["none", "retrieval", "evidence", "evidence+"]
"""``evidence`` gives the model the notes that answer and no other, ``evidence+`` others beside them, as a perfect
retriever would. Where the notes do not say it, both give what the retriever finds."""
NOTE_CONDITIONS: tuple[NoteCondition, ...] = get_args(NoteCondition)


def conditions_of(names: Sequence[str]) -> tuple[NoteCondition, ...]:
    """Return the conditions of these names, each once.

    Raises:
        ValueError: If there is none, or no such condition.
    """
    unknown = [name for name in names if name not in NOTE_CONDITIONS]
    if unknown or not names:
        raise ValueError(f"--notes takes some of {', '.join(NOTE_CONDITIONS)}, with commas, not {', '.join(names)!r}")
    return tuple(condition for condition in NOTE_CONDITIONS if condition in names)


def prepare_under(
    me: Personalizer, condition: NoteCondition, question: NoteQuestion, *, k: int, options: AnswerOptions
) -> Prepared:
    """Build the prompt of a question with the condition's notes.

    Args:
        me: The profile.
        condition: Which notes stand in the prompt.
        question: Its evidence names items of the profile.
        k: Notes that the retriever looks for.
        options: The request's other options.

    Raises:
        ContextOverflowError: If the request alone does not fit the model's context.
    """
    if condition == "none":
        return me.prepare(question.text, **{**options, "retriever": "none"})
    found = me.prepare(question.text, **{**options, "k": k})
    if condition == "retrieval" or not question.evidence:
        return found
    ids = list(question.evidence)
    if condition == "evidence+":
        others = (hit.item.id for hit in found.sources if hit.item.id not in question.evidence)
        ids += islice(others, max(0, k - len(ids)))
    return me.prepare(
        question.text, **{**options, "retriever": "recency", "k": len(ids), "filter": Filter(ids=tuple(ids))}
    )
