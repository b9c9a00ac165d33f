"""The options that the programs of this package share: which profile, how it is unlocked, when it is locked again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ondevice_integrations.secrets_in import FIRST_OWN_DESCRIPTOR

ProfileOption = Annotated[Path, typer.Option("--profile", metavar="DIR", help="The profile's folder.")]
KeystoreOption = Annotated[bool, typer.Option("--keystore", help="Unlock with the operating system's keystore.")]
PassphraseOption = Annotated[
    int | None,
    typer.Option(
        "--passphrase-fd",
        metavar="N",
        min=FIRST_OWN_DESCRIPTOR,
        help="Read the passphrase's line from this file descriptor.",
    ),
]
RecoveryOption = Annotated[
    int | None,
    typer.Option(
        "--recovery-fd",
        metavar="N",
        min=FIRST_OWN_DESCRIPTOR,
        help="Unlock with the recovery code on this file descriptor.",
    ),
]
ModelsOption = Annotated[
    Path | None,
    typer.Option("--models", metavar="DIR", help="The models' folder; else the platform's cache folder."),
]
EncoderOption = Annotated[
    str | None,
    typer.Option("--encoder", metavar="NAME", help="Instead of the default encoder; 'none' works without vectors."),
]
LockAfterOption = Annotated[
    float | None,
    typer.Option(
        "--lock-after",
        metavar="SECONDS",
        min=1,
        help="Lock the profile when it has not been used for so long; the next use unlocks it again, unless the secret "
        "came through a pipe.",
    ),
]
