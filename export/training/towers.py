"""A sentence encoder in training: texts in, vectors with gradients out, pooled as its checkpoint says."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from export.conversion.onnx.checkpoint import HubCheckpoint, read_checkpoint
from export.conversion.onnx.quiet import quiet_transformers
from export.conversion.onnx.reference import load_transformer
from export.conversion.onnx.tokenizing import load_tokenizer, write_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

ENCODED_AT_ONCE = 32


class Tower:
    """A checkpoint with its weights in PyTorch and its own tokenizer."""

    def __init__(self, checkpoint: HubCheckpoint, model: Any, tokenizer: Tokenizer) -> None:  # noqa: ANN401 (a torch module)
        self.checkpoint = checkpoint
        self.model = model
        self._tokenizer = tokenizer

    @classmethod
    def open(cls, folder: Path, scratch: Path, *, max_tokens: int | None = None) -> Tower:
        """Load an encoder's folder, laid out as by sentence-transformers or transformers.

        Args:
            folder: The folder, with safetensors.
            scratch: A folder for the tokenizer's file.
            max_tokens: Longer texts are cut here while training; ``None`` takes the checkpoint's own limit.

        Raises:
            ConversionError: If it cannot be loaded.
        """
        checkpoint = read_checkpoint(folder)
        model = load_transformer(checkpoint)
        write_tokenizer(checkpoint, scratch / "tokenizer.json")
        tokenizer = load_tokenizer(scratch / "tokenizer.json")
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length=min(checkpoint.max_tokens, max_tokens or checkpoint.max_tokens))
        return cls(checkpoint, model, tokenizer)

    def encode_queries(self, texts: Sequence[str]) -> Tensor:
        """Encode texts that search: float[n, dim] of L2 norm 1, with gradients."""
        return self._encode([self.checkpoint.query_prefix + text for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> Tensor:
        """Encode texts that are searched: float[n, dim] of L2 norm 1, with gradients."""
        return self._encode([self.checkpoint.passage_prefix + text for text in texts])

    def frozen_passages(self, texts: Sequence[str]) -> Tensor:
        """Encode texts that are searched, many of them, without gradients."""
        import torch

        with torch.inference_mode():
            parts = [
                self.encode_passages(texts[start : start + ENCODED_AT_ONCE])
                for start in range(0, len(texts), ENCODED_AT_ONCE)
            ]
        return torch.cat(parts).clone()

    def _encode(self, texts: list[str]) -> Tensor:
        import torch

        found = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        rows = np.zeros((2, len(found), max(1, *(len(ids) for ids in found))), np.int64)
        for row, ids in enumerate(found):
            rows[0, row, : len(ids)] = ids
            rows[1, row, : len(ids)] = 1
        device = next(self.model.parameters()).device
        ids, mask = (torch.from_numpy(each).to(device) for each in rows)
        states = self.model(input_ids=ids, attention_mask=mask).last_hidden_state
        if self.checkpoint.pooling == "cls":
            pooled = states[:, 0]
        else:
            weights = mask.unsqueeze(-1).to(states.dtype)
            pooled = (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)
        return torch.nn.functional.normalize(pooled, dim=1)


def save_like(source: Path, out: Path, model: Any) -> None:  # noqa: ANN401 (a transformers model)
    """Write a folder like ``source`` (into ``out``, which exists) with this model's weights in the place of its own.

    What no conversion reads, such as pickled weights or a downloader's notes, stays behind.
    """
    checkpoint = read_checkpoint(source)
    for name in checkpoint.files:
        if name.rpartition("/")[2] not in checkpoint.weights:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / name, out / name)
    with quiet_transformers():
        model.save_pretrained(str(out / checkpoint.folder.relative_to(source)), safe_serialization=True)
