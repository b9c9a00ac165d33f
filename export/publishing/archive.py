"""The archive's bytes: POSIX ustar, uncompressed, with nothing in it that differs between two machines.

Weights hardly compress, and a device can read a plain tar as it streams by. The headers come from the device's own
reader rather than from a library, so that no release of a library changes an archive's hash (docs/reference/format.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from export.errors import ConversionError
from export.publishing.writing import new_file
from ondevice.bundle import FileEntry
from ondevice.bundle.reading import MANIFEST_NAME
from ondevice.bundle.signature import SIGNATURE_NAME
from ondevice.bundle.ustar import BLOCK_BYTES, member_header
from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.safety.regular_files import open_regular

CHUNK_BYTES = 1 << 20


def write_archive(
    path: Path,
    *,
    manifest: bytes,
    signature: bytes | None,
    files: Mapping[str, tuple[FileEntry, Path | bytes]],
    on_progress: Callable[[int, int], None] | None = None,
) -> str:
    """Write an archive that appears complete or not at all, and return its SHA-256 (64 hex digits).

    The members are the manifest, the signature where there is one, and the files sorted by path. Every file is compared
    with its entry while it is written.

    Args:
        path: A new file.
        manifest: The exact bytes of ``manifest.json``.
        signature: The exact bytes of ``manifest.sig``.
        files: By role: what the manifest says of the file, and its path or bytes.
        on_progress: Called with bytes done and bytes in total.

    Raises:
        ConversionError: If a file's path or size does not fit the format.
        CorruptError: If a file is not what its entry says.
        StorageError: If there is something at ``path``, or the disk refuses.
    """
    total, done = sum(entry.bytes for entry, _ in files.values()), 0
    digest = hashlib.sha256()
    with new_file(path, mode=0o644) as out:

        def put(data: bytes) -> None:
            digest.update(data)
            out.write(data)

        put(_whole(MANIFEST_NAME, manifest))
        if signature is not None:
            put(_whole(SIGNATURE_NAME, signature))
        for entry, source in sorted(files.values(), key=lambda each: each[0].path.encode()):
            put(_header(entry.path, entry.bytes))
            for chunk in _checked(entry, source):
                put(chunk)
                done += len(chunk)
                if on_progress is not None:
                    on_progress(done, total)
            put(_padding(entry.bytes))
        put(bytes(2 * BLOCK_BYTES))
    return digest.hexdigest()


def _checked(entry: FileEntry, source: Path | bytes) -> Iterator[bytes]:
    """Yield the file's bytes; raise once it turns out to be another file than its entry describes."""
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(source):
        digest.update(chunk)
        size += len(chunk)
        if size > entry.bytes:
            break
        yield chunk
    if (size, digest.hexdigest()) != (entry.bytes, entry.sha256):
        raise CorruptError(f"the file {entry.path!r} is not what the manifest says", hint="convert the model again")


def _chunks(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    try:
        with open_regular(source) as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk
    except FileNotFoundError:
        raise NotFoundError(f"the file {source.name!r} is missing", hint="convert the model again") from None
    except OSError as error:
        raise StorageError(f"the file {source.name!r} cannot be read: {error.strerror}") from None


def _whole(name: str, data: bytes) -> bytes:
    return _header(name, len(data)) + data + _padding(len(data))


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK_BYTES)


def _header(path: str, size: int) -> bytes:
    try:
        return member_header(path, size)
    except ValueError as error:
        raise ConversionError(f"the file {path[:40]!r} cannot be in an archive: {error}") from None
