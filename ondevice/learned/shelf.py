"""What a profile keeps of one kind of learned thing: found, kept and dropped in one way for all of them.

The bytes lie sealed, with a note beside them and the items they were made from. An erasure of one of those takes the
bytes; what becomes of the note is the kind's own decision.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.learned.adapter_notes import ADAPTER, CHECKPOINT

if TYPE_CHECKING:
    from ondevice.bundle import Bundle
    from ondevice.vault.derived import Derived
    from ondevice.vault.settings import Json
    from ondevice.vault.vault import Vault

FORMAT = 1
"""Written into every note; a field that is added later has a default for the notes from before it."""


class Shelf:
    """All of one kind. Whoever changes something holds ``vault.changing``."""

    def __init__(self, vault: Vault, kind: str, *, noun: str, made: str = "made on", hint: str) -> None:
        """Look after a kind.

        Args:
            vault: Where it lies.
            kind: What the vault calls it.
            noun: What messages call one of them.
            made: How messages say from which language model it is.
            hint: How to get one, where none of a name is there.
        """
        self._vault = vault
        self.kind = kind
        self._noun = noun
        self._made = made
        self._hint = hint

    def noted(self) -> list[Derived]:
        """Return all, by name, those included whose bytes went."""
        return self._vault.derived.list(self.kind)

    def kept(self) -> list[Derived]:
        """Return those whose bytes are there, by name."""
        return [each for each in self.noted() if each.is_there]

    def find(self, name: str) -> Derived | None:
        """Return what is noted of one, whether or not its bytes are there."""
        return next((each for each in self.noted() if each.name == name), None)

    def has(self, name: str) -> bool:
        """Say whether the bytes of one are there."""
        found = self.find(name)
        return found is not None and found.is_there

    def get(self, name: str) -> Derived:
        """Return one whose bytes are there.

        Raises:
            NotFoundError: If there is none.
        """
        found = self.find(name)
        if found is None or not found.is_there:
            raise self.unknown(name)
        return found

    def of_base(self, name: str, base: Bundle, *, hint: str) -> Derived:
        """Return one that was made on this language model.

        Raises:
            NotFoundError: If there is none of that name.
            ModelMismatchError: If it was made on another.
        """
        found = self.get(name)
        if found.note["base"] != base.files["model"].sha256:
            raise ModelMismatchError(
                f"the {self._noun} {name!r} was {self._made} another language model than {base.name!r}", hint=hint
            )
        return found

    def item_ids(self, name: str) -> tuple[str, ...]:
        """Return the items that one was made from; none if its bytes went.

        Raises:
            NotFoundError: If there is none.
        """
        return tuple(self._vault.derived.item_ids(self.kind, name))

    def read(self, name: str) -> bytes:
        """Open the bytes of one, in memory.

        Raises:
            NotFoundError: If there are none.
            CorruptError: If they were altered.
        """
        return self._vault.derived.read(self.kind, name)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Open the bytes of one piece by piece; raises as :meth:`read`."""
        return self._vault.derived.pieces(self.kind, name)

    def keep(self, name: str, data: bytes, item_ids: Sequence[str], note: Mapping[str, Json]) -> Derived:
        """Keep bytes in place of those of that name.

        Raises:
            NotFoundError: If an item is not there any more; what was there before stays.
            StorageError: If the disk refuses; what was there before stays.
        """
        return self._vault.derived.put(self.kind, name, data, item_ids=item_ids, note={"format": FORMAT, **note})

    def renote(self, name: str, note: Mapping[str, Json]) -> None:
        """Note something else of one, and leave its bytes as they are.

        Raises:
            NotFoundError: If there is none.
            StorageError: If the disk refuses.
        """
        self._vault.derived.renote(self.kind, name, {"format": FORMAT, **note})

    def drop(self, name: str) -> bool:
        """Delete the bytes and the note of one; say whether there was one."""
        return self._vault.derived.drop(self.kind, name)

    def drop_gone(self) -> None:
        """Drop the notes of those whose bytes went with an item."""
        for each in self.noted():
            if not each.is_there:
                self.drop(each.name)

    def size_bytes(self) -> int:
        """Return what all of them take on the disk."""
        return self._vault.derived.size_bytes(self.kind)

    def unknown(self, name: str) -> NotFoundError:
        """Return the error for a name that there is not."""
        return NotFoundError(f"there is no {self._noun} {name!r}", hint=self._hint)


def adapter_shelf(vault: Vault) -> Shelf:
    """Return the shelf of the profile's adapters, which more than one part reads."""
    return Shelf(
        vault, ADAPTER, noun="adapter", made="trained on", hint="train it, or see what there is: me.adapters.list()"
    )


def paused_shelf(vault: Vault) -> Shelf:
    """Return the shelf of the trainings that wait to be resumed."""
    return Shelf(vault, CHECKPOINT, noun="paused training", hint="train it")
