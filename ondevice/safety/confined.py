"""What holds a key or a secret stays the one object that it is: no pickle, no copy, no state to be had."""

from __future__ import annotations

from typing import Any, NoReturn, SupportsIndex


class Confined:
    """Base of the classes that hold a key, a passphrase, or something that works with one.

    A pickle of such an object would hold its bytes readable, in a cache, a queue or a crash report; a copy would
    outlive the wiping of the original. ``dataclasses.asdict`` of what has one inside fails for the same reason.

    Raises:
        TypeError: From ``pickle``, ``copy.copy``, ``copy.deepcopy`` and all that build on them.
    """

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled."""
        self._refuse()

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        """Refuse to be pickled, in any protocol."""
        self._refuse()

    def __getstate__(self) -> NoReturn:
        """Refuse to tell what is inside."""
        self._refuse()

    def __copy__(self) -> NoReturn:
        """Refuse to be copied."""
        self._refuse()

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        """Refuse to be copied with what holds it."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} holds a secret, so it is neither pickled nor copied: make it where it is used"
        )
