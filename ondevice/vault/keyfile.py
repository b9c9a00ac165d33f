"""The key file of a profile: who may unlock it, and how that changes.

A key file never changes in place: every edit returns a new one, and :meth:`KeyFile.save` replaces the
file on the disk in one step.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from ondevice.config import KdfConfig
from ondevice.errors import CorruptError, InputError, LockedError, NotFoundError, OndeviceError, ProfileExistsError
from ondevice.vault.files import read_bounded, write_atomic
from ondevice.vault.header import MAX_FILE_BYTES, MAX_SLOTS, KeyHeader, compute_tag, parse, render
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keystore import discard_secret
from ondevice.vault.secrets import Keystore, Secret
from ondevice.vault.slots import Slot, SlotInfo, account_name, kind_of, make_slot, open_slot

_PROFILE_ID_BYTES = 16
_MIN_FILE_BYTES = 256


class KeyFile:
    """The slots of one profile, each of which unwraps the one profile key."""

    def __init__(self, header: KeyHeader, *, accepts_weak: bool = False) -> None:
        """Hold a header that :func:`ondevice.vault.header.parse` accepts."""
        self._header, self._accepts_weak = header, accepts_weak

    @classmethod
    def generate(cls, secrets: Sequence[Secret], kdf: KdfConfig | None = None) -> tuple[KeyFile, ProfileKey]:
        """Make a new profile id and key, and wrap the key for each secret; nothing is written yet.

        Args:
            secrets: One to eight secrets, each of which will unlock the profile.
            kdf: Cost of the passphrases; the default is :class:`~ondevice.config.KdfConfig`'s.

        Raises:
            ValueError: If there is no secret or too many, or the cost lies outside the limits.
            KeystoreError: If the keystore refuses.
        """
        profile_key = ProfileKey.generate()
        header = _sealed_header(token_hex(_PROFILE_ID_BYTES), 1, profile_key, secrets, kdf or KdfConfig())
        return cls(header), profile_key

    @classmethod
    def create(cls, path: Path, secrets: Sequence[Secret], kdf: KdfConfig | None = None) -> tuple[KeyFile, ProfileKey]:
        """Do :meth:`generate`, and write the file.

        Raises:
            ProfileExistsError: If there is a file at ``path``.
            ValueError, KeystoreError: As :meth:`generate`.
            StorageError: If the disk refuses.
        """
        if path.exists():
            raise ProfileExistsError(f"there is a key file already: {path}")
        key_file, profile_key = cls.generate(secrets, kdf)
        try:
            key_file.save(path)
        except BaseException:
            _undo_entries(key_file.profile_id, key_file._header.slots, secrets)
            raise
        return key_file, profile_key

    @classmethod
    def load(cls, path: Path, *, accepts_weak: bool = False) -> KeyFile:
        """Read and check the file; what it says is proven genuine only by :meth:`unlock`.

        Args:
            path: Where it lies.
            accepts_weak: Read one too whose passphrases cost too little to guess, for an audit, which is to say so.

        Raises:
            NotFoundError: If there is no file.
            CorruptError: If any of it has the wrong form, key derivation costs included.
            VersionError: If its format is newer.
            StorageError: If the disk refuses.
        """
        data = read_bounded(path, MAX_FILE_BYTES)
        if _is_zeros(data):
            raise CorruptError(
                "the profile's destruction was begun, and its keys are gone", hint="end it: ondevice destroy"
            )
        return cls(parse(data, accepts_weak=accepts_weak), accepts_weak=accepts_weak)

    @property
    def profile_id(self) -> str:
        """The profile's random id: 32 hexadecimal digits."""
        return self._header.profile_id

    @property
    def epoch(self) -> int:
        """How often the profile key has been replaced, counted from 1."""
        return self._header.epoch

    @property
    def slots(self) -> tuple[SlotInfo, ...]:
        """What may be shown of each slot."""
        return tuple(slot.info() for slot in self._header.slots)

    @property
    def keystore_service(self) -> str | None:
        """The name that the profile's entries stand under in the OS keystore; ``None`` without a slot there."""
        return next((slot.service for slot in self._header.slots if slot.service is not None), None)

    def unlock(self, secret: Secret) -> ProfileKey:
        """Unwrap the profile key and check the file's tag under it.

        Raises:
            LockedError: If no slot opens with this secret.
            KeystoreError: If the keystore refuses or has lost its entry.
            CorruptError: If the secret is right and the file was changed.
        """
        header = self._header
        failure = LockedError(
            f"the profile has no slot of the kind {kind_of(secret)}",
            hint="it has: " + ", ".join(sorted({slot.kind for slot in header.slots})),
        )
        for slot in header.slots:
            if slot.kind == kind_of(secret) and (not isinstance(secret, Keystore) or slot.service == secret.service):
                try:
                    profile_key = open_slot(
                        slot,
                        secret,
                        profile_id=header.profile_id,
                        epoch=header.epoch,
                        accepts_weak=self._accepts_weak,
                    )
                except LockedError as error:
                    failure = error
                else:
                    self._require_genuine(profile_key)
                    return profile_key
        raise failure

    def add_slot(self, profile_key: ProfileKey, secret: Secret, kdf: KdfConfig | None = None) -> KeyFile:
        """Return a key file that this secret opens too.

        Raises:
            InputError: If all eight slots are taken.
            CorruptError: If the key is not this file's.
            ValueError: If the cost lies outside the limits.
            KeystoreError: If the keystore refuses.
        """
        self._require_genuine(profile_key)
        if len(self._header.slots) == MAX_SLOTS:
            raise InputError(f"the profile has {MAX_SLOTS} slots, the most it can", hint="remove one first")
        return self._with_slots(profile_key, (*self._header.slots, self._made(profile_key, secret, kdf)))

    def remove_slot(self, profile_key: ProfileKey, slot_id: str) -> KeyFile:
        """Return a key file without this slot.

        A copy of the old file still opens with the removed secret, and gives the same profile key;
        against someone who may have one, replace the key with :meth:`rekeyed`.

        Raises:
            NotFoundError: If there is no such slot.
            InputError: If it is the last.
            CorruptError: If the key is not this file's.
        """
        self._require_genuine(profile_key)
        index = self._index_of(slot_id)
        slots = self._header.slots
        if len(slots) == 1:
            raise InputError(f"the slot {slot_id} is the last that opens the profile", hint="add another one first")
        return self._with_slots(profile_key, slots[:index] + slots[index + 1 :])

    def replace_slot(
        self, profile_key: ProfileKey, slot_id: str, secret: Secret, kdf: KdfConfig | None = None
    ) -> KeyFile:
        """Return a key file in which this secret takes the slot's place, under a new slot id.

        Raises:
            NotFoundError: If there is no such slot.
            CorruptError: If the key is not this file's.
            ValueError: If the cost lies outside the limits.
            KeystoreError: If the keystore refuses.
        """
        self._require_genuine(profile_key)
        index = self._index_of(slot_id)
        slots = self._header.slots
        made = self._made(profile_key, secret, kdf)
        return self._with_slots(profile_key, (*slots[:index], made, *slots[index + 1 :]))

    def rekeyed(
        self, old_key: ProfileKey, secrets: Sequence[Secret], kdf: KdfConfig | None = None, *, epoch: int | None = None
    ) -> tuple[KeyFile, ProfileKey]:
        """Return a key file of the next epoch, or the one given, with a new random profile key, and that key.

        Only the secrets given keep access: the new key can be wrapped only for a secret at hand (see
        :mod:`ondevice.vault.slots` for why).

        Raises:
            CorruptError: If the old key is not this file's.
            ValueError: If there is no secret or too many, or the cost lies outside the limits.
            KeystoreError: If the keystore refuses.
        """
        self._require_genuine(old_key)
        profile_key = ProfileKey.generate()
        header = _sealed_header(self.profile_id, epoch or self.epoch + 1, profile_key, secrets, kdf or KdfConfig())
        return KeyFile(header), profile_key

    def for_copy(self, profile_key: ProfileKey, secret: Secret) -> KeyFile:
        """Return a key file that this secret alone opens, for a copy of the profile's files under the same key.

        Raises:
            CorruptError: If the key is not this file's.
        """
        self._require_genuine(profile_key)
        return self._with_slots(profile_key, (self._made(profile_key, secret, None),))

    def save(self, path: Path) -> None:
        """Replace the file on the disk in one step.

        Raises:
            StorageError: If the disk refuses; the old file is then still there.
        """
        write_atomic(path, render(self._header))

    def discard_entries(self, *, kept: KeyFile | None = None, keystore: Keystore | None = None) -> int:
        """Remove from the OS keystore what belongs to this file's slots and not to those of ``kept``.

        Call it on the old file after the new one is saved, or on the last one when a profile is
        destroyed: an entry that outlives its slot opens old copies of the file.

        Args:
            kept: The key file in force; ``None`` removes all entries.
            keystore: Which backends count as safe; each slot's own service name is used.

        Returns:
            The number of entries removed.

        Raises:
            KeystoreError: If the keystore refuses.
        """
        in_force = {slot.id for slot in kept.slots} if kept else set()
        gone = [slot for slot in self._header.slots if slot.id not in in_force]
        return _discard(self.profile_id, gone, keystore or Keystore())

    def __repr__(self) -> str:
        """Show the profile's id, epoch and number of slots."""
        return f"KeyFile(profile_id={self.profile_id!r}, epoch={self.epoch}, n_slots={len(self._header.slots)})"

    def _require_genuine(self, profile_key: ProfileKey) -> None:
        """Check the tag, so that no edit ever puts a fresh tag on slots that someone else changed."""
        if not hmac.compare_digest(compute_tag(self._header, profile_key), self._header.tag):
            raise CorruptError("keys.json was changed by something that does not have the profile's key")

    def _index_of(self, slot_id: str) -> int:
        for index, slot in enumerate(self._header.slots):
            if slot.id == slot_id:
                return index
        raise NotFoundError(f"the profile has no slot {slot_id!r}")

    def _made(self, profile_key: ProfileKey, secret: Secret, kdf: KdfConfig | None) -> Slot:
        return make_slot(profile_key, secret, kdf or KdfConfig(), profile_id=self.profile_id, epoch=self.epoch)

    def _with_slots(self, profile_key: ProfileKey, slots: tuple[Slot, ...]) -> KeyFile:
        header = replace(self._header, slots=slots)
        return KeyFile(replace(header, tag=compute_tag(header, profile_key)))


