"""Reading a bundle's archive as it streams by: nothing is written before the manifest, and its signature, are accepted.

The manifest comes first, so every later byte is known in number before it is read, and compared while it is written.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from ondevice.bundle.manifest import FileEntry, Manifest
from ondevice.bundle.places import POINTER_NAME
from ondevice.bundle.reading import MANIFEST_NAME, MAX_MANIFEST_BYTES, parse_manifest
from ondevice.bundle.signature import MAX_SIGNATURE_BYTES, SIGNATURE_NAME, PublisherKey, verify_signature
from ondevice.bundle.ustar import BLOCK_BYTES, MAX_MEMBER_BYTES, read_header, refuse_archive
from ondevice.errors import NotFoundError, StorageError
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.signals import Progress

ARCHIVE_SUFFIX = ".ondevice"
MAX_FILES = 256

_CHUNK_BYTES = 1 << 20
_MAX_END_BYTES = 20 * BLOCK_BYTES
_PORTABLE = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._+-]*[A-Za-z0-9_+-])?")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def unpack(
    archive: Path,
    folder: Path,
    *,
    publishers: Sequence[PublisherKey] | None = None,
    on_manifest: Callable[[Manifest], None] | None = None,
    on_progress: Progress | None = None,
) -> Manifest:
    """Write an archive's members into an empty folder, each flushed to the disk, and return its manifest.

    Args:
        archive: A ``.ondevice`` file.
        folder: An empty folder; what it holds after an error is of no use.
        publishers: The manifest must be signed by one of these; ``None`` asks for no signature.
        on_manifest: Called once the manifest is accepted and before anything is written; may refuse by raising.
        on_progress: Called with bytes done and in total.

    Raises:
        NotFoundError: If there is no such file.
        CorruptError: If it is cut short, damaged, or holds anything but what its manifest names.
        ManifestError: If the manifest cannot be used.
        SignatureError: If a signature is asked for and there is none by these publishers.
        VersionError: If a newer release wrote the manifest.
        StorageError: If the disk refuses or is too small.
    """
    try:
        with open_regular(archive) as stream:
            return _Unpacking(stream, folder, on_progress).run(archive.name, publishers, on_manifest)
    except FileNotFoundError:
        raise NotFoundError(f"there is no archive {archive.name!r}") from None
    except NotRegularError:
        if archive.is_dir():
            raise NotFoundError(f"there is no archive {archive.name!r}") from None
        refuse_archive("it is a pipe or a device, not a file")
    except OSError as error:
        raise StorageError(f"the archive {archive.name!r} cannot be unpacked: {error.strerror}") from None


def write_file(path: Path, chunks: Sequence[bytes] | Callable[[], bytes]) -> None:
    """Write a new private file and flush it to the disk.

    Args:
        path: A path where nothing is.
        chunks: The bytes, or what gives the next ones until there are none.

    Raises:
        OSError: If there is something at ``path``, or the disk refuses.
    """
    handle = os.open(path, _NEW_FILE, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in iter(chunks, b"") if callable(chunks) else chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())


class _Unpacking:
    def __init__(self, stream: BinaryIO, folder: Path, on_progress: Progress | None) -> None:
        self._stream, self._folder, self._on_progress = stream, folder, on_progress
        self._done = self._total = 0

    def run(
        self, name: str, publishers: Sequence[PublisherKey] | None, on_manifest: Callable[[Manifest], None] | None
    ) -> Manifest:
        path, size = self._header() or ("", 0)
        if path != MANIFEST_NAME or size > MAX_MANIFEST_BYTES:
            refuse_archive(f"its first member must be {MANIFEST_NAME!r} of at most {MAX_MANIFEST_BYTES} bytes")
        data = self._small(size)
        signature, member = None, self._header()
        if member is not None and member[0] == SIGNATURE_NAME:
            if member[1] > MAX_SIGNATURE_BYTES:
                refuse_archive(f"its {SIGNATURE_NAME} has more than {MAX_SIGNATURE_BYTES} bytes")
            signature, member = self._small(member[1]), self._header()
        if publishers is not None:
            verify_signature(data, signature, publishers, name=name)
        manifest = parse_manifest(data)
        entries = in_order(manifest)
        self._expect(entries)
        if on_manifest is not None:
            on_manifest(manifest)
        write_file(self._folder / MANIFEST_NAME, [data])
        if signature is not None:
            write_file(self._folder / SIGNATURE_NAME, [signature])
        for entry in entries:
            if member != (entry.path, entry.bytes):
                refuse_archive(f"the next member must be {entry.path!r} of {entry.bytes} bytes")
            self._file(entry)
            member = self._header()
        if member is not None:
            refuse_archive("it holds a member that its manifest does not name")
        self._end()
        return manifest

    def _expect(self, entries: Sequence[FileEntry]) -> None:
        """Refuse to begin with what cannot come to its end."""
        self._total = sum(entry.bytes for entry in entries)
        if self._total > os.fstat(self._stream.fileno()).st_size:
            refuse_archive("it is cut short")

    def _file(self, entry: FileEntry) -> None:
        path = self._folder / entry.path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        digest, left = hashlib.sha256(), entry.bytes

        def chunk() -> bytes:
            nonlocal left
            if left == 0:
                return b""
            data = self._read(min(left, _CHUNK_BYTES))
            left -= len(data)
            digest.update(data)
            self._done += len(data)
            if self._on_progress is not None:
                self._on_progress(self._done, self._total)
            return data

        write_file(path, chunk)
        self._padding(entry.bytes)
        if digest.hexdigest() != entry.sha256:
            refuse_archive(f"the file {entry.path!r} has another sha-256 than the manifest says")

    def _header(self) -> tuple[str, int] | None:
        block = self._read(BLOCK_BYTES)
        return read_header(block) if any(block) else None

    def _small(self, size: int) -> bytes:
        data = self._read(size)
        self._padding(size)
        return data

    def _padding(self, size: int) -> None:
        if any(self._read(-size % BLOCK_BYTES)):
            refuse_archive("there are bytes between its members")

    def _end(self) -> None:
        """Make sure that after the first block of zeros there is at least one more, and little else."""
        rest = self._stream.read(_MAX_END_BYTES + 1)
        if not BLOCK_BYTES <= len(rest) <= _MAX_END_BYTES or len(rest) % BLOCK_BYTES or any(rest):
            refuse_archive("it does not end where it should")

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) != size:
            refuse_archive("it is cut short")
        return data


def in_order(manifest: Manifest) -> list[FileEntry]:
    """Return the files in the archive's order.

    Raises:
        CorruptError: If there are too many, or a path or size is not one that every file system can hold.
    """
    entries = sorted(manifest.files.values(), key=lambda entry: entry.path.encode())
    if len(entries) > MAX_FILES:
        refuse_archive(f"it holds {len(entries)} files, and may hold {MAX_FILES}")
    taken = {MANIFEST_NAME, SIGNATURE_NAME, POINTER_NAME}
    for entry in entries:
        if not all(_PORTABLE.fullmatch(part) for part in entry.path.split("/")):
            refuse_archive("a path must be made of letters, digits and . _ + - between slashes")
        if entry.path.lower() in taken:
            refuse_archive("two of its paths differ in nothing or in case only, or one has a name that installing uses")
        if entry.bytes > MAX_MEMBER_BYTES:
            refuse_archive(f"a file has {entry.bytes} bytes, and may have {MAX_MEMBER_BYTES}")
        taken.add(entry.path.lower())
    return entries
