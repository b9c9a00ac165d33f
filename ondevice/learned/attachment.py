"""Which of the profile's adapters the language model uses: loaded from sealed bytes, swapped, taken away at once."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from ondevice.errors import CorruptError, ModelMismatchError, NotFoundError
from ondevice.generation.generator import Generator
from ondevice.learned.adapter_notes import InUse
from ondevice.learned.in_use import InUseSetting
from ondevice.learned.merged_notes import MERGED, MERGED_IN_USE, MergedInUse
from ondevice.learned.shelf import adapter_shelf
from ondevice.records import ArtifactOutcome

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.generation.llama.adapters import Adapter
    from ondevice.generation.llama.engine import Engine
    from ondevice.vault.derived import Derived
    from ondevice.vault.vault import Vault

IN_USE = "adapter/in-use"
"""Setting: which adapter is in use, and how."""

Key: TypeAlias = "tuple[Engine, str, datetime]"
"""What tells one adapter in memory from another: who loaded it, its artifact, and when that was kept."""


class Attachment:
    """The adapter in use, and those that wait loaded; their bytes are in the clear in memory only.

    Threads may use it at once. Nothing waits for the language model's turn while it is changing the profile: what goes
    out of use is freed when the answers that began with it have ended.
    """

    def __init__(self, vault: Vault, generator: Generator) -> None:
        """Attach what is in use whenever the language model loads."""
        self._vault = vault
        self._generator = generator
        self._shelf = adapter_shelf(vault)
        self._in_use = InUseSetting(vault, IN_USE, InUse.from_json)
        self._loaded: dict[Key, Adapter] = {}
        self._is_closed = False
        self._lock = threading.Lock()
        generator.tell(self._restore)
        vault.erasers.enlist(self)

    def in_use(self) -> InUse | None:
        """Return which adapter is in use, and how.

        Raises:
            InputError: If what was noted of it cannot be read.
        """
        return self._in_use.get()

    def item_ids(self) -> tuple[str, ...]:
        """Return the items that shape answers beside the prompt: those that the adapter, or merged model, in use saw.

        Raises:
            InputError: If what was noted of it cannot be read.
        """
        merged, chosen = self._merged(), self.in_use()
        if merged is not None:
            return tuple(self._vault.derived.item_ids(MERGED, merged.name))
        return () if chosen is None else self._shelf.item_ids(chosen.name)

    def use(self, choice: InUse, *, remember: bool = True) -> None:
        """Answer with this adapter from the next request on and, if remembered, after the next opening.

        Raises:
            NotFoundError: If there is none of that name, or its weights went with an item.
            ModelMismatchError: If it was trained on another language model, or a merged model is in use.
            CorruptError: If its bytes are damaged.
            ValueError: If the profile was opened with an adapter's bundle, or without a language model, or a number
                is out of range.
        """
        if not math.isfinite(choice.scale):
            raise ValueError(f"the adapter's scale must be a finite number, not {choice.scale}")
        if choice.contrast is not None:
            from ondevice.generation.llama.contrast import check_contrast

            check_contrast(choice.contrast)
        self._use(choice, remember=remember)

    def load(self, engine: Engine, name: str) -> tuple[Derived, Adapter]:
        """Load an adapter beside what is in use, which stays in use; raises as :meth:`use`."""
        while True:
            kept = self._usable(name, self._generator.bundle())
            adapter = self._load(engine, kept)
            if adapter is not None:
                return kept, adapter

    def use_none(self, *, remember: bool = True) -> None:
        """Answer without an adapter of the profile from the next request on."""
        with self._vault.changing:
            self._in_use.set(None, remember=remember)
            engine = self._generator.loaded
            if engine is not None and self._generator.adapter_name is None:
                engine.use(None)

    def refresh(self, name: str) -> None:
        """Take up the weights that were kept anew under a name, if it is in use, and free the old ones."""
        chosen = self.in_use()
        if chosen is not None and chosen.name == name:
            self._use(chosen, remember=False, only_if_chosen=True)
        self._unload_gone()

    def let_go(self) -> int:
        """Take what the profile no longer keeps out of use and out of memory; return how many were in memory."""
        chosen = self.in_use()
        if chosen is not None and not self._shelf.has(chosen.name):
            self.use_none()
        return self._unload_gone()

    def close(self) -> None:
        """Take every adapter of the profile out of the language model, which may be lent to others after it."""
        self._generator.tell(None)
        self._is_closed = True
        with self._generator.at_rest("the profile was closed"):
            with self._lock:
                loaded, self._loaded = self._loaded, {}
            for (owner, _, _), adapter in loaded.items():
                if not owner.is_closed:
                    owner.use(None)
                    owner.unload_adapter(adapter)

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Take adapters out of use and out of memory whose items have been forgotten."""
        n_freed = self.let_go()
        return ArtifactOutcome(
            kind="adapter", name="in memory", outcome="cleared" if n_freed else "absent", count=n_freed
        )

    def _use(self, choice: InUse, *, remember: bool, only_if_chosen: bool = False) -> None:
        base = self._generator.bundle()
        try:
            while not self._try_to_use(choice, base, remember=remember, only_if_chosen=only_if_chosen):
                pass  # the weights were kept anew, or the language model loaded, in between: look again
        except NotFoundError:
            self._unload_gone()
            raise

    def _try_to_use(self, choice: InUse, base: Bundle, *, remember: bool, only_if_chosen: bool) -> bool:
        engine = self._generator.loaded
        kept = self._usable(choice.name, base)
        try:
            adapter = None if engine is None else self._load(engine, kept)
        except ValueError:
            if engine is not self._generator.loaded:
                return False  # it was freed meanwhile
            raise
        with self._vault.changing:
            if only_if_chosen and self.in_use() != choice:
                return True  # another was chosen meanwhile
            if self._usable(choice.name, base) != kept or self._generator.loaded is not engine:
                return False
            if engine is not None and self._loaded.get(_key(engine, kept)) is not adapter:
                return False  # it was freed meanwhile
            self._in_use.set(choice, remember=remember)
            if engine is not None:
                engine.use(adapter, choice.scale, contrast=choice.contrast)
            return True

    @property
    def has_merged(self) -> bool:
        """Whether a merged model takes the base's place."""
        return self._merged() is not None

    def _merged(self) -> MergedInUse | None:
        noted = self._vault.settings.get(MERGED_IN_USE)
        return None if noted is None else MergedInUse.from_json(noted)

    def _restore(self, engine: Engine, base: Bundle) -> None:
        """Attach what is in use to a language model that this profile is about to use for the first time."""
        while (chosen := self.in_use()) is not None:
            kept = self._usable(chosen.name, base)
            adapter = self._load(engine, kept)
            with self._vault.changing:
                if kept in self._shelf.kept() and self.in_use() == chosen:
                    engine.use(adapter, chosen.scale, contrast=chosen.contrast)
                    return

    def _usable(self, name: str, base: Bundle) -> Derived:
        if self._generator.adapter_name is not None:
            raise ValueError(
                f"the profile was opened with the adapter {self._generator.adapter_name!r}, and the language model "
                "takes one at a time: open it without, or use none of the profile's own"
            )
        merged = self._merged()
        if merged is not None:
            raise ModelMismatchError(
                f"the merged model {merged.name!r} is in use, and no adapter goes on top of it",
                hint="use the base again first: me.merged.use(None), or ondevice merged use --none",
            )
        noted = self._shelf.find(name)
        if noted is not None and not noted.is_there:
            raise NotFoundError(
                f"the weights of the adapter {name!r} went with an item that was forgotten", hint="train it again"
            )
        return self._shelf.of_base(
            name, base, hint="train it again on this one, open the profile with the other, or use no adapter"
        )

    def _load(self, engine: Engine, kept: Derived) -> Adapter | None:
        """Return the adapter, loaded from its sealed bytes if it is not in memory yet; ``None`` if it is not kept now.

        An erasure has the language model's turn: none can come between looking and loading.
        """
        key = _key(engine, kept)
        adapter = self._loaded.get(key)
        if adapter is not None:
            return adapter
        with engine.between_answers():
            adapter = self._loaded.get(key)
            if adapter is None and kept in self._shelf.kept():
                if self._is_closed:
                    raise ValueError("the profile is closed")
                try:
                    data = self._shelf.read(kept.name)
                except CorruptError as error:
                    raise CorruptError(error.message, hint="use no adapter, or train it again") from None
                adapter = engine.load_adapter(data)
                with self._lock:
                    self._loaded[key] = adapter
            return adapter

    def _unload_gone(self) -> int:
        """Free the adapters in memory that the profile no longer keeps, and return their number."""
        with self._vault.changing:
            with self._lock:
                self._loaded = {key: each for key, each in self._loaded.items() if not key[0].is_closed}
                loaded = tuple(self._loaded)
            # Asked after the look at what is loaded: what another thread keeps and loads right now is in neither.
            kept = {(each.artifact, each.made_at) for each in self._shelf.kept()}
            with self._lock:
                gone = {key: self._loaded.pop(key) for key in loaded if key in self._loaded and key[1:] not in kept}
            for (engine, _, _), adapter in gone.items():
                engine.unload_adapter(adapter)
        return len(gone)


def _key(engine: Engine, kept: Derived) -> Key:
    return engine, kept.artifact, kept.made_at
