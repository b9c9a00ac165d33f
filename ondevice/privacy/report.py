"""The report of an audit: what was asked, found, measured and not tested, signed by the profile that was audited.

It is written as receipts are: canonical JSON, signed with the same key, for another purpose. So the one public key that
is noted down outside the profile (``Stats.receipt_key``) checks both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from ondevice.errors import InputError, OndeviceError, VersionError
from ondevice.privacy.findings import Finding, Level, Section, Verdict, worst_of
from ondevice.privacy.section_documents import section_document, section_of
from ondevice.privacy.system import System
from ondevice.safety.strict_json import read_record
from ondevice.vault.statements import Purpose, Signatory, is_signed
from ondevice.vault.times import from_micros, to_micros

FORMAT = 1

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_HEX = frozenset("0123456789abcdef")


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What an audit of one profile found.

    Args:
        profile_id: The profile's random id.
        made_at: When, in UTC.
        sdk: The version of ondevice.
        system: On what.
        deep: Whether checks were allowed to take long.
        sections: What each check has to say, those included that were not run.
        public_key: The key that checks the signature, in hex: the profile's receipt key.
        signature: In hex.
        format: Of its JSON.
    """

    profile_id: str
    made_at: datetime
    sdk: str
    system: System
    deep: bool
    sections: tuple[Section, ...]
    public_key: str
    signature: str = ""
    format: int = FORMAT

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in the order of the checks."""
        return tuple(finding for section in self.sections for finding in section.findings)

    @property
    def worst(self) -> Level | None:
        """The gravest level among the findings; ``None`` without any."""
        return worst_of(self.findings)

    @property
    def verdict(self) -> Verdict:
        """The worst of all checks that were run; ``passed`` says nothing of the others."""
        found = {section.verdict for section in self.sections}
        order: tuple[Verdict, ...] = ("failed", "noted", "passed")
        return next((verdict for verdict in order if verdict in found), "not run")


def signed(report: Report, signatory: Signatory) -> Report:
    """Return the report with the signature of the profile that it is about."""
    report = replace(report, public_key=signatory.public_key)
    return replace(report, signature=signatory.sign(Purpose.AUDIT_REPORT, _signed_bytes(report)))


def verify_report(report: Report, *, public_key: str | None = None) -> bool:
    """Say whether the report is as its profile signed it; what it found, the report says.

    Args:
        report: The report, wherever it comes from: one whose values are of the wrong kind is not genuine either.
        public_key: The profile's public key (``Stats.receipt_key``), if it is known from elsewhere. Without it anyone
            could have made the report with a key of their own; only later changes show.
    """
    try:
        genuine = report_from_json(report_to_json(report))
    except (OndeviceError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        return False
    fits = is_signed(
        Purpose.AUDIT_REPORT, _signed_bytes(genuine), signature=genuine.signature, public_key=genuine.public_key
    )
    return fits and genuine == report and public_key in (None, genuine.public_key)


def report_to_json(report: Report) -> str:
    """Write a report as canonical JSON: names sorted, ASCII, no spaces."""
    return _canonical(_document(report) | {"signature": report.signature})


def report_from_json(text: str) -> Report:
    """Read a report; whether it is genuine, :func:`verify_report` says.

    It must be written byte for byte as :func:`report_to_json` writes it: what is written in another way may be read in
    another way elsewhere, a name that stands twice for one. So its verdicts, too, are those that follow from it.

    Raises:
        InputError: If it has another form.
        VersionError: If a newer release wrote it.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise ValueError
        _refuse_newer(document.get("format"))
        report = _report(document)
        if report_to_json(report) != text:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        raise InputError(
            "this is not an audit's report", hint="a report is read only as report_to_json writes it"
        ) from None
    return report


def digest_of(report: Report) -> str:
    """Return the SHA-256 of the report's JSON, in hex; a page names it."""
    return hashlib.sha256(report_to_json(report).encode("ascii")).hexdigest()


def time_text(time: datetime) -> str:
    """Return a time as reports write it."""
    return from_micros(to_micros(time, "made_at")).strftime(_TIME_FORMAT)


def _refuse_newer(version: object) -> None:
    if type(version) is int and FORMAT < version < 2**31:
        raise VersionError(
            f"the report has format {version}, and this release reads up to {FORMAT}", hint="update ondevice-sdk"
        )


def _report(document: Mapping[str, Any]) -> Report:
    if type(document["format"]) is not int or document["format"] != FORMAT or type(document["deep"]) is not bool:
        raise ValueError
    made_at = datetime.strptime(document["made_at"].removesuffix("Z") + "+0000", _TIME_FORMAT.removesuffix("Z") + "%z")
    if type(document["sdk"]) is not str:
        raise ValueError
    return Report(
        profile_id=_hex(document["profile_id"], 16),
        made_at=from_micros(to_micros(made_at, "made_at")),
        sdk=document["sdk"],
        system=read_record(System, document["system"], "the system", ValueError),
        deep=document["deep"],
        sections=tuple(section_of(each) for each in document["sections"]),
        public_key=_hex(document["public_key"], 32),
        signature=_hex(document["signature"], 64),
    )


def _document(report: Report) -> dict[str, Any]:
    """Return all that is signed. Whatever follows from the rest is written too, for those who read only that."""
    return {
        "format": report.format,
        "profile_id": report.profile_id,
        "made_at": time_text(report.made_at),
        "sdk": report.sdk,
        "system": asdict(report.system),
        "deep": report.deep,
        "verdict": report.verdict,
        "worst": report.worst,
        "sections": [section_document(each) for each in report.sections],
        "public_key": report.public_key,
    }


def _signed_bytes(report: Report) -> bytes:
    return _canonical(_document(report)).encode("ascii")


def _hex(value: object, n_bytes: int) -> str:
    if type(value) is not str or len(value) != 2 * n_bytes or not set(value) <= _HEX:
        raise ValueError
    return value


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
