"""A frozen language model that reads prompts once, and rows with an answer behind them as often as is asked.

The rows stand behind the whole prompt, so that what is kept of a prompt does not depend on them: it is read without a
gradient, and only rows and answers are computed with one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.precision import Precision, computing
from ondevice.adaptation.lora.weights import BaseModel

_UNSEEN = -1e30
"""Added to the score of what must not be seen; finite, as in the device's training."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPrompts:
    """What the model keeps of some prompts.

    Args:
        layers: Keys and values of each layer, float32[n, heads, longest, head_dim].
        lengths: Tokens of each prompt; what stands behind them in ``layers`` is padding.
    """

    layers: tuple[tuple[Tensor, Tensor], ...] = field(repr=False)
    lengths: tuple[int, ...]


class FrozenReader:
    """Reads with the base model; no number of the model changes."""

    def __init__(self, base: BaseModel, precision: Precision) -> None:
        self._model = base.model
        self._precision: Precision = precision

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        found: torch.device = self._model.lm_head.weight.device
        return found

    @property
    def embeddings(self) -> Tensor:
        """The tokens' embeddings, float32[vocabulary, n_out]."""
        found: Tensor = self._model.model.embed_tokens.weight
        return found

    def read(self, examples: Sequence[Example]) -> ReadPrompts:
        """Read the prompts of some examples, all at once.

        They are padded at their ends: attention looks back only, so no prompt sees the padding.
        """
        from transformers import DynamicCache

        lengths = tuple(len(example.prompt) for example in examples)
        tokens = np.zeros((len(examples), max(lengths)), dtype=np.int64)
        for row, example in enumerate(examples):
            tokens[row, : lengths[row]] = example.prompt
        cache: Any = DynamicCache()
        with torch.no_grad(), computing(self._precision, self.device.type):
            self._model.model(input_ids=torch.from_numpy(tokens).to(self.device), past_key_values=cache, use_cache=True)
        return ReadPrompts(layers=tuple((layer.keys, layer.values) for layer in cache.layers), lengths=lengths)

    def logits(self, prompts: ReadPrompts, rows: Sequence[Tensor]) -> Tensor:
        """Return what follows the rows behind each prompt, float32[n, vocabulary].

        Args:
            prompts: What was read.
            rows: For each prompt, float32[n_rows, n_out], one row or more.
        """
        states = self._states(prompts, range(len(rows)), rows)
        last = torch.stack([states[place, len(each) - 1] for place, each in enumerate(rows)])
        return torch.nn.functional.linear(last, self._model.lm_head.weight).float()

    def losses(
        self, prompts: ReadPrompts, examples: Sequence[Example], places: Sequence[int], rows: Sequence[Tensor]
    ) -> Tensor:
        """Return each answer's negative log-likelihood behind its rows, float32[n] (nats, summed over its tokens).

        Args:
            prompts: What was read of ``examples``.
            examples: The same.
            places: Which of them is answered, as often as there are ``rows``.
            rows: What stands behind the prompt, float32[n_rows, n_out] each, one row or more.
        """
        answers = [torch.from_numpy(examples[place].answer.astype(np.int64)).to(self.device) for place in places]
        suffixes = [
            torch.cat([own, torch.nn.functional.embedding(answer[:-1], self.embeddings)])
            for own, answer in zip(rows, answers, strict=True)
        ]
        states = self._states(prompts, places, suffixes)
        told = torch.cat(
            [states[place, len(own) - 1 : len(suffixes[place])] for place, own in enumerate(rows)]
        )  # what stands before the first token of an answer is the last row
        with computing(self._precision, self.device.type):
            logits = torch.nn.functional.linear(told, self._model.lm_head.weight)
        losses = torch.nn.functional.cross_entropy(logits.float(), torch.cat(answers), reduction="none")
        return torch.stack([each.sum() for each in losses.split([len(answer) for answer in answers])])

    def _states(self, prompts: ReadPrompts, places: Sequence[int], suffixes: Sequence[Tensor]) -> Tensor:
        """Return the last hidden states of what stands behind each prompt, float32[n, longest, n_out]."""
        from transformers import DynamicCache

        chosen = torch.tensor(list(places), device=self.device)
        embedded = torch.nn.utils.rnn.pad_sequence(list(suffixes), batch_first=True)
        width, longest = embedded.shape[1], max(prompts.lengths)
        lengths = torch.tensor([prompts.lengths[place] for place in places], device=self.device)
        columns = torch.arange(width, device=self.device)
        seen = torch.empty(len(suffixes), 1, width, longest + width, dtype=torch.bool, device=self.device)
        seen[..., :longest] = (torch.arange(longest, device=self.device) < lengths[:, None])[:, None, None]
        seen[..., longest:] = columns <= columns[:, None]
        mask = torch.zeros(seen.shape, device=self.device).masked_fill(~seen, _UNSEEN)
        cache: Any = DynamicCache()
        for number, (keys, values) in enumerate(prompts.layers):
            cache.update(keys.index_select(0, chosen), values.index_select(0, chosen), number)
        with computing(self._precision, self.device.type):
            states: Tensor = self._model.model(
                inputs_embeds=embedded,
                attention_mask=mask,
                position_ids=lengths[:, None] + columns,
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
        return states
