"""The original selector: a checkpoint run by PyTorch in float32, as the scorer that conversions are compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.quiet import quiet_transformers
from export.conversion.onnx.reference import load_transformer
from export.errors import ConversionError
from ondevice.bundle import Cut
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.tokenizing import PairTokenizer, batches, padded

N_COMPARED = 64


class TorchClassifier:
    """A checkpoint in PyTorch: pairs in, float32 scores out. Not safe to use from several threads at once."""

    def __init__(self, model: Any, tokenizer: PairTokenizer, *, inputs: tuple[str, ...]) -> None:  # noqa: ANN401 (a transformers model)
        self._model = model
        self._tokenizer = tokenizer
        self._inputs = inputs

    @classmethod
    def open(cls, checkpoint: HubCheckpoint, tokenizer: PairTokenizer) -> TorchClassifier:
        """Load the checkpoint's weights.

        Args:
            checkpoint: What to load.
            tokenizer: The one that the bundle will carry, so that both see the same tokens.
        """
        model = load_transformer(checkpoint, "AutoModelForSequenceClassification")
        types = ("token_type_ids",) if checkpoint.config.get("type_vocab_size", 0) > 1 else ()
        return cls(model.eval(), tokenizer, inputs=("input_ids", "attention_mask", *types))

    def score(self, pairs: Sequence[tuple[str, str]], *, batch: int = 8) -> NDArray[np.float32]:
        """Score pairs: float32[n]."""
        import torch

        tokens = self._tokenizer.tokenize(pairs)
        out = np.empty(len(pairs), np.float32)
        for chosen in batches(tokens, batch=batch):
            feed = padded([tokens[index] for index in chosen])
            with torch.inference_mode():
                found = self._model(**{name: torch.from_numpy(feed[name]) for name in self._inputs})
            out[chosen] = found.logits.numpy()[:, 0]
        return out


def open_tokenizer(checkpoint: HubCheckpoint, path: Path, *, cut: Cut = "end") -> PairTokenizer:
    """Open a bundle's ``tokenizer.json`` for pairs as long as the checkpoint takes them, cut as its manifest says."""
    try:
        return PairTokenizer(path, model=checkpoint.folder.name, max_tokens=checkpoint.max_tokens, cut=cut)
    except BundleError as error:
        raise ConversionError(error.message, hint=error.hint) from None


def check_joining(checkpoint: HubCheckpoint, tokenizer: PairTokenizer, pairs: Sequence[tuple[str, str]]) -> None:
    """Compare how pairs that need no cutting are joined with what transformers' own tokenizer does.

    Raises:
        ConversionError: If a pair gives other tokens or other token types, or transformers cannot load the tokenizer.
    """
    from transformers import AutoTokenizer

    lower = str.lower if checkpoint.lowercases else str
    chosen = [(lower(first), lower(second)) for first, second in list(dict.fromkeys(pairs))[:N_COMPARED]]
    try:
        with quiet_transformers():
            own = AutoTokenizer.from_pretrained(str(checkpoint.folder), local_files_only=True, trust_remote_code=False)
            found = [own(first, second or None, return_token_type_ids=True, verbose=False) for first, second in chosen]
    except Exception as error:  # transformers raises many types
        raise ConversionError(
            f"transformers cannot load the tokenizer of {checkpoint.folder.name!r}: {type(error).__name__}"
        ) from None
    different = compared = 0
    for made, wanted in zip(tokenizer.tokenize(chosen), found, strict=True):
        if len(wanted["input_ids"]) <= checkpoint.max_tokens:
            compared += 1
            different += made != (wanted["input_ids"], wanted["token_type_ids"])
    if different:
        raise ConversionError(
            f"tokenizer.json joins {different} of {compared} pairs otherwise than the checkpoint's own tokenizer",
            hint="save the tokenizer again with AutoTokenizer.save_pretrained",
        )
