"""Bring a bundle, from an archive or a folder, into a folder of its own, byte for byte as its manifest says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from ondevice.bundle.archive import in_order, unpack, write_file
from ondevice.bundle.manifest import FileEntry, Manifest
from ondevice.bundle.places import resolve
from ondevice.bundle.reading import MANIFEST_NAME, parse_manifest, read_manifest_bytes
from ondevice.bundle.signature import SIGNATURE_NAME, PublisherKey, read_signature_bytes, verify_signature
from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.signals import Progress

_CHUNK_BYTES = 1 << 20


def stage(
    source: Path,
    folder: Path,
    *,
    publishers: Sequence[PublisherKey] | None,
    on_manifest: Callable[[Manifest], None],
    on_progress: Progress | None,
) -> Manifest:
    """Fill an empty folder from an archive or from another bundle's folder; raises as :func:`unpack`."""
    copy = _copy if source.is_dir() else unpack
    return copy(source, folder, publishers=publishers, on_manifest=on_manifest, on_progress=on_progress)


def _copy(
    source: Path,
    folder: Path,
    *,
    publishers: Sequence[PublisherKey] | None,
    on_manifest: Callable[[Manifest], None],
    on_progress: Progress | None,
) -> Manifest:
    """Copy what the manifest names, and nothing else that lies beside it."""
    place = resolve(source)
    data, signature = read_manifest_bytes(place), read_signature_bytes(place)
    if publishers is not None:
        verify_signature(data, signature, publishers, name=source.name)
    manifest = parse_manifest(data)
    entries = in_order(manifest)
    on_manifest(manifest)
    total, done = sum(entry.bytes for entry in entries), 0
    try:
        write_file(folder / MANIFEST_NAME, [data])
        if signature is not None:
            write_file(folder / SIGNATURE_NAME, [signature])
        for entry in entries:
            _copy_file(place, folder, entry)
            done += entry.bytes
            if on_progress is not None:
                on_progress(done, total)
    except NotRegularError:
        raise CorruptError(f"a file of the model {manifest.name!r} in {source.name!r} is no regular file") from None
    except FileNotFoundError:
        raise NotFoundError(f"a file of the model {manifest.name!r} is missing in {source.name!r}") from None
    except OSError as error:
        raise StorageError(f"the model {manifest.name!r} cannot be copied: {error.strerror}") from None
    return manifest


def _copy_file(place: Path, folder: Path, entry: FileEntry) -> None:
    digest, n_bytes = hashlib.sha256(), 0
    target = folder / entry.path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open_regular(place / entry.path) as file:

        def chunk() -> bytes:
            nonlocal n_bytes
            # One byte more than there may be, so that a longer file shows and an endless one ends.
            data = file.read(min(_CHUNK_BYTES, entry.bytes + 1 - n_bytes))
            digest.update(data)
            n_bytes += len(data)
            return data

        write_file(target, chunk)
    if (n_bytes, digest.hexdigest()) != (entry.bytes, entry.sha256):
        raise CorruptError(f"the file {entry.path!r} in {place.name!r} is not what its manifest says")
