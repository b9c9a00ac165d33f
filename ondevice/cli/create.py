"""``ondevice init``: make a profile and its first key slots."""

from __future__ import annotations

from typing import Annotated

import typer

from ondevice.cli.access import Unlocking
from ondevice.cli.output import Output
from ondevice.cli.views import pairs_table

RecoveryFlag = Annotated[bool, typer.Option("--recovery", help="Also make a recovery code, shown once.")]


def init(output: Output, unlocking: Unlocking, recovery: RecoveryFlag = False) -> None:
    """Make a new encrypted profile.

    It is unlocked by a passphrase that you are asked for twice (or that comes on --passphrase-fd), or with
    --keystore by the operating system's keystore. With --recovery a recovery code is made too and shown once:
    write it down, nothing else opens the profile when the passphrase is lost. The receipt key is no secret: note it
    down too, it shows later that a receipt is this profile's ('ondevice receipt verify').
    """
    from ondevice.vault.secrets import RecoveryCode
    from ondevice.vault.vault import Vault

    secrets = [unlocking.source.read(confirm=True)]
    code = RecoveryCode.generate() if recovery else None
    with Vault.create(unlocking.profile, [*secrets, *([code] if code else [])]) as vault:
        profile_id, kinds = vault.profile_id, [slot.kind for slot in vault.slots()]
        receipt_key = vault.receipt_key
    view = {"profile": unlocking.profile, "id": profile_id, "slots": ", ".join(kinds)}
    if code:
        view["recovery code (shown once)"] = code.text
    document = {
        "profile": str(unlocking.profile),
        "profile_id": profile_id,
        "slots": kinds,
        "receipt_key": receipt_key,
        "recovery_code": code.text if code else None,
    }
    output.result(document, pairs_table(view), pairs_table({"receipt key": receipt_key}))
