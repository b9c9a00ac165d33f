"""Read a profile's bytes as ``docs/reference/format.md`` says, with nothing but an app's key and a cipher library.

Whoever judges the vault must not believe the code that it judges, so none of it is used here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PAGE_BYTES = 4096
USABLE_BYTES = PAGE_BYTES - 80
LOG_HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
CACHES = ("index-", "cache-")
_IV_BYTES = 16
_CHUNK_BYTES = 64 * 1024 + 16
_BLOB_HEADER_BYTES = 44


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """What the profile key of the epoch in force opens."""

    profile_id: str
    epoch: int
    database: bytes = field(repr=False)
    seal: bytes = field(repr=False)


def keys_of(profile: Path, app_key: bytes) -> Keys | None:
    """Unwrap the profile key with an app's key; ``None`` if no slot opens with it."""
    document = json.loads((profile / "keys.json").read_bytes())
    for slot in document["slots"]:
        if slot["kind"] != "app":
            continue
        wrapped = base64.b64decode(slot["wrapped_key"])
        shown = {name: value for name, value in slot.items() if name != "wrapped_key"}
        place = {"format": 1, "profile_id": document["profile_id"], "epoch": document["epoch"], "slot": shown}
        slot_key = _hkdf(app_key, base64.b64decode(slot["salt"]), b"ondevice/v1/slot/app")
        try:
            profile_key = ChaCha20Poly1305(slot_key).decrypt(bytes(12), wrapped, _canonical(place))
        except InvalidTag:
            continue
        return Keys(
            profile_id=document["profile_id"],
            epoch=document["epoch"],
            database=_hkdf(profile_key, b"", b"ondevice/v1/db"),
            seal=_hkdf(profile_key, b"", b"ondevice/v1/seal"),
        )
    return None


def database_pages(file: Path, key: bytes) -> list[bytes]:
    """Return the usable part of every page, whether SQLite uses it or not; the first begins with 16 zero bytes."""
    data = file.read_bytes()
    return [
        _page(data[start : start + PAGE_BYTES], key, is_first=start == 0)
        for start in range(0, len(data) - PAGE_BYTES + 1, PAGE_BYTES)
    ]


def log_frames(file: Path, key: bytes) -> list[tuple[int, bytes]]:
    """Return number and usable part of the page in every whole frame of a log, those of past transactions included."""
    if not file.exists():
        return []
    data = file.read_bytes()
    frame = FRAME_HEADER_BYTES + PAGE_BYTES
    frames = []
    for start in range(LOG_HEADER_BYTES, len(data) - frame + 1, frame):
        number = int.from_bytes(data[start : start + 4], "big")
        page = _page(data[start + FRAME_HEADER_BYTES : start + frame], key, is_first=number == 1)
        frames.append((number, page))
    return frames


def database_bytes(file: Path, key: bytes) -> bytes:
    """Return every page of the database, one after the other."""
    return b"\n".join(database_pages(file, key))


def log_bytes(file: Path, key: bytes) -> bytes:
    """Return every frame's page, one after the other."""
    return b"\n".join(page for _, page in log_frames(file, key))


def blob_bytes(file: Path, keys: Keys, age: bytes = b"") -> bytes | None:
    """Return what a sealed blob says as far as it opens; ``None`` if nothing of it does.

    Args:
        file: The sealed file.
        keys: The profile's.
        age: ``caches`` of the table ``identity``, under which caches are sealed once an erasure has drawn it.
    """
    data = file.read_bytes()
    name = file.name.removesuffix(".sealed")
    version = int.from_bytes(data[8:12], "big")
    info = b"\x00".join((b"ondevice/v1/sealed-blob", keys.profile_id.encode(), name.encode(), str(version).encode()))
    seal = _hkdf(keys.seal, age, b"ondevice/v1/caches") if age and name.startswith(CACHES) else keys.seal
    cipher = ChaCha20Poly1305(_hkdf(seal, data[12:_BLOB_HEADER_BYTES], info))
    plain = b"".join(_chunks(cipher, data[_BLOB_HEADER_BYTES:]))
    return plain or None


def _chunks(cipher: ChaCha20Poly1305, data: bytes) -> Iterator[bytes]:
    for number, start in enumerate(range(0, len(data), _CHUNK_BYTES)):
        for is_last in (b"\x00", b"\x01"):
            try:
                yield cipher.decrypt(number.to_bytes(11, "big") + is_last, data[start : start + _CHUNK_BYTES], None)
                break
            except InvalidTag:
                continue
        else:
            return


def _page(data: bytes, key: bytes, *, is_first: bool) -> bytes:
    iv = data[USABLE_BYTES : USABLE_BYTES + _IV_BYTES]
    start = _IV_BYTES if is_first else 0  # the first page begins with the salt, in the clear
    return bytes(start) + Cipher(AES256(key), CBC(iv)).decryptor().update(data[start:USABLE_BYTES])


def _hkdf(material: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt or None, info).derive(material)


def _canonical(value: Any) -> bytes:  # noqa: ANN401 - JSON
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")
