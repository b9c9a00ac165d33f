"""Strategies on items they have not seen: how likely each makes the answer that this user really gave.

The prompt is the one that serving would build, and the model is shaped for each request alone: what is in use stays in
use, for every other thread too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.choosing import Strategy
from ondevice.adaptation.pairs import Pair
from ondevice.answering import Request, prepare
from ondevice.config import Contrast, Sampling
from ondevice.errors import ContextOverflowError
from ondevice.generation.entries import word_ends
from ondevice.generation.prompts import labels_for
from ondevice.records import Hit, Item

if TYPE_CHECKING:
    from ondevice.answering import Prepared
    from ondevice.generation.adapters import Adapter
    from ondevice.generation.conditioning import Conditioning
    from ondevice.generation.engine import Engine

MAX_TOKENS = 256
"""Room for an answer, as an app leaves it by default; of a longer one the beginning counts."""

Progress = Callable[[int, int], None]
Retrieve = Callable[[Pair], Sequence[Item]]
Scores = dict[Strategy, NDArray[np.float64]]


def score_strategies(
    engine: Engine,
    pairs: Sequence[Pair],
    retrieve: Retrieve,
    *,
    adapter: Adapter | None = None,
    scale: float = 1.0,
    contrast: Contrast | None = None,
    max_tokens: int = MAX_TOKENS,
    on_progress: Progress | None = None,
) -> Scores:
    """Return how each strategy does on the pairs, for :func:`ondevice.adaptation.choosing.choose`.

    A score is the mean log-likelihood (nats) of the answer's tokens; where the task has labels and the answer is one
    of them, it is the logarithm of its share among all labels, as the engine's choice weighs them. More is better.

    Shapes: float64[n_pairs] for each strategy, in the order of the pairs.

    Args:
        engine: The language model. What is in use there stays in use.
        pairs: Requests and answers that neither the adapter nor its search has seen.
        retrieve: Finds items for a pair, best first, and never the pair's own.
        adapter: The user's adapter, loaded by this engine; ``none`` and ``rag`` alone are scored without it.
        scale: How strongly it applies.
        contrast: Also score the adapter contrasted with the plain model like this; ``None`` leaves that out.
        max_tokens: Room kept free for the answer; of a longer one only the beginning is scored.
        on_progress: Told (scores there are, scores in all).

    Raises:
        ContextOverflowError: If a request alone does not fit the model's context.
        GenerationError: If the runtime fails.
        ValueError: If the adapter is not (or no more) loaded by this engine, or a number is out of range.
    """
    prompts = {
        False: [_prepared(engine, pair, (), max_tokens) for pair in pairs],
        True: [_prepared(engine, pair, retrieve(pair), max_tokens) for pair in pairs],
    }
    answers = [_beginning(pair.answer, max_tokens, engine.count_tokens) for pair in pairs]
    shapes = _shapes(engine, adapter, scale, contrast)
    n_done, n_total = 0, len(pairs) * sum(len(strategies) for _, strategies in shapes)
    scores: Scores = {}
    for shaped, strategies in shapes:
        # Where nothing was found, both prompts are the same, and so must be their scores, to the last bit.
        known: dict[tuple[str, str], float] = {}
        for strategy, has_items in strategies:
            values = np.empty(len(pairs), dtype=np.float64)
            for place, (prepared, answer) in enumerate(zip(prompts[has_items], answers, strict=True)):
                key = prepared.prompt, answer
                if key not in known:
                    known[key] = _score(engine, prepared, answer, shaped)
                values[place] = known[key]
                n_done += 1
                if on_progress is not None:
                    on_progress(n_done, n_total)
            scores[strategy] = values
    return scores


def fits(engine: Engine, pair: Pair, *, max_tokens: int = MAX_TOKENS) -> bool:
    """Say whether a pair's request alone fits the model's context beside an answer."""
    try:
        _prepared(engine, pair, (), max_tokens)
    except ContextOverflowError:
        return False
    return True


def _shapes(
    engine: Engine, adapter: Adapter | None, scale: float, contrast: Contrast | None
) -> list[tuple[Conditioning, list[tuple[Strategy, bool]]]]:
    """Return each way to shape the model, with the strategies that need it and whether items stand in their prompts.

    The plain model comes last: it leaves neither the adapter's key nor the contrast's second context behind.
    """
    shapes: list[tuple[Conditioning, list[tuple[Strategy, bool]]]] = []
    if adapter is not None and contrast is not None:
        shapes.append((engine.shape(adapter, scale, contrast=contrast), [("contrast", True)]))
    if adapter is not None:
        shapes.append((engine.shape(adapter, scale), [("adapter", False), ("both", True)]))
    shapes.append((engine.shape(None), [("none", False), ("rag", True)]))
    return shapes


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
    )
    hits = [Hit(item=item, score=0.0, rank=rank) for rank, item in enumerate(items, 1)]
    return prepare(request, lambda _: hits, engine)


def _score(engine: Engine, prepared: Prepared, answer: str, shaped: Conditioning) -> float:
    labels = prepared.request.labels
    if labels is None:
        return float(engine.log_likelihood(prepared.prompt, answer, shaped=shaped).mean(dtype=np.float64))
    scores = engine.choose(prepared.prompt, labels, shaped=shaped).scores
    return scores[answer] - float(np.logaddexp.reduce(list(scores.values())))


def _beginning(answer: str, max_tokens: int, count_tokens: Callable[[str], int]) -> str:
    """Return as much of the answer, up to a word's end, as fits the tokens; a first word too long is kept whole."""
    if count_tokens(answer) <= max_tokens:
        return answer
    ends = word_ends(answer)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(answer[: ends[middle]]) <= max_tokens:
            low = middle
        else:
            high = middle - 1
    return answer[: ends[low]]
