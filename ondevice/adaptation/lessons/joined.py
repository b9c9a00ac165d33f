"""Several requests over the same notes, learned together: what they share goes through the model once.

A joined example is a tree of tokens: a prefix, and branches that each see the prefix and themselves, and none of the
others. So every branch is computed as if it stood alone, in a fraction of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.examples import Example, TurnTokens, make_examples
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.generation.prompts.prompt import PromptForm


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Joined:
    """Examples that begin alike.

    Shapes: prefix int32[n].

    Args:
        prefix: What all begin with; may be empty.
        branches: The rest of each; a branch's prompt has a token or more, from which its answer is told.
    """

    prefix: NDArray[np.int32] = field(repr=False)
    branches: tuple[Example, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what has nothing to learn.

        Raises:
            ValueError: If there is no branch, or one without a prompt or an answer.
        """
        if not self.branches or not all(len(branch.prompt) and len(branch.answer) for branch in self.branches):
            raise ValueError(f"each of {len(self.branches)} branches, 1 or more, needs a prompt and an answer")

    @classmethod
    def of(cls, example: Example) -> Joined:
        """Return an example as the tree that it is: one branch."""
        return cls(prefix=example.prompt[:0], branches=(example,))

    def __len__(self) -> int:
        """Return how many tokens are computed: an answer's last is only told."""
        return len(self.prefix) + sum(len(branch) - 1 for branch in self.branches)

    @property
    def n_answer(self) -> int:
        """How many tokens are learned."""
        return sum(branch.n_answer for branch in self.branches)

    @property
    def parts(self) -> tuple[NDArray[np.int32], ...]:
        """All that it consists of, in an order that tells it from every other one."""
        count = np.array([len(self.branches)], dtype=np.int32)
        return (count, self.prefix, *(part for branch in self.branches for part in branch.parts))


def make_joined(
    groups: Sequence[Sequence[Pair]],
    tokens: TurnTokens,
    *,
    max_tokens: int,
    form: PromptForm | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Example | Joined]:
    """Return groups of pairs as examples, group after group, each at most ``max_tokens`` long.

    The prefix is the longest that the pairs' tokens have in common, whatever the chat template. A group that is longer
    becomes several examples; one of a single pair stays a plain one. Single pairs are cut as
    :func:`~ondevice.adaptation.lessons.examples.make_examples` cuts them.

    Args:
        groups: Pairs that begin alike stand in one group.
        tokens: What turns messages into tokens.
        max_tokens: Tokens of an example.
        form: How items stand in the prompts; ``None`` takes the form that the model learned to read.
        on_progress: Told after each pair.

    Raises:
        ValueError: If the chat template alone leaves no room for a request.
    """
    pairs = [pair for group in groups for pair in group]
    examples = iter(make_examples(pairs, tokens, max_tokens=max_tokens, form=form, on_progress=on_progress))
    return [joined for group in groups for joined in join([next(examples) for _ in group], max_tokens=max_tokens)]


def join(examples: Sequence[Example], *, max_tokens: int) -> Iterator[Example | Joined]:
    """Join neighbours as long as they are at most ``max_tokens`` together; each goes into one."""
    open_, shared = list(examples[:1]), len(examples[0].prompt) - 1 if examples else 0
    for example in examples[1:]:
        common = _common(open_[0].prompt[:shared], example.prompt[:-1])
        n_tokens = common + sum(len(each) - 1 - common for each in (*open_, example))
        if n_tokens > max_tokens:
            yield _closed(open_, shared)
            open_, shared = [example], len(example.prompt) - 1
        else:
            open_.append(example)
            shared = common
    if open_:
        yield _closed(open_, shared)


def _closed(examples: Sequence[Example], shared: int) -> Example | Joined:
    if len(examples) == 1:
        return examples[0]
    branches = tuple(replace(example, prompt=example.prompt[shared:]) for example in examples)
    return Joined(prefix=examples[0].prompt[:shared], branches=branches)


def _common(first: NDArray[np.int32], second: NDArray[np.int32]) -> int:
    """Return how many tokens two begin with alike."""
    length = min(len(first), len(second))
    differing = np.flatnonzero(first[:length] != second[:length])
    return int(differing[0]) if len(differing) else length
