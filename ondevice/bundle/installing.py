"""Install a bundle beside the one in use, and switch to it in one step when everything about it has been checked.

A models' folder has one folder per model. Installing builds the new version in a draft folder, checks it there, moves
it to its place and then replaces the small file ``current``: whatever stops it before leaves the old version in use,
and what is left behind is cleared by the next install. The version before stays, so that going back is one step too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from ondevice.bundle.archive import write_file
from ondevice.bundle.folder import Bundle
from ondevice.bundle.manifest import Manifest
from ondevice.bundle.places import PLAIN, POINTER_NAME, Pointer, is_version_folder, read_pointer
from ondevice.bundle.reading import MANIFEST_NAME, read_manifest_bytes
from ondevice.bundle.signature import PublisherKey, read_signature_bytes
from ondevice.bundle.specs import Kind
from ondevice.bundle.staging import stage
from ondevice.bundle.versions import check_order
from ondevice.errors import CorruptError, NotFoundError, OndeviceError, StorageError
from ondevice.signals import Progress

DRAFT_NAME, LOCK_NAME = ".installing", ".install-lock"

_NEW_POINTER_NAME = ".current-new"
_SPARE_BYTES = 1 << 20

Check = Callable[[Bundle], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Installed:
    """What is in use after an install or a rollback.

    Args:
        bundle: The bundle, verified at its place; with ``publisher`` where a signature was asked for.
        replaced: The version that was in use before, if one that could be read was.
        is_changed: Whether another version is in use now than before.
    """

    bundle: Bundle
    replaced: str | None
    is_changed: bool

    @property
    def name(self) -> str:
        """The model's name."""
        return self.bundle.name

    @property
    def version(self) -> str:
        """The version in use."""
        return self.bundle.version

    @property
    def kind(self) -> Kind:
        """The model's kind."""
        return self.bundle.kind


def install(
    source: Path,
    models: Path,
    *,
    publishers: Sequence[PublisherKey] | None = None,
    allow_downgrade: bool = False,
    check: Check | None = None,
    on_progress: Progress | None = None,
) -> Installed:
    """Put a bundle into a models' folder under its own name, and use it from now on.

    Args:
        source: An archive, or a bundle's folder.
        models: The folder of the models; made where it is missing.
        publishers: The bundle must be signed by one of these; ``None`` asks for no signature.
        allow_downgrade: Accept an older version than the one in use.
        check: Tries the bundle before it is used, and refuses by raising; see ``ondevice.trial``.
        on_progress: Called with bytes done and in total.

    Raises:
        NotFoundError: If there is nothing at ``source``, or a file of it is missing.
        CorruptError: If its bytes are not what its manifest says.
        SignatureError: If a signature is asked for and there is none by these publishers.
        BundleError: If its manifest cannot be used, its version is not newer, or ``check`` finds it unfit.
        StorageError: If the disk refuses, or another install is under way.
    """
    with _alone(models) as draft:

        def may_be_installed(manifest: Manifest) -> None:
            check_order(models / manifest.name, allow_downgrade=allow_downgrade)(manifest)
            _check_space(models, manifest)

        manifest = stage(source, draft, publishers=publishers, on_manifest=may_be_installed, on_progress=on_progress)
        # Read again from the disk: what was written is what counts.
        staged = Bundle.open_exactly(draft, publishers=publishers)
        if check is not None:
            check(staged)
        home = models / manifest.name
        used = _in_use(home)
        if used is not None and _bytes_that_matter(used.folder) == _bytes_that_matter(draft):
            return Installed(bundle=_signed(used, staged), replaced=used.version, is_changed=False)
        place = _switch(home, draft, is_old_whole=used is not None)
        bundle = Bundle(folder=place, manifest=manifest, publisher=staged.publisher)
        return Installed(bundle=bundle, replaced=used.version if used else None, is_changed=True)


def rollback(
    models: Path, name: str, *, publishers: Sequence[PublisherKey] | None = None, check: Check | None = None
) -> Installed:
    """Use the version before the one in use; calling again goes forward to the newer one.

    Raises:
        NotFoundError: If there is no such model, or no version before.
        CorruptError: If the version before is damaged; the one in use stays.
        SignatureError: If a signature is asked for and there is none by these publishers.
        BundleError: If ``check`` finds it unfit.
        StorageError: If the disk refuses, or an install is under way.
    """
    home = models / name
    if not home.is_dir():
        raise NotFoundError(f"there is no model {name!r} here")
    with _alone(models):
        pointer = read_pointer(home)
        if pointer is None or pointer.previous is None:
            raise NotFoundError(f"there is no version of {name!r} before the one in use")
        bundle = Bundle.open_exactly(home / pointer.previous, publishers=publishers)
        if check is not None:
            check(bundle)
        used = _in_use(home)
        _write_pointer(home, Pointer(pointer.previous, pointer.current))
        return Installed(bundle=bundle, replaced=used.version if used else None, is_changed=True)


