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
from typing import Any, NoReturn

from ondevice.config import KdfConfig
from ondevice.errors import CorruptError, VersionError
from ondevice.vault.kdf import SALT_BYTES, ProfileKey, check_kdf
from ondevice.vault.secrets import is_service_name
from ondevice.vault.slots import FORMAT, TIME_FORMAT, WRAPPED_KEY_BYTES, Slot, canonical_json

MAX_FILE_BYTES = 16 * 1024
MAX_SLOTS = 8
MAX_EPOCH = 2**31 - 1
TAG_BYTES = 32

_PROFILE_ID = re.compile(r"[0-9a-f]{32}")
_SLOT_ID = re.compile(r"[0-9a-f]{8}")
_BACKEND = re.compile(r"[A-Za-z0-9_.<>]{1,200}")
_SLOT_FIELDS = {"id", "kind", "created_at", "salt", "wrapped_key"}
_FIELDS_OF_KIND = {
    "passphrase": _SLOT_FIELDS | {"kdf"},
    "recovery": _SLOT_FIELDS,
    "app": _SLOT_FIELDS,
    "keystore": _SLOT_FIELDS | {"service", "backend"},
}


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


def parse(data: bytes) -> KeyHeader:
    """Read the file's bytes, and refuse all that is not exactly what :func:`render` writes.

    Key derivation costs are checked here, before any is paid.

    Raises:
        CorruptError: If a field is missing, unknown, ill-typed or out of range, or a byte is not canonical.
        VersionError: If the format is newer than this release's.
    """
    document = _load(data)
    if type(document.get("format")) is not int or document["format"] < 1:
        raise CorruptError("keys.json does not say its format")
    if document["format"] > FORMAT:
        raise VersionError(
            f"keys.json has format {document['format']}, and this release reads up to {FORMAT}",
            hint="update ondevice-sdk",
        )
    _require_fields(document, {"format", "profile_id", "epoch", "slots", "tag"}, "keys.json")
    epoch, slots = document["epoch"], document["slots"]
    if type(epoch) is not int or not 1 <= epoch <= MAX_EPOCH:
        raise CorruptError("the epoch in keys.json is out of range")
    if not isinstance(slots, list) or not 1 <= len(slots) <= MAX_SLOTS:
        raise CorruptError(f"keys.json does not have between 1 and {MAX_SLOTS} slots")
    header = KeyHeader(
        profile_id=_text(document["profile_id"], _PROFILE_ID, "profile id"),
        epoch=epoch,
        slots=tuple(_parse_slot(slot) for slot in slots),
        tag=_decoded(document["tag"], TAG_BYTES, "tag"),
    )
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


def _load(data: bytes) -> dict[str, Any]:
    """Parse JSON without the liberties Python's reader takes: no floats, no NaN, no repeated names."""
    try:
        document = json.loads(
            data.decode("ascii"), object_pairs_hook=_unique, parse_float=_reject, parse_constant=_reject
        )
    except (ValueError, RecursionError):
        raise CorruptError("keys.json is not the JSON that this format allows") from None
    if not isinstance(document, dict):
        raise CorruptError("keys.json is not a JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("repeated name")
    return fields


def _reject(text: str) -> NoReturn:
    raise ValueError("only whole numbers are allowed")


def _parse_slot(slot: object) -> Slot:
    kind = slot.get("kind") if isinstance(slot, dict) else None
    if not isinstance(kind, str) or kind not in _FIELDS_OF_KIND:
        raise CorruptError("a slot in keys.json is of no known kind")
    value = _require_fields(slot, _FIELDS_OF_KIND[kind], "a slot in keys.json")
    if kind == "keystore" and not (isinstance(value["service"], str) and is_service_name(value["service"])):
        raise CorruptError("a keystore slot's service name has the wrong form")
    return Slot(
        id=_text(value["id"], _SLOT_ID, "slot id"),
        kind=kind,  # type: ignore[arg-type]  # one of the four, as checked above
        created_at=_time(value["created_at"]),
        salt=_decoded(value["salt"], SALT_BYTES, "salt"),
        wrapped_key=_decoded(value["wrapped_key"], WRAPPED_KEY_BYTES, "wrapped key"),
        kdf=_parse_kdf(value["kdf"]) if kind == "passphrase" else None,
        service=value.get("service"),
        backend=_text(value["backend"], _BACKEND, "keystore backend") if kind == "keystore" else None,
    )


def _parse_kdf(value: object) -> KdfConfig:
    """Read a passphrase's cost. An edited one could make unlocking take terabytes, or nothing at all."""
    kdf = KdfConfig(**_require_fields(value, {"passes", "memory_kib", "lanes"}, "a slot's key derivation"))
    try:
        check_kdf(kdf)
    except (TypeError, ValueError) as error:
        raise CorruptError(f"keys.json holds a cost that is never used: {error}") from None
    return kdf


def _require_fields(value: object, names: set[str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != names:
        raise CorruptError(f"{where} does not have exactly the fields {', '.join(sorted(names))}")
    return value


def _text(value: object, form: re.Pattern[str], what: str) -> str:
    if not isinstance(value, str) or form.fullmatch(value) is None:
        raise CorruptError(f"the {what} in keys.json has the wrong form")
    return value


def _time(value: object) -> datetime:
    try:
        return datetime.strptime(str(value), TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        raise CorruptError("a time in keys.json has the wrong form") from None


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _decoded(value: object, n_bytes: int, what: str) -> bytes:
    try:
        data = base64.b64decode(str(value), validate=True)
    except ValueError:
        data = b""
    if len(data) != n_bytes:
        raise CorruptError(f"the {what} in keys.json is not {n_bytes} bytes of base64")
    return data
