"""The ways in which something could lie readable: in other case, wider, escaped, or encoded without a key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_CHARACTER_SETS = (
    "latin-1", "cp1252", "cp437", "cp850", "mac-roman", "cp500", "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256",
    "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr", "utf-7",
)  # fmt: skip
"""Of one byte a letter, or two: what older programs write, and terminals of Windows, and mainframes."""
_MIN_ENCODED_BYTES = 8
"""Shorter ends of an encoding turn up by chance."""


def spellings(text: str) -> tuple[bytes, ...]:
    """Return the spellings of a text, each once.

    They are its three cases in UTF-8, UTF-16, UTF-32 and older character sets, its escapes in JSON, URLs and mail, and
    hexadecimal digits and base64 at each of its three alignments. What a compression makes of it is not among them.
    """
    found: dict[bytes, None] = {}
    for cased in (text, text.lower(), text.upper(), text.title()):
        found |= dict.fromkeys(_written(cased))
    raw = text.encode("utf-8", "replace")
    found |= dict.fromkeys(encodings(raw))
    found[b"".join(b"%%%02x" % byte for byte in raw)] = None
    return tuple(found)


def encodings(raw: bytes) -> tuple[bytes, ...]:
    """Return hexadecimal digits and base64, whatever comes before and after the bytes where they are encoded."""
    found = [raw.hex().encode(), raw.hex().upper().encode()]
    for shift in range(3):
        whole = raw[shift:]
        whole = whole[: len(whole) - len(whole) % 3]
        found += [base64.b64encode(whole), base64.urlsafe_b64encode(whole)]
    return tuple(dict.fromkeys(each for each in found if len(each) >= _MIN_ENCODED_BYTES))


def vector_spellings(vector: NDArray[np.float32]) -> tuple[bytes, ...]:
    """Return a vector as numbers of several kinds in binary, and its largest components as they are printed.

    Shapes: vector float32[dim].
    """
    plain = np.asarray(vector, np.float32)
    peak, length = float(np.abs(plain).max()) or 1.0, float(np.linalg.norm(plain)) or 1.0
    binary = [plain.astype(kind).tobytes() for kind in ("<f4", "<f2", "<f8", ">f4")]
    binary += [(plain / length).astype(kind).tobytes() for kind in ("<f4", "<f2")]
    binary.append((plain.view("<u4") >> 16).astype("<u2").tobytes())  # bfloat16
    for scale in (127.0, 127.0 / peak):
        whole = np.clip(np.rint(plain * scale), -127, 127)
        binary += [whole.astype(np.int8).tobytes(), (whole + 128).astype(np.uint8).tobytes()]
    largest = plain[np.argsort(-np.abs(plain))[:4]]
    printed = [repr(float(value)).encode() for value in largest]
    # Rounded numbers turn up by chance, but hardly three in a row.
    for digits in (4, 6, 8):
        for rounded in (
            [f"{value:.{digits}f}" for value in plain[:3].tolist()],
            [repr(round(value, digits)) for value in plain[:3].tolist()],
        ):
            printed += [mark.join(rounded).encode() for mark in (", ", ",", " ", "\n")] if any(plain[:3]) else []
    pieces = [piece for each in binary for piece in _thirds(each)]
    return tuple(dict.fromkeys([*pieces, *(code for piece in pieces for code in encodings(piece)), *printed]))


def _thirds(data: bytes) -> Iterator[bytes]:
    """Yield runs of 32 bytes of the beginning and of the middle: what is left of a vector need not be all of it."""
    for start in (0, len(data) // 2 // 8 * 8):
        run = data[start : start + 32]
        # A vector of few numbers, or of zeros, says nothing.
        if len(run) >= _MIN_ENCODED_BYTES and len(set(run)) >= _MIN_ENCODED_BYTES:
            yield run


def _escaped(raw: bytes, mark: bytes, kept: bytes) -> bytes:
    """Put a mark and two hexadecimal digits in place of what URLs and mail escape (RFC 3986, RFC 2045)."""
    return b"".join(bytes([byte]) if byte in _UNRESERVED or byte in kept else b"%s%02X" % (mark, byte) for byte in raw)


def _written(text: str) -> Iterator[bytes]:
    raw = text.encode("utf-8", "replace")
    yield raw
    yield from (text.encode(name, "replace") for name in ("utf-16-le", "utf-16-be", "utf-32-le"))
    yield from (normalize(form, text).encode("utf-8", "replace") for form in ("NFC", "NFD"))
    yield json.dumps(text)[1:-1].encode()
    yield json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "replace")
    yield from (_escaped(raw, mark, kept) for mark, kept in ((b"%", b"/"), (b"%", b""), (b"=", b" /")))
    yield _escaped(raw, b"%", b"").replace(b"%20", b"+")
    for name in _CHARACTER_SETS:
        with suppress(UnicodeEncodeError):
            yield text.encode(name)
