"""``ondevice receipt verify``: check a receipt, without a profile."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.cli.texts_in import read_named
from ondevice.cli.views import pairs_table, receipt_document, receipt_panel
from ondevice.errors import CorruptError, InputError, NotFoundError
from ondevice.records import Receipt
from ondevice.safety.printable import one_line
from ondevice.safety.strict_json import parse_json

MAX_RECEIPT_BYTES = 256 << 20

_KEY = re.compile(r"[0-9a-f]{64}")
_N_SHOWN = 20
_ANYONE = (
    "without --key this shows only that nothing was changed since it was signed: anyone can make such a receipt with a "
    "key of their own"
)


def verify(
    output: Output,
    file: Annotated[str, typer.Argument(metavar="FILE", help="The receipt's file, or - for stdin.")],
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="KEY", help="The profile's receipt key, as 'ondevice stats' tells it."),
    ] = None,
) -> None:
    """Check that a receipt is as its profile signed it, and say what it says; no profile is needed.

    FILE is what 'ondevice forget --receipt FILE' or receipt_to_json wrote, or the document of 'ondevice forget --json'.
    The exit code is 0 only if the signature fits and the receipt says that all was erased; 1 if it is signed but says
    that something is left, or names no item; 4 if it was changed or another key signed it; 13 if it is no receipt.

    Without --key anyone could have made it with a key of their own. Note the profile's key down before it is needed:
    a profile that is gone cannot tell it any more.
    """
    from ondevice.vault.receipts import verify_receipt

    wanted = receipt_key(key)
    if file != "-" and not os.path.exists(file):
        raise NotFoundError(f"there is no file {one_line(file)}", hint="check the path")
    receipt = _read(read_named(file, "receipt", limit_bytes=MAX_RECEIPT_BYTES))
    if not verify_receipt(receipt):
        raise CorruptError("the receipt was changed, or was never signed: its signature does not fit")
    if wanted not in (None, receipt.public_key):
        raise CorruptError(
            "the receipt is signed, but not with the given key", hint="another profile's, or one that someone made up"
        )
    is_whole = receipt.verified and bool(receipt.item_ids)
    document = {
        "receipt": receipt_document(receipt),
        "signature_fits": True,
        "is_genuine": True if wanted else None,
        "says_verified": is_whole,
        "note": None if wanted else _ANYONE,
    }
    output.result(document, pairs_table(_facts(receipt)), Group(receipt_panel(receipt), *_verdict(receipt, wanted)))
    if not is_whole:
        raise typer.Exit(1)


RECEIPTS: dict[str, Callable[..., None]] = {"verify": verify}


def receipt_key(given: str | None) -> str | None:
    """Read the option ``--key``, or refuse what is no key."""
    if given is None:
        return None
    wanted = given.strip().lower()
    if not _KEY.fullmatch(wanted):
        raise UsageError("--key needs the 64 hex digits that 'ondevice stats' tells as the receipt key")
    return wanted


def _read(data: bytes) -> Receipt:
    """Read what receipt_to_json wrote, with a line feed behind it or without, or the document of a command."""
    from ondevice.vault.receipts import receipt_from_json

    try:
        text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
        document = parse_json(text)
    except ValueError:
        raise InputError("this is not a receipt") from None
    if isinstance(document, dict) and set(document) == {"receipt"}:
        # Every name stands once in it, so it can be read in one way only.
        text = json.dumps(document["receipt"], sort_keys=True, separators=(",", ":"))
    return receipt_from_json(text)


def _facts(receipt: Receipt) -> dict[str, Any]:
    more = len(receipt.item_ids) - _N_SHOWN
    ids = ", ".join(receipt.item_ids[:_N_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return {"profile": receipt.profile_id, "signed by": receipt.public_key, "items": ids or "none"}


def _verdict(receipt: Receipt, key: str | None) -> list[Text]:
    lines = [Text("the signature fits" + (" the given key: it is genuine" if key else ""), style="green")]
    if not receipt.item_ids:
        lines.append(Text("but it names no item, so nothing was erased", style="bold red"))
    elif not receipt.verified:
        lines.append(Text("but it says itself that the erasure was not complete", style="bold red"))
    if key is None:
        lines.append(Text(_ANYONE, style="bold"))
    return lines
