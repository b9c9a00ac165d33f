"""Opening what the user names: plain or gzipped, UTF-8, and the errors of a path that is wrong."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn

from ondevice.errors import InputError, NotFoundError

MAX_LINE_BYTES = 32 << 20


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a file for reading, unpacking it when its name ends in ``.gz``.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If it is a folder, cannot be read, or is a damaged gzip file.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield file  # type: ignore[misc]
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path.name!r}", hint="check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path.name!r} is a folder, not a file") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise InputError(f"the file {path.name!r} is a damaged gzip file") from None
    except OSError as error:
        raise InputError(f"the file {path.name!r} cannot be read: {error.strerror or type(error).__name__}") from None


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file with their numbers, from 1; a byte order mark is dropped.

    Raises:
        InputError: If a line is not UTF-8 or longer than 32 MiB.
    """
    with opened(path) as file:
        number = 0
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(line) > MAX_LINE_BYTES:
                raise InputError(f"{path.name}, line {number}: the line is longer than {MAX_LINE_BYTES} bytes")
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                raise InputError(f"{path.name}, line {number}: the line is not UTF-8") from None
            yield number, text


@contextmanager
def opened_text(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a UTF-8 file as text, its line ends as they are.

    Raises:
        InputError: If what is read turns out not to be UTF-8.
    """
    with opened(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        try:
            yield text
        except UnicodeDecodeError:
            raise InputError(f"the file {path.name!r} is not UTF-8") from None


def read_json(path: Path) -> object:
    """Return the one JSON value of a file, plain or gzipped.

    Raises:
        InputError: If it is not JSON; it tells where.
    """
    with opened(path) as file:
        try:
            return parse_json(file.read().decode("utf-8-sig"))
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise InputError(f"the file {path.name!r} is not valid JSON ({where})") from None
        except (ValueError, RecursionError):
            raise InputError(f"the file {path.name!r} is not valid JSON") from None


def parse_json(text: str) -> object:
    """Return a JSON value, taking neither a repeated name nor a number that is none.

    Raises:
        ValueError: If the text is not such JSON.
        RecursionError: If it is nested too deeply.
    """
    return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
