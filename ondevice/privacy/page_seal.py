"""The signature of an audit's page: one last line that signs every byte before it.

So the page is one file that can be passed on, and whoever has the profile's public key can tell that nobody changed it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from ondevice.errors import InputError
from ondevice.privacy.findings import Verdict
from ondevice.privacy.report import Report, digest_of, time_text
from ondevice.vault.statements import Purpose, Signatory, is_signed

_LAST = re.compile(rb"<!-- ondevice audit page: key ([0-9a-f]{64}), signature ([0-9a-f]{128}) -->\n")
_LAST_BYTES = len(b"<!-- ondevice audit page: key , signature  -->\n") + 64 + 128
# Everything else that the page says is escaped, so nothing else in it can look like this.
_ABOUT = re.compile(
    rb'<meta name="ondevice-audit" content="profile=([0-9a-f]{32}) made-at=([0-9TZ:.-]{27}) '
    rb'verdict=(passed|noted|failed|not-run) report-sha256=([0-9a-f]{64})">'
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSeal:
    """What a page says of itself, and who signed it.

    Args:
        profile_id: The audited profile's random id.
        made_at: When the audit was made.
        verdict: What it came to.
        report_sha256: Of the report's JSON, so that page and report can be told to belong together.
        public_key: The key that checks the signature, in hex.
        signature: In hex.
    """

    profile_id: str
    made_at: datetime
    verdict: Verdict
    report_sha256: str
    public_key: str
    signature: str


def about(report: Report) -> str:
    """Return the element of a page's head that says what it is about."""
    return (
        f'<meta name="ondevice-audit" content="profile={report.profile_id} made-at={time_text(report.made_at)} '
        f'verdict={report.verdict.replace(" ", "-")} report-sha256={digest_of(report)}">'
    )


def sealed(page: str, signatory: Signatory) -> bytes:
    """Return a page's bytes with the line that signs them."""
    content = page.encode("utf-8")
    signature = signatory.sign(Purpose.AUDIT_PAGE, content)
    return content + f"<!-- ondevice audit page: key {signatory.public_key}, signature {signature} -->\n".encode()


def seal_of(page: bytes) -> PageSeal:
    """Read what a page says of itself; whether it is genuine, :func:`verify_page` says.

    Raises:
        InputError: If it is no page of an audit, or its last line is missing.
    """
    last, head = _LAST.fullmatch(page[-_LAST_BYTES:]), _ABOUT.search(page)
    if last is None or head is None:
        raise InputError(
            "this is not an audit's page", hint="take the file that the audit wrote: a browser saves another one"
        )
    try:
        made_at = datetime.fromisoformat(head[2].decode("ascii"))
    except ValueError:
        raise InputError("this is not an audit's page: it says no time") from None
    return PageSeal(
        profile_id=head[1].decode("ascii"),
        made_at=made_at,
        verdict=cast("Verdict", head[3].decode("ascii").replace("-", " ")),
        report_sha256=head[4].decode("ascii"),
        public_key=last[1].decode("ascii"),
        signature=last[2].decode("ascii"),
    )


def verify_page(page: bytes, *, public_key: str | None = None) -> bool:
    """Say whether a page is, byte for byte, as the audited profile signed it.

    Args:
        page: The file's bytes.
        public_key: The profile's public key (``Stats.receipt_key``), if it is known from elsewhere. Without it anyone
            could have made the page with a key of their own; only later changes show.
    """
    try:
        seal = seal_of(page)
    except InputError:
        return False
    content = page[:-_LAST_BYTES]
    fits = is_signed(Purpose.AUDIT_PAGE, content, signature=seal.signature, public_key=seal.public_key)
    return fits and public_key in (None, seal.public_key)