def is_overwritten(path: Path) -> bool:
    """Whether a key file holds nothing but zeros, as a destruction leaves it."""
    with suppress(OndeviceError):
        return _is_zeros(read_bounded(path, MAX_FILE_BYTES))
    return False


def _is_zeros(data: bytes) -> bool:
    """Whether these are as many zeros as a key file has bytes."""
    return len(data) >= _MIN_FILE_BYTES and not data.strip(b"\0")


def _sealed_header(
    profile_id: str, epoch: int, profile_key: ProfileKey, secrets: Sequence[Secret], kdf: KdfConfig
) -> KeyHeader:
    """Wrap the key for every secret and put the tag on the whole."""
    if not 1 <= len(secrets) <= MAX_SLOTS:
        raise ValueError(f"a profile takes 1 to {MAX_SLOTS} secrets, not {len(secrets)}")
    slots: list[Slot] = []
    try:
        for secret in secrets:
            slots.append(make_slot(profile_key, secret, kdf, profile_id=profile_id, epoch=epoch))
    except BaseException:
        _undo_entries(profile_id, slots, secrets)
        raise
    header = KeyHeader(profile_id=profile_id, epoch=epoch, slots=tuple(slots))
    return replace(header, tag=compute_tag(header, profile_key))


def _undo_entries(profile_id: str, slots: Sequence[Slot], secrets: Sequence[Secret]) -> None:
    """Take back what a failing operation gave to the keystore; its own error is the one to report."""
    for keystore in (secret for secret in secrets if isinstance(secret, Keystore)):
        with suppress(OndeviceError):
            _discard(profile_id, slots, keystore)


def _discard(profile_id: str, slots: Sequence[Slot], keystore: Keystore) -> int:
    entries = [(slot.service, account_name(profile_id, slot.id)) for slot in slots if slot.service is not None]
    return sum(discard_secret(replace(keystore, service=service), account) for service, account in entries)
