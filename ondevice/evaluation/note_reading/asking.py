"""Asking: every question of a holder through a real encrypted profile of their own, under every condition.

The profile lies in a temporary folder under a random key, and goes with it. Answers are greedy, and prompts are reused
by whole batches only, so that answers depend neither on the order of the questions nor on what was known already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ondevice.evaluation.borrower import Borrower
from ondevice.evaluation.ledger import content_key
from ondevice.evaluation.note_reading.answers import NoteAnswer, NoteAnswers
from ondevice.evaluation.note_reading.conditions import NoteCondition, prepare_under
from ondevice.evaluation.note_reading.questions import Holder, NoteQuestion, Score
from ondevice.evaluation.temporary_profile import temporary_profile

if TYPE_CHECKING:
    from ondevice.evaluation.plan import RunConfig
    from ondevice.generation.prepared import Prepared
    from ondevice.personalizer import Personalizer
    from ondevice.records import OnUnsupported

AFTER_FORGETTING: NoteCondition = "retrieval"
"""An oracle has nothing to give once the evidence is gone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scored:
    """One question, its answer under one condition, and what it is worth."""

    question: NoteQuestion
    answer: NoteAnswer
    score: Score


class Asker(Borrower):
    """Asks holders' questions."""

    def __init__(
        self, config: RunConfig, answers: NoteAnswers, *, k: int, on_unsupported: OnUnsupported | None = None
    ) -> None:
        """Take the models, which load at first use, and the answers that are known already."""
        super().__init__(config)
        self._answers = answers
        self._k = k
        self._on_unsupported = on_unsupported
        self._alike: dict[str, NoteAnswer] = {}
        """By prompt: where an oracle has nothing to give, its prompt is the retriever's, and so is its answer."""

    def ask(self, holder: Holder, conditions: Sequence[NoteCondition], told: Callable[[], None]) -> list[Scored]:
        """Ask everything of one holder, then forget what they forget and ask again.

        Args:
            holder: Whose notes.
            conditions: Which notes stand in the prompts.
            told: Called after each answer.

        Raises:
            NotFoundError: If a model is missing.
            GenerationError: If the runtime fails.
        """
        scored = []
        self._alike = {}
        with temporary_profile(self._models, holder.drafts) as (me, ids):
            for each in self._answered(me, holder, conditions, ids):
                scored.append(each)
                told()
        return scored

    def _answered(
        self, me: Personalizer, holder: Holder, conditions: Sequence[NoteCondition], ids: Mapping[str, str]
    ) -> Iterator[Scored]:
        for condition in conditions:
            for question in holder.questions:
                yield self._one(me, holder, _with_items(question, ids), condition, is_again=False)
        if AFTER_FORGETTING in conditions and holder.asked_again:
            me.forget([*dict.fromkeys(ids[gone] for gone in holder.forgotten)])
            for question in holder.asked_again:
                yield self._one(me, holder, _with_items(question, ids), AFTER_FORGETTING, is_again=True)

    def _one(
        self, me: Personalizer, holder: Holder, question: NoteQuestion, condition: NoteCondition, *, is_again: bool
    ) -> Scored:
        prepared = prepare_under(
            me,
            condition,
            question,
            k=self._k,
            max_tokens=self._config.max_tokens,
            now=holder.now,
            on_unsupported=self._on_unsupported,
        )
        prompt_key = self._key(me, holder, question, prepared)
        key = content_key(prompt=prompt_key, condition=condition, is_again=is_again)
        answer = self._answers.get(key)
        if answer is None:
            alike = self._alike.get(prompt_key) or self._new(me, holder, question, prepared, condition)
            answer = replace(alike, condition=condition, is_again=is_again)
            self._answers.put(key, replace(answer, mark=holder.score(question, answer.text).mark))
        self._alike[prompt_key] = answer
        score = holder.score(question, answer.text)  # anew also for what is known: the rules may have changed
        return Scored(question=question, answer=replace(answer, mark=score.mark), score=score)

    def _key(self, me: Personalizer, holder: Holder, question: NoteQuestion, prepared: Prepared) -> str:
        return content_key(
            model=me.generator.engine().model_id,
            adapter=self._adapter_id,
            prompt=prepared.prompt,
            max_tokens=self._config.max_tokens,
            context_tokens=self._config.context_tokens,
            threads=self._threads,
            holder=holder.name,
            number=question.number,
            **({} if self._on_unsupported is None else {"on_unsupported": self._on_unsupported}),
        )

    def _new(
        self, me: Personalizer, holder: Holder, question: NoteQuestion, prepared: Prepared, condition: NoteCondition
    ) -> NoteAnswer:
        completion = me.answer(prepared)
        citations = completion.citations
        return NoteAnswer(
            holder=holder.name,
            number=question.number,
            category=question.category,
            condition=condition,
            request=question.text,
            text=completion.text,
            mark="",
            notes=tuple(hit.item.id for hit in completion.sources),
            cited=tuple(dict.fromkeys(item_id for citation in citations for item_id in citation.item_ids)),
            made_up=tuple(dict.fromkeys(each for citation in citations for each in citation.made_up)),
            support=completion.support,
            n_prompt_tokens=completion.n_prompt_tokens,
            n_tokens=completion.n_tokens,
            seconds=completion.timings_ms["total"] / 1000,
        )


def n_answers(holder: Holder, conditions: Sequence[NoteCondition]) -> int:
    """Return how many answers a holder's questions take."""
    again = len(holder.asked_again) if AFTER_FORGETTING in conditions else 0
    return len(holder.questions) * len(conditions) + again


def _with_items(question: NoteQuestion, ids: Mapping[str, str]) -> NoteQuestion:
    """Return the question with its evidence as the profile's items have it."""
    return replace(question, evidence=tuple(dict.fromkeys(ids[each] for each in question.evidence)))
