"""The vector index: a cache over the store's vectors, searched exactly, or through a graph where they are many.

It knows passages, by label; what it finds are items, each by its best passage.

The store is the truth. The index reads itself up to the store's revision before every search, so it
can be lost, stale or damaged at any time without harm: it is then made anew.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from ondevice.config import IndexConfig
from ondevice.errors import CorruptError, ModelMismatchError, NotFoundError, VersionError
from ondevice.passages import PASSAGE_BITS, rows_of
from ondevice.records import ArtifactOutcome, Ranked
from ondevice.retrieval.index import snapshot
from ondevice.retrieval.index.accelerator import Accelerator
from ondevice.retrieval.index.exact import Found, Matrix
from ondevice.retrieval.index.folding import first_of_each, labels_among
from ondevice.retrieval.index.hnsw import GraphError

if TYPE_CHECKING:
    from ondevice.vault.blobs import SealedFolder
    from ondevice.vault.vectors import VectorStore


_SPARE = 8
"""So many passages more than twice the items are looked for where items have several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexInfo:
    """What the index is doing.

    Args:
        n_vectors: Vectors in memory; 0 before the first search.
        mode: ``exact`` compares every vector, ``hnsw`` follows the graph.
        is_building: Whether a graph is being built or kept up in the background.
        recall: Recall@10 the graph reached against exact search on the user's own vectors.
        effort: HNSW's ef that this took.
        n_tombstones: Erased nodes in the graph in memory (their vectors are overwritten; no snapshot has any).
        warnings: What went wrong and was made good, in sentences.
    """

    n_vectors: int
    mode: Literal["exact", "hnsw"]
    is_building: bool
    recall: float | None
    effort: int | None
    n_tombstones: int
    warnings: tuple[str, ...]


