"""Searching a profile: which retriever, over which index, and what must be cleaned when items go."""

from __future__ import annotations

import operator
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ondevice.config import RETRIEVERS, IndexConfig, RetrievalConfig
from ondevice.errors import OndeviceError
from ondevice.records import ArtifactOutcome, Filter, Hit
from ondevice.retrieval.catalog import build_retrievers
from ondevice.retrieval.dense import DENSE, DenseRetriever
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.retrieval.fusion import HybridRetriever, fuse
from ondevice.retrieval.matching import matching_passages
from ondevice.retrieval.protocol import check_k

if TYPE_CHECKING:
    from ondevice.retrieval.index.vector_index import VectorIndex
    from ondevice.retrieval.protocol import Retriever
    from ondevice.vault.vault import Vault


class Searcher:
    """Turn queries into hits; encoders and their indexes are opened when a retriever first needs them."""

    def __init__(
        self,
        vault: Vault,
        encoders: Encoders,
        config: RetrievalConfig,
        index_config: IndexConfig,
    ) -> None:
        """Check the default retriever against what there is.

        Raises:
            ValueError: If the default retriever is unknown or needs an encoder that is not there.
        """
        self._vault = vault
        self._encoders = encoders
        self._config = config
        self._index_config = index_config
        self._indexes: dict[str, VectorIndex] = {}
        self._retrievers: dict[str, Retriever] = build_retrievers(vault, None, None, config)
        self._base: str | None = None
        self._lock = threading.Lock()
        self.retriever_name(None)
        vault.erasers.enlist(self)

    def retriever_name(self, name: str | None) -> str:
        """Return the name to use, the default for ``None``.

        Raises:
            ValueError: If there is no such retriever, or it needs an encoder that is not there.
        """
        chosen = self._config.retriever if name is None else name
        self._encoders.require_retriever(chosen)
        return chosen

    def depth(self, k: int | None) -> int:
        """Return how many hits to look for, the default for ``None``.

        Raises:
            TypeError: If ``k`` is no whole number.
            ValueError: If ``k`` is below 1, or more than can be counted.
        """
        wanted = operator.index(self._config.k if k is None else k)
        if wanted < 1:
            raise ValueError(f"k must be at least 1, not {wanted}")
        return check_k(wanted)

    def search(self, query: str, *, k: int | None, retriever: str | None, filter: Filter | None) -> list[Hit]:
        """Return the best hits, best first.

        Raises:
            TypeError: If the query is no text, or ``k`` no whole number.
            ValueError: If ``k`` is out of range or the retriever cannot be had.
            ModelMismatchError: If items lack vectors of this encoder.
        """
        if not isinstance(query, str):
            raise TypeError(f"a query is a str, not {type(query).__name__}")
        return self.search_all((query,), k=k, retriever=retriever, filter=filter)

    def search_all(
        self, queries: Sequence[str], *, k: int | None, retriever: str | None, filter: Filter | None
    ) -> list[Hit]:
        """Return the best hits of one query or several, whose rankings are fused; the arguments are those of a search.

        Raises:
            ValueError, ModelMismatchError: As :meth:`search`.
        """
        wanted = self.depth(k)
        chosen = self._retriever(self.retriever_name(retriever))
        if len(queries) == 1:
            ranked = chosen.retrieve(queries[0], k=wanted, filter=filter)
        else:
            # No deeper: what suits every query a little would push out what suits one of them best.
            rankings = [chosen.retrieve(query, k=wanted, filter=filter) for query in queries]
            ranked = fuse(rankings, constant=self._config.fusion_constant)[:wanted]
        items = self._vault.items.get_rows([row for row, _ in ranked])
        passages = matching_passages(queries, items, self._comparing(chosen), self._vault.vectors)
        found = [(row, score) for row, score in ranked if row in items]
        return [
            Hit(item=items[row], score=score, rank=rank, passage=passages.get(row))
            for rank, (row, score) in enumerate(found, 1)
        ]

    def nearest(self, queries: Sequence[str], *, retriever: str | None, filter: Filter | None) -> float | None:
        """Return how near the nearest item is to any of the queries, by the profile's own encoder: 1 is the nearest.

        It is the cosine, less what unrelated texts have (``unrelated`` in the encoder's manifest).
        ``None`` where this retriever does not compare its vectors, or there are no items.

        Raises:
            ValueError, ModelMismatchError: As :meth:`search`.
        """
        if self.retriever_name(retriever) not in (DENSE, HybridRetriever.name):
            return None
        dense = self._retriever(DENSE)
        ranked = [hit for query in queries for hit in dense.retrieve(query, k=1, filter=filter)]
        spec = self._encoders.bundle().encoder
        cosine = max((score for _, score in ranked), default=None)
        return cosine if cosine is None or spec is None else spec.nearness(cosine)

    def loaded_indexes(self) -> list[VectorIndex]:
        """Return the vector indexes that searches have opened."""
        with self._lock:
            return list(self._indexes.values())

    @property
    def loaded_index(self) -> VectorIndex | None:
        """The index of the profile's own encoder, if a search has opened it."""
        if not self._encoders.has_base or not self._indexes:
            return None
        return self._indexes.get(self._encoders.source().id)

    def index(self, encoder: str | None = None) -> VectorIndex:
        """Return the index that an encoder searches, opening it at the first call; two encoders may share one."""
        source = self._encoders.source(encoder)
        spec = source.encoder
        if spec is None:
            raise ValueError("an encoder bundle without an encoder section was opened")
        with self._lock:
            if source.id not in self._indexes:
                from ondevice.retrieval.index.vector_index import VectorIndex

                self._indexes[source.id] = VectorIndex(
                    self._vault.vectors, self._vault.sealed, source.id, spec.dim, self._index_config
                )
            return self._indexes[source.id]

    def erase(self, rows: Sequence[int]) -> tuple[ArtifactOutcome, ...]:
        """Erase forgotten rows from every index that has been opened by the time their deletion is committed.

        The vectors of the last queries go too: a query may have said what an item says. The snapshots that no open
        index looks after, of other encoders or from before the first search, are caches, which the vault deletes.

        Raises:
            StorageError: If a snapshot cannot be deleted; the other indexes are erased all the same.
        """
        n_queries = self._forget_queries()
        queries = ArtifactOutcome(
            kind="queries", name="in memory", outcome="cleared" if n_queries else "absent", count=n_queries
        )
        outcomes: list[ArtifactOutcome] = []
        failure: OndeviceError | None = None
        for index in self.loaded_indexes():
            try:
                outcomes.append(index.erase(rows))
            except OndeviceError as error:
                failure = failure or error
        if failure is not None:
            raise failure
        return (*(outcomes or [ArtifactOutcome(kind="index", name="in memory", outcome="absent")]), queries)

    def close(self) -> None:
        """Seal the snapshots of the indexes that were opened, and overwrite their memory; queries too."""
        self._forget_queries()
        failure: BaseException | None = None
        for index in self.loaded_indexes():
            try:
                index.save()
            except BaseException as error:
                failure = failure or error
            finally:
                index.close()
        if failure is not None:
            raise failure

    def _forget_queries(self) -> int:
        with self._lock:
            return _forget_queries(self._retrievers)

    def _comparing(self, retriever: Retriever) -> DenseRetriever | None:
        """Return what compares vectors for a retriever; ``None`` where it does not use any."""
        found = self._retriever(DENSE) if retriever.name == HybridRetriever.name else retriever
        return found if isinstance(found, DenseRetriever) else None

    def _retriever(self, name: str) -> Retriever:
        base = self._encoders.base
        with self._lock:
            if self._base != base:  # the profile moved to another encoder, or this is the first search
                self._base = base
                _forget_queries(self._retrievers)
                self._retrievers = build_retrievers(self._vault, None, None, self._config)
            found = self._retrievers.get(name)
        if found is not None:
            return found
        if name in RETRIEVERS:
            made = build_retrievers(self._vault, self._encoders.encoder, self.index(), self._config)
        else:
            encoder = partial(self._encoders.encoder, name)
            made = {name: DenseRetriever(self._vault, encoder, self.index(name), name=name)}
        with self._lock:
            self._retrievers = {**made, **self._retrievers}
            return self._retrievers[name]


def _forget_queries(retrievers: Mapping[str, Retriever]) -> int:
    return sum(each.forget_queries() for each in retrievers.values() if isinstance(each, DenseRetriever))
