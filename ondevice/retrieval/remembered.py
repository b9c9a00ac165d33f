"""The vectors of the last queries, in memory, without the queries: they repeat what an item says, or will say."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

MOST = 32


class RememberedVectors:
    """The last 32 queries' vectors, each under a keyed hash of its text. Threads may use it at once."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()
        self.n_cleared = 0
        """Tells vectors that were begun before an erasure from later ones."""

    def get(self, query: str) -> NDArray[np.float32] | None:
        """Return a copy of a query's vector, if it is among the last."""
        name = self._name(query)
        with self._lock:
            if name not in self._vectors:
                return None
            self._vectors.move_to_end(name)
            return self._vectors[name].copy()

    def put(self, query: str, vector: NDArray[np.float32], *, n_cleared: int) -> None:
        """Remember a vector, unless an erasure has come since ``n_cleared`` was read."""
        with self._lock:
            if n_cleared == self.n_cleared:
                self._vectors[self._name(query)] = vector.copy()
                while len(self._vectors) > MOST:
                    self._vectors.popitem(last=False)

    def clear(self) -> int:
        """Overwrite and drop all of them; return how many there were."""
        with self._lock:
            self.n_cleared += 1
            n = len(self._vectors)
            for vector in self._vectors.values():
                vector.fill(0)
            self._vectors.clear()
            self._key = secrets.token_bytes(32)
            return n

    def __len__(self) -> int:
        return len(self._vectors)

    def _name(self, query: str) -> bytes:
        return hashlib.blake2b(query.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
