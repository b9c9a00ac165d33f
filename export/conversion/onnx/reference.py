"""The original: a checkpoint run by PyTorch in float32, as the text encoder that conversions are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.quiet import quiet_transformers
from export.conversion.onnx.tokenizing import batches_of, load_tokenizer
from export.errors import ConversionError
from ondevice.retrieval.encoding.pooling import normalize, pool

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def load_transformer(checkpoint: HubCheckpoint, kind: str = "AutoModel", *, n_labels: int | None = None) -> Any:  # noqa: ANN401 (a transformers model)
    """Load a checkpoint's weights into transformers' model, in float32.

    Args:
        checkpoint: What to load.
        kind: transformers' class for what the model is to do.
        n_labels: How many outputs a new head gets; ``None`` takes the checkpoint's own.
    """
    import torch
    import transformers

    head = {} if n_labels is None else {"num_labels": n_labels}
    try:
        with quiet_transformers():
            return getattr(transformers, kind).from_pretrained(
                str(checkpoint.folder),
                **head,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
            )
    except Exception as error:  # transformers raises many types
        raise ConversionError(f"transformers cannot load {checkpoint.folder.name!r}: {type(error).__name__}") from None


class TorchEncoder:
    """A checkpoint in PyTorch: texts in, float32 vectors of L2 norm 1 out, as its own pooling says.

    Not safe to use from several threads at once.
    """

    def __init__(self, checkpoint: HubCheckpoint, model: Any, tokenizer: Tokenizer, *, batch: int) -> None:  # noqa: ANN401 (a transformers model)
        self._checkpoint = checkpoint
        self._model = model
        self._tokenizer = tokenizer
        self._batch = batch

    @classmethod
    def open(cls, checkpoint: HubCheckpoint, tokenizer: Path, *, batch: int = 8) -> TorchEncoder:
        """Load the checkpoint's weights.

        Args:
            checkpoint: What to load.
            tokenizer: The ``tokenizer.json`` that the bundle will carry, so that both see the same tokens.
            batch: Texts run at once.
        """
        tokens = load_tokenizer(tokenizer)
        tokens.no_padding()
        tokens.enable_truncation(max_length=checkpoint.max_tokens)
        return cls(checkpoint, load_transformer(checkpoint).eval(), tokens, batch=batch)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts that search: float32[n, dim]."""
        return self._encode([self._checkpoint.query_prefix + text for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts that are searched: float32[n, dim]."""
        return self._encode([self._checkpoint.passage_prefix + text for text in texts])

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        import torch

        out = np.empty((len(texts), self._checkpoint.dim), np.float32)
        for places, (ids, mask) in batches_of(self._tokenizer, texts, batch=self._batch):
            with torch.inference_mode():
                found = self._model(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
            out[places] = pool(found.last_hidden_state.numpy(), mask, self._checkpoint.pooling)
        return normalize(out)
