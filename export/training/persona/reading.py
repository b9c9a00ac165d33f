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
from ondevice.adaptation.lora.precision import Precision, computed_in, computing
from ondevice.adaptation.lora.weights import BaseModel

KEPT_BYTES = 1 << 30
"""So much of prompts is kept between steps."""

_UNSEEN = -1e30
"""Added to the score of what must not be seen; finite, as in the device's training."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadPrompts:
    """What the model keeps of some prompts.

    Args:
        layers: Keys and values of each layer, [n, heads, longest, head_dim], in the numbers that attention computes in.
        lengths: Tokens of each prompt; what stands behind them in ``layers`` is padding.
    """

    layers: tuple[tuple[Tensor, Tensor], ...] = field(repr=False)
    lengths: tuple[int, ...]


class FrozenReader:
    """Reads with the base model; no number of the model changes.

    Args:
        base: The model.
        precision: What it computes in.
        keep_bytes: So much of what it read is kept for the next time, the first prompts that come. Each prompt is read
            alone, so that what comes of it does not depend on what is kept.
    """

    def __init__(self, base: BaseModel, precision: Precision, *, keep_bytes: int = KEPT_BYTES) -> None:
        self._model = base.model
        self._precision: Precision = precision
        self._free_bytes = keep_bytes
        self._kept: dict[bytes, tuple[Tensor, Tensor]] = {}

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
        """Read the prompts of some examples, or take what is kept of them.

        They are padded at their ends, and no answer sees the padding.
        """
        lengths = tuple(len(example.prompt) for example in examples)
        found = [self._read(example) for example in examples]
        keys, values = (
            torch.stack(
                [torch.nn.functional.pad(each[part], (0, 0, 0, max(lengths) - each[part].shape[2])) for each in found],
                dim=1,
            )
            for part in (0, 1)
        )
        return ReadPrompts(layers=tuple(zip(keys, values, strict=True)), lengths=lengths)

    def _read(self, example: Example) -> tuple[Tensor, Tensor]:
        """Return the keys and the values of one prompt, [layers, heads, tokens, head_dim] each."""
        from transformers import DynamicCache

        name = example.prompt.tobytes()
        if name in self._kept:
            return self._kept[name]
        cache: Any = DynamicCache()
        tokens = torch.from_numpy(example.prompt.astype(np.int64)).to(self.device)
        with torch.no_grad(), computing(self._precision, self.device.type):
            self._model.model(input_ids=tokens[None], past_key_values=cache, use_cache=True)
        is_half = computed_in(self._precision, self.device.type) == "bfloat16"
        kind = torch.bfloat16 if is_half else torch.float32  # what attention would round it to
        found = (
            torch.cat([layer.keys for layer in cache.layers]).to(kind),
            torch.cat([layer.values for layer in cache.layers]).to(kind),
        )
        n_bytes = sum(each.nbytes for each in found)
        if n_bytes <= self._free_bytes:
            self._free_bytes -= n_bytes
            self._kept[name] = found
        return found

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
