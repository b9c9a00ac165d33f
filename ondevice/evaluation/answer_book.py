"""Answers that are looked up, or asked for and kept: what was written or chosen, and how likely the user's own was.

A written answer and the likelihood of the user's own come from one reading of the prompt, and so do all labels' scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

import numpy as np

from ondevice.config import PersonaWeights
from ondevice.evaluation.answers import Answer, AnswerStore, answer_key
from ondevice.evaluation.label_priors import Frame, LabelPrior, prior_prompts, prior_values
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.learner import Way
from ondevice.evaluation.likelihoods import surprise_at
from ondevice.generation.llama.engine import Engine
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.prepared import Prepared, choose
from ondevice.generation.prompts.entries import beginning
from ondevice.generation.prompts.prompt import labels_for
from ondevice.personalizer import Personalizer
from ondevice.records import Completion

UNLEARNED = Way(retriever="")
MakeSuffixes: TypeAlias = Callable[[LampSplit, PersonaWeights], Sequence[PersonaSuffix]]
"""Makes the rows of each question's user, with items weighed so."""


class AnswerBook:
    """Answers prompts, each once. One thread at a time."""

    def __init__(
        self,
        store: AnswerStore,
        engine: Callable[[], Engine],
        *,
        adapter_id: str | None,
        context_tokens: int | None,
        threads: int,
    ) -> None:
        """Take the answers that are known.

        Args:
            store: Where answers are kept.
            engine: Gives the language model as it is without what users learn.
            adapter_id: What it wears as such.
            context_tokens: The context that was asked for.
            threads: The model's threads.
        """
        self._store = store
        self._engine = engine
        self._adapter_id = adapter_id
        self._context_tokens = context_tokens
        self._threads = threads
        self._priors: dict[tuple[str, Frame], LabelPrior] = {}

    def knows(self, prepared: Prepared, way: Way, gold: str, prior: LabelPrior | None) -> bool:
        """Say whether nothing is left to ask the model of a prompt."""
        return all(
            self._store.get(self._key(each, way, gold)) is not None for each in (prepared, labelled(prepared, prior))
        )

    def answer(self, me: Personalizer, prepared: Prepared, way: Way, gold: str) -> Answer:
        """Return the answer to a prompt; where it is free text, with how likely the user's own answer was."""
        return self._kept(self._key(prepared, way, gold), lambda: self._asked(me, prepared, gold))

    def likelihood(
        self, me: Personalizer, prepared: Prepared, way: Way, gold: str, prior: LabelPrior | None
    ) -> float | None:
        """Return how likely the model finds the user's own answer (nats, lower is better); see ``likelihoods``.

        Raises:
            InputError: If the task has labels and it is none of them.
        """
        answer = self.answer(me, labelled(prepared, prior), way, gold)
        return surprise_at(gold, answer.label_scores) if answer.label_scores else answer.gold_nats

    def prior(self, split: LampSplit, frame: Frame, personas: MakeSuffixes) -> LabelPrior | None:
        """Return what the task's labels are worth anyway, measured once; ``None`` if not asked.

        Args:
            split: The questions, with those of others.
            frame: What the cell reads beside a request.
            personas: Gives the rows of those others, where the cell has a persona.
        """
        others = split.others
        if others is None:
            return None
        known = self._priors.get((split.name, frame))
        if known is None:
            engine = self._engine()
            suffixes = None if frame.persona is None else personas(others, frame.persona)
            told = [
                self._kept(self._key(each, UNLEARNED, ""), partial(_chosen, each, engine)).label_scores
                for each in prior_prompts(others, frame.k, engine, has_summary=frame.has_summary, personas=suffixes)
            ]
            known = LabelPrior(task=split.name, n=len(told), values=prior_values(told, others.golds), **frame._asdict())
            self._priors[split.name, frame] = known
        return known

    def _key(self, prepared: Prepared, way: Way, gold: str) -> str:
        request, (worn, contrast) = prepared.request, way.shape
        return answer_key(
            model=self._engine().model_id,
            adapter=self._adapter_id if worn is None else worn,
            prompt=prepared.prompt,
            labels=request.labels,
            prior=request.label_prior,
            free=None if request.labels else (request.max_tokens, request.stop),
            gold=gold if labels_for(request.task) is None else None,
            context_tokens=self._context_tokens,
            threads=self._threads,
            contrast=None if contrast is None else (contrast.alpha, contrast.threshold),
            rows=None if prepared.persona is None else prepared.persona.digest,
        )

    def _kept(self, key: str, ask: Callable[[], Answer]) -> Answer:
        known = self._store.get(key)
        if known is None:
            known = ask()
            self._store.put(key, known)
        return known

    def _asked(self, me: Personalizer, prepared: Prepared, gold: str) -> Answer:
        completion = me.answer(prepared)
        answer = _answer_of(completion)
        if labels_for(prepared.request.task) is not None:
            return answer
        nats = _nats(me.generator.engine(), prepared, completion.n_prompt_tokens, gold)
        return replace(answer, gold_nats=nats)


def labelled(prepared: Prepared, prior: LabelPrior | None) -> Prepared:
    """Return a prompt as one for a choice among its task's labels; where there are none, as it is."""
    labels = labels_for(prepared.request.task)
    if labels is None or prepared.request.labels is not None:
        return prepared
    values = None if prior is None else prior.values
    return replace(prepared, request=replace(prepared.request, labels=labels, label_prior=values, stop=()), rivals=())


def _nats(engine: Engine, prepared: Prepared, n_prompt_tokens: int, gold: str) -> float:
    """Return the mean of -ln p over the answer's tokens and the end of the turn; of a longer one than fits, so far."""
    text = beginning(gold, engine.context_tokens - n_prompt_tokens - 1, engine.count_tokens)
    scores = engine.log_likelihood(prepared.prompt, text, ends_turn=text == gold, suffix=prepared.suffix)
    return -float(scores.mean(dtype=np.float64)) + 0.0


def _chosen(prepared: Prepared, engine: Engine) -> Answer:
    return _answer_of(choose(prepared, engine, prepared.request.labels or ()))


def _answer_of(completion: Completion) -> Answer:
    return Answer(
        text=completion.text,
        n_prompt_tokens=completion.n_prompt_tokens,
        n_reused_tokens=completion.n_reused_tokens,
        n_tokens=completion.n_tokens,
        timings_ms={part: completion.timings_ms[part] for part in ("read", "generate")},
        label_scores=dict(completion.label_scores),
    )
