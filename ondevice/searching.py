"""Searching a profile: which retriever, over which index, and what must be cleaned when items go."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from ondevice.config import IndexConfig, RetrievalConfig
from ondevice.map_in_use import MapInUse
from ondevice.models import Models
from ondevice.records import ArtifactOutcome, Filter, Hit
from ondevice.retrieval.catalog import build_retrievers

if TYPE_CHECKING:
    from ondevice.retrieval.index import VectorIndex
    from ondevice.retrieval.protocol import Retriever
    from ondevice.vault.vault import Vault

WITHOUT_ENCODER = ("none", "recency", "bm25")
SNAPSHOT_PREFIX = "index-"
WITH_ENCODER = (*WITHOUT_ENCODER, "dense", "hybrid")
REFINED = "refined"


class OtherSnapshots:
    """Deletes the snapshots that no open index looks after: of other encoders, or from before the first search."""

    def __init__(self, vault: Vault, searcher: Searcher) -> None:
        """Watch over a vault's sealed files."""
        self._vault = vault
        self._searcher = searcher

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Delete them whole: an index is a cache, and the next search makes it anew."""
        index = self._searcher.loaded_index
        kept = None if index is None else f"{SNAPSHOT_PREFIX}{index.encoder_id}"
        names = [name for name in self._vault.sealed.names() if name.startswith(SNAPSHOT_PREFIX) and name != kept]
        n_dropped = sum(self._vault.sealed.delete(name) for name in names)
        outcome: Literal["dropped", "absent"] = "dropped" if n_dropped else "absent"
        return ArtifactOutcome(kind="index", name="snapshots", outcome=outcome, count=n_dropped)


class Searcher:
    """Turn queries into hits; the encoder and the index are opened when a retriever first needs them."""

    def __init__(self, vault: Vault, models: Models, config: RetrievalConfig, index_config: IndexConfig) -> None:
        """Check the default retriever against what there is.

        Raises:
            ValueError: If the default retriever is unknown or needs an encoder that is not there.
        """
        self._vault = vault
        self._models = models
        self._config = config
        self._index_config = index_config
        self.map_in_use = MapInUse(vault, models)
        self._index: VectorIndex | None = None
        self._retrievers: Mapping[str, Retriever] = build_retrievers(vault, None, None, config)
        self._lock = threading.Lock()
        self.retriever_name(None)

    def retriever_name(self, name: str | None) -> str:
        """Return the name to use, the default for ``None``. Whether there is a map for ``refined`` shows at the search.

        Raises:
            ValueError: If there is no such retriever, or it needs an encoder that is not there.
        """
        chosen = self._config.retriever if name is None else name
        choices: tuple[str, ...] = WITHOUT_ENCODER if self._models.encoder_name is None else WITH_ENCODER
        if chosen in choices or (chosen == REFINED and choices is WITH_ENCODER):
            return chosen
        reason = "needs an encoder" if chosen in (*WITH_ENCODER, REFINED) else "is unknown"
        if choices is WITH_ENCODER and self.map_in_use.is_chosen:
            choices = (*choices, REFINED)
        raise ValueError(f"the retriever {chosen!r} {reason}: choose one of {', '.join(choices)}")

    def seen_by(self, retriever: str) -> list[str]:
        """Return the items that a retriever has learned from, on which it cannot be judged."""
        return self.map_in_use.item_ids() if retriever == REFINED else []

    def depth(self, k: int | None) -> int:
        """Return how many hits to look for, the default for ``None``.

        Raises:
            ValueError: If ``k`` is below 1.
        """
        wanted = self._config.k if k is None else k
        if wanted < 1:
            raise ValueError(f"k must be at least 1, not {wanted}")
        return wanted

    def search(self, query: str, *, k: int | None, retriever: str | None, filter: Filter | None) -> list[Hit]:
        """Return the best hits, best first.

        Raises:
            ValueError: If ``k`` is below 1 or the retriever cannot be had.
            NotFoundError: If the retriever is ``refined`` and no refinement is in use.
            ModelMismatchError: If items lack vectors of this encoder, or the refinement is for another.
        """
        wanted = self.depth(k)
        ranked = self._retriever(self.retriever_name(retriever)).retrieve(query, k=wanted, filter=filter)
        items = self._vault.items.get_rows([row for row, _ in ranked])
        found = [(items[row], score) for row, score in ranked if row in items]
        return [Hit(item=item, score=score, rank=rank) for rank, (item, score) in enumerate(found, 1)]

    @property
    def loaded_index(self) -> VectorIndex | None:
        """The vector index if a search or an addition has opened it."""
        return self._index

    def index(self) -> VectorIndex:
        """Return the vector index of the encoder in use, opening it at the first call."""
        with self._lock:
            if self._index is None:
                from ondevice.retrieval.index import VectorIndex

                bundle = self._models.encoder_bundle()
                spec = bundle.encoder
                if spec is None:
                    raise ValueError("an encoder bundle without an encoder section was opened")
                self._index = VectorIndex(
                    self._vault.vectors, self._vault.sealed, bundle.id, spec.dim, self._index_config
                )
            return self._index

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Erase forgotten rows from the index, if one has been opened by the time their deletion is committed."""
        if self._index is None:
            return ArtifactOutcome(kind="index", name="in memory", outcome="absent")
        return self._index.erase(rows)

    def close(self) -> None:
        """Seal the index's snapshot and overwrite its memory, if it was opened; and the query map's."""
        self.map_in_use.clear()
        if self._index is not None:
            try:
                self._index.save()
            finally:
                self._index.close()

    def _retriever(self, name: str) -> Retriever:
        if name not in WITHOUT_ENCODER:
            index = self.index()
            with self._lock:
                if name not in self._retrievers:
                    self._retrievers = build_retrievers(
                        self._vault, self._models.encoder, index, self._config, self.map_in_use.current
                    )
        return self._retrievers[name]
