"""Vectors of the user's items, taken from a copy in order to be looked for; nothing shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from ondevice.errors import OndeviceError
from ondevice.privacy.at_rest.spellings import vector_spellings
from ondevice.vault.vault import Vault


def user_vectors(vault: Vault, most: int) -> Iterator[bytes]:
    """Yield the spellings of at most so many vectors of each encoder, from all over the profile."""
    for encoder_id in vault.vectors.encoders():
        with suppress(OndeviceError):  # whoever reads them all tells that some are damaged
            _, matrix, _ = vault.vectors.load(encoder_id)
            places = np.unique(np.linspace(0, len(matrix) - 1, min(most, len(matrix))).astype(int))
            for vector in matrix[places]:
                yield from vector_spellings(vector)
