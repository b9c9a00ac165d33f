"""The program ``ondevice-mcp``: which profile, what the host may do, and how it ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import Annotated

import typer

from ondevice.errors import InputError
from ondevice_integrations.ending import reported
from ondevice_integrations.mcp.permissions import DEFAULT_MAX_CHARS, Permissions
from ondevice_integrations.mcp.wire import Wire
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
from ondevice_integrations.secrets_in import SecretSource

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
        secret = SecretSource(keystore=keystore, passphrase_fd=passphrase_fd, recovery_fd=recovery_fd)
        # Nobody expands the ~ of a host's settings.
        choice = ProfileChoice(profile=profile.expanduser(), secret=secret, models=models_of(models, encoder))
        choice.require_profile()
        if sys.stdin is None or sys.stdout is None or sys.stdin.isatty():
            raise InputError("no host is at the standard streams", hint="a host starts this program itself")
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
    wire = Wire()
    ended_by: list[int] = []

    def end(number: int, _frame: object) -> None:
        ended_by.append(number)
        signal.raise_signal(signal.SIGINT)  # for which the event loop has a tidy end

    signal.signal(signal.SIGTERM, end)
    try:
        # The protocol's library makes some hundred thousand objects, and all of them stay.
        gc.disable()
        from ondevice_integrations.mcp.session import hold_session

        gc.freeze()
        gc.enable()
        hold_session(wire, profile, permissions)
    except KeyboardInterrupt:
        ended_by.append(signal.SIGINT)
    except Exception:
        if not ended_by:  # else a task was cut off in its middle, and failed in its own way
            raise
    finally:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)  # closing takes a moment, and nothing is gained by leaving it undone
        profile.close()
        if ended_by:
            os._exit(128 + ended_by[0])  # a thread still waits for the host's next message, and cannot be woken
        wire.close()


def main() -> None:
    """Run the program."""
    app(prog_name="ondevice-mcp")
