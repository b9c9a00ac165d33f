"""Which notes stand in the prompt: none, what the retriever finds, or what an oracle knows to be the right ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

from ondevice.config import Sampling
from ondevice.generation.prompts.chat import turns
from ondevice.records import Filter

if TYPE_CHECKING:
    from ondevice.evaluation.note_reading.questions import NoteQuestion
    from ondevice.generation.prepared import Prepared
    from ondevice.personalizer import Personalizer
    from ondevice.records import OnUnsupported

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
    me: Personalizer,
    condition: NoteCondition,
    question: NoteQuestion,
    *,
    k: int,
    max_tokens: int,
    now: datetime,
    on_unsupported: OnUnsupported | None = None,
) -> Prepared:
    """Build the prompt of a question with the condition's notes; its answer will be greedy.

    Args:
        me: The profile.
        condition: Which notes stand in the prompt.
        question: Its evidence names items of the profile.
        k: Notes that the retriever looks for.
        max_tokens: Longest answer.
        now: When the question is asked.
        on_unsupported: What becomes of an answer that is not supported.

    Raises:
        ContextOverflowError: If the request alone does not fit the model's context.
    """

    def prepared(*, k: int, retriever: str | None = None, ids: Sequence[str] | None = None) -> Prepared:
        return me.prepare(
            question.text,
            earlier=turns(question.earlier),
            k=k,
            retriever=retriever,
            filter=None if ids is None else Filter(ids=tuple(ids)),
            max_tokens=max_tokens,
            sampling=Sampling(),
            now=now,
            on_unsupported=on_unsupported,
        )

    if condition == "none":
        return prepared(k=k, retriever="none")
    found = prepared(k=k)
    if condition == "retrieval" or not question.evidence:
        return found
    ids = list(question.evidence)
    if condition == "evidence+":
        others = (hit.item.id for hit in found.sources if hit.item.id not in question.evidence)
        ids += islice(others, max(0, k - len(ids)))
    return prepared(k=len(ids), retriever="recency", ids=ids)
