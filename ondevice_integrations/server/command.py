"""The program ``ondevice-serve``: which profile, who may use it, and how it ends."""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ondevice_integrations.ending import reported
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

if TYPE_CHECKING:
    import socket

DEFAULT_PORT = 8377

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
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Listen here; 0 takes a free port.")
    ] = DEFAULT_PORT,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="FILE",
            help="Take the token from this file, which only you may read; it is made if it is not there. Else the "
            "token is new at each start.",
        ),
    ] = None,
    audit_report: Annotated[
        Path | None,
        typer.Option("--audit-report", metavar="FILE", help="The page tells the verdict of this audit's report."),
    ] = None,
    lock_after: LockAfterOption = None,
    models: ModelsOption = None,
    encoder: EncoderOption = None,
    generator: Annotated[
        str | None,
        typer.Option("--generator", metavar="NAME", help="Instead of the default model; 'none' only searches."),
    ] = None,
) -> None:
    """Serve a profile to programs of this device, in OpenAI's protocol, and to your browser as a page.

    It listens on the loopback interface alone. Whoever has its token may ask the profile; what it answers, the other
    program may send anywhere.
    """
    with reported("server"):
        from ondevice_integrations.server.app import make_app
        from ondevice_integrations.server.credentials import Credentials, make_token, token_in
        from ondevice_integrations.server.desk import Desk
        from ondevice_integrations.server.listening import listen, serve_until_ended

        secret = SecretSource(keystore=keystore, passphrase_fd=passphrase_fd, recovery_fd=recovery_fd)
        names = models_of(models, encoder, generator=True)
        if generator is not None:
            names = replace(names, generator=None if generator == "none" else generator)
        choice = ProfileChoice(profile=profile.expanduser(), secret=secret, models=names)
        choice.require_profile()
        token = make_token() if token_file is None else token_in(token_file.expanduser())
        held = HeldProfile(choice, lock_after_s=lock_after)
        listening = listen(port)
        try:
            with held.use():
                pass  # a wrong secret, or another program that has the profile open, shows now
            credentials = Credentials(token)
            _tell(listening, None if token_file is not None else token, credentials.issue_ticket())
            desk = Desk(held, generator=names.generator, encoder=names.encoder)
            number = listening.getsockname()[1]
            serve_until_ended(make_app(desk, credentials, port=number, audit_report=audit_report), listening)
        except KeyboardInterrupt:
            raise typer.Exit(128 + signal.SIGINT) from None
        finally:
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, signal.SIG_IGN)  # closing takes a moment, and leaving it undone gains nothing
            listening.close()
            held.close()


def _tell(listening: socket.socket, token: str | None, ticket: str) -> None:
    """Say where programs and the browser go, on stdout, once."""
    from ondevice_integrations.server.guard import PAGE_HOST

    port = listening.getsockname()[1]
    sys.stdout.write(f"base URL  http://127.0.0.1:{port}/v1\n")
    if token is not None:
        sys.stdout.write(f"token     {token}\n")
    sys.stdout.write(f"page      http://{PAGE_HOST}:{port}/open?ticket={ticket}  (works once, for ten minutes)\n")
    sys.stdout.flush()


def main() -> None:
    """Run the program."""
    app(prog_name="ondevice-serve")