@contextmanager
def _alone(models: Path) -> Iterator[Path]:
    """Give an empty draft folder to the only install at work in ``models``, and remove it in the end."""
    draft = models / DRAFT_NAME
    lock = FileLock(models / LOCK_NAME, timeout=0, mode=0o600)
    try:
        models.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise StorageError(f"another install is under way in {models.name!r}", hint="wait until it has ended") from None
    except (OSError, NotImplementedError) as error:
        raise StorageError(f"the models' folder {models.name!r} cannot be written: {type(error).__name__}") from None
    try:
        if isinstance(lock, SoftFileLock):
            raise StorageError(f"the file system of {models.name!r} has no locks", hint="keep models on a local disk")
        _remove(draft)
        draft.mkdir(mode=0o700)
        yield draft
    except OSError as error:
        raise StorageError(f"the models' folder {models.name!r} cannot be written: {error.strerror}") from None
    finally:
        # What cannot be removed now is removed by the next install.
        with suppress(OSError):
            _remove(draft)
        lock.release()


def _in_use(home: Path) -> Bundle | None:
    """Return the bundle in use where every byte of it is right."""
    try:
        return Bundle.open_any(home)
    except OndeviceError:
        return None


def _bytes_that_matter(folder: Path) -> tuple[bytes, bytes | None]:
    return read_manifest_bytes(folder), read_signature_bytes(folder)


def _signed(used: Bundle, staged: Bundle) -> Bundle:
    return Bundle(folder=used.folder, manifest=used.manifest, publisher=staged.publisher)


def _switch(home: Path, draft: Path, *, is_old_whole: bool) -> Path:
    """Move the draft to its place in ``home`` and use it; return the place."""
    home.mkdir(mode=0o700, exist_ok=True)
    pointer = _pointer_or_none(home)
    target = _new_name(home, draft, pointer)
    for folder in [draft, *(path for path in draft.rglob("*") if path.is_dir())]:
        _flush(folder)
    os.rename(draft, home / target)
    try:
        _flush(home)
        _write_pointer(home, Pointer(target, _name_before(home, pointer, is_old_whole=is_old_whole)))
    finally:
        _prune(home)
    return home / target


def _name_before(home: Path, pointer: Pointer | None, *, is_old_whole: bool) -> str | None:
    """Return the folder to go back to: the one in use until now, or if it is damaged the one before it."""
    if pointer is None:
        return PLAIN if is_old_whole and (home / MANIFEST_NAME).exists() else None
    return pointer.current if is_old_whole else pointer.previous


def _new_name(home: Path, draft: Path, pointer: Pointer | None) -> str:
    """Return a name that no folder in use has, and clear it of what an interrupted install may have left."""
    name = base = f"v-{hashlib.sha256(read_manifest_bytes(draft)).hexdigest()[:12]}"
    number = 1
    while pointer is not None and name in pointer:
        number += 1
        name = f"{base}-{number}"
    _remove(home / name)
    return name


def _pointer_or_none(home: Path) -> Pointer | None:
    try:
        return read_pointer(home)
    except CorruptError:
        return None


def _write_pointer(home: Path, pointer: Pointer) -> None:
    new = home / _NEW_POINTER_NAME
    _remove(new)
    write_file(new, [pointer.to_bytes()])
    os.replace(new, home / POINTER_NAME)
    _flush(home)


def _prune(home: Path) -> None:
    """Remove the versions that neither use nor rollback can reach, and a pointer that was not finished."""
    kept = _pointer_or_none(home) or ()
    for path in home.iterdir():
        if path.name == _NEW_POINTER_NAME or (is_version_folder(path.name) and path.name not in kept):
            # Where another program still reads the old files, a later install removes them.
            with suppress(OSError):
                _remove(path)


def _check_space(models: Path, manifest: Manifest) -> None:
    wanted = sum(entry.bytes for entry in manifest.files.values()) + _SPARE_BYTES
    free = shutil.disk_usage(models).free
    if wanted > free:
        raise StorageError(
            f"the model {manifest.name!r} needs {wanted} bytes, but {free} are free", hint="free some space"
        )


def _remove(place: Path) -> None:
    """Remove what stands there, be it a folder, a file, a link or a pipe."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Flush a folder's entries to the disk; Windows cannot, there the file system's own journal keeps them."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
