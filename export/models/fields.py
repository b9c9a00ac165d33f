"""Reading a JSON object field by field, so that nothing missing, unknown or ill-typed passes."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TypeVar

_T = TypeVar("_T")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Fields:
    """One JSON object of the registry; what nobody takes is an error at :meth:`end`."""

    def __init__(self, value: object, where: str) -> None:
        """Take a copy, so that reading does not change the caller's object."""
        if not isinstance(value, dict):
            raise ValueError(f"{where} must be an object")
        self._left: dict[str, object] = dict(value)
        self._where = where

    def has(self, name: str) -> bool:
        """Return whether the field is there and not yet taken."""
        return name in self._left

    def take(self, name: str, kind: type[_T]) -> _T:
        """Return a field's value and mark it as read.

        Raises:
            ValueError: If it is missing or of another type.
        """
        if name not in self._left:
            raise ValueError(f"the field {name!r} of {self._where} is missing")
        value = self._left.pop(name)
        if type(value) is not kind:
            raise ValueError(f"the field {name!r} of {self._where} must be {kind.__name__}, not {type(value).__name__}")
        return value

    def take_sha256(self) -> str:
        """Return the field ``sha256``: 64 lowercase hex digits."""
        value = self.take("sha256", str)
        if not _SHA256.fullmatch(value):
            raise ValueError(f"the sha-256 of {self._where} must be 64 lowercase hex digits")
        return value

    def take_path(self, name: str) -> str:
        """Return a relative path with forward slashes that stays below its folder."""
        value = self.take(name, str)
        path = PurePosixPath(value)
        if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
            raise ValueError(f"the field {name!r} of {self._where} must stay inside its folder")
        return value

    def end(self) -> None:
        """Raise ``ValueError`` if a field was not taken."""
        if self._left:
            raise ValueError(f"{self._where} has the unknown field {min(self._left)!r}")
