"""A text is recognized in the ways in which programs write texts."""

from __future__ import annotations

import base64
import json
from unicodedata import normalize
from urllib.parse import quote, quote_plus

import numpy as np
import pytest

from ondevice.privacy.at_rest.spellings import encodings, spellings, vector_spellings

TEXT = "Grüße an die Quokkas"


@pytest.mark.parametrize(
    "written",
    [
        TEXT.encode(),
        TEXT.upper().encode(),
        TEXT.title().encode(),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32-le"),
        *(TEXT.encode(name) for name in ("latin-1", "cp1252", "cp437", "mac-roman", "cp500", "utf-7")),
        normalize("NFD", TEXT).encode(),
        json.dumps({"text": TEXT}).encode(),
        json.dumps({"text": TEXT}, ensure_ascii=False).encode(),
        quote(TEXT).encode(),
        quote_plus(TEXT).encode(),
        TEXT.encode().hex().encode(),
        *(base64.b64encode(b"x" * n + TEXT.encode() + b"y") for n in range(3)),
        *(base64.urlsafe_b64encode(b"x" * n + TEXT.encode() + b"y") for n in range(3)),
        "".join(f"%{byte:02x}" for byte in TEXT.encode()).encode(),
    ],
)
def test_a_text_is_recognized(written: bytes) -> None:
    assert any(spelling in written for spelling in spellings(TEXT))


def test_a_short_text_has_no_encoding_that_chance_would_make() -> None:
    assert all(len(each) >= 8 for each in encodings(b"word"))


@pytest.mark.parametrize("kind", ["<f4", "<f2", "<f8", ">f4"])
@pytest.mark.parametrize("is_unit", [False, True])
def test_a_vector_is_recognized_in_binary(kind: str, *, is_unit: bool) -> None:
    vector = np.random.default_rng(0).standard_normal(64).astype(np.float32)
    kept = vector / np.linalg.norm(vector) if is_unit and kind in ("<f4", "<f2") else vector
    written = b"before" + kept.astype(kind).tobytes()
    for spelled in (written, base64.b64encode(written), written.hex().encode()):
        assert any(spelling in spelled for spelling in vector_spellings(vector))


def test_a_vector_is_recognized_in_half_of_its_bytes() -> None:
    vector = np.random.default_rng(0).standard_normal(64).astype(np.float32)
    written = vector.astype("<f4").tobytes()
    half = b"".join(written[at + 2 : at + 4] for at in range(0, len(written), 4))
    assert any(spelling in half for spelling in vector_spellings(vector))


def test_a_vector_is_recognized_in_eight_bits_and_in_print() -> None:
    vector = np.random.default_rng(0).standard_normal(64).astype(np.float32)
    quantized = np.rint(vector * 127 / np.abs(vector).max()).astype(np.int8).tobytes()
    printed = json.dumps(vector.tolist()).encode()
    rounded = json.dumps([round(value, 6) for value in vector.tolist()]).encode()
    shown = np.array2string(vector, precision=4, floatmode="fixed", sign=" ").replace("  ", " ").encode()
    for written in (quantized, printed, rounded, shown):
        assert any(spelling in written for spelling in vector_spellings(vector))


def test_a_vector_that_says_nothing_is_not_looked_for_in_binary() -> None:
    assert all(len(set(each)) > 2 for each in vector_spellings(np.zeros(64, np.float32)) if len(each) == 32)
