"""``ondevice audit verify``: check an audit's report or page, without a profile."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from ondevice.cli.output import Output
from ondevice.cli.receipt import receipt_key
from ondevice.cli.texts_in import read_named
from ondevice.cli.views import pairs_table
from ondevice.errors import InputError, NotFoundError
from ondevice.safety.printable import one_line
from ondevice.safety.strict_json import parse_json

if TYPE_CHECKING:
    from ondevice.privacy.findings import Verdict
    from ondevice.privacy.report import Report

MAX_BYTES = 64 << 20

_ANYONE = (
    "without --key this shows only that nothing was changed since it was signed: anyone can make such evidence with a "
    "key of their own"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Evidence:
    """What a report or a page says of itself, and whether its signature fits."""

    kind: str
    fits: bool
    profile_id: str
    made_at: datetime
    verdict: Verdict
    report_sha256: str
    public_key: str


def verify(
    output: Output,
    file: Annotated[str, typer.Argument(metavar="FILE", help="audit.json or audit.html, or - for stdin.")],
    key: Annotated[
        str | None,
        typer.Option("--key", metavar="KEY", help="The profile's receipt key, as 'ondevice stats' tells it."),
    ] = None,
) -> None:
    """Check that an audit's report or page is as its profile signed it; no profile is needed.

    FILE is what 'ondevice audit --out DIR' wrote, or the document of 'ondevice audit --json'. The exit code is 0 if the
    signature fits, whatever the audit found; 1 if the file was changed, or another key signed it; 13 if it is no
    evidence of an audit.

    Without --key anyone could have made it with a key of their own. Note the profile's key down before it is needed.
    """
    wanted = receipt_key(key)
    if file != "-" and not os.path.exists(file):
        raise NotFoundError(f"there is no file {one_line(file)}", hint="check the path")
    found = _read(read_named(file, "evidence", limit_bytes=MAX_BYTES))
    is_refused = not found.fits or wanted not in (None, found.public_key)
    document = {
        "kind": found.kind,
        "profile_id": found.profile_id,
        "made_at": found.made_at,
        "verdict": found.verdict,
        "report_sha256": found.report_sha256,
        "public_key": found.public_key,
        "signature_fits": found.fits,
        "is_genuine": False if is_refused else True if wanted else None,
        "note": None if is_refused or wanted else _ANYONE,
    }
    output.result(document, *([] if is_refused else [pairs_table(_facts(found))]), Group(*_outcome(found, wanted)))
    if is_refused:
        raise typer.Exit(1)


def _read(data: bytes) -> _Evidence:
    """Read a page by its first byte, and a report otherwise, as it was written or in the document of a command."""
    from ondevice.privacy.page_seal import seal_of, verify_page
    from ondevice.privacy.report import digest_of, verify_report

    if data[:1] == b"<":
        seal = seal_of(data)
        return _Evidence(
            kind="page",
            fits=verify_page(data),
            profile_id=seal.profile_id,
            made_at=seal.made_at,
            verdict=seal.verdict,
            report_sha256=seal.report_sha256,
            public_key=seal.public_key,
        )
    report = _report(data)
    return _Evidence(
        kind="report",
        fits=verify_report(report),
        profile_id=report.profile_id,
        made_at=report.made_at,
        verdict=report.verdict,
        report_sha256=digest_of(report),
        public_key=report.public_key,
    )


def _report(data: bytes) -> Report:
    from ondevice.privacy.report import report_from_json

    try:
        text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
        document = parse_json(text)
    except ValueError:
        raise InputError("this is neither an audit's report nor its page") from None
    if isinstance(document, dict) and set(document) == {"report", "files"}:
        # Every name stands once in it, so it can be read in one way only.
        text = json.dumps(document["report"], sort_keys=True, separators=(",", ":"))
    return report_from_json(text)


def _facts(found: _Evidence) -> dict[str, Any]:
    return {
        "profile": found.profile_id,
        "audited": found.made_at.strftime("%Y-%m-%d %H:%M UTC"),
        "verdict": found.verdict,
        "report SHA-256": found.report_sha256,
        "signed by": found.public_key,
    }


def _outcome(found: _Evidence, key: str | None) -> list[Text]:
    if not found.fits:
        return [
            Text(f"the {found.kind} was changed, or was never signed: its signature does not fit", style="bold red")
        ]
    if key not in (None, found.public_key):
        return [
            Text(
                f"the {found.kind} is signed, but not with the given key: it is another profile's, or made up",
                style="bold red",
            )
        ]
    fits = Text("the signature fits" + (" the given key: it is genuine" if key else ""), style="green")
    return [fits] if key else [fits, Text(_ANYONE, style="bold")]
