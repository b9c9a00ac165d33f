"""How a secret reaches a program that another one has started: by a file descriptor, or from the keystore.

There is nobody to ask: the standard streams belong to the protocol. Arguments and environment variables are no way
either, because other processes can read them, and hosts keep them in readable files.
"""

from __future__ import annotations

import os
import stat
from typing import Literal, TypeAlias

from ondevice.errors import InputError, LockedError

Way: TypeAlias = Literal["keystore", "passphrase", "recovery"]

MAX_SECRET_BYTES = 4096
FIRST_OWN_DESCRIPTOR = 3
"""Those below are the standard streams."""

_WAYS = "use one of --keystore, --passphrase-fd N and --recovery-fd N"


class SecretSource:
    """Where a program gets its secret when it needs it; until then the secret is not in its memory.

    A file is read anew each time. A pipe can be read once, so what it held is kept until :meth:`drop`.

    Attributes:
        way: What kind of secret it is.
    """

    def __init__(
        self, *, keystore: bool = False, passphrase_fd: int | None = None, recovery_fd: int | None = None
    ) -> None:
        """Choose one way; nothing is read yet.

        Raises:
            InputError: If several ways are chosen, or there is no such descriptor.
            LockedError: If no way is chosen.
        """
        chosen: dict[Way, int | None] = {}
        if keystore:
            chosen["keystore"] = None
        if passphrase_fd is not None:
            chosen["passphrase"] = passphrase_fd
        if recovery_fd is not None:
            chosen["recovery"] = recovery_fd
        if not chosen:
            raise LockedError("nothing unlocks the profile, and there is nobody to ask", hint=_WAYS)
        if len(chosen) > 1:
            raise InputError(f"{len(chosen)} ways to unlock the profile are given", hint=_WAYS)
        ((self.way, self._descriptor),) = chosen.items()
        self._is_file = self._descriptor is not None and _is_file(self._descriptor)
        self._kept: str | None = None
        self._is_dropped = False

    @property
    def can_be_read(self) -> bool:
        """Whether there is still a secret to be had."""
        return not self._is_dropped

    def read(self) -> str:
        """Return the passphrase or the recovery code.

        Raises:
            InputError: If the descriptor cannot be read or holds no secret; its bytes stay out of the message.
            LockedError: If it was dropped.
        """
        if self._is_dropped or self._descriptor is None:
            raise LockedError("the secret was not kept", hint="start the program again")
        if self._kept is not None:
            return self._kept
        secret = _line_on(self._descriptor, from_start=self._is_file)
        if not self._is_file:
            self._kept = secret
        return secret

    def drop(self) -> None:
        """Let go of what was kept; a file and the keystore can be asked again."""
        if self._kept is not None:
            self._kept = None
            self._is_dropped = True


def _is_file(descriptor: int) -> bool:
    """Say whether a descriptor is a regular file, after making sure that it is there at all."""
    if descriptor < FIRST_OWN_DESCRIPTOR:
        raise InputError(
            f"file descriptor {descriptor} is a standard stream",
            hint=f"for example: --passphrase-fd {FIRST_OWN_DESCRIPTOR} {FIRST_OWN_DESCRIPTOR}<secret.txt",
        )
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except (OSError, OverflowError):
        raise _unreadable(descriptor) from None


def _line_on(descriptor: int, *, from_start: bool) -> str:
    """Read a descriptor's first line."""
    try:
        if from_start:
            os.lseek(descriptor, 0, os.SEEK_SET)
        with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
            line = file.readline(MAX_SECRET_BYTES + 2)
    except OSError:
        raise _unreadable(descriptor) from None
    # Nothing else ends a secret than a line feed, and a carriage return directly before it.
    secret = line.removesuffix(b"\n").removesuffix(b"\r") if line.endswith(b"\n") else line
    if not 1 <= len(secret) <= MAX_SECRET_BYTES:
        raise InputError(f"file descriptor {descriptor} must begin with a line of 1 to {MAX_SECRET_BYTES} bytes")
    try:
        return secret.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"the secret on file descriptor {descriptor} is not UTF-8") from None


def _unreadable(descriptor: int) -> InputError:
    return InputError(f"file descriptor {descriptor} cannot be read", hint=f"for example: {descriptor}<secret.txt")
