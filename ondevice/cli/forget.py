"""``ondevice forget`` and ``prune``: erase items and show the receipt."""

from __future__ import annotations

from typing import Annotated

import typer

from ondevice.cli.access import Access
from ondevice.cli.failing import UsageError
from ondevice.cli.filtering import Selection
from ondevice.cli.output import Output
from ondevice.cli.views import receipt_document, receipt_panel
from ondevice.records import Filter, Receipt

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def forget(
    output: Output,
    access: Access,
    selection: Selection,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of the items.")] = None,
    yes: YesOption = False,
) -> None:
    """Erase items and everything derived from them, read the files back, and show the signed receipt.

    Name the items by id, or choose them with --kind, --since, --until and --where; a choice by filter shows the
    number and asks first.
    """
    if bool(ids) == (selection.filter is not None):
        raise UsageError("say what to forget: either ids, or at least one of --kind, --since, --until, --where")
    with access.open() as me:
        chosen: list[str] | Filter = ids or selection.filter or []
        if isinstance(chosen, Filter) and not yes:
            n_items = me.vault.items.count(chosen)
            typer.confirm(f"Forget {n_items} items for good?", abort=True, err=True)
        receipt = me.forget(chosen)
    _show(output, receipt)


def prune(output: Output, access: Access) -> None:
    """Forget the items whose time to expire has come."""
    with access.open() as me:
        receipt = me.prune()
    if receipt is None:
        output.result({"receipt": None}, "nothing has expired")
    else:
        _show(output, receipt)


def _show(output: Output, receipt: Receipt) -> None:
    output.result({"receipt": receipt_document(receipt)}, receipt_panel(receipt))
    if not receipt.verified:
        raise typer.Exit(1)
