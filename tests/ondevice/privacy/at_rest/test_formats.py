"""Files are known by their first bytes, and what is packed in them is unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import sqlite3
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from ondevice.privacy.at_rest.formats import format_of, is_core, is_model, unpacked
from tests.tiny_adapters import random_adapter

TEXT = b"a line that somebody packed, and packed again: a line that somebody packed"


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log.txt", TEXT)
    return file.getvalue()


def test_models_are_known() -> None:
    array = io.BytesIO()
    np.save(array, np.zeros(3))
    header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
    safetensors = len(header).to_bytes(8, "little") + header + bytes(4)
    for data in (random_adapter(), array.getvalue(), safetensors, *(pickle.dumps({"a": 1}, n) for n in range(2, 6))):
        assert is_model(format_of(data[:512]))


def test_a_database_a_core_and_text_are_known(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "plain.db")
    database.execute("CREATE TABLE t (a)")
    database.close()
    assert format_of((tmp_path / "plain.db").read_bytes()[:512]) == "a plain SQLite database"
    assert is_core(format_of(b"\x7fELF" + bytes(12) + b"\x04\x00" + bytes(100)))
    assert not is_core(format_of(b"\x7fELF" + bytes(12) + b"\x03\x00" + bytes(100)))
    assert format_of("Grüße vom Strand\n".encode()) == "text"
    assert format_of(b'{"a": 1}') == "JSON"


def test_ciphertext_is_nothing_known() -> None:
    names = [format_of(os.urandom(510)) for _ in range(200)]
    # Two bytes of a head come by chance in one of some ten thousand.
    assert sum(name is not None for name in names) <= 2


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(TEXT),
        bz2.compress(TEXT),
        lzma.compress(TEXT),
        zipped(),
        os.urandom(3000) + zlib.compress(TEXT) + os.urandom(100),
        os.urandom(3000) + gzip.compress(TEXT) + os.urandom(100),
    ],
    ids=["gzip", "bzip2", "xz", "zip", "zlib within", "gzip within"],
)
def test_what_is_packed_is_unpacked(data: bytes) -> None:
    assert any(TEXT in piece for piece in unpacked(data))


def test_damage_ends_quietly() -> None:
    for data in (zipped()[:-30], bz2.compress(TEXT)[:20] + b"x" * 20, b"\xfd7zXZ\x00" + os.urandom(50), b""):
        assert not [piece for piece in unpacked(data) if TEXT in piece and data.startswith(b"\xfd7z")]
