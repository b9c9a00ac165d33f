"""The tokenizer a bundle carries: the checkpoint's own, or the fast form of its vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.quiet import quiet_transformers
from export.errors import ConversionError

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def write_tokenizer(checkpoint: HubCheckpoint, out: Path) -> None:
    """Write ``tokenizer.json``: byte for byte the checkpoint's, unless it must be made or must lowercase first."""
    source = checkpoint.folder / "tokenizer.json"
    if source.is_file() and not checkpoint.lowercases:
        out.write_bytes(source.read_bytes())
    else:
        tokenizer = load_tokenizer(source) if source.is_file() else _made(checkpoint)
        if checkpoint.lowercases:
            _lowercase_first(tokenizer)
        tokenizer.save(str(out))
    n_tokens, n_rows = load_tokenizer(out).get_vocab_size(), checkpoint.config.get("vocab_size")
    if type(n_rows) is not int or n_tokens > n_rows:
        raise ConversionError(f"the tokenizer has {n_tokens} tokens, but the model has {n_rows}")


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a ``tokenizer.json``."""
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception
        raise ConversionError(f"the tokenizer {path.name!r} cannot be loaded: {type(error).__name__}") from None


def batches_of(tokenizer: Tokenizer, texts: Sequence[str], *, batch: int) -> list[tuple[list[int], NDArray[np.int64]]]:
    """Tokenize texts into batches of like length, padded with zeros.

    Shapes: each batch is the places of its texts, and int64[2, texts, tokens]: token ids, then the attention mask.

    Args:
        tokenizer: Truncates as it is set to, and must not pad.
        texts: In any order.
        batch: Texts in a batch.
    """
    found = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(found)), key=lambda index: len(found[index]))
    out = []
    for start in range(0, len(order), batch):
        places = order[start : start + batch]
        rows = np.zeros((2, len(places), max(1, *(len(found[place]) for place in places))), np.int64)
        for row, place in enumerate(places):
            rows[0, row, : len(found[place])] = found[place]
            rows[1, row, : len(found[place])] = 1
        out.append((places, rows))
    return out


def _made(checkpoint: HubCheckpoint) -> Tokenizer:
    from transformers import AutoTokenizer

    tokenizer: Tokenizer | None = None
    with quiet_transformers(), suppress(Exception):  # what cannot be made has many reasons, and one remedy
        tokenizer = AutoTokenizer.from_pretrained(
            str(checkpoint.folder), local_files_only=True, trust_remote_code=False
        ).backend_tokenizer
    if tokenizer is None:
        raise ConversionError(
            f"no fast tokenizer can be made from the files in {checkpoint.folder.name!r}",
            hint="save it with AutoTokenizer.save_pretrained, which writes tokenizer.json",
        )
    return tokenizer


def _lowercase_first(tokenizer: Tokenizer) -> None:
    from tokenizers import normalizers

    own = tokenizer.normalizer
    steps = [normalizers.Lowercase(), *([own] if own is not None else [])]
    tokenizer.normalizer = normalizers.Sequence(steps)
