"""How secrets reach the command line: typed unseen, through a file descriptor, or from the keystore.

Never from argv or an environment variable, where other processes can read them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from ondevice.cli.failing import UsageError
from ondevice.errors import InputError, LockedError
from ondevice.safety.consoles import has_terminal, read_line, secret_of_line

if TYPE_CHECKING:
    from ondevice.vault.secrets import Secret

MAX_SECRET_BYTES = 4096
_STANDARD_STREAMS = 2
WAYS = "pass --passphrase-fd N, --recovery-fd N or --keystore, or run it in a terminal"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecretSource:
    """Which way the user chose; none means that the terminal is asked."""

    passphrase_fd: int | None = None
    recovery_fd: int | None = None
    keystore: bool = False
    prompt: str = "Passphrase"

    @property
    def is_given(self) -> bool:
        """Whether the secret can be had without asking the terminal."""
        return self.passphrase_fd is not None or self.recovery_fd is not None or self.keystore

    def read(self, *, confirm: bool = False) -> Secret:
        """Return the secret.

        Args:
            confirm: Ask the terminal twice, for a secret that is new.

        Raises:
            UsageError: If several ways were chosen.
            InputError: If a descriptor cannot be read.
            LockedError: If there is no terminal to ask.
        """
        from ondevice.vault.secrets import Keystore, Passphrase, RecoveryCode

        chosen = [self.passphrase_fd is not None, self.recovery_fd is not None, self.keystore]
        if sum(chosen) > 1:
            raise UsageError("use one of --passphrase-fd, --recovery-fd and --keystore")
        if self.keystore:
            return Keystore()
        if self.recovery_fd is not None:
            return RecoveryCode(_read_descriptor(self.recovery_fd))
        if self.passphrase_fd is not None:
            return Passphrase(_read_descriptor(self.passphrase_fd))
        return Passphrase(_ask(self.prompt, confirm=confirm))


def _ask(prompt: str, *, confirm: bool) -> str:
    if not has_terminal():
        raise LockedError("there is no terminal to ask for the passphrase", hint=WAYS)
    answer: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm, err=True)
    return answer


def _read_descriptor(number: int) -> str:
    """Read a secret's line; its bytes stay out of every message."""
    try:
        line = secret_of_line(read_line(number, limit_bytes=MAX_SECRET_BYTES))
        if number > _STANDARD_STREAMS:
            os.close(number)
    except (OSError, OverflowError):
        raise InputError(f"file descriptor {number} cannot be read", hint=f"for example: {number}<secret.txt") from None
    if len(line) > MAX_SECRET_BYTES:
        raise InputError(f"the secret on file descriptor {number} is longer than {MAX_SECRET_BYTES} bytes")
    try:
        secret = line.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"the secret on file descriptor {number} is not UTF-8") from None
    if not secret:
        raise InputError(f"file descriptor {number} holds no secret")
    return secret
