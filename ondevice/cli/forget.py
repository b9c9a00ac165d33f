"""``ondevice forget`` and ``prune``: erase items and show the receipt."""

from __future__ import annotations

from typing import Annotated

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.failing import UsageError
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.output import Output
from ondevice.cli.receipt_file import ReceiptFile, ReceiptOption
from ondevice.cli.views import receipt_document, receipt_panel
from ondevice.errors import StorageError
from ondevice.records import Filter, Receipt

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def forget(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of the items.")] = None,
    yes: YesOption = False,
    receipt_file: ReceiptOption = None,
) -> None:
    """Erase items and everything derived from them, read the files back, and show the signed receipt.

    Name the items by id, or choose them with --kind, --since, --until, --where and --any; a choice by filter shows the
    number and asks first. Where no item fits, nothing is erased, and there is no receipt (exit code 6).
    """
    if bool(ids) == (selection.filter is not None):
        raise UsageError("say what to forget: either ids, or at least one of --kind, --since, --until, --where, --any")
    with access.open() as me, ReceiptFile(receipt_file) as file:
        chosen: list[str] | Filter = ids or selection.filter or []
        # Without a number to ask about there is nothing, or only what has expired; the erasure itself finds out.
        if isinstance(chosen, Filter) and not yes and (n_items := me.vault.items.count(chosen)):
            typer.confirm(f"Forget {n_items} items for good?", abort=True, err=True)
        receipt = me.forget(chosen)
        problem = file.write(receipt)
    _show(output, receipt, problem)


def prune(output: Output, access: ProfileAccess, receipt_file: ReceiptOption = None) -> None:
    """Forget the items whose time to expire has come."""
    with access.open() as me, ReceiptFile(receipt_file) as file:
        receipt = me.prune()
        problem = None if receipt is None else file.write(receipt)
    if receipt is None:
        output.result({"receipt": None}, "nothing has expired")
    else:
        _show(output, receipt, problem)


def _show(output: Output, receipt: Receipt, problem: str | None) -> None:
    output.result({"receipt": receipt_document(receipt)}, receipt_panel(receipt))
    if problem:
        output.say(f"error: {problem}")
        output.say("hint: keep what stands on stdout; with --json 'ondevice receipt verify' reads it too")
        raise typer.Exit(StorageError.exit_code)
    if not receipt.verified:
        raise typer.Exit(1)
