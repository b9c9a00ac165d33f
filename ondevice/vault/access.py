"""Who may unlock an open profile, and how that changes while it is open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ondevice.config import KdfConfig
from ondevice.errors import OndeviceError, StorageError
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.secrets import Keystore, Secret
from ondevice.vault.slots import SlotInfo


class Access:
    """The key file in force and the profile key it wraps. Changes wait for one another."""

    def __init__(self, path: Path, key_file: KeyFile, profile_key: ProfileKey, keystore: Keystore) -> None:
        """Hold what was unlocked.

        Args:
            path: Where ``keys.json`` lies.
            key_file: What it says.
            profile_key: The key it wraps; wiped by :meth:`wipe`.
            keystore: Which backends of the OS keystore count as safe for its entries.
        """
        self.keystore = keystore
        self._path = path
        self._key_file = key_file
        self._profile_key = profile_key
        self.lock = threading.RLock()

    @property
    def key_file(self) -> KeyFile:
        """The key file in force."""
        return self._key_file

    @property
    def profile_key(self) -> ProfileKey:
        """The profile key in force."""
        return self._profile_key

    def add(self, secret: Secret, kdf: KdfConfig | None) -> SlotInfo:
        """Let another secret unlock the profile."""
        self.keystore = keystore_among([secret], self.keystore)
        return self._change(lambda old, key: old.add_slot(key, secret, kdf))[-1]

    def remove(self, slot_id: str) -> None:
        """Take a slot away."""
        self._change(lambda old, key: old.remove_slot(key, slot_id))

    def replace(self, slot_id: str, secret: Secret, kdf: KdfConfig | None) -> SlotInfo:
        """Put a new secret in a slot's place."""
        self.keystore = keystore_among([secret], self.keystore)
        with self.lock:
            before = {slot.id for slot in self._key_file.slots}
            after = self._change(lambda old, key: old.replace_slot(key, slot_id, secret, kdf))
        return next(slot for slot in after if slot.id not in before)

    def next_epoch(self, secrets: Sequence[Secret], kdf: KdfConfig | None, epoch: int) -> tuple[KeyFile, ProfileKey]:
        """Make a key file of a later epoch with a new profile key; it is not in force yet."""
        self.keystore = keystore_among(secrets, self.keystore)
        return self._key_file.rekeyed(self._profile_key, secrets, kdf, epoch=epoch)

    def put_in_force(self, new: KeyFile, profile_key: ProfileKey | None = None) -> None:
        """Replace ``keys.json``, and go on with what it now says.

        Raises:
            StorageError: If the disk refuses; the old key file is then in force.
        """
        try:
            new.save(self._path)
        except StorageError:
            # What failed may have been the flush after the rename, and then the new file is what the next opening
            # finds: undoing anything would lock the user out.
            if not self._is_on_disk(new):
                raise
        self._key_file = new
        if profile_key is not None:
            self._profile_key.wipe()
            self._profile_key = profile_key

    def give_up(self, new: KeyFile) -> bool:
        """Take back what a key file that did not come into force gave to the keystore; False if it is in force."""
        if self._is_on_disk(new):
            return False
        with suppress(OndeviceError):
            new.discard_entries(kept=self._key_file, keystore=self.keystore)
        return True

    def discard_entries_of(self, old: KeyFile) -> None:
        """Remove from the keystore what belongs to slots that are not in force any more.

        Raises:
            KeystoreError: If the keystore refuses.
        """
        old.discard_entries(kept=self._key_file, keystore=self.keystore)

    def wipe(self) -> None:
        """Forget the profile key."""
        self._profile_key.wipe()

    def _change(self, edit: Callable[[KeyFile, ProfileKey], KeyFile]) -> tuple[SlotInfo, ...]:
        with self.lock:
            old = self._key_file
            new = edit(old, self._profile_key)
            try:
                self.put_in_force(new)
            except BaseException:
                self.give_up(new)
                raise
            self.discard_entries_of(old)
            return new.slots

    def _is_on_disk(self, key_file: KeyFile) -> bool:
        try:
            found = KeyFile.load(self._path)
        except OndeviceError:
            return False
        return (found.epoch, found.slots) == (key_file.epoch, key_file.slots)


def keystore_among(secrets: Sequence[Secret], otherwise: Keystore | None = None) -> Keystore:
    """Return the keystore among these secrets; where there is none, the one given or the system's."""
    return next((secret for secret in secrets if isinstance(secret, Keystore)), otherwise or Keystore())
