"""Bytes of unknown encoding are read as what they look like, whole or line by line."""

from __future__ import annotations

import io
import sys

import pytest

from ondevice.importers.decoding import is_text, lines_of, text_of, unix_text_of, wide_encoding

RUSSIAN = "Привет, завтра встречаемся в семь часов перед входом в театр."
CZECH = "Dobrý den, přijdeme v úterý večer, můžete nám dát klíče od bytu?"
JAPANESE = "明日の会議は三時からです。よろしくお願いします。"
GERMAN = "Schöne Grüße aus Köln: „es kostet 20 €.“"


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (CZECH, "cp1250"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        ("שלום לכולם, ניפגש מחר בשבע", "cp1255"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-8-sig"),
        ("plain words", "utf-16-le"),
    ],
)
def test_whole_files_and_lines_are_read_in_what_they_look_like(text: str, codec: str) -> None:
    assert text_of(text.encode(codec)) == text
    data = f"{text}\r\n{text}\r\n".encode(codec)
    assert unix_text_of(data) == f"{text}\n{text}\n"
    assert [line for _, line in lines_of(io.BufferedReader(io.BytesIO(data)), limit=1000)] == [f"{text}\r\n"] * 2


def test_without_the_extra_old_text_is_western(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "chardetng_py", None)
    assert text_of(GERMAN.encode("cp1252")) == GERMAN


def test_a_torn_character_costs_itself() -> None:
    assert text_of("Grüße aus Köln ".encode() + b"\xc3") == "Grüße aus Köln \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("data", [b"\0\1\2", b"PK\x03\x04\0", b"\x89PNG\0\0", b"words\0words"])
def test_what_is_no_text_is_told(data: bytes) -> None:
    assert (is_text(data), unix_text_of(data), wide_encoding(data)) == (False, None, None)
