"""Seal bytes of any length so that they open only whole, unchanged and in their place.

A sealed blob is a header and a run of chunks, each encrypted with ChaCha20-Poly1305 under a key that
this blob alone has. That key depends on the profile, the blob's name and its version, so a blob put
in another's place does not open; the chunk's number and whether it is the last are in its nonce, so
chunks cannot be dropped, repeated, swapped or added. ``docs/reference/format.md`` specifies every byte.

Source: the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár 2015 (eprint 2015/189), in
the shape that the age file format gives it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from ondevice.errors import CorruptError, VersionError
from ondevice.vault.kdf import KEY_BYTES, SALT_BYTES, expand_key

MAGIC = b"ODSEAL\n"
FORMAT = 1
CHUNK_BYTES = 64 * 1024
TAG_BYTES = 16
HEADER_BYTES = len(MAGIC) + 1 + 4 + SALT_BYTES
MAX_VERSION = 2**32 - 1

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_INFO_PREFIX = b"ondevice/v1/sealed-blob"
_COUNTER_BYTES = 11


def seal(key: bytes, plain: bytes | Iterable[bytes], *, name: str, version: int, profile_id: str) -> Iterator[bytes]:
    """Seal the bytes under a fresh key of their own, piece by piece.

    Args:
        key: The profile's sealing key, ``profile_key.derive("seal")``.
        plain: What to seal; may be empty. Pieces may have any length.
        name: The name the blob will be opened by.
        version: Version of the layout inside, 0 to 2**32 - 1.
        profile_id: The profile it belongs to.

    Returns:
        The sealed bytes: the header, then chunks of at most 64 KiB + 16 bytes.

    Raises:
        ValueError: If the key, name or version has the wrong form.
    """
    _check_place(key, name, version)
    salt = secrets.token_bytes(SALT_BYTES)
    header = MAGIC + bytes([FORMAT]) + version.to_bytes(4, "big") + salt
    return _sealed(header, _blob_cipher(key, salt, name, version, profile_id), plain)


def open_sealed(
    key: bytes, data: bytes | Iterable[bytes], *, name: str, version: int, profile_id: str
) -> Iterator[bytes]:
    """Open a sealed blob, yielding plain bytes chunk by chunk.

    Every chunk yielded is authentic, but only the iterator's end shows that none is missing: do not
    act on the content before.

    Raises:
        CorruptError: While iterating, if a byte was changed, moved, removed or added, or the blob was
            sealed under another key, name, version or profile.
        VersionError: While iterating, if its format or layout version is newer than asked for.
        ValueError: At once, if the key, name or version has the wrong form.
    """
    _check_place(key, name, version)
    return _opened(key, data, name, version, profile_id)


def layout_version(header: bytes, name: str) -> int:
    """Read the layout version a blob claims in its first 44 bytes; only opening it proves the claim.

    Raises:
        CorruptError: If this is no sealed blob.
        VersionError: If its format is newer than this release's.
    """
    if header[: len(MAGIC)] != MAGIC or len(header) <= len(MAGIC):
        raise CorruptError(f"{name} is not a sealed blob")
    blob_format = header[len(MAGIC)]
    if blob_format > FORMAT:
        raise VersionError(
            f"{name} is sealed in format {blob_format}, and this release reads up to {FORMAT}",
            hint="update ondevice-sdk",
        )
    if blob_format < FORMAT or len(header) != HEADER_BYTES:
        raise CorruptError(f"the header of {name} is damaged")
    return int.from_bytes(header[len(MAGIC) + 1 : -SALT_BYTES], "big")


def is_blob_name(name: str) -> bool:
    """Say whether a sealed blob may have this name."""
    return _NAME.fullmatch(name) is not None


def _check_place(key: bytes, name: str, version: int) -> None:
    """Refuse what the blob's key could not be derived from without doubt."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a sealing key has {KEY_BYTES} bytes, and this one has {len(key)}")
    if not is_blob_name(name):
        raise ValueError(
            "a blob name has 1 to 100 of a-z, 0-9, dot, underscore and dash, and starts with one of a-z0-9"
        )
    if not 0 <= version <= MAX_VERSION:
        raise ValueError(f"a blob's version is {version}, and must lie between 0 and {MAX_VERSION}")


def _blob_cipher(key: bytes, salt: bytes, name: str, version: int, profile_id: str) -> ChaCha20Poly1305:
    """Derive the key that only this blob, in this place, has.

    The parts are joined by a zero byte, which none of them can hold, so no two places give one text.
    """
    info = b"\x00".join((_INFO_PREFIX, profile_id.encode("ascii"), name.encode("ascii"), str(version).encode("ascii")))
    return ChaCha20Poly1305(expand_key(key, salt=salt, info=info))


def _nonce(counter: int, is_last: bool) -> bytes:
    """Number the chunk. Counting from zero is safe because the key is this blob's alone."""
    return counter.to_bytes(_COUNTER_BYTES, "big") + (b"\x01" if is_last else b"\x00")


def _sealed(header: bytes, cipher: ChaCha20Poly1305, plain: bytes | Iterable[bytes]) -> Iterator[bytes]:
    yield header
    for counter, (chunk, is_last) in enumerate(_cut(plain, CHUNK_BYTES)):
        yield cipher.encrypt(_nonce(counter, is_last), chunk, None)


def _opened(key: bytes, data: bytes | Iterable[bytes], name: str, version: int, profile_id: str) -> Iterator[bytes]:
    header, rest = _split_header(data)
    found = layout_version(header, name)
    if found > version:
        raise VersionError(f"{name} has layout {found}, and {version} was asked for", hint="update ondevice-sdk")
    if found < version:
        raise CorruptError(f"{name} has layout {found}, and {version} was asked for")
    cipher = _blob_cipher(key, header[-SALT_BYTES:], name, version, profile_id)
    for counter, (chunk, is_last) in enumerate(_cut(rest, CHUNK_BYTES + TAG_BYTES)):
        try:
            plain = cipher.decrypt(_nonce(counter, is_last), chunk, None)
        except InvalidTag:
            raise CorruptError(f"chunk {counter} of {name} fails its authentication tag") from None
        # An empty last chunk is how empty content is sealed. After other chunks it would be a second
        # way to seal the same bytes.
        if not plain and counter > 0:
            raise CorruptError(f"{name} ends in an empty chunk")
        yield plain


def _split_header(data: bytes | Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Take the header off the front; it is shorter than 44 bytes if the data is."""
    parts = iter((data,)) if isinstance(data, bytes) else iter(data)
    head = b""
    for part in parts:
        head += part
        if len(head) >= HEADER_BYTES:
            break

    def rest() -> Iterator[bytes]:
        yield head[HEADER_BYTES:]
        yield from parts

    return head[:HEADER_BYTES], rest()


def _cut(parts: bytes | Iterable[bytes], size: int) -> Iterator[tuple[bytes, bool]]:
    """Cut into pieces of ``size`` bytes and a last one of up to as many, telling which is the last.

    There is always a last piece; it is empty only if everything is.
    """
    piece = bytearray()
    for part in (parts,) if isinstance(parts, bytes) else parts:
        view = memoryview(part)
        while view:
            if len(piece) == size:
                yield bytes(piece), False
                piece.clear()
            n_taken = min(size - len(piece), len(view))
            piece += view[:n_taken]
            view = view[n_taken:]
    yield bytes(piece), True
