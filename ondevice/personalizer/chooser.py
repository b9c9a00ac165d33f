"""Choosing a retriever for each request: RSPG, by what its prompt promises or by what was answered from it.

Source: Salemi et al. 2024, arXiv:2404.05970. Pre: the selector scores each retriever's prompt, and the best is
answered. Post: every prompt is answered, and the selector scores prompts with their outputs. Deviation: Post first asks
Pre, and generates one output alone where Pre's choice leads by the selector's margin.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ondevice.errors import BundleError
from ondevice.generation.generator import Generator
from ondevice.generation.persona_suffix import MakeSuffix, PersonaSuffix
from ondevice.generation.preparation import prepare
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.candidates import candidate_text
from ondevice.generation.request import Request
from ondevice.records import SELECTOR_MODES, Candidate, Completion, Filter, Hit, Selection, SelectorMode
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.encoding.selector import decide, shares_of
from ondevice.retrieval.searcher import Searcher

if TYPE_CHECKING:
    from ondevice.bundle import Cut, SelectorSpec
    from ondevice.generation.llama.engine import Engine

Answer = Callable[[Prepared], Completion]
"""Answers one prompt."""
_Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Drawn:
    """A distinct prompt, and every retriever that leads to it, in the pool's order."""

    prepared: Prepared
    names: tuple[str, ...]
    ms: float


class Chooser:
    """Chooses among the retrievers of the profile's selector. Threads may use it at once."""

    def __init__(self, generator: Generator, encoders: Encoders, searcher: Searcher) -> None:
        """Compose the selector with what it chooses among; nothing is opened yet."""
        self._generator = generator
        self._encoders = encoders
        self._searcher = searcher

    def prepare(
        self,
        asked: Request,
        mode: SelectorMode,
        *,
        k: int | None,
        filter: Filter | None,
        persona: MakeSuffix | None = None,
    ) -> Prepared:
        """Build every retriever's prompt and choose one by the prompts.

        Where outputs are still to be judged, the others are the result's ``rivals``, in the pool's order.

        Raises:
            ValueError: If the profile was opened without a selector, or ``k`` is below 1.
            BundleError: If the selector's manifest has no pool, or fewer than two of the pool can be had.
            ModelMismatchError: If items lack vectors of an encoder in the pool.
            ContextOverflowError: If the request alone does not fit the model's context.
        """
        spec = self._encoders.selector_bundle().selector
        pool = self._encoders.pool()
        if spec is None or len(pool.names) < 2:
            reasons = "; ".join(f"{name}: {reason}" for name, reason in pool.left_out.items())
            raise BundleError(
                f"the selector {self._encoders.models.selector!r} has fewer than two retrievers to choose among; "
                f"{reasons}",
                hint="put the encoders of its pool into the models' folder, and open the profile with an encoder",
            )
        engine = self._generator.engine()
        self._encoders.selector()  # loaded before the clock runs
        started = time.perf_counter()
        suffix = None if persona is None else persona()  # the same rows stand behind every prompt
        depth = self._searcher.depth(spec.k if k is None else k)
        drawn = self._draw(asked, pool.names, depth, filter, engine, suffix)
        scores, spent = self._score([(_text(each.prepared, spec.cut), "") for each in drawn])
        shares = shares_of(scores)
        default = _default_of([each.names for each in drawn], spec)
        best = decide(shares, default, spec.lead_pre)
        first, *others = sorted(shares, reverse=True)
        leads = first - max(others, default=0.0)
        asks_outputs = mode == "rspg-post" and len(drawn) > 1 and (spec.margin == 1 or leads < spec.margin)
        selection = Selection(
            mode=mode,
            retriever=drawn[best].names[0],
            has_judged_outputs=False,
            candidates=tuple(
                Candidate(
                    retriever=each.names[0],
                    same_as=each.names[1:],
                    n_items=len(each.prepared.sources),
                    score=score,
                    share=share,
                    ms=each.ms + ms,
                )
                for each, score, share, ms in zip(drawn, scores, shares, spent, strict=True)
            ),
            left_out=dict(pool.left_out),
        )
        chosen = drawn[best].prepared
        own_ms = sum(chosen.timings_ms.values())
        choosing_ms = (time.perf_counter() - started) * 1000 - own_ms
        return replace(
            chosen,
            started=started,
            timings_ms={**chosen.timings_ms, "select": choosing_ms},
            selection=selection,
            rivals=tuple(each.prepared for place, each in enumerate(drawn) if asks_outputs and place != best),
        )

    def answer(self, prepared: Prepared, answer: Answer) -> Completion:
        """Answer with every candidate that is still to be judged, the likeliest first, and return the best output.

        Where an answer is cancelled, nothing more is generated, and the choice by the prompts stands.

        Raises:
            GenerationError: If the runtime fails.
        """
        selection = prepared.selection
        if selection is None or not prepared.rivals:
            return answer(prepared)
        rivals = (replace(prepared, rivals=()), *prepared.rivals)
        outputs: dict[str, Completion] = {}
        for each in rivals:
            completion = answer(each)
            if completion.finish_reason == "cancelled":
                return outputs.get(selection.retriever, completion)
            outputs[each.request.retriever] = completion
        asked = {each.request.retriever: each for each in rivals}
        names = [each.retriever for each in selection.candidates]
        spec = self._encoders.selector_bundle().selector
        cut = "end" if spec is None else spec.cut
        scores, spent = self._score([(_text(asked[name], cut), outputs[name].text) for name in names])
        shares = shares_of(scores)
        default = _default_of([(each.retriever, *each.same_as) for each in selection.candidates], spec)
        chosen = names[decide(shares, default, 0.0 if spec is None else spec.lead_post)]
        candidates = [
            replace(each, score=score, share=share, ms=each.ms + ms + _answering_ms(outputs[each.retriever]))
            for each, score, share, ms in zip(selection.candidates, scores, shares, spent, strict=True)
        ]
        judged = replace(selection, retriever=chosen, has_judged_outputs=True, candidates=tuple(candidates))
        return replace(
            outputs[chosen],
            selection=judged,
            timings_ms=_all_times(prepared, asked[chosen], list(outputs.values()), sum(spent)),
        )

    def _draw(
        self,
        asked: Request,
        names: Sequence[str],
        k: int,
        filter: Filter | None,
        engine: Engine,
        suffix: PersonaSuffix | None,
    ) -> list[_Drawn]:
        drawn: dict[str, _Drawn] = {}
        for name in names:
            started = time.perf_counter()

            def search(queries: Sequence[str], name: str = name) -> list[Hit]:
                return self._searcher.search_all(queries, k=k, retriever=name, filter=filter)

            prepared = prepare(replace(asked, retriever=name), search, engine, persona=lambda: suffix)
            ms = (time.perf_counter() - started) * 1000
            known = drawn.get(prepared.prompt, _Drawn(prepared=prepared, names=(), ms=0.0))
            drawn[prepared.prompt] = replace(known, names=(*known.names, name), ms=known.ms + ms)
        return list(drawn.values())

    def _score(self, pairs: Sequence[_Pair]) -> tuple[list[float], list[float]]:
        """Return each pair's score and the milliseconds it took; equal pairs are scored once, and cost the first."""
        selector = self._encoders.selector()
        known: dict[_Pair, float] = {}
        spent: list[float] = []
        for pair in pairs:
            started = time.perf_counter()
            if pair not in known:
                known[pair] = float(selector.score([pair])[0])
            spent.append((time.perf_counter() - started) * 1000)
        return [known[pair] for pair in pairs], spent


