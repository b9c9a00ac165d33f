"""Which earlier item helps with which request: how likely each one, alone in the prompt, makes the user's own answer.

Only the past speaks: a pair is asked with the items dated before it that do not give its answer away, and of those
with the nearest to its request. The prompt is the one that serving would build for that item.

Source: Salemi et al. 2024, arXiv:2404.05970 (a language model's feedback on single items); PURPLE, arXiv:2601.12078
(the likelihood of the reference answer as feedback).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.pairs import EarlierItems, Pair
from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.entries import beginning
from ondevice.generation.prompts.prompt import build_prompt, entry_for, query_for
from ondevice.records import Item

if TYPE_CHECKING:
    from ondevice.generation.llama.conditioning import Conditioning
    from ondevice.generation.llama.engine import Engine

REQUEST_TOKENS = 320
"""Longer requests are not asked: each is read once for every candidate."""

ITEM_TOKENS = 128
"""What one item may take beside the request; a longer one is shortened, as when serving."""

ANSWER_TOKENS = 48
"""Of a longer answer the beginning counts."""

Encode = Callable[[list[str]], NDArray[np.float32]]
Lookup = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A pair with the items whose help is to be measured, the nearest to its request first.

    Shapes: query float32[dim]; vectors float32[n, dim], n at least 2; all of L2 norm 1.
    """

    pair: Pair
    candidates: tuple[Item, ...] = field(repr=False)
    query: NDArray[np.float32] = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)

    @property
    def item_ids(self) -> tuple[str, ...]:
        """Every item that has a part in it."""
        return tuple(dict.fromkeys((*self.pair.item_ids, *(item.id for item in self.candidates))))


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Feedback:
    """What came of one question.

    Shapes: query float32[dim]; vectors float32[n, dim], the nearest to the query first; rewards float64[n] (nats per
    token of the answer, more is better).
    """

    query: NDArray[np.float32] = field(repr=False)
    vectors: NDArray[np.float32] = field(repr=False)
    rewards: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        n = len(self.rewards)
        if self.query.ndim != 1 or self.vectors.shape != (n, len(self.query)) or self.rewards.shape != (n,):
            shapes = f"{self.query.shape}, {self.vectors.shape} and {self.rewards.shape}"
            raise ValueError(f"query, vectors and rewards must be [dim], [n, dim] and [n], not {shapes}")


def questions(
    pairs: Sequence[Pair],
    items: Sequence[Item],
    *,
    encode: Encode,
    vectors: Lookup,
    count_tokens: Callable[[str], int],
    max_candidates: int,
) -> Iterator[Question]:
    """Yield what can be asked of the past, the newest pair first.

    Pairs with fewer than two candidates, or with a request of more than :data:`REQUEST_TOKENS`, are passed over.

    Args:
        pairs: The oldest first.
        items: All items that may be shown.
        encode: Gives queries' vectors.
        vectors: Gives items' vectors by their ids, in that order.
        count_tokens: As the language model counts.
        max_candidates: So many of the nearest items, at most.
    """
    earlier = EarlierItems(items)
    for pair in reversed(pairs):
        entry = entry_for(pair.task)
        known = [item for item in earlier.before(pair) if entry(item) is not None]
        if len(known) < 2 or count_tokens(pair.request) > REQUEST_TOKENS:
            continue
        query = encode([query_for(pair.task, pair.request)])[0]
        matrix = vectors([item.id for item in known])
        nearest = np.argsort(-(matrix @ query), kind="stable")[:max_candidates]
        chosen = tuple(known[place] for place in nearest)
        yield Question(pair=pair, candidates=chosen, query=query, vectors=matrix[nearest])


def reward(
    engine: Engine, pair: Pair, item: Item, *, shaped: Conditioning, check: Callable[[], None] | None = None
) -> float:
    """Return the mean log-likelihood of the pair's answer with this one item in the prompt, in nats per token.

    ``check`` raises where one of them is gone; it is asked when the prompt is about to be read.

    Raises:
        ContextOverflowError: If the request does not fit the model's context.
        GenerationError: If the runtime fails.
    """
    room = engine.content_budget(ANSWER_TOKENS)
    built = build_prompt(
        pair.request,
        [item],
        task=pair.task,
        budget_tokens=min(room, engine.count_tokens(pair.request) + ITEM_TOKENS),
        count_tokens=engine.count_tokens,
        form=engine.prompt_form,
        now=pair.asked_at,
        learned_tokens=engine.learned_budget(),
    )
    answer = beginning(pair.answer, ANSWER_TOKENS, engine.count_tokens)
    likelihoods = engine.log_likelihood(engine.render(built.messages), answer, shaped=shaped, check=check)
    return float(likelihoods.mean(dtype=np.float64))


def ask(
    engine: Engine, question: Question, *, after_each: Callable[[], bool], check: Callable[[], None] | None = None
) -> Feedback | None:
    """Measure every candidate of a question, with the plain model: an adapter has seen the answers.

    Args:
        engine: The language model; what is in use there stays in use.
        question: What is asked.
        after_each: Called after each prompt; true ends it.
        check: Raises where an item is gone; asked when a prompt is about to be read.

    Returns:
        The rewards; ``None`` if it was ended, or the request does not fit the model's context.

    Raises:
        GenerationError: If the runtime fails.
    """
    shaped = engine.shape(None)
    rewards = []
    for item in question.candidates:
        try:
            rewards.append(reward(engine, question.pair, item, shaped=shaped, check=check))
        except ContextOverflowError:
            return None
        if after_each():
            return None
    return Feedback(query=question.query, vectors=question.vectors, rewards=np.array(rewards, dtype=np.float64))
