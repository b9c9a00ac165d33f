"""What the attack is held against: the stored vectors of a copy of the profile, and the texts they were made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ondevice.privacy.inversion.decoder import Matrix, Wide
from ondevice.privacy.inversion.vocabulary import content_words
from ondevice.safety.confined import Confined
from ondevice.vault.vault import Vault
from ondevice.words import searchable_text

MAX_ITEMS = 500
_SEED = 11


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class StoredVectors(Confined):
    """Vectors of one encoder with what their items say.

    Args:
        texts: What the encoder saw of each item, in the order of the items.
        words: The words in each text, one at least.
        vectors: float32[texts, dim], as stored, but of length 1; zeros where what is stored is no vector.
        n_wordless: Items that were drawn but have no word to look for.
        n_stored: All vectors of this encoder.
    """

    texts: tuple[str, ...]
    words: tuple[frozenset[str], ...]
    vectors: Matrix
    n_wordless: int
    n_stored: int


def read_stored(vault: Vault, encoder_id: str) -> StoredVectors:
    """Draw at most :data:`MAX_ITEMS` items that have a vector, and read both.

    Raises:
        CorruptError: If the vectors of the encoder have several lengths.
    """
    rows, vectors, _ = vault.vectors.load(encoder_id)
    drawn = np.sort(np.random.default_rng(_SEED).permutation(len(rows))[:MAX_ITEMS])
    items = vault.items.get_rows(rows[drawn].tolist())
    places, texts, words = [], [], []
    for place in drawn.tolist():
        item = items.get(int(rows[place]))
        if item is None:
            continue  # it has expired
        text = searchable_text(item.text, item.fields)
        held = content_words(text)
        if held:
            places.append(place)
            texts.append(text)
            words.append(held)
    return StoredVectors(
        texts=tuple(texts),
        words=tuple(words),
        vectors=_of_length_one(vectors[places]),
        n_wordless=len(items) - len(places),
        n_stored=len(rows),
    )


def coarse(vectors: Matrix, *, n_bits: int) -> Wide:
    """Return vectors as an index of so many bits a number would keep them, each scaled by its own largest number.

    Shapes: float32[n, dim] → float64[n, dim].

    Args:
        vectors: What is kept.
        n_bits: One keeps the signs.
    """
    wide = vectors.astype(np.float64)
    if n_bits == 1:
        signs: Wide = np.where(wide < 0, -1.0, 1.0) / np.sqrt(wide.shape[1])
        return signs
    largest = np.abs(wide).max(axis=1, keepdims=True)
    step = np.where(largest > 0, largest, 1.0) / (2 ** (n_bits - 1) - 1)
    rounded: Wide = np.round(wide / step) * step
    return rounded


def _of_length_one(vectors: Matrix) -> Matrix:
    """Return what every encoder makes, of whatever is stored: other bytes can be any numbers, or none."""
    wide = np.where(np.isfinite(vectors).all(axis=1, keepdims=True), vectors, 0).astype(np.float64)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    return (wide / np.where(lengths > 0, lengths, 1)).astype(np.float32)
