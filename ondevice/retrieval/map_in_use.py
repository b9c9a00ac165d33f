"""Whether queries are turned, and by what: the profile's query map, from its sealed bytes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.retrieval.encoding.encoders import Encoders

if TYPE_CHECKING:
    from ondevice.retrieval.query_map import QueryMap
    from ondevice.vault.vault import Vault

REFINEMENT = "refinement"
"""The kind under which the vault keeps the map."""

QUERIES = "queries"
"""Its name; a profile has one."""

IN_USE = "refinement/in-use"
"""Setting: true where searches may use it, or missing."""


class MapInUse:
    """The query map that the retriever ``refined`` uses; in the clear in memory only. Threads may use it at once."""

    def __init__(self, vault: Vault, encoders: Encoders) -> None:
        self._vault = vault
        self._encoders = encoders
        self._loaded: QueryMap | None = None
        self._n_cleared = 0
        self._lock = threading.Lock()

    @property
    def is_chosen(self) -> bool:
        """Whether there is a map, and it is to be used."""
        return self._vault.settings.get(IN_USE) is True and self.is_there

    @property
    def is_there(self) -> bool:
        """Whether the vault keeps a map, in use or not."""
        return any(kept.is_there for kept in self._vault.derived.list(REFINEMENT))

    def current(self) -> QueryMap:
        """Return the map in use, loading it at the first call.

        Raises:
            NotFoundError: If none is in use.
            ModelMismatchError: If it was learned for another encoder than the profile was opened with.
            CorruptError: If its bytes are damaged.
        """
        while True:
            with self._lock:
                loaded, n_cleared = self._loaded, self._n_cleared
            if loaded is not None:
                return loaded
            if not self.is_chosen:
                hint = "use it: me.refinement.use()" if self.is_there else "learn one: me.refinement.learn()"
                raise NotFoundError("no refinement of searches is in use", hint=f"{hint}, or ondevice refine learn")
            found = self.load()
            with self._lock:
                if n_cleared == self._n_cleared:  # otherwise it may have gone meanwhile
                    self._loaded = self._loaded or found

    def load(self) -> QueryMap:
        """Open the map's bytes, in use or not; raises as :meth:`current`."""
        from ondevice.retrieval.query_map import QueryMap

        found = QueryMap.from_bytes(self._vault.derived.read(REFINEMENT, QUERIES))
        bundle = self._encoders.bundle()
        if found.encoder_id != bundle.id or (bundle.encoder is not None and found.dim != bundle.encoder.dim):
            raise ModelMismatchError(
                f"the refinement was learned for another encoder than {bundle.name!r}",
                hint="learn it again: ondevice refine learn; or open the profile with the other encoder",
            )
        return found

    def item_ids(self) -> list[str]:
        """Return the items the map was learned from; none where there is no map."""
        return self._vault.derived.item_ids(REFINEMENT, QUERIES) if self.is_there else []

    def clear(self) -> bool:
        """Overwrite what is in memory; say whether there was anything. The next use loads it anew."""
        with self._lock:
            self._n_cleared += 1
            loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.clear()
        return loaded is not None
