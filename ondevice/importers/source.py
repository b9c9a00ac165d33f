"""What the user names to be imported: a file, a folder, or a zip file, all looked into in the same way.

Nothing is unpacked to the disk. Links are not followed out of a folder, and an archive gives no more than a limit.
"""

from __future__ import annotations

import io
import os
import stat
import weakref
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self, cast

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.bounded import Bounded
from ondevice.importers.opening import MAX_FILE_BYTES, is_folder, opened
from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import open_regular

MAX_MEMBERS = 1_000_000
"""More files in a folder or an archive are not looked at: whoever has them names a part of it."""
MAX_ARCHIVE_BYTES = 64 << 30
"""An archive may unpack to so much."""
HEAD_BYTES = 64 << 10

_MAILDIR = ("cur", "new")
"""Maildir keeps its mails in these, and its folders have a dot before their names."""
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a source.

    Args:
        name: Its path in the source, with ``/``; the file's own name where the source is one file.
        size: Its bytes, unpacked where it lies in an archive; as far as the archive tells the truth.
        source: What it belongs to.
    """

    name: str
    size: int
    source: Source = field(repr=False)

    @property
    def suffix(self) -> str:
        """The end of its name in lower case, as ``.json``; that before it where the end is ``.gz``."""
        path = PurePosixPath(self.name.lower())
        return PurePosixPath(path.stem).suffix if path.suffix == ".gz" else path.suffix

    @property
    def place(self) -> str:
        """Its name for messages, in one line."""
        return one_line(self.name)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it to be read from its beginning, unpacked if its name ends in ``.gz``.

        Raises:
            InputError: If it cannot be read, is damaged, or unpacks to more than text does.
            NotFoundError: If it is gone.
        """
        with self.source.open_member(self) as file:
            yield file

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return its first bytes.

        Raises:
            InputError, NotFoundError: As :meth:`opened`.
        """
        with self.opened() as file:
            return file.read(size)


class Source:
    """A file, a folder or a zip file.

    An archive is opened once, when it is first needed, until :meth:`close`, the end of a ``with`` block, or the
    source's own end.

    Attributes:
        path: What the user named.
    """

    def __init__(self, path: Path) -> None:
        """Look at what is there.

        Raises:
            NotFoundError: If there is nothing.
            InputError: If it is neither a file nor a folder, or cannot be looked at.
        """
        self.path = path
        self.is_folder = is_folder(path)
        self.is_archive = not self.is_folder and self._has_zip_magic()
        self._names: dict[str, str] = {}
        self._archive: zipfile.ZipFile | None = None
        self._close_file: Callable[[], object] = _nothing
        self._open: list[Bounded] = []
        self._n_bytes_closed = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the archive."""
        self.close()

    def close(self) -> None:
        """Let go of the archive; what is asked of the source afterwards opens it again."""
        self._archive = None
        self._close_file()
        self._close_file = _nothing

    @property
    def n_bytes_read(self) -> int:
        """How much of its files has been read, in the bytes of :attr:`Member.size`."""
        return self._n_bytes_closed + sum(each.n_taken_bytes for each in self._open)

    @property
    def name(self) -> str:
        """Its own name, in one line."""
        return one_line(self.path.resolve().name)

    @property
    def is_single(self) -> bool:
        """Whether it is one file that is no archive."""
        return not (self.is_folder or self.is_archive)

    def members(self) -> Iterator[Member]:
        """Yield its files, sorted by their paths; hidden ones, and what systems leave in folders, are passed over.

        Raises:
            InputError: If it cannot be listed, has too many files, or is a damaged archive.
        """
        if self.is_single:
            yield Member(self.path.name, self.path.stat().st_size, self)
            return
        for number, member in enumerate(self._in_archive() if self.is_archive else self._in_folder()):
            if number >= MAX_MEMBERS:
                raise InputError(f"{self.name!r} holds more than {MAX_MEMBERS} files", hint="name a part of it")
            yield member

    def member(self, name: str) -> Member | None:
        """Return the file of this path in it, or ``None``."""
        return next((each for each in self.members() if each.name == name), None)

    @contextmanager
    def open_member(self, member: Member) -> Iterator[BinaryIO]:
        """Open one of its files; see :meth:`Member.opened`."""
        if not self.is_archive:
            with (
                opened(self.path / member.name if self.is_folder else self.path) as file,
                self._counted(file),
            ):
                yield file
            return
        try:
            with self._opened_archive().open(self._names.get(member.name, member.name)) as packed:
                is_gzip = member.name.endswith(".gz")
                limit = MAX_FILE_BYTES if is_gzip else max(member.size, 1)
                bounded = Bounded(cast("BinaryIO", packed), member.place, limit_bytes=limit, is_gzip=is_gzip)
                with io.BufferedReader(bounded) as file, self._counted(file):
                    yield file
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            # A password, a method that Python does not know, or damage.
            raise InputError(
                f"{member.place}: this file of {self.name!r} cannot be unpacked ({type(error).__name__})",
                hint="unpack the archive, and name the folder",
            ) from None
        except KeyError:
            raise NotFoundError(f"there is no file {member.place!r} in {self.name!r}") from None
        except OSError as error:
            raise InputError(f"{self.name!r} cannot be read: {error.strerror or type(error).__name__}") from None

    @contextmanager
    def _counted(self, file: BinaryIO) -> Iterator[None]:
        """Count what is read of an open file while the block runs."""
        raw = cast("Bounded", cast("io.BufferedReader", file).raw)
        self._open.append(raw)
        try:
            yield
        finally:
            self._open.remove(raw)
            self._n_bytes_closed += raw.n_taken_bytes

    def _opened_archive(self) -> zipfile.ZipFile:
        if self._archive is None:
            raw = open_regular(self.path)
            # Whoever forgets the source leaves no file open.
            self._close_file = weakref.finalize(self, raw.close)
            self._archive = zipfile.ZipFile(raw)
        return self._archive

    def _has_zip_magic(self) -> bool:
        with opened(self.path) as file:
            return file.read(4) in _ZIP_MAGIC

    def _in_folder(self) -> Iterator[Member]:
        found: list[tuple[str, int]] = []

        def failed(error: OSError) -> None:
            raise InputError(f"{self.name!r} cannot be listed: {error.strerror or type(error).__name__}")

        for place, folders, files in os.walk(self.path, onerror=failed):
            folders[:] = [
                name for name in folders if not _is_passed_over(name) or (Path(place) / name / "cur").is_dir()
            ]
            for name in files:
                path = Path(place) / name
                mode = path.lstat()
                if stat.S_ISREG(mode.st_mode) and not _is_passed_over(name):
                    found.append((path.relative_to(self.path).as_posix(), mode.st_size))
            if len(found) > MAX_MEMBERS:
                break
        yield from (Member(name, size, self) for name, size in sorted(found))

    def _in_archive(self) -> Iterator[Member]:
        try:
            listed = [each for each in self._opened_archive().infolist() if not each.is_dir()]
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise InputError(
                f"{self.name!r} is a damaged zip file ({type(error).__name__})", hint="get it once more"
            ) from None
        if sum(each.file_size for each in listed) > MAX_ARCHIVE_BYTES:
            raise InputError(
                f"{self.name!r} unpacks to more than {MAX_ARCHIVE_BYTES} bytes", hint="unpack a part of it"
            )
        self._names = {}
        for each in sorted(listed, key=lambda one: one.filename):
            name = each.filename.replace("\\", "/").lstrip("/")
            parts = name.split("/")
            if not any(_is_passed_over(part) and after not in _MAILDIR for part, after in pairwise([*parts, ""])):
                self._names[name] = each.filename
                yield Member(name, each.file_size, self)


def _nothing() -> None:
    """Close what was never opened."""


def _is_passed_over(name: str) -> bool:
    """Say whether a file or folder is a system's or a program's own."""
    return name.startswith((".", "__MACOSX")) or name in ("Thumbs.db", "desktop.ini")
