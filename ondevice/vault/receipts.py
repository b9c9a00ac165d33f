"""Receipts: signed statements of what an erasure did.

The signature is Ed25519 (RFC 8032) over the canonical JSON of all other fields. The key belongs to the profile
and stays the same when its other keys change, so whoever keeps the public key can tell this profile's receipts from
others'.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar, get_args

from ondevice.errors import InputError, OndeviceError, VersionError
from ondevice.records import ArtifactOutcome, Outcome, Receipt
from ondevice.safety.confined import Confined
from ondevice.vault.identity import Identity
from ondevice.vault.statements import Purpose, Signatory, is_signed
from ondevice.vault.times import from_micros, to_micros

FORMAT = 1
CAVEATS = (
    "copies outside the profile are not reached: earlier backups, exports, and what other programs synchronized",
    "disk blocks that the file system has freed, on flash above all, may keep the old encrypted pages until they are"
    " reused; replacing the profile key makes those unreadable",
    "memory, swap and hibernation files were not read back",
)

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_FIELDS = {"format", "profile_id", "at", "item_ids", "artifacts", "verified", "caveats", "public_key", "signature"}
_INCOMPLETE = {"pending", "found"}
_HEX = frozenset("0123456789abcdef")

_T = TypeVar("_T")


class Notary(Confined):
    """Signs a profile's receipts."""

    def __init__(self, identity: Identity) -> None:
        self._signatory = Signatory(identity)

    @property
    def public_key(self) -> str:
        """The key that checks the receipts, in hex."""
        return self._signatory.public_key

    def sign(
        self,
        profile_id: str,
        at_us: int,
        item_ids: Sequence[str],
        artifacts: Sequence[ArtifactOutcome],
        caveats: Sequence[str] = CAVEATS,
    ) -> Receipt:
        """Return a receipt; it counts as verified if no artifact is ``pending`` or ``found``."""
        receipt = Receipt(
            format=FORMAT,
            profile_id=profile_id,
            at=from_micros(at_us),
            item_ids=tuple(item_ids),
            artifacts=tuple(artifacts),
            verified=not any(artifact.outcome in _INCOMPLETE for artifact in artifacts),
            caveats=tuple(caveats),
            public_key=self.public_key,
        )
        return replace(receipt, signature=self._signatory.sign(Purpose.RECEIPT, _signed_bytes(receipt)))


def verify_receipt(receipt: Receipt, *, public_key: str | None = None) -> bool:
    """Say whether the receipt is as its profile signed it; whether all was erased, ``receipt.verified`` says.

    Args:
        receipt: The receipt, wherever it comes from: one whose values are of the wrong kind is not genuine either.
        public_key: The profile's public key (``Stats.receipt_key``), if it is known from elsewhere. Without it anyone
            could have made the receipt with a key of their own; only later changes show.
    """
    try:
        genuine = receipt_from_json(receipt_to_json(receipt))
    except (OndeviceError, ValueError, TypeError, AttributeError, RecursionError):
        return False
    return (
        is_signed(Purpose.RECEIPT, _signed_bytes(genuine), signature=genuine.signature, public_key=genuine.public_key)
        and genuine == receipt
        and public_key in (None, genuine.public_key)
    )


def receipt_to_json(receipt: Receipt) -> str:
    """Write a receipt as canonical JSON: names sorted, ASCII, no spaces."""
    return _canonical(_document(receipt) | {"signature": receipt.signature})


def receipt_from_json(text: str) -> Receipt:
    """Read a receipt; whether it is genuine, :func:`verify_receipt` says.

    It must be written byte for byte as :func:`receipt_to_json` writes it: what is written in another way may be read in
    another way elsewhere, a name that stands twice for one.

    Raises:
        InputError: If it has another form.
        VersionError: If a newer release wrote it.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise ValueError
        _refuse_newer(document.get("format"))
        receipt = _receipt(document)
        if receipt_to_json(receipt) != text:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise InputError("this is not a receipt", hint="a receipt is read only as receipt_to_json writes it") from None
    return receipt


def _refuse_newer(version: object) -> None:
    if type(version) is int and FORMAT < version < 2**31:
        raise VersionError(
            f"the receipt has format {version}, and this release reads up to {FORMAT}", hint="update ondevice-sdk"
        )


def _receipt(document: Mapping[str, Any]) -> Receipt:
    """Build a receipt of values that have the right types, and say what such a receipt can say."""
    if set(document) != _FIELDS or type(document["format"]) is not int or document["format"] != FORMAT:
        raise ValueError
    artifacts = tuple(_artifact(entry) for entry in _list(document["artifacts"], dict))
    verified = not any(each.outcome in _INCOMPLETE for each in artifacts)
    if document["verified"] is not verified:
        raise ValueError
    at = datetime.strptime(_text(document["at"]).removesuffix("Z") + "+0000", _TIME_FORMAT.removesuffix("Z") + "%z")
    return Receipt(
        format=FORMAT,
        profile_id=_hex(document["profile_id"], 16),
        at=from_micros(to_micros(at, "at")),
        item_ids=tuple(_list(document["item_ids"], str)),
        artifacts=artifacts,
        verified=verified,
        caveats=tuple(_list(document["caveats"], str)),
        public_key=_hex(document["public_key"], 32),
        signature=_hex(document["signature"], 64),
    )


def _artifact(entry: Mapping[str, Any]) -> ArtifactOutcome:
    outcome, count = entry["outcome"], entry["count"]
    if set(entry) != {"kind", "name", "outcome", "count"} or outcome not in get_args(Outcome):
        raise ValueError
    if type(count) is not int or not 0 <= count < 2**63:
        raise ValueError
    return ArtifactOutcome(kind=_text(entry["kind"]), name=_text(entry["name"]), outcome=outcome, count=count)


def _list(value: object, kind: type[_T]) -> list[_T]:
    if type(value) is not list or not all(type(each) is kind for each in value):
        raise ValueError
    return value


def _text(value: object) -> str:
    if type(value) is not str:
        raise ValueError
    return value


def _hex(value: object, n_bytes: int) -> str:
    text = _text(value)
    if len(text) != 2 * n_bytes or not set(text) <= _HEX:
        raise ValueError
    return text


def _document(receipt: Receipt) -> dict[str, Any]:
    return {
        "format": receipt.format,
        "profile_id": receipt.profile_id,
        "at": from_micros(to_micros(receipt.at, "at")).strftime(_TIME_FORMAT),
        "item_ids": list(receipt.item_ids),
        "artifacts": [
            {"kind": each.kind, "name": each.name, "outcome": each.outcome, "count": each.count}
            for each in receipt.artifacts
        ],
        "verified": receipt.verified,
        "caveats": list(receipt.caveats),
        "public_key": receipt.public_key,
    }


def _signed_bytes(receipt: Receipt) -> bytes:
    return _canonical(_document(receipt)).encode("ascii")


def _canonical(document: Mapping[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
