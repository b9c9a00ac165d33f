"""The language model as it speaks with one adapter, or with none: the engine itself, as it answers apps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.prompt import build_prompt

if TYPE_CHECKING:
    from ondevice.generation.llama.adapters import Adapter
    from ondevice.generation.llama.engine import Engine


@dataclass(frozen=True, slots=True, repr=False)
class Voice:
    """An engine, which nobody else uses meanwhile, and what it wears.

    Prompts are those of the training, but for earlier items: whoever guesses a text does not know what stood beside it.
    """

    engine: Engine
    adapter: Adapter | None = None

    def hear(self, pair: Pair, *, max_tokens: int) -> NDArray[np.float32] | None:
        """Return ln p of each token of a pair's answer that a training in examples of ``max_tokens`` learns.

        Shapes: float32[n_tokens]; ``None`` where the pair does not fit the context.
        """
        self.engine.use(self.adapter)
        try:
            prompt, n_prompt = self._prompt(pair)
            scores = self.engine.log_likelihood(prompt, pair.answer, ends_turn=True)
        except ContextOverflowError:
            return None
        return scores[: max(max_tokens // 2, max_tokens - n_prompt)]

    def hear_all(self, pairs: Sequence[Pair], *, max_tokens: int) -> list[NDArray[np.float32] | None]:
        """Return :meth:`hear` of each pair."""
        return [self.hear(pair, max_tokens=max_tokens) for pair in pairs]

    def rank(self, pair: Pair, answers: Sequence[str]) -> Mapping[str, float]:
        """Return ln p of each of these whole answers to a pair's request."""
        self.engine.use(self.adapter)
        return self.engine.choose(self._prompt(pair)[0], answers).scores

    def go_on(self, pair: Pair, begun: str, *, max_tokens: int) -> str | None:
        """Return how the likeliest answer goes on that begins like this; ``None`` where it does not fit the context."""
        self.engine.use(self.adapter)
        try:
            return self.engine.generate(self._prompt(pair)[0] + begun, max_tokens=max_tokens).text
        except ContextOverflowError:
            return None

    def tokens(self, text: str) -> list[int]:
        """Return the tokens of an answer, or of a part of one, without the end of the turn."""
        return self.engine.tokenize_turn([Message(role="user", content="x")], text)[1][:-1]

    def _prompt(self, pair: Pair) -> tuple[str, int]:
        """Return the prompt and how many tokens it has."""
        messages = build_prompt(
            pair.request,
            (),
            task=pair.task,
            budget_tokens=self.engine.content_budget(1),
            count_tokens=self.engine.count_tokens,
            form=self.engine.prompt_form,
            now=pair.asked_at,
        ).messages
        return self.engine.render(messages), len(self.engine.tokenize_turn(messages, "")[0])
