"""Which learned thing is in use: a remembered setting, read once and changed in one step."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault


class Remembered(Protocol):
    """What can be written into a setting."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""


T = TypeVar("T", bound=Remembered)


class InUseSetting(Generic[T]):
    """What is chosen, or nothing. Threads may read it at once; whoever changes it holds ``vault.changing``."""

    def __init__(self, vault: Vault, key: str, read: Callable[[object], T]) -> None:
        """Name the setting.

        Args:
            vault: Where it lies.
            key: Its name.
            read: Reads what was written; raises ``InputError`` where that is something else.
        """
        self._vault = vault
        self._key = key
        self._read = read
        self._choice: T | EllipsisType | None = ...
        self._lock = threading.Lock()

    def get(self) -> T | None:
        """Return what is chosen.

        Raises:
            InputError: If what was noted of it cannot be read.
        """
        if isinstance(self._choice, EllipsisType):
            noted = self._vault.settings.get(self._key)
            choice = None if noted is None else self._read(noted)
            with self._lock:
                if isinstance(self._choice, EllipsisType):  # nobody has chosen meanwhile
                    self._choice = choice
                return self._choice
        return self._choice

    def set(self, choice: T | None, *, remember: bool = True) -> None:
        """Choose another, or nothing, and keep that for the next opening if it is to be remembered.

        Raises:
            StorageError: If the disk refuses; the choice is then as it was.
        """
        if remember:
            self._vault.settings.set(self._key, None if choice is None else choice.to_json())
        with self._lock:
            self._choice = choice