class VectorIndex:
    """One encoder's vectors, searchable. Safe for several threads at once; the caller saves and closes.

    Rows go in and come out; inside, every passage has its label.

    It is also an eraser (see ``Vault.forget``): what is forgotten is overwritten in memory, and the sealed snapshot
    that held it is deleted; the next :meth:`save` writes a new one.
    """

    def __init__(
        self, vectors: VectorStore, sealed: SealedFolder, encoder_id: str, dim: int, config: IndexConfig | None = None
    ) -> None:
        """Compose the index; nothing is read before it is first needed."""
        self.encoder_id = encoder_id
        self.dim = dim
        self._vectors = vectors
        self._sealed = sealed
        self._name = f"index-{encoder_id}"
        self._config = config or IndexConfig()
        self._lock = threading.RLock()
        self._matrix = Matrix(dim)
        self._accelerator = Accelerator(self._matrix, self._config, self._lock)
        self._is_loaded = False
        self._is_closed = False
        self._has_several = False
        self._revision = -1
        self._saved: tuple[int, bool] | None = None
        self._warnings: list[str] = []

    def search(self, query: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None = None) -> list[Ranked]:
        """Return the k rows whose best passages have the greatest inner products, best first.

        That is their cosine, because all are unit vectors.

        Shapes: query float32[dim]; rows int64[any] → at most k hits.

        Args:
            query: A vector of the same encoder.
            k: How many; fewer come back where there are fewer.
            rows: Only these count; every one of them is compared.

        Raises:
            ModelMismatchError: If the query or the store's vectors have another dimension.
            ValueError: If k is below 1 or the index is closed.
        """
        if k < 1:
            raise ValueError(f"k must be 1 or more, not {k}")
        if query.shape != (self.dim,):
            raise ModelMismatchError(f"the query has shape {query.shape}, but the index holds {self.dim} numbers a row")
        with self._lock:
            self._refresh()
            labels = None if rows is None else labels_among(self._matrix.rows, rows)
            found, scores = self._best_of_each(query, k, labels)
        return [Ranked(row, score) for row, score in zip(rows_of(found).tolist(), scores.tolist(), strict=True)]

    def best_passages(self, query: NDArray[np.float32], rows: Sequence[int]) -> dict[int, tuple[int, float]]:
        """Return the label and the inner product of each row's best passage, where the row has several.

        The first passage does not count: it is only as much of the text's beginning as the encoder reads.

        Shapes: query float32[dim].

        Raises:
            ValueError: If the index is closed.
        """
        with self._lock:
            self._refresh()
            labels = labels_among(self._matrix.rows, np.asarray(rows, np.int64))
            several = labels[(labels & ((1 << PASSAGE_BITS) - 1)) > 0]
            if not len(several):
                return {}
            found, scores = first_of_each(*self._matrix.search(query, len(several), several))
        pairs = zip(found.tolist(), scores.tolist(), strict=True)
        return {label >> PASSAGE_BITS: (label, score) for label, score in pairs}

    def refresh(self) -> None:
        """Read what the store has more than the index; every search does this by itself."""
        with self._lock:
            self._refresh()

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Overwrite these rows' vectors in memory and delete the snapshot that may hold them.

        A graph goes on serving, though its links still show where the vectors lay; it is never sealed again.

        ``count`` is the number of vectors that were in memory; ``absent`` means that neither they nor a snapshot were.

        Raises:
            StorageError: If the snapshot cannot be deleted.
        """
        with self._accelerator.standstill():
            wanted = labels_among(self._matrix.rows, np.asarray(rows, np.int64))
            count = self._matrix.remove(wanted)
            if count:
                self._accelerator.erase(wanted)
            had_snapshot = self._sealed.delete(self._name)
            self._saved = None
        outcome: Literal["erased", "dropped", "absent"] = "erased" if count else "dropped" if had_snapshot else "absent"
        return ArtifactOutcome(kind="index", name=self._name, outcome=outcome, count=count)

    def save(self) -> bool:
        """Seal a snapshot, if the index was in use and differs from the last one; return whether it was written.

        It holds a graph only if that was built of nothing but the vectors that are there. After an erasure it holds
        none until a new one stands: the next opening builds that in the background, and compares every vector meanwhile
        (21,000 vectors of 384 numbers: 6 s, 1.3 ms a search; 100,000: 47 s, 18 ms).

        Raises:
            StorageError: If the disk refuses; the old snapshot is then still there.
        """
        with self._lock:
            if not self._is_loaded or not self._sealed.can_be_changed:
                return False
            self._refresh()
            if self._is_saved():
                return False
        self._accelerator.finish_if_near()
        # An erasure waits for this, so none can come between the copy and the write; a search does not wait.
        with self._accelerator.paused():
            with self._accelerator.graph_lock, self._lock:
                self._refresh()
                contents = self._contents()
                state = (self._revision, contents.graph is not None)
            if len(self._matrix):
                self._sealed.write(self._name, snapshot.pack(contents), version=snapshot.VERSION)
            else:
                self._sealed.delete(self._name)
            self._saved = state
            return True

    def wait(self) -> None:
        """Wait until the best graph there can be is in use; only benchmarks and bulk imports have a reason to."""
        self._accelerator.wait()

    def close(self) -> None:
        """Stop the work in the background and overwrite the vectors in memory. Does not save."""
        self._accelerator.close()
        with self._lock:
            self._is_closed = True
            self._matrix.clear()

    def info(self) -> IndexInfo:
        """Say how the index searches now, and what went wrong."""
        with self._lock:
            graph, problem = self._accelerator.graph, self._accelerator.problem
            return IndexInfo(
                n_vectors=len(self._matrix),
                mode="exact" if graph is None else "hnsw",
                is_building=self._accelerator.is_building,
                recall=self._accelerator.recall,
                effort=None if graph is None else graph.effort,
                n_tombstones=0 if graph is None else graph.n_tombstones,
                warnings=(*self._warnings, *([problem] if problem else [])),
            )

    def __repr__(self) -> str:
        return f"VectorIndex({self.encoder_id!r}, dim={self.dim}, n={len(self._matrix)})"

    def _best_of_each(self, query: NDArray[np.float32], k: int, labels: NDArray[np.int64] | None) -> Found:
        """Return the best passage of each of the k best items; the caller holds the lock."""
        depth = k if not self._has_several else 2 * k + _SPARE
        while True:
            found = self._accelerator.search(query, depth) if labels is None else None
            found = self._matrix.search(query, depth, labels) if found is None else found
            if not self._has_several:
                return found
            folded = first_of_each(*found)
            if len(folded[0]) >= k or len(found[0]) < depth:
                return folded[0][:k], folded[1][:k]
            depth *= 4  # the best passages were of few items

    def _refresh(self) -> None:
        if self._is_closed:
            raise ValueError("the index is closed")
        revision = self._vectors.revision(self.encoder_id)
        # A revision below ours: the encoder was dropped, and perhaps begun again.
        if not self._is_loaded or revision < self._revision:
            self._load()
        elif revision > self._revision:
            self._catch_up()

    def _load(self) -> None:
        self._start_over()
        if not (self._read_snapshot() and self._is_current()):
            self._start_over()
            labels, vectors, self._revision = self._vectors.passages(self.encoder_id)
            self._put(labels, vectors)
        self._is_loaded = True

    def _is_current(self) -> bool:
        """Bring what the snapshot gave up to date, and return whether it then holds just what the store has."""
        if self._vectors.revision(self.encoder_id) >= self._revision:
            self._catch_up()
            if self._vectors.count(self.encoder_id) == len(self._matrix):
                return True
        self._warnings.append("the index snapshot did not fit the store; it was made anew")
        return False

    def _catch_up(self) -> None:
        labels, vectors, self._revision = self._vectors.passages(self.encoder_id, since=self._revision)
        if self._has_several and len(labels):
            self._drop(np.setdiff1d(labels_among(self._matrix.rows, rows_of(labels)), labels))
        self._put(labels, vectors)

    def _drop(self, labels: NDArray[np.int64]) -> None:
        """Take away passages that an item has no more; a graph cannot lose a few, so that a new one is built."""
        if self._matrix.remove(labels):
            self._accelerator.reset()

    def _put(self, labels: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        if len(labels) and vectors.shape[1] != self.dim:
            raise ModelMismatchError(
                f"the store's vectors have {vectors.shape[1]} numbers, but {self.encoder_id!r} gives {self.dim}"
            )
        changed = self._matrix.put(labels, vectors) if len(labels) else labels
        self._note_several(labels)
        self._accelerator.changed(changed.tolist())

    def _note_several(self, labels: NDArray[np.int64]) -> None:
        """Note whether an item has several passages."""
        self._has_several = self._has_several or bool((labels & ((1 << PASSAGE_BITS) - 1)).any())

    def _start_over(self) -> None:
        self._matrix.clear()
        self._has_several = False
        self._accelerator.reset()
        self._saved = None

    def _is_saved(self) -> bool:
        """Whether the snapshot on disk holds every vector, and the graph if there is one to seal."""
        if self._saved is None:
            return False
        revision, has_graph = self._saved
        return revision == self._revision and (has_graph or not self._accelerator.is_sealable)

    def _contents(self) -> snapshot.Contents:
        graph = self._accelerator.state()
        rows, vectors = (None, None) if graph else (self._matrix.rows.copy(), self._matrix.vectors.copy())
        return snapshot.Contents(revision=self._revision, dim=self.dim, rows=rows, vectors=vectors, graph=graph)

    def _read_snapshot(self) -> bool:
        """Fill the matrix, and the graph if it has one, from the sealed snapshot; return whether that went well."""
        try:
            contents = snapshot.unpack(self._sealed.read(self._name, version=snapshot.VERSION), dim=self.dim)
            if contents.passage_bits != PASSAGE_BITS:
                return False  # an earlier release knew items alone
            self._matrix.put(*contents.all_vectors())
            self._note_several(self._matrix.rows)
            if contents.graph is not None:
                self._accelerator.restore(contents.graph)
        except NotFoundError:
            return False
        except (CorruptError, VersionError, GraphError, ValueError) as error:
            self._warnings.append(f"the index snapshot could not be read ({type(error).__name__}); it was made anew")
            return False
        self._revision = contents.revision
        self._saved = (contents.revision, contents.graph is not None)
        return True
