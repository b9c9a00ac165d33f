"""Strategies on items they have not seen: how likely each makes the answer that this user really gave.

The prompt is the one that serving would build, and the model is shaped for each request alone: what is in use stays in
use, for every other thread too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.gate.standing import STRATEGIES, Strategy
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.config import Contrast, Sampling
from ondevice.errors import ContextOverflowError
from ondevice.generation.preparation import prepare
from ondevice.generation.prompts.entries import beginning
from ondevice.generation.prompts.prompt import labels_for
from ondevice.generation.request import Request
from ondevice.records import Hit, Item
from ondevice.signals import Progress

if TYPE_CHECKING:
    from ondevice.generation.llama.adapters import Adapter
    from ondevice.generation.llama.conditioning import Conditioning
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.prepared import Prepared

MAX_TOKENS = 256
"""Room for an answer, as an app leaves it by default; of a longer one the beginning counts."""

_Voice = Literal["contrasted", "adapted", "plain"]
_VOICES: tuple[_Voice, ...] = get_args(_Voice)
_READING: Mapping[Strategy, tuple[_Voice, bool]] = {
    "none": ("plain", False),
    "rag": ("plain", True),
    "adapter": ("adapted", False),
    "both": ("adapted", True),
    "contrast": ("contrasted", True),
}
"""Whose likelihood a strategy's score is, and whether items stand in the prompt."""

Retrieve = Callable[[Pair], Sequence[Item]]
Scores = dict[Strategy, NDArray[np.float64]]
_Weights = dict[_Voice, float]


def score_strategies(
    engine: Engine,
    pairs: Sequence[Pair],
    retrieve: Retrieve,
    *,
    adapter: Adapter | None = None,
    scale: float = 1.0,
    contrast: Contrast | None = None,
    max_tokens: int = MAX_TOKENS,
    check: Check | None = None,
    on_progress: Progress | None = None,
) -> Scores:
    """Return how each strategy does on the pairs, for :func:`ondevice.adaptation.gate.choosing.choose`.

    A score is the mean log-likelihood (nats) of the answer's tokens; where the task has labels and the answer is one
    of them, it is the logarithm of its share among all labels, as the engine's choice weighs them. More is better.

    Shapes: float64[n_pairs] for each strategy, in the order of the pairs.

    With an adapter, each prompt is read once for all of them, by two contexts side by side: twice the key-value memory
    for as long as it takes.

    Args:
        engine: The language model. What is in use there stays in use.
        pairs: Requests and answers that neither the adapter nor its search has seen.
        retrieve: Finds items for a pair, best first, and never the pair's own.
        adapter: The user's adapter, loaded by this engine; ``none`` and ``rag`` are scored without it.
        scale: How strongly it applies.
        contrast: Also score the adapter contrasted with the plain model like this; ``None`` leaves that out.
        max_tokens: Room kept free for the answer; of a longer one only the beginning is scored.
        check: Raises where an item is gone; asked whenever a prompt is about to be read.
        on_progress: Told (prompts read, prompts in all), of which each pair has one without items and one with.

    Raises:
        ContextOverflowError: If a request alone does not fit the model's context.
        GenerationError: If the runtime fails.
        ValueError: If the adapter is not (or no more) loaded by this engine, or a number is out of range.
    """
    # Where no contrast is asked for, the usual one serves to have both models read.
    shaped = engine.shape(adapter, scale, contrast=(contrast or Contrast()) if adapter is not None else None)
    scores: Scores = {name: np.empty(len(pairs), dtype=np.float64) for name in _strategies(adapter, contrast)}
    n_done, n_total = 0, 2 * len(pairs)
    try:
        for place, pair in enumerate(pairs):
            answer = beginning(pair.answer, max_tokens, engine.count_tokens)
            # Where nothing was found, both prompts are the same, and so must be their scores, to the last bit.
            known: dict[str, _Weights] = {}
            for has_items in (False, True):
                prepared = _prepared(engine, pair, retrieve(pair) if has_items else (), max_tokens)
                if prepared.prompt not in known:
                    known[prepared.prompt] = _weigh(engine, prepared, answer, shaped, check)
                for name, values in scores.items():
                    voice, needs_items = _READING[name]
                    if needs_items == has_items:
                        values[place] = known[prepared.prompt][voice]
                n_done += 1
                if on_progress is not None:
                    on_progress(n_done, n_total)
    finally:
        engine.end_trial()
    return scores


def fits(engine: Engine, pair: Pair, *, max_tokens: int = MAX_TOKENS) -> bool:
    """Say whether a pair's request alone fits the model's context beside an answer."""
    try:
        _prepared(engine, pair, (), max_tokens)
    except ContextOverflowError:
        return False
    return True


def _strategies(adapter: Adapter | None, contrast: Contrast | None) -> tuple[Strategy, ...]:
    if adapter is None:
        return ("none", "rag")
    return STRATEGIES if contrast is not None else ("none", "rag", "adapter", "both")


def _prepared(engine: Engine, pair: Pair, items: Sequence[Item], max_tokens: int) -> Prepared:
    labels = labels_for(pair.task)
    request = Request(
        text=pair.request,
        task=pair.task,
        retriever="",
        max_tokens=max_tokens,
        sampling=Sampling(),
        stop=(),
        labels=labels if labels is not None and pair.answer in labels else None,
        now=pair.asked_at,
    )
    hits = [Hit(item=item, score=0.0, rank=rank) for rank, item in enumerate(items, 1)]
    return prepare(request, lambda _: hits, engine, form=engine.prompt_form)  # as adapters learn and are served


def _weigh(engine: Engine, prepared: Prepared, answer: str, shaped: Conditioning, check: Check | None) -> _Weights:
    labels, prompt = prepared.request.labels, prepared.prompt
    rows: NDArray[np.floating]
    if shaped.contrast_in_effect is None:
        if labels is None:
            rows = engine.log_likelihood(prompt, answer, shaped=shaped, check=check)[None]
        else:
            rows = np.array([list(engine.choose(prompt, labels, shaped=shaped, check=check).scores.values())])
    elif labels is None:
        rows = engine.log_likelihood_apart(prompt, answer, shaped=shaped, check=check)
    else:
        rows = engine.choose_apart(prompt, labels, shaped=shaped, check=check)
    if labels is None:
        values = rows.mean(axis=1, dtype=np.float64)
    else:
        values = rows[:, labels.index(answer)] - np.logaddexp.reduce(rows, axis=1)
    # Without an adapter there is the plain model's reading alone.
    return dict(zip(_VOICES if len(values) > 1 else _VOICES[-1:], values.tolist(), strict=True))
