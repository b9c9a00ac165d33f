"""The upper blocks of a model alone, for many trainings on the same texts: the lower ones compute each text once."""

# ruff: noqa: ANN401 - tensors and modules of PyTorch

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ondevice.adaptation.lora.weights import BaseModel


@contextmanager
def upper_blocks(base: BaseModel, n_blocks: int) -> Iterator[BaseModel]:
    """Yield a model of the last ``n_blocks`` blocks, which computes what the whole one does; afterwards it is whole.

    Its blocks count from 0. Matrices on its blocks are those on the last blocks of the whole.
    """
    import torch

    class Lower(torch.nn.Module):  # type: ignore[misc]
        """Stands where tokens are made vectors: gives what the lower blocks say of them, kept by the tokens."""

        def __init__(self, blocks: Any) -> None:
            super().__init__()
            self._blocks = [blocks]  # in a list, so that they are no part of the model
            self._kept: dict[bytes, Any] = {}

        def forward(self, tokens: Any) -> Any:
            rows = [self._states(row) for row in tokens]
            padded = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
            return torch.nn.functional.pad(padded, (0, 0, 0, tokens.shape[1] - padded.shape[1]))

        def _states(self, row: Any) -> Any:
            # What stands behind the end is padding, and no state before it depends on that.
            ends = row.nonzero()
            kept = row[: int(ends[-1]) + 1 if len(ends) else 1]
            key = kept.numpy().tobytes()
            if key not in self._kept:
                with torch.no_grad():
                    self._kept[key] = self._blocks[0](input_ids=kept[None]).last_hidden_state[0]
            return self._kept[key]

    whole = base.model.model
    embedding, blocks = whole.embed_tokens, whole.layers
    n_lower = len(blocks) - n_blocks
    lower = copy.copy(whole)
    lower._modules = {**whole._modules, "layers": blocks[:n_lower], "norm": torch.nn.Identity()}
    whole.embed_tokens, whole.layers = Lower(lower), blocks[n_lower:]
    try:
        yield replace(base, shape=replace(base.shape, n_blocks=n_blocks))
    finally:
        whole.embed_tokens, whole.layers = embedding, blocks
