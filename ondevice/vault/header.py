"""The bytes of ``keys.json``: read strictly, written in one way only.

Nothing in the file is secret, and all of it may have been edited by someone else. A file is accepted
only if it is, byte for byte, what this module would write for what it reads, so no byte has two
meanings; the tag then shows, once the profile key is there, that it is the file that was written.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast, get_args

from ondevice.config import KdfConfig
from ondevice.errors import CorruptError, VersionError
from ondevice.safety.strict_json import Section, parse_json, read_record
from ondevice.vault.kdf import SALT_BYTES, ProfileKey, check_kdf
from ondevice.vault.secrets import is_service_name
from ondevice.vault.slots import FORMAT, TIME_FORMAT, WRAPPED_KEY_BYTES, Slot, SlotKind, canonical_json

MAX_FILE_BYTES = 16 * 1024
MAX_SLOTS = 8
MAX_EPOCH = 2**31 - 1
TAG_BYTES = 32

_PROFILE_ID = re.compile(r"[0-9a-f]{32}")
_SLOT_ID = re.compile(r"[0-9a-f]{8}")
_BACKEND = re.compile(r"[A-Za-z0-9_.<>]{1,200}")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyHeader:
    """What ``keys.json`` says; ``tag`` authenticates the rest."""

    profile_id: str
    epoch: int
    slots: tuple[Slot, ...]
    tag: bytes = field(default=b"", repr=False)


def compute_tag(header: KeyHeader, profile_key: ProfileKey) -> bytes:
    """Return HMAC-SHA256 over everything but the tag, under the key derived for headers."""
    return hmac.digest(profile_key.derive("header"), canonical_json(_untagged(header)), "sha256")


def render(header: KeyHeader) -> bytes:
    """Write the file's bytes.

    Raises:
        CorruptError: If :func:`parse` would refuse them, so that no unreadable file is ever written.
    """
    data = _render(header)
    parse(data)
    return data


def parse(data: bytes, *, accepts_weak: bool = False) -> KeyHeader:
    """Read the file's bytes, and refuse all that is not exactly what :func:`render` writes.

    Key derivation costs are checked here, before any is paid; ``accepts_weak`` lets those pass that protect too little.

    Raises:
        CorruptError: If a field is missing, unknown, ill-typed or out of range, or a byte is not canonical.
        VersionError: If the format is newer than this release's.
    """
    document = _load(data)
    version = document.take("format", int)
    if version < 1:
        raise CorruptError("keys.json does not say its format")
    if version > FORMAT:
        raise VersionError(
            f"keys.json has format {version}, and this release reads up to {FORMAT}", hint="update ondevice-sdk"
        )
    epoch, slots = document.take("epoch", int), document.take("slots", list)
    if not 1 <= epoch <= MAX_EPOCH:
        raise CorruptError("the epoch in keys.json is out of range")
    if not 1 <= len(slots) <= MAX_SLOTS:
        raise CorruptError(f"keys.json does not have between 1 and {MAX_SLOTS} slots")
    header = KeyHeader(
        profile_id=_text(document, "profile_id", _PROFILE_ID),
        epoch=epoch,
        slots=tuple(_parse_slot(slot, accepts_weak=accepts_weak) for slot in slots),
        tag=_decoded(document, "tag", TAG_BYTES),
    )
    document.end()
    if len({slot.id for slot in header.slots}) < len(header.slots):
        raise CorruptError("two slots in keys.json have the same id")
    if _render(header) != data:
        raise CorruptError("keys.json is not written in its one canonical way")
    return header


def _untagged(header: KeyHeader) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "profile_id": header.profile_id,
        "epoch": header.epoch,
        "slots": [slot.bound_fields() | {"wrapped_key": _encoded(slot.wrapped_key)} for slot in header.slots],
    }


def _render(header: KeyHeader) -> bytes:
    document = _untagged(header) | {"tag": _encoded(header.tag)}
    return json.dumps(document, indent=2, ensure_ascii=True).encode("ascii") + b"\n"


def _load(data: bytes) -> Section:
    try:
        return Section(parse_json(data.decode("ascii"), has_fractions=False), "keys.json", CorruptError)
    except ValueError:
        raise CorruptError("keys.json is not the JSON that this format allows") from None


def _parse_slot(value: object, *, accepts_weak: bool) -> Slot:
    slot = Section(value, "a slot in keys.json", CorruptError)
    kind = slot.take("kind", str)
    if kind not in get_args(SlotKind):
        raise CorruptError("a slot in keys.json is of no known kind")
    service = slot.take("service", str) if kind == "keystore" else None
    if service is not None and not is_service_name(service):
        raise CorruptError("a keystore slot's service name has the wrong form")
    parsed = Slot(
        id=_text(slot, "id", _SLOT_ID),
        kind=cast("SlotKind", kind),
        created_at=_time(slot.take("created_at", str)),
        salt=_decoded(slot, "salt", SALT_BYTES),
        wrapped_key=_decoded(slot, "wrapped_key", WRAPPED_KEY_BYTES),
        kdf=_parse_kdf(slot.take_any("kdf"), accepts_weak=accepts_weak) if kind == "passphrase" else None,
        service=service,
        backend=_text(slot, "backend", _BACKEND) if kind == "keystore" else None,
    )
    slot.end()
    return parsed


def _parse_kdf(value: object, *, accepts_weak: bool) -> KdfConfig:
    """Read a passphrase's cost. An edited one could make unlocking take terabytes, or nothing at all."""
    kdf = read_record(KdfConfig, value, "a slot's key derivation", CorruptError)
    try:
        check_kdf(kdf, accepts_weak=accepts_weak)
    except (TypeError, ValueError) as error:
        raise CorruptError(f"keys.json holds a cost that is never used: {error}") from None
    return kdf


def _text(section: Section, name: str, form: re.Pattern[str]) -> str:
    value = section.take(name, str)
    if form.fullmatch(value) is None:
        raise CorruptError(f"the field {name!r} in keys.json has the wrong form")
    return value


def _time(value: str) -> datetime:
    try:
        return datetime.strptime(value, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise CorruptError("a time in keys.json has the wrong form") from None


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(section: Section, name: str, n_bytes: int) -> bytes:
    try:
        data = base64.b64decode(section.take(name, str), validate=True)
    except ValueError:
        data = b""
    if len(data) != n_bytes:
        raise CorruptError(f"the field {name!r} in keys.json is not {n_bytes} bytes of base64")
    return data
