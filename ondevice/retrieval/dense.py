"""Dense retrieval: items whose vectors point the query's way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import ModelMismatchError
from ondevice.records import Filter, Ranked
from ondevice.retrieval.protocol import MOST_HITS, check_k
from ondevice.retrieval.remembered import RememberedVectors

if TYPE_CHECKING:
    from ondevice.retrieval.encoding.encoder import Encoder
    from ondevice.retrieval.index.vector_index import VectorIndex
    from ondevice.vault.vault import Vault

FEW_EXPIRED = 64
DENSE = "dense"


class DenseRetriever:
    """Compares the query's vector with the items' by cosine; it remembers the last 32 queries' vectors in memory.

    Queries may repeat what a forgotten item said: :meth:`forget_queries` goes with every erasure.
    """

    def __init__(self, vault: Vault, encoder: Callable[[], Encoder], index: VectorIndex, *, name: str = DENSE) -> None:
        """Search this index; the encoder is loaded when a query first needs it.

        Args:
            vault: Where the items are.
            encoder: Gives the encoder of queries.
            index: The index of the vectors that it searches.
            name: The name it goes by; one that is not built in is a further encoder's.
        """
        self.name = name
        self._vault = vault
        self._encoder = encoder
        self._index = index
        self._remembered = RememberedVectors()

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        """Return the k items of highest cosine, best first.

        Raises:
            ModelMismatchError: If items have no vector of this encoder.
            ValueError: If k is below 1.
        """
        check_k(k)
        require_vectors(self._vault, self._index.encoder_id, self.name)
        if filter is not None and not filter.is_empty:
            return self._among(query, k, self._vault.items.rows(filter))
        # Expired items have vectors until they are pruned, and must not take the place of living ones.
        n_expired = max(0, self._vault.vectors.count_items(self._index.encoder_id) - self._vault.items.count())
        if n_expired > FEW_EXPIRED:
            return self._among(query, k, self._vault.items.rows())
        found = self._index.search(self._vector(query), k + n_expired)
        if n_expired:
            alive = self._vault.items.get_rows([row for row, _ in found])
            found = [hit for hit in found if hit.row in alive]
        return found[:k]

    @property
    def encoder_id(self) -> str:
        """Whose vectors it compares with."""
        return self._index.encoder_id

    def best_passages(self, query: str, rows: Sequence[int]) -> dict[int, tuple[int, float]]:
        """Return the label and cosine of the passage that suits a query best, by row, where an item has several."""
        return self._index.best_passages(self._vector(query), rows)

    def forget_queries(self) -> int:
        """Drop the vectors of the last queries; return how many there were."""
        return self._remembered.clear()

    def _among(self, query: str, k: int, rows: NDArray[np.int64]) -> list[Ranked]:
        return self._index.search(self._vector(query), k, rows) if len(rows) else []

    def _vector(self, query: str) -> NDArray[np.float32]:
        vector = self._remembered.get(query)
        if vector is None:
            n_cleared = self._remembered.n_cleared
            vector = self._encoder().encode_queries([query])[0]
            self._remembered.put(query, vector, n_cleared=n_cleared)
        return vector


def require_vectors(vault: Vault, encoder_id: str, name: str = DENSE) -> None:
    """Refuse to work on items of which some have no vector.

    Args:
        vault: Where the items are.
        encoder_id: Whose vectors are needed.
        name: The retriever that they are for.

    Raises:
        ModelMismatchError: Then.
    """
    if not len(vault.vectors.missing(encoder_id, 1)):
        return
    n_missing = len(vault.vectors.missing(encoder_id, MOST_HITS))
    if n_missing:  # otherwise they have been encoded, or forgotten, meanwhile
        raise without_vectors(vault, encoder_id, n_missing, name)


def without_vectors(vault: Vault, encoder_id: str, n: int, name: str = DENSE) -> ModelMismatchError:
    """Return the error for ``n`` items that have no vector; the arguments are those of :func:`require_vectors`."""
    return ModelMismatchError(
        f"{n} of {vault.items.count()} items have no vector of the encoder {encoder_id!r}",
        hint="run: ondevice reencode" + ("" if name == DENSE else f" --retriever {name}"),
    )
