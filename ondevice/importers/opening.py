"""Opening what the user names: plain or gzipped, UTF-8, and the errors of a path that is wrong."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.bounded import Bounded
from ondevice.safety.printable import one_line
from ondevice.safety.regular_files import NotRegularError, open_regular
from ondevice.safety.strict_json import parse_json

MAX_FILE_BYTES = 64 << 30
"""The most that is read of a file, item by item."""
MAX_JSON_BYTES = 2 << 30
"""The most that is read of a file whose items can be had only when it is read whole."""
MAX_LINE_BYTES = 32 << 20

_BUFFER_BYTES = 256 << 10


@contextmanager
def opened(path: Path, *, limit_bytes: int = MAX_FILE_BYTES) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacking it when its name ends in ``.gz``.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If it is a folder, a pipe or a device, cannot be read, is a damaged gzip file, holds more than the
            limit, or unpacks to more than text does; some of that shows only while it is read.
    """
    name = one_line(path.name)
    try:
        with open_regular(path, buffering=0) as source:
            is_gzip = path.suffix == ".gz"
            if os.fstat(source.fileno()).st_size > limit_bytes:
                raise InputError(f"the file {name!r} is longer than {limit_bytes} bytes", hint="take a part of it")
            raw = Bounded(source, name, limit_bytes=limit_bytes, is_gzip=is_gzip)
            with io.BufferedReader(raw, _BUFFER_BYTES) as file:
                yield file
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {name!r}", hint="check the path") from None
    except NotRegularError:
        if path.is_dir():
            raise InputError(f"{name!r} is a folder, not a file") from None
        raise InputError(f"{name!r} is a pipe or a device, not a file", hint="save its content in a file") from None
    except OSError as error:
        raise InputError(f"the file {name!r} cannot be read: {error.strerror or type(error).__name__}") from None


def is_folder(path: Path) -> bool:
    """Return whether there is a folder, and not a file, at the path.

    Raises:
        NotFoundError: If there is nothing.
        InputError: If the operating system refuses to tell.
    """
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file or folder {one_line(path.name)!r}", hint="check the path") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{one_line(path.name)!r} cannot be looked at: {reason}") from None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file with their numbers, from 1; a byte order mark is dropped.

    Raises:
        InputError: If a line is not UTF-8 or longer than 32 MiB.
    """
    name = one_line(path.name)
    with opened(path) as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise InputError(f"{name}, line {number}: the line is longer than {MAX_LINE_BYTES} bytes")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise InputError(f"{name}, line {number}: the line is not UTF-8") from None
            yield number, text


def read_json(path: Path) -> object:
    """Return the one JSON value of a file, plain or gzipped.

    Raises:
        InputError: If it is not JSON, and it tells where; or if it is longer than 2 GiB.
    """
    name = one_line(path.name)
    with opened(path, limit_bytes=MAX_JSON_BYTES) as file:
        try:
            return parse_json(_whole(file).decode("utf-8-sig"))
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise InputError(f"the file {name!r} is not valid JSON ({where})") from None
        except ValueError:
            raise InputError(f"the file {name!r} is not valid JSON") from None


def _whole(file: BinaryIO) -> bytes:
    """Read to the end, unless what comes cannot be JSON: a file with holes would fill the memory with zeros."""
    pieces = []
    while piece := file.read(1 << 20):
        if b"\0" in piece:
            raise ValueError("a zero byte")
        pieces.append(piece)
    return b"".join(pieces)