def check_mode(mode: str | None, retriever: str | None) -> None:
    """Refuse a way of choosing that there is not, and one beside a retriever.

    Raises:
        ValueError: If the mode is unknown, or a retriever is named too.
    """
    if mode is None:
        return
    if mode not in SELECTOR_MODES:
        raise ValueError(f"the selector {mode!r} is unknown: choose one of {', '.join(SELECTOR_MODES)}")
    if retriever is not None:
        raise ValueError("give a retriever or a selector, not both: the selector chooses the retriever")


def _default_of(candidates: Sequence[Sequence[str]], spec: SelectorSpec | None) -> int | None:
    """Return the place of the candidate that the selector's default retriever leads to, if it is among them."""
    if spec is None or spec.default is None:
        return None
    return next((place for place, names in enumerate(candidates) if spec.default in names), None)


def _text(prepared: Prepared, cut: Cut) -> str:
    items = [hit.item for hit in prepared.sources]
    return candidate_text(prepared.request.task, prepared.request.text, items, cut=cut)


def _answering_ms(completion: Completion) -> float:
    return completion.timings_ms.get("read", 0.0) + completion.timings_ms.get("generate", 0.0)


def _all_times(first: Prepared, chosen: Prepared, outputs: Sequence[Completion], scoring_ms: float) -> dict[str, float]:
    """Return the times of a choice by outputs: all that were read and generated, and the choice itself."""
    before = sum(first.timings_ms.values())
    own = {part: chosen.timings_ms[part] for part in ("retrieve", "prompt")}
    return {
        **own,
        "select": before - sum(own.values()) + scoring_ms,
        **{part: sum(each.timings_ms.get(part, 0.0) for each in outputs) for part in ("read", "generate")},
        "total": (time.perf_counter() - first.started) * 1000,
    }
