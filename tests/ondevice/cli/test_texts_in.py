"""Texts come from files, stdin and arguments: bounded, in UTF-8 whatever the locale, never from a pipe that waits."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from ondevice.cli import texts_in
from ondevice.cli.output import Output
from ondevice.cli.texts_in import read_stdin_line, read_text
from ondevice.errors import InputError

OUTPUT = Output(as_json=True)


def stdin(monkeypatch: pytest.MonkeyPatch, data: bytes, encoding: str = "ascii") -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding=encoding, errors="surrogateescape"))


def read(file: Path) -> str:
    return read_text(None, file, "text", OUTPUT)


def test_a_pipe_a_device_and_a_folder_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match="is no regular file") as caught:
            read(path)
        assert caught.value.hint == "a pipe's content comes in on stdin"


def test_only_so_much_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts_in, "MAX_TEXT_BYTES", 10)
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    monkeypatch.setattr(texts_in.read_file, "__kwdefaults__", {"limit_bytes": 10})
    with pytest.raises(InputError, match="longer than 10 bytes"):
        read(tmp_path / "sparse")


def test_a_text_too_long_for_stdin_is_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin(monkeypatch, b"x" * (texts_in.MAX_TEXT_BYTES + 1))
    with pytest.raises(InputError, match="longer than 16777216 bytes"):
        read_text(None, None, "text", OUTPUT)
    stdin(monkeypatch, b"x" * (texts_in.MAX_TEXT_BYTES + 1))
    with pytest.raises(InputError, match="longer than 16777216 bytes"):
        read_stdin_line()


def test_texts_are_utf_8_in_every_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "\ufeffKöln\r\nand Bonn\r\n".encode()
    (tmp_path / "a.txt").write_bytes(data)
    stdin(monkeypatch, data)
    assert read(tmp_path / "a.txt") == read_text("-", None, "text", OUTPUT) == "Köln\nand Bonn"
    stdin(monkeypatch, "Köln \n\nBonn".encode())
    assert [read_stdin_line() for _ in range(4)] == ["Köln", "", "Bonn", None]
    argument = "Köln".encode().decode("ascii", "surrogateescape")
    assert read_text(argument, None, "text", OUTPUT) == "Köln"


@pytest.mark.parametrize("code", [0xDCFF, 0xD800])
def test_an_argument_that_is_no_unicode_is_told(code: int) -> None:
    argument = f"a{chr(code)}"
    with pytest.raises(InputError, match="the request is not UTF-8"):
        read_text(argument, None, "request", OUTPUT)


def test_a_closed_stdin_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="the text is empty"):
        read_text(None, None, "text", OUTPUT)
    assert read_stdin_line() is None
