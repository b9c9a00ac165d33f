"""``ondevice passwd``, ``slots`` and ``rekey``: what unlocks a profile."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ondevice.cli.access import Unlocking
from ondevice.cli.create import RecoveryFlag
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.cli.secrets_in import SecretSource
from ondevice.cli.views import local, pairs_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ondevice.vault.secrets import Secret
    from ondevice.vault.slots import SlotInfo

NewPassphraseOption = Annotated[
    int | None,
    typer.Option("--new-passphrase-fd", metavar="N", min=0, help="Read the new passphrase from this file descriptor."),
]


class SlotKind(StrEnum):
    """The key slots that the command line can add."""

    passphrase = "passphrase"  # noqa: S105 - the kind, not a secret
    recovery = "recovery"
    keystore = "keystore"


def passwd(
    output: Output,
    unlocking: Unlocking,
    new_passphrase_fd: NewPassphraseOption = None,
    slot: Annotated[
        str | None, typer.Option("--slot", metavar="ID", help="Which passphrase, if there are several.")
    ] = None,
) -> None:
    """Change the passphrase. The data stays as it is: only the key's wrapping is written anew.

    Someone who has copied the profile and knows the old passphrase can still open the copy; see 'ondevice rekey'.
    """
    with unlocking.open_vault() as vault:
        candidates = [each for each in vault.slots() if each.kind == "passphrase" and slot in (None, each.id)]
        if len(candidates) != 1:
            raise UsageError(
                f"{len(candidates)} passphrase slots fit, not 1", hint="name one with --slot, see: ondevice slots list"
            )
        changed = vault.change_slot(candidates[0].id, _new_passphrase(new_passphrase_fd))
    output.result({"changed": _slot_document(changed)}, "the passphrase is changed")


def slots_list(output: Output, unlocking: Unlocking) -> None:
    """List the key slots: each opens the profile on its own."""
    with unlocking.open_vault() as vault:
        slots = vault.slots()
    table = Table("id", "kind", "since", box=None, header_style="bold", pad_edge=False)
    for slot in slots:
        table.add_row(slot.id, slot.kind, local(slot.created_at))
    output.result({"slots": [_slot_document(slot) for slot in slots]}, table)


def slots_add(
    output: Output,
    unlocking: Unlocking,
    kind: Annotated[SlotKind, typer.Argument(help="What shall open the profile too.")],
    new_passphrase_fd: NewPassphraseOption = None,
) -> None:
    """Add a key slot; a recovery code is shown once."""
    from ondevice.vault.secrets import Keystore, RecoveryCode

    with unlocking.open_vault() as vault:
        code = RecoveryCode.generate() if kind is SlotKind.recovery else None
        secret: Secret = code or (Keystore() if kind is SlotKind.keystore else _new_passphrase(new_passphrase_fd))
        added = vault.add_slot(secret)
    document: dict[str, Any] = {"added": _slot_document(added), "recovery_code": code.text if code else None}
    view = {"added": f"{added.id} ({added.kind})"}
    if code:
        view["recovery code (shown once)"] = code.text
    output.result(document, pairs_table(view))


def slots_remove(
    output: Output, unlocking: Unlocking, slot: Annotated[str, typer.Argument(metavar="ID", help="The slot's id.")]
) -> None:
    """Remove a key slot; never the last."""
    with unlocking.open_vault() as vault:
        vault.remove_slot(slot)
        left = vault.slots()
    output.result({"removed": slot, "slots": [_slot_document(each) for each in left]}, f"removed; {len(left)} left")


def rekey(output: Output, unlocking: Unlocking, recovery: RecoveryFlag = False) -> None:
    """Encrypt everything anew under a new profile key.

    Only the secret that unlocked the profile keeps its access, and a new recovery code with --recovery; all other
    slots are dropped and named. Copies made before keep their old key.
    """
    from ondevice.vault.secrets import RecoveryCode
    from ondevice.vault.vault import Vault

    secret = unlocking.secret()
    code = RecoveryCode.generate() if recovery else None
    with Vault.open(unlocking.profile, secret) as vault:
        before = vault.slots()
        with output.progress("encrypting anew", unit="") as on_progress:
            vault.rekey([secret, *([code] if code else [])], on_progress=on_progress)
        after, epoch = vault.slots(), vault.epoch
    dropped = _dropped(before, after)
    document = {
        "epoch": epoch,
        "slots": [_slot_document(slot) for slot in after],
        "dropped": [_slot_document(slot) for slot in dropped],
        "recovery_code": code.text if code else None,
    }
    view = {"epoch": epoch, "slots": ", ".join(slot.kind for slot in after)}
    if dropped:
        view["dropped"] = ", ".join(f"{slot.kind} {slot.id}" for slot in dropped)
    if code:
        view["recovery code (shown once)"] = code.text
    output.result(document, pairs_table(view))


def _new_passphrase(descriptor: int | None) -> Secret:
    return SecretSource(passphrase_fd=descriptor, prompt="New passphrase").read(confirm=True)


def _slot_document(slot: SlotInfo) -> dict[str, str]:
    return {"id": slot.id, "kind": slot.kind, "created_at": slot.created_at.isoformat()}


def _dropped(before: Sequence[SlotInfo], after: Sequence[SlotInfo]) -> list[SlotInfo]:
    """Return the slots whose kind has fewer places than before; a rekey gives the kept ones new ids."""
    kept = [slot.kind for slot in after]
    dropped = []
    for slot in before:
        if slot.kind in kept:
            kept.remove(slot.kind)
        else:
            dropped.append(slot)
    return dropped
