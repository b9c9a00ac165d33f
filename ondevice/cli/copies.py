"""``ondevice export``, ``backup`` and ``restore``: copies of a profile, readable or encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ondevice.cli.access import Unlocking
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.output import Output
from ondevice.cli.views import pairs_table
from ondevice.errors import StorageError


def export(
    output: Output,
    unlocking: Unlocking,
    selection: ItemOptions,
    to: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    with_vectors: Annotated[bool, typer.Option("--with-vectors", help="Also write the vectors.")] = False,
) -> None:
    """Write items as JSON Lines that any program can read (docs/reference/format.md). The file is NOT encrypted."""
    from ondevice.vault.portable import export_items

    if to.exists():
        raise StorageError(f"there is something at {to} already", hint="choose a new file")
    with unlocking.open_vault() as vault, output.progress("exporting") as on_progress:
        n_items = export_items(vault, to, filter=selection.filter, with_vectors=with_vectors, on_progress=on_progress)
    output.result({"file": str(to), "n_items": n_items}, f"{n_items} items in {to}")
    output.say("this file is not encrypted: keep it safe, and delete it when it has served")


def backup(
    output: Output, unlocking: Unlocking, to: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")]
) -> None:
    """Copy the profile, encrypted as it is; the same secrets open the copy."""
    with unlocking.open_vault() as vault, output.working("copying"):
        report = vault.backup(to)
    output.result({"backup": str(to), "report": report}, pairs_table({"backup": to}))


def restore(
    output: Output,
    unlocking: Unlocking,
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup's folder.")],
) -> None:
    """Verify a backup and put it where the profile (--profile) shall be; there must be nothing yet.

    The secret is the backup's. Nothing appears at the new place before every part of the backup has opened.
    """
    from ondevice.vault.vault import Vault

    secret = unlocking.source.read()
    with output.working("verifying and copying"):
        Vault.restore(source, unlocking.profile, secret)
    output.result({"profile": str(unlocking.profile)}, f"restored to {unlocking.profile}")
