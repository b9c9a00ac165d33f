"""A request with its prompt, and what becomes of what the model says to it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from ondevice.generation.llama.reading import Reading
from ondevice.generation.persona_suffix import PersonaSuffix
from ondevice.generation.prompts.refusal import refuses
from ondevice.generation.request import Request
from ondevice.records import Completion, Hit, Selection

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ondevice.bundle.specs import SupportSpec
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.stream import Generated, Generation
    from ondevice.generation.prompts.citations import Cited


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A request with its prompt, ready for the model; times are in milliseconds.

    Where a selector chose the retriever, ``selection`` says why; ``rivals`` are the other candidates, where it is to
    judge the outputs of all of them before it chooses.
    """

    request: Request
    prompt: str = field(repr=False)
    sources: tuple[Hit, ...]
    started: float
    timings_ms: Mapping[str, float]
    has_summary: bool = False
    shortened: tuple[str, ...] = ()
    """The ids of the sources of which only a part stands in the prompt."""
    selection: Selection | None = None
    rivals: tuple[Prepared, ...] = field(default=(), repr=False)
    numbered: tuple[str, ...] = ()
    """The items' ids by their numbers in the prompt, the first is 1; empty where they have none."""
    shown: tuple[str, ...] = field(default=(), repr=False)
    """What of their texts stands in the prompt: of a long one, some passages."""
    reading: Reading | None = None
    """How the model reads numbered notes and answers in free text, naming its sources; ``None`` where it does not."""
    persona: PersonaSuffix | None = field(default=None, repr=False)
    """What the model reads behind the prompt that tells of the user."""
    alone: Prepared | None = field(default=None, repr=False)
    """The same question without notes, where it seems to be about none of them: it is tried first."""

    @property
    def is_cited(self) -> bool:
        """Whether the answer names its sources by number."""
        return self.reading is not None

    @property
    def has_notes(self) -> bool:
        """Whether anything stands in the prompt that an answer can rest on."""
        return bool(self.numbered) or self.has_summary

    @property
    def reads(self) -> bool:
        """Whether the model's reader is to answer, whatever comes into use meanwhile."""
        return self.reading is not None and self.reading.by_reader

    @property
    def suffix(self) -> NDArray[np.float32] | None:
        """The rows that the model reads behind the prompt, float32[n, embedding size]; ``None`` where there are none.

        They are made of more items than stand in the prompt: who reads them looks whether all of these are there.
        """
        return None if self.persona is None else self.persona.rows

    @property
    def support(self) -> SupportSpec | None:
        """How far the answer may be relied on; ``None`` where that was not measured, or it is not cited."""
        return None if self.reading is None else self.reading.support

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item that has a part in the prompt, by way of a summary too; once one is gone it may not be read."""
        of_summary = self.request.summary_ids if self.has_summary else ()
        return tuple(dict.fromkeys((*(hit.item.id for hit in self.sources), *of_summary)))

    def completion(self, generation: Generation | Generated, text: str) -> Completion:
        """Return the finished answer, from what the model wrote: its marks taken out, and what it says looked up."""
        cited = self._cited(text) if self.is_cited else None
        support = None if cited is None else self._support(cited, generation.log_likelihood)
        return Completion(
            text=text if cited is None else cited.text,
            sources=self.sources,
            retriever=self.request.retriever,
            task=self.request.task,
            finish_reason=generation.finish_reason,
            n_prompt_tokens=generation.n_prompt_tokens,
            n_reused_tokens=generation.n_reused_tokens,
            n_tokens=generation.n_tokens,
            timings_ms=self.times(generation.timings_ms),
            has_summary=self.has_summary,
            has_persona=self.persona is not None,
            shortened=self.shortened,
            selection=self.selection,
            citations=() if cited is None else cited.citations,
            support=support,
            is_supported=None if cited is None or support is None else self._is_supported(cited, support),
            thinking=generation.thinking,
            n_thinking_tokens=generation.n_thinking_tokens,
        )

    def _support(self, cited: Cited, log_likelihood: float | None) -> float:
        """Return the support of an answer; one that says that the notes do not say it rests on none.

        Where there were no notes, it is how sure the model was of its words: the geometric mean of their probabilities.
        """
        if log_likelihood is not None and not self.has_notes and not refuses(cited.text):
            return math.exp(min(0.0, log_likelihood))
        if self.support is None or log_likelihood is None or refuses(cited.text):
            return cited.support
        return self.support.of(log_likelihood, cited.support)

    def _is_supported(self, cited: Cited, support: float) -> bool:
        """Say whether all stands where it says, with enough support; a refusal needs none, and no notes give none."""
        if refuses(cited.text):
            return cited.is_borne_out
        is_enough = self.support is None or support >= self.support.least
        return is_enough and cited.is_borne_out and self.has_notes

    def _cited(self, text: str) -> Cited:
        from ondevice.generation.prompts.citations import cite

        request, items = self.request, {hit.item.id: hit.item for hit in self.sources}
        turns = (turn.content for turn in request.earlier if turn.role == "user")
        said = (request.text, *turns, request.system, request.summary if self.has_summary else "")
        now = request.now or datetime.now().astimezone()
        pairs = zip(self.numbered, self.shown, strict=True)
        return cite(text, [replace(items[item_id], text=shown) for item_id, shown in pairs], said=said, now=now)

    def times(self, engine_ms: Mapping[str, float]) -> Mapping[str, float]:
        """Return all parts' times and the total so far."""
        return {**self.timings_ms, **engine_ms, "total": (time.perf_counter() - self.started) * 1000}


def choose(prepared: Prepared, engine: Engine, labels: Sequence[str], check: Check | None = None) -> Completion:
    """Answer with the best of the labels, unless ``check`` raises when the prompt is about to be read."""
    prior = prepared.request.label_prior
    choice = engine.choose(prepared.prompt, labels, check=check, prior=prior, suffix=prepared.suffix)
    return Completion(
        text=choice.label,
        sources=prepared.sources,
        retriever=prepared.request.retriever,
        task=prepared.request.task,
        finish_reason="stop",
        n_prompt_tokens=choice.n_prompt_tokens,
        n_reused_tokens=choice.n_reused_tokens,
        n_tokens=0,
        timings_ms=prepared.times(choice.timings_ms),
        has_summary=prepared.has_summary,
        has_persona=prepared.persona is not None,
        shortened=prepared.shortened,
        selection=prepared.selection,
        label_scores=choice.scores,
    )
