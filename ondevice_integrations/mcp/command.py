"""The program ``ondevice-mcp``: which profile, what the host may do, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from ondevice.errors import InputError
from ondevice_integrations.ending import reported
from ondevice_integrations.mcp.permissions import DEFAULT_MAX_CHARS, Permissions
from ondevice_integrations.options import (
    EncoderOption,
    KeystoreOption,
    LockAfterOption,
    ModelsOption,
    PassphraseOption,
    ProfileOption,
    RecoveryOption,
)
from ondevice_integrations.profiles import HeldProfile, ProfileChoice, models_of
from ondevice_integrations.secrets_in import read_secret

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def serve(
    profile: ProfileOption,
    keystore: KeystoreOption = False,
    passphrase_fd: PassphraseOption = None,
    recovery_fd: RecoveryOption = None,
    allow_write: Annotated[bool, typer.Option("--allow-write", help="Let the host add and update items.")] = False,
    allow_forget: Annotated[bool, typer.Option("--allow-forget", help="Let the host erase items for good.")] = False,
    kinds: Annotated[
        str | None,
        typer.Option("--kinds", metavar="KIND,KIND", help="Only items of these kinds exist for the host."),
    ] = None,
    max_chars: Annotated[
        int, typer.Option("--max-chars", metavar="N", min=100, help="Characters of items in one reply, at most.")
    ] = DEFAULT_MAX_CHARS,
    lock_after: LockAfterOption = None,
    models: ModelsOption = None,
    encoder: EncoderOption = None,
) -> None:
    """Serve a profile to a host of the Model Context Protocol, over stdin and stdout.

    The host starts this program itself. It may read, unless more is allowed. What it reads leaves this program, and the
    host sends it wherever its own model runs.
    """
    with reported("mcp"):
        from ondevice import protect_process

        # From here on a secret lies in memory, and this process is an app of its own: nobody else is to read it.
        protect_process()
        secret = read_secret(keystore=keystore, passphrase_fd=passphrase_fd, recovery_fd=recovery_fd)
        choice = ProfileChoice(profile=profile, secret=secret, models=models_of(models, encoder))
        choice.require_profile()
        permissions = Permissions(
            may_write=allow_write,
            may_forget=allow_forget,
            kinds=None if kinds is None else _names_in(kinds),
            max_chars=max_chars,
        )
        _run(HeldProfile(choice, lock_after_s=lock_after), permissions)


def _names_in(kinds: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in kinds.split(","))
    if not all(names):
        raise InputError("--kinds has an empty name", hint="for example: --kinds note,mail")
    return names


def _run(profile: HeldProfile, permissions: Permissions) -> None:
    """Serve until the host closes the stream or ends the program; the profile is locked in either case."""
    from ondevice_integrations.mcp.session import hold_session

    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    is_interrupted = False
    try:
        hold_session(profile, permissions)
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        profile.close()
    if is_interrupted:
        sys.stderr.flush()
        os._exit(128 + signal.SIGINT)  # a thread still waits for the host's next message, and cannot be woken


def main() -> None:
    """Run the program."""
    app(prog_name="ondevice-mcp")
