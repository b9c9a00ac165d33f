"""Make profiles of a given size, and plain twins of the store, for the cases to measure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from ondevice.vault import AppKey, Vault

KEY = AppKey(b"b" * 32)
_CHUNK = 2_000


def filled(path: Path, n: int, *, encoder_id: str, dim: int = corpus.DIM) -> Vault:
    """Create a vault at ``path`` with ``n`` items and made-up vectors, in chunks of one transaction each."""
    vault = Vault.create(path, KEY)
    items, rows = corpus.drafts(n), corpus.vectors(n, dim=dim)
    for start in range(0, n, _CHUNK):
        part = slice(start, start + _CHUNK)
        vault.items.put_many(items[part], vectors={encoder_id: rows[part]})
    return vault


def probe_vectors(n: int) -> NDArray[np.float32]:
    """Return ``n`` query vectors from the same distribution as the stored ones."""
    return corpus.vectors(n, seed=99)
