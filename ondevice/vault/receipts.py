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
from typing import Any, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ondevice.confined import Confined
from ondevice.errors import InputError
from ondevice.records import ArtifactOutcome, Outcome, Receipt
from ondevice.vault.identity import Identity
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


class Notary(Confined):
    """Signs a profile's receipts."""

    def __init__(self, identity: Identity) -> None:
        """Derive the signing key."""
        self._key = Ed25519PrivateKey.from_private_bytes(identity.derive("receipts"))
        self.public_key = self._key.public_key().public_bytes_raw().hex()

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
        return replace(receipt, signature=self._key.sign(_signed_bytes(receipt)).hex())


def verify_receipt(receipt: Receipt, *, public_key: str | None = None) -> bool:
    """Say whether the receipt is as its profile signed it.

    Args:
        receipt: The receipt.
        public_key: The profile's public key, if it is known from elsewhere. Without it anyone could have
            made the receipt with a key of their own; only later changes show.
    """
    if receipt.format != FORMAT or (public_key is not None and public_key != receipt.public_key):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(receipt.public_key))
        key.verify(bytes.fromhex(receipt.signature), _signed_bytes(receipt))
    except (InvalidSignature, ValueError):
        return False
    return True


def receipt_to_json(receipt: Receipt) -> str:
    """Write a receipt as canonical JSON: names sorted, ASCII, no spaces."""
    return _canonical(_document(receipt) | {"signature": receipt.signature})


def receipt_from_json(text: str) -> Receipt:
    """Read a receipt; whether it is genuine, :func:`verify_receipt` says.

    Raises:
        InputError: If it has another form.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or set(document) != _FIELDS:
            raise ValueError
        return _receipt(document)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InputError("this is not a receipt") from None


def _receipt(document: Mapping[str, Any]) -> Receipt:
    artifacts = []
    for entry in document["artifacts"]:
        if set(entry) != {"kind", "name", "outcome", "count"} or entry["outcome"] not in get_args(Outcome):
            raise ValueError
        artifacts.append(ArtifactOutcome(**entry))
    at = datetime.strptime(document["at"].removesuffix("Z") + "+0000", _TIME_FORMAT.removesuffix("Z") + "%z")
    return Receipt(
        **{
            **document,
            "at": from_micros(to_micros(at, "at")),
            "item_ids": tuple(document["item_ids"]),
            "artifacts": tuple(artifacts),
            "caveats": tuple(document["caveats"]),
        }
    )


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
