"""Key slots: the profile key, wrapped once for each secret that may unlock it.

Wrapping is symmetric on purpose: to make a slot one needs the secret that opens it. With public-key
slots anyone who can write to the disk could wrap a profile key of their own for the user's public key
and put a whole profile of their making in the place of the real one, and it would unlock. The price is
that a new profile key reaches only the slots whose secret is at hand.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ondevice.config import KdfConfig
from ondevice.errors import LockedError
from ondevice.vault.kdf import SALT_BYTES, ProfileKey, argon2id, check_kdf, purpose_key
from ondevice.vault.keystore import fetch_secret, store_secret
from ondevice.vault.secrets import AppKey, Keystore, Passphrase, RecoveryCode, Secret

FORMAT = 1
SLOT_ID_BYTES = 4
WRAPPED_KEY_BYTES = 48
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"

SlotKind = Literal["passphrase", "recovery", "app", "keystore"]

_KINDS: dict[type, SlotKind] = {
    Passphrase: "passphrase",
    RecoveryCode: "recovery",
    AppKey: "app",
    Keystore: "keystore",
}
_CALLED: dict[SlotKind, str] = {
    "passphrase": "passphrase",
    "recovery": "recovery code",
    "app": "app key",
    "keystore": "keystore's secret",
}
# One nonce serves every slot, because no two share a key: each key comes from 32 random bytes of salt.
_NONCE = bytes(12)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlotInfo:
    """What may be shown of a slot. Only an unlocked profile's slots are known to be genuine."""

    id: str
    kind: SlotKind
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """One slot as ``keys.json`` holds it; ``kdf`` is a passphrase's, ``service`` and ``backend`` a keystore's."""

    id: str
    kind: SlotKind
    created_at: datetime
    salt: bytes = field(repr=False)
    wrapped_key: bytes = field(repr=False, default=b"")
    kdf: KdfConfig | None = None
    service: str | None = None
    backend: str | None = None

    def info(self) -> SlotInfo:
        """Return what may be shown."""
        return SlotInfo(id=self.id, kind=self.kind, created_at=self.created_at)

    def bound_fields(self) -> dict[str, Any]:
        """Return all fields but the wrapped key, in the order and spelling of ``keys.json``."""
        fields: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "created_at": self.created_at.strftime(TIME_FORMAT),
        }
        if self.kdf is not None:
            fields["kdf"] = {
                "passes": self.kdf.passes,
                "memory_kib": self.kdf.memory_kib,
                "lanes": self.kdf.lanes,
            }
        if self.service is not None:
            fields |= {"service": self.service, "backend": self.backend}
        return fields | {"salt": base64.b64encode(self.salt).decode("ascii")}


def kind_of(secret: Secret) -> SlotKind:
    """Return the kind of slot this secret opens.

    Raises:
        TypeError: If it is no secret.
    """
    kind = _KINDS.get(type(secret))
    if kind is None:
        raise TypeError(f"a secret is a Passphrase, RecoveryCode, AppKey or Keystore, not {type(secret).__name__}")
    return kind


def make_slot(profile_key: ProfileKey, secret: Secret, kdf: KdfConfig, *, profile_id: str, epoch: int) -> Slot:
    """Wrap the profile key for this secret; for a keystore, draw its secret and store it there first.

    Raises:
        ValueError: If a passphrase's cost lies outside the limits.
        KeystoreError: If the keystore refuses.
        LockedError: If the system cannot pay a passphrase's cost.
    """
    kind = kind_of(secret)
    slot_id = secrets.token_hex(SLOT_ID_BYTES)
    service = backend = None
    if isinstance(secret, Passphrase):
        check_kdf(kdf)
    if isinstance(secret, Keystore):
        material, backend = store_secret(secret, account_name(profile_id, slot_id))
        service = secret.service
    slot = Slot(
        id=slot_id,
        kind=kind,
        created_at=datetime.now(UTC).replace(microsecond=0),
        salt=secrets.token_bytes(SALT_BYTES),
        kdf=kdf if isinstance(secret, Passphrase) else None,
        service=service,
        backend=backend,
    )
    if not isinstance(secret, Keystore):
        material = _material(slot, secret, profile_id)
    wrapped = _cipher(slot, material).encrypt(_NONCE, profile_key.reveal(), _bound(slot, profile_id, epoch))
    return replace(slot, wrapped_key=wrapped)


def open_slot(slot: Slot, secret: Secret, *, profile_id: str, epoch: int, accepts_weak: bool = False) -> ProfileKey:
    """Unwrap the profile key.

    Raises:
        LockedError: If the secret is not this slot's, or a byte of the slot was changed; the two
            cannot be told apart.
        KeystoreError: If the keystore refuses or has lost its entry.
    """
    cipher = _cipher(slot, _material(slot, secret, profile_id, accepts_weak=accepts_weak))
    try:
        return ProfileKey(cipher.decrypt(_NONCE, slot.wrapped_key, _bound(slot, profile_id, epoch)))
    except InvalidTag:
        raise LockedError(f"the {_CALLED[slot.kind]} does not open this profile") from None


def account_name(profile_id: str, slot_id: str) -> str:
    """Return the account a keystore slot's entry stands under."""
    return f"{profile_id}/{slot_id}"


def canonical_json(value: Mapping[str, Any]) -> bytes:
    """Write an object in the one form that tags are computed over: sorted keys, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def _material(slot: Slot, secret: Secret, profile_id: str, *, accepts_weak: bool = False) -> bytes:
    """Return what the slot's key is expanded from: at least 128 bits that nobody can guess."""
    if isinstance(secret, Keystore):
        return fetch_secret(secret, account_name(profile_id, slot.id), made_with=slot.backend or "")
    if isinstance(secret, Passphrase) and slot.kdf is not None:
        return argon2id(secret.material(), slot.salt, slot.kdf, accepts_weak=accepts_weak)
    return secret.material()


def _cipher(slot: Slot, material: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(purpose_key(material, f"slot/{slot.kind}", slot.salt))


def _bound(slot: Slot, profile_id: str, epoch: int) -> bytes:
    """Name the slot's place and every parameter of it, so that none can be changed or the slot be moved."""
    return canonical_json({"format": FORMAT, "profile_id": profile_id, "epoch": epoch, "slot": slot.bound_fields()})
