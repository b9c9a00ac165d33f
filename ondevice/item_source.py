"""Where an adapter's lessons look items up: by their words, and by their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.encoders import Encoders
from ondevice.errors import ModelMismatchError
from ondevice.models import Models
from ondevice.records import Filter, Item
from ondevice.retrieval.lexical import LexicalRetriever

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault

Items = list[Item]


class ItemSource:
    """The items of one profile. Threads may use it at once."""

    def __init__(self, vault: Vault, models: Models) -> None:
        """Look in this vault, for vectors of the encoder that the models name."""
        self._vault = vault
        self._encoders = Encoders(models)
        self._lexical = LexicalRetriever(vault.lexical, vault.items)

    def find(self, query: str, ids: Sequence[str], k: int) -> Items:
        """Return at most ``k`` of the items of these ids that share words with a query, best first."""
        ranked = self._lexical.retrieve(query, k=k, filter=Filter(ids=tuple(ids)))
        items = self._vault.items.get_rows([row for row, _ in ranked])
        return [items[row] for row, _ in ranked if row in items]

    def vectors(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the items' vectors, in the order of the ids: float32[n, dim].

        Raises:
            ValueError: If the profile was opened without an encoder.
            ModelMismatchError: If an item has no vector of this encoder.
            NotFoundError: If an item is not there.
        """
        if not self._encoders.has_base:
            raise ValueError(
                "items are chosen by their vectors, and the profile was opened with encoder=None: open it with an "
                "encoder, or learn from all items"
            )
        encoder_id = self._encoders.source().id
        rows, matrix, _ = self._vault.vectors.load(encoder_id)
        wanted = [self._vault.items.row_of(item_id) for item_id in ids]
        places = {row: place for place, row in enumerate(rows.tolist())}
        n_missing = sum(row not in places for row in wanted)
        if n_missing:
            raise ModelMismatchError(
                f"{n_missing} of {len(wanted)} items have no vector of the encoder {encoder_id!r}",
                hint="run: ondevice reencode",
            )
        return matrix[[places[row] for row in wanted]]
