"""What was computed before, by key: a JSON Lines file, so that a run can be stopped, resumed and extended.

The key is a hash over everything that shapes a record, so a changed model or prompt never meets an old one. One run at
a time writes into a file: two would compute everything twice, and one could cut short what the other writes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Generic, Self, TypeVar

from ondevice.errors import InputError, StorageError
from ondevice.safety.file_lock import open_locked
from ondevice.safety.regular_files import read_regular

MAX_FILE_BYTES = 2 << 30

T = TypeVar("T")


def content_key(**parts: object) -> str:
    """Return the hash, 64 hex digits, of everything that shapes a record; every part must have a JSON form."""
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


class Ledger(Generic[T]):
    """A file of records by key, or memory alone; close it, or use it as a context manager."""

    def __init__(
        self,
        path: Path | None,
        *,
        noun: str,
        to_json: Callable[[T], Mapping[str, Any]],
        from_json: Callable[[dict[str, Any]], T],
    ) -> None:
        """Read what ``path`` holds, and let no other run write there; a last line that a crash cut short is dropped.

        Args:
            path: The file, or ``None`` to remember nothing beyond this object.
            noun: What a record is, as errors say it: ``an answer``.
            to_json: Gives a record's JSON object, without ``key``.
            from_json: Makes a record of it.

        Raises:
            InputError: If the file holds something else; it names the line.
            StorageError: If it cannot be read or written, or another run writes there.
        """
        self._noun = noun
        self._to_json = to_json
        self._from_json = from_json
        self._records: dict[str, T] = {}
        self._file: BinaryIO | None = None
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open_locked(path)
            if self._file is None:
                raise StorageError(f"another run writes into {path.name!r}", hint="wait for it, or name another place")
            end, size = self._load(path)
            if end < size:
                self._file.truncate(end)
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise StorageError(f"the file {path.name!r} cannot be kept: {error.strerror}") from None
            raise

    def remember(self, records: Mapping[str, T]) -> None:
        """Know these too, without writing them down."""
        self._records.update(records)

    def after(self, n_known: int) -> dict[str, T]:
        """Return all records but the first ``n_known``, in the order in which they were put; 0 returns all."""
        return dict(islice(self._records.items(), n_known, None))

    def get(self, key: str) -> T | None:
        """Return the record with that key, if there is one."""
        return self._records.get(key)

    def put(self, key: str, record: T) -> None:
        """Keep a record; it is on disk when this returns.

        Raises:
            StorageError: If the disk refuses.
        """
        self._records[key] = record
        if self._file is None:
            return
        try:
            line = json.dumps({"key": key, **self._to_json(record)}, ensure_ascii=False) + "\n"
            self._file.write(line.encode())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise StorageError(
                f"{self._noun} cannot be kept: {error.strerror}",
                hint="make room and run it again: it goes on from what was kept",
            ) from None

    def close(self) -> None:
        """Close the file; closing twice is allowed."""
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what is left to be written, `put` has been refused already
                file.close()

    def __len__(self) -> int:
        return len(self._records)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _load(self, path: Path) -> tuple[int, int]:
        """Read the whole lines, and return where they end and how long the file is, in bytes."""
        end = 0
        data = read_regular(path, limit_bytes=MAX_FILE_BYTES)
        lines = data.split(b"\n")
        for number, line in enumerate(lines[:-1], start=1):  # behind the last line feed nothing is whole
            try:
                value = json.loads(line)
                key = value.pop("key")
                self._records[key] = self._from_json(value)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise InputError(
                    f"{path.name}, line {number}: it is not {self._noun} of an earlier run",
                    hint="name another file, or remove it",
                ) from None
            end += len(line) + 1
        return end, len(data)
