"""Text is read behind each encoding, also in part, in each layer, and broken over lines; other bytes say nothing."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import textwrap
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from ondevice.privacy.at_rest.marks import unmarked
from ondevice.privacy.at_rest.needles import Needles
from ondevice.privacy.at_rest.reading import Budget
from ondevice.privacy.at_rest.readings import flowing, readings
from ondevice.privacy.at_rest.remains import counted
from ondevice.privacy.at_rest.user_words import UserWords
from ondevice.records import Item
from ondevice.vault.times import from_micros

TEXT = 'Zanzibarquokka said: "a walk along the cold shore"\nand then home for a long dinner with old friends.'
OTHER = "Сегодня квокка гуляла по берегу холодного моря, а потом ужинала дома со старыми друзьями."  # noqa: RUF001 - Russian
GERMAN = "Jörg trägt für Käthe öfter grüne Äpfel über den Hügel; „schön“, fügt er hinzu, müde, aber fröhlich."
RANDOM = np.random.default_rng(0).bytes(1 << 18)
LINE = f"2026-04-28 12:00:00 DEBUG adding {TEXT}"
PART = TEXT[61:98]


def zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("log", data)
    return made.getvalue()


def dump(data: bytes) -> str:
    rows = (data[at : at + 16] for at in range(0, len(data), 16))
    return "".join(f"{16 * n:08x}  {row.hex(' ')}  |{'.' * len(row)}|\n" for n, row in enumerate(rows))


WRITTEN = {
    "base64 of a part": b"text=" + base64.b64encode(PART.encode()),
    "base64 of wide letters": base64.b64encode(LINE.encode("utf-16")),
    "base64 in lines after a word": b"log\n" + base64.encodebytes(LINE.encode()),
    "base64 of gzip": base64.urlsafe_b64encode(gzip.compress(LINE.encode())),
    "gzip of base64 in part": gzip.compress(base64.b64encode(PART.encode())),
    "digits of a part": b"x " + PART.encode().hex().encode(),
    "digits with spaces": LINE.encode().hex(" ").encode(),
    "digits with colons": LINE.encode().hex(":").encode(),
    "digits behind a digit": b"5\n" + LINE.encode().hex(":").encode(),
    "a dump": dump(LINE.encode()).encode(),
    "escaped bytes": "".join(f"\\x{byte:02x}" for byte in LINE.encode()).encode(),
    "escaped bytes of a part": repr(OTHER[30:70].encode()).encode(),
    "JSON of a part": json.dumps(OTHER[30:70]).encode(),
    "JSON in JSON": json.dumps(json.dumps({"text": OTHER})).encode(),
    "JSON in JSON of Latin letters": json.dumps(json.dumps({"text": GERMAN})).encode(),
    "bytes as Python shows them": repr(GERMAN.encode()).encode(),
    "text as Python shows it in ASCII": ascii(GERMAN).encode(),
    "octal escapes": "".join(f"\\{byte:03o}" for byte in GERMAN.encode()).encode(),
    "URL in a URL": quote(quote(GERMAN)).encode(),
    "mail": quopri.encodestring(GERMAN.encode()),
    "HTML": html.escape(GERMAN).replace("ü", "&uuml;").replace("ö", "&#246;").encode(),
    "HTML in numbers": "".join(f"&#x{ord(letter):x};" for letter in GERMAN).encode(),
    "a list of bytes": json.dumps(list(GERMAN.encode())).encode(),
    "base32": base64.b32encode(LINE.encode()),
    "wide letters of a part": b"zz" + PART.encode("utf-16-le"),
    "wide letters the other way": b"zzz" + PART.encode("utf-16-be"),
    "short lines": "\n".join(textwrap.wrap(LINE, 20)).encode(),
    "a word a line": "\r\n".join(LINE.split()).encode(),
    "indented lines": "\n      ".join(textwrap.wrap(LINE, 30)).encode(),
    "colours": LINE.replace(" ", "\x1b[0m \x1b[1;32m").encode(),
    "bzip2 behind something": b"HEAD" + bz2.compress(LINE.encode()),
    "xz behind something": b"HEAD" + lzma.compress(LINE.encode()),
    "zip behind something": b"HEAD" + zipped(LINE.encode()),
    "an older xz": lzma.compress(LINE.encode(), format=lzma.FORMAT_ALONE),
}


@pytest.fixture(scope="module")
def needles() -> Needles:
    then = from_micros(0)
    items = [Item(id=text[:4], text=text, kind="note", time=then, added_at=then) for text in (TEXT, OTHER, GERMAN)]
    return Needles({"text": UserWords(items, n_items=3, n_sampled=3).anywhere})


@pytest.mark.parametrize("data", WRITTEN.values(), ids=WRITTEN)
def test_it_is_found(needles: Needles, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "left").write_bytes(RANDOM[:5000] + b"\n" + data if not data.startswith(b"zz") else data)
    assert counted(tmp_path / "left", Budget(n_bytes=1 << 20), needles)["text"]


def test_what_is_packed_without_a_head_is_found_at_its_beginning(needles: Needles, tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    (tmp_path / "left").write_bytes(packer.compress(LINE.encode()) + packer.flush())
    assert counted(tmp_path / "left", Budget(n_bytes=1 << 20), needles)["text"]


def test_a_title_that_became_a_name_is_found(needles: Needles, tmp_path: Path) -> None:
    (tmp_path / "left").write_bytes(b"")
    for mark in "-_+":
        name = f"{PART.replace(' ', mark)}.tmp"
        assert counted(tmp_path / "left", Budget(n_bytes=1 << 20), needles, name=name)["text"]


def test_a_name_is_looked_at_with_those_of_its_folders(needles: Needles, tmp_path: Path) -> None:
    (tmp_path / "left").write_bytes(b"")
    budget = Budget(n_bytes=1 << 20)
    assert not counted(tmp_path / "left", budget, needles)["text"]
    assert counted(tmp_path / "left", budget, needles, name=f"{PART}/left")["text"]


def test_other_bytes_say_nothing() -> None:
    # Now and then some random bytes have as many blanks as text.
    assert len(flowing(RANDOM)) < len(RANDOM) / 50
    for data in (b"", bytes(5000), RANDOM, b"\\" * 5000, b"g h i j\n" * 500, b"\\ud83d" * 9):
        assert sum(len(said) for said in readings(data)) < 100
    for data in (b"", bytes(5000), RANDOM):
        assert sum(len(said) for said in unmarked(data)) < 100
