"""From pairs to tokens, exactly as the device serves them, and to batches of about the same length.

The prompt is the prompt builder's, in the model's own chat template, in llama.cpp's tokens; the answer ends with the
token that ends a turn. Only the answer is learned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.chat import Message, turns
from ondevice.generation.prompts.entries import word_ends
from ondevice.generation.prompts.prompt import PromptForm, build_prompt

_POOL_BATCHES = 16
"""Examples are sorted by length among so many batches' worth, so that epochs still differ in who meets whom."""


class TurnTokens(Protocol):
    """What turns messages into tokens: an open :class:`ondevice.generation.llama.engine.Engine`."""

    @property
    def prompt_form(self) -> PromptForm:
        """The form of the prompts that the model is served."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes as the content of a message."""

    def tokenize_turn(self, messages: Sequence[Message], answer: str) -> tuple[list[int], list[int]]:
        """Return the prompt's tokens, and the answer's with the end of its turn."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Example:
    """One pair as the model sees it.

    Shapes: prompt, answer int32[n].
    """

    prompt: NDArray[np.int32] = field(repr=False)
    answer: NDArray[np.int32] = field(repr=False)

    def __len__(self) -> int:
        """Return how many tokens both have together."""
        return len(self.prompt) + len(self.answer)

    @property
    def n_answer(self) -> int:
        """How many tokens are learned."""
        return len(self.answer)

    @property
    def parts(self) -> tuple[NDArray[np.int32], ...]:
        """All that it consists of, in a fixed order."""
        return self.prompt, self.answer


def make_examples(
    pairs: Sequence[Pair],
    tokens: TurnTokens,
    *,
    max_tokens: int,
    form: PromptForm | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Example]:
    """Return the pairs as tokens, in their order, each at most ``max_tokens`` long.

    What is too long is cut like this: an answer that fills more than half of the room loses its end, and then does not
    end its turn; items in the prompt are shortened as when serving, and a summary that does not fit goes; at last
    earlier turns and all items go, and the request loses its end, word by word.

    Args:
        pairs: Requests with their answers.
        tokens: What turns messages into tokens.
        max_tokens: Tokens of an example.
        form: How items stand in the prompts; ``None`` takes the form that the model learned to read.
        on_progress: Told after each pair.

    Raises:
        ValueError: If the chat template alone leaves no room for a request.
    """
    frame = len(tokens.tokenize_turn([Message(role="user", content="x")], "x")[0]) - tokens.count_tokens("x")
    if frame + 2 > max_tokens - max_tokens // 2:
        raise ValueError(f"max_tokens {max_tokens} leaves no room beside the chat template's {frame} tokens")
    out: list[Example] = []
    for done, pair in enumerate(pairs, 1):
        out.append(_example(pair, tokens, max_tokens, frame, form))
        if on_progress is not None:
            on_progress(done, len(pairs))
    return out


def _example(pair: Pair, tokens: TurnTokens, max_tokens: int, frame: int, form: PromptForm | None) -> Example:
    _, answer = tokens.tokenize_turn([Message(role="user", content="x")], pair.answer)
    answer = answer[: max(max_tokens // 2, max_tokens - frame - tokens.count_tokens(pair.request))]
    budget = max_tokens - frame - len(answer)
    while True:
        # A template may add more around a system message, and tokens may split otherwise at the seams.
        prompt, _ = tokens.tokenize_turn(_messages(pair, budget, tokens, form), pair.answer)
        excess = len(prompt) + len(answer) - max_tokens
        if excess <= 0:
            break
        budget -= excess
    return Example(prompt=np.array(prompt, dtype=np.int32), answer=np.array(answer, dtype=np.int32))


def _messages(pair: Pair, budget: int, tokens: TurnTokens, form: PromptForm | None) -> tuple[Message, ...]:
    request, items = pair.request, pair.items
    earlier = turns(pair.earlier)
    try:
        *before, asked = build_prompt(
            request,
            items,
            task=pair.task,
            budget_tokens=budget - sum(tokens.count_tokens(turn.content) for turn in earlier),
            count_tokens=tokens.count_tokens,
            summary=pair.summary,
            form=form or tokens.prompt_form,
            now=pair.asked_at,
        ).messages
        return (*before, *earlier, asked)
    except ContextOverflowError:
        ends = [0, *word_ends(request)]
        low, high = 0, len(ends) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if tokens.count_tokens(request[: ends[middle]]) <= budget:
                low = middle
            else:
                high = middle - 1
        return (Message(role="user", content=request[: ends[low]]),)


def bucket(lengths: Sequence[int], *, limit: int) -> list[list[int]]:
    """Return indices in groups of about the same length: n in a group, padded to its longest, are at most ``limit``.

    An example longer than the limit is a group of its own. The shortest come first.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        if groups and (len(groups[-1]) + 1) * lengths[index] <= limit:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def epoch_batches(lengths: Sequence[int], *, batch_tokens: int, seed: int, epoch: int) -> list[list[int]]:
    """Return one epoch's batches: every index once, lengths alike within a batch, batches in random order.

    Deterministic in all arguments; epochs differ in what stands together and in the order.
    """
    random = np.random.default_rng([abs(seed), int(seed < 0), epoch])
    order = [int(index) for index in random.permutation(len(lengths))]
    batches: list[list[int]] = []
    for pool in _pools(order, lengths, batch_tokens * _POOL_BATCHES):
        groups = bucket([lengths[index] for index in pool], limit=batch_tokens)
        batches += [[pool[place] for place in group] for group in groups]
    return [batches[int(place)] for place in random.permutation(len(batches))]


def _pools(order: Sequence[int], lengths: Sequence[int], n_tokens: int) -> Iterator[list[int]]:
    pool: list[int] = []
    filled = 0
    for index in order:
        if pool and filled + lengths[index] > n_tokens:
            yield pool
            pool, filled = [], 0
        pool.append(index)
        filled += lengths[index]
    if pool:
        yield pool
