"""What is audited: a profile that is only read, and copies of it on which everything may be tried.

The profile itself is locked only while it is copied, and never opened: an opening would finish what an interruption
left, bring the schema up to date, and tell the keystore of the last commit. A copy opens with a random key of its own
and with nothing else. So no drill needs the user's secret or touches the keystore, and a copy that is left behind is of
no use to anybody.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from ondevice.bundle.model_set import ModelSet
from ondevice.errors import NotFoundError, OndeviceError
from ondevice.safety.confined import Confined
from ondevice.safety.temporary_folder import temporary_folder
from ondevice.signals import Progress
from ondevice.vault.destroying import destroy
from ondevice.vault.files import make_private_dir, refused
from ondevice.vault.kdf import KEY_BYTES, ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import KEYS_FILE, LOCK_FILE, epoch_folder, epoch_parts, is_profile, resolved
from ondevice.vault.lock import ProfileLock
from ondevice.vault.opening import find_epoch
from ondevice.vault.secrets import AppKey, Secret
from ondevice.vault.vault import Vault


@dataclass(frozen=True, slots=True, repr=False)
class Copy(Confined):
    """A profile to try things on.

    Args:
        path: Its folder.
        key: The 32 bytes of the app key that opens it, and nothing else does.
    """

    path: Path
    key: bytes

    def open(self) -> Vault:
        """Open it."""
        return Vault.open(self.path, AppKey(self.key))


class Subject(Confined):
    """The audited profile, as every check gets it.

    Attributes:
        profile: Its folder. Checks look at its files and change nothing.
        models: Which models serve it.
        scratch: A private folder for what a check has to write; it goes when the audit ends.
        deep: Whether checks may take minutes to hours.
        advisories: Known vulnerabilities: a file or folder of the OSV format, where one is given.
        on_progress: Told (steps done, steps in all) of the check under way.
    """

    def __init__(
        self,
        profile: Path,
        models: ModelSet,
        scratch: Path,
        base: Copy,
        *,
        deep: bool,
        advisories: Path | None,
        on_progress: Progress | None,
    ) -> None:
        """Hold an untouched copy, from which the others are made; :func:`subject_of` makes it."""
        self.profile = profile
        self.models = models
        self.scratch = scratch
        self.deep = deep
        self.advisories = advisories
        self.on_progress: Progress = on_progress or (lambda _done, _total: None)
        self._base = base

    @contextmanager
    def copied(self) -> Iterator[Copy]:
        """Give a new copy, which is destroyed with the block.

        Raises:
            StorageError: If the disk refuses.
        """
        folder = Path(mkdtemp(prefix="copy-", dir=self.scratch)) / "copy.profile"
        try:
            _copy_tree(self._base.path, folder)
            yield Copy(folder, self._base.key)
        finally:
            with suppress(OndeviceError):
                destroy(folder)
            shutil.rmtree(folder.parent, ignore_errors=True)


@contextmanager
def subject_of(
    profile: Path,
    secret: Secret,
    models: ModelSet,
    *,
    deep: bool = False,
    advisories: Path | None = None,
    on_progress: Progress | None = None,
) -> Iterator[Subject]:
    """Copy a profile for an audit, and give it with its copy, which is destroyed with the block.

    Raises:
        NotFoundError: If there is no profile.
        ProfileBusyError: If it is open somewhere.
        LockedError: If the secret does not open it.
        CorruptError: If its key file was changed.
        StorageError: If the disk refuses.
    """
    place = resolved(profile)
    if not is_profile(place):
        raise NotFoundError(f"there is no profile at {place}", hint="name its folder")
    with temporary_folder() as scratch:
        base = Copy(scratch / "base.profile", secrets.token_bytes(KEY_BYTES))
        _copy_profile(place, secret, base)
        try:
            yield Subject(place, models, scratch, base, deep=deep, advisories=advisories, on_progress=on_progress)
        finally:
            with suppress(OndeviceError):
                destroy(base.path)


def _copy_profile(profile: Path, secret: Secret, to: Copy) -> None:
    """Copy the SDK's files of the epoch in force, byte for byte, and put a key file of one slot beside them.

    Foreign files, links and devices stay behind: they are found where the profile itself is looked at, and a drill that
    met them would blame the SDK for what it does not write.
    """
    with ProfileLock(profile, is_read_only=not _has_lock(profile)):
        key_file = KeyFile.load(profile / KEYS_FILE, accepts_weak=True)
        profile_key = key_file.unlock(secret)
        try:
            _copy_epoch(profile, key_file, profile_key, to)
        finally:
            profile_key.wipe()


def _copy_epoch(profile: Path, key_file: KeyFile, profile_key: ProfileKey, to: Copy) -> None:
    source = find_epoch(profile, key_file, profile_key)
    make_private_dir(to.path)
    target = epoch_folder(to.path, key_file.epoch)
    make_private_dir(target)
    for part in map(Path, epoch_parts(str(source))):
        mode = part.lstat().st_mode
        if stat.S_ISDIR(mode):
            make_private_dir(target / part.relative_to(source))
        elif stat.S_ISREG(mode):
            _copy_file(part, target / part.relative_to(source))
    key_file.for_copy(profile_key, AppKey(to.key)).save(to.path / KEYS_FILE)


def _has_lock(profile: Path) -> bool:
    """Say whether the lock can be taken without a file being made."""
    return (profile / LOCK_FILE).is_file() and os.access(profile / LOCK_FILE, os.W_OK)


def _copy_tree(source: Path, to: Path) -> None:
    """Copy folders and regular files, for this user alone."""
    try:
        make_private_dir(to)
        for entry in sorted(source.iterdir()):
            mode = entry.lstat().st_mode
            if stat.S_ISDIR(mode):
                _copy_tree(entry, to / entry.name)
            elif stat.S_ISREG(mode):
                _copy_file(entry, to / entry.name)
    except OSError as error:
        raise refused("copy", source, error) from None


def _copy_file(source: Path, to: Path) -> None:
    """Copy a file, for this user alone.

    Raises:
        StorageError: If the disk refuses.
    """
    try:
        shutil.copyfile(source, to, follow_symlinks=False)
        to.chmod(0o600)
    except OSError as error:
        raise refused("copy", source, error) from None
