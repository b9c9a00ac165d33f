"""The archive's bytes: POSIX ustar, uncompressed, with nothing in it that differs between two machines.

Weights hardly compress, and a device can read a plain tar as it streams by. The headers are written here rather than
by a library, so that no release of a library changes the hash of an archive (docs/format.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from export.publishing.writing import new_file
from ondevice.bundle import FileEntry
from ondevice.bundle.reading import MANIFEST_NAME
from ondevice.bundle.signature import SIGNATURE_NAME
from ondevice.errors import ConversionError, CorruptError, NotFoundError, StorageError

BLOCK_BYTES = 512
CHUNK_BYTES = 1 << 20
MAX_NAME, MAX_PREFIX = 100, 155
MAX_SIZE = 8**11 - 1


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
        with source.open("rb") as file:
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
    """Return the 512 bytes before a member: a plain file of mode 0644, owned by nobody, from 1 January 1970."""
    if size > MAX_SIZE:
        raise ConversionError(f"the file {path!r} has {size} bytes, but an archive's member holds at most {MAX_SIZE}")
    prefix, name = _split(path)
    before = _text(name, MAX_NAME) + _octal(0o644, 8) + _octal(0, 8) * 2 + _octal(size, 12) + _octal(0, 12)
    after = b"0" + bytes(100) + b"ustar\x0000" + bytes(64) + _octal(0, 8) * 2 + _text(prefix, MAX_PREFIX) + bytes(12)
    checksum = sum(before) + 8 * ord(" ") + sum(after)
    return before + f"{checksum:06o}".encode() + b"\x00 " + after


def _split(path: str) -> tuple[bytes, bytes]:
    """Return the path as the format holds it: a prefix of folders, and a name of at most 100 bytes."""
    data = path.encode()
    if len(data) <= MAX_NAME:
        return b"", data
    for at in (index for index, byte in enumerate(data) if byte == ord("/")):
        if at <= MAX_PREFIX and 0 < len(data) - at - 1 <= MAX_NAME:
            return data[:at], data[at + 1 :]
    raise ConversionError(f"the path of a file has {len(data)} bytes, which is too long for an archive")


def _text(value: bytes, width: int) -> bytes:
    return value.ljust(width, b"\x00")


def _octal(value: int, width: int) -> bytes:
    return f"{value:0{width - 1}o}".encode() + b"\x00"
