"""How a secret reaches a program that another one has started: by a file descriptor, or from the keystore.

There is nobody to ask: the standard streams belong to the protocol. Arguments and environment variables are no way
either, because other processes can read them, and hosts keep them in readable files.
"""

from __future__ import annotations

import os
from typing import TypeAlias

from ondevice import Keystore, Passphrase, RecoveryCode
from ondevice.errors import InputError, LockedError

Secret: TypeAlias = Keystore | Passphrase | RecoveryCode

MAX_SECRET_BYTES = 4096
FIRST_OWN_DESCRIPTOR = 3
"""Those below are the standard streams."""

_WAYS = "use one of --keystore, --passphrase-fd N and --recovery-fd N"


def read_secret(*, keystore: bool, passphrase_fd: int | None, recovery_fd: int | None) -> Secret:
    """Return the secret that was chosen; a descriptor is read once and closed.

    Raises:
        InputError: If several ways were chosen, or a descriptor cannot be read or holds no secret.
        LockedError: If no way was chosen.
    """
    n_chosen = sum([keystore, passphrase_fd is not None, recovery_fd is not None])
    if n_chosen > 1:
        raise InputError(f"{n_chosen} ways to unlock the profile are given", hint=_WAYS)
    if passphrase_fd is not None:
        return Passphrase(_line_on(passphrase_fd))
    if recovery_fd is not None:
        return RecoveryCode(_line_on(recovery_fd))
    if not keystore:
        raise LockedError("nothing unlocks the profile, and there is nobody to ask", hint=_WAYS)
    return Keystore()


def _line_on(descriptor: int) -> str:
    """Read a descriptor's first line; its bytes stay out of every message."""
    if descriptor < FIRST_OWN_DESCRIPTOR:
        raise InputError(
            f"file descriptor {descriptor} is a standard stream", hint=f"{FIRST_OWN_DESCRIPTOR}<secret.txt"
        )
    try:
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            line = file.readline(MAX_SECRET_BYTES + 2)
    except (OSError, OverflowError):
        raise InputError(
            f"file descriptor {descriptor} cannot be read", hint=f"for example: {descriptor}<secret.txt"
        ) from None
    secret = line.removesuffix(b"\n").removesuffix(b"\r") if line.endswith(b"\n") else line
    if not 1 <= len(secret) <= MAX_SECRET_BYTES:
        raise InputError(f"file descriptor {descriptor} must begin with a line of 1 to {MAX_SECRET_BYTES} bytes")
    try:
        return secret.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"the secret on file descriptor {descriptor} is not UTF-8") from None
