"""What of a database's connection is used here; the library itself stays in the vault."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Cursor(Protocol):
    """What a statement gives."""

    def fetchall(self) -> list[Any]:
        """Return every row."""
        ...

    def fetchone(self) -> Any:  # noqa: ANN401 - a row, or None
        """Return the next row."""
        ...


class Connection(Protocol):
    """Runs statements."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run one."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one for each of these values."""
        ...
