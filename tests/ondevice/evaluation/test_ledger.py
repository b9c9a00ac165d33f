from __future__ import annotations

import os
from pathlib import Path

import pytest

from ondevice.errors import InputError, StorageError
from ondevice.evaluation.learned import NOTES, LearnedStore
from ondevice.evaluation.ledger import Ledger


def opened(path: Path) -> Ledger[str]:
    return Ledger(path, noun="a word", to_json=lambda word: {"word": word}, from_json=lambda value: str(value["word"]))


def test_records_come_back_and_a_cut_line_goes(tmp_path: Path) -> None:
    path = tmp_path / "words.jsonl"
    with opened(path) as ledger:
        ledger.put("a", "one\u2028two\x85three")
    with path.open("ab") as file:
        file.write(b'{"key":"b","wo')
    with opened(path) as ledger:
        assert ledger.get("a") == "one\u2028two\x85three"
        assert len(ledger) == 1
        ledger.put("b", "four")
    with opened(path) as ledger:
        assert ledger.get("b") == "four"


def test_a_deep_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"[" * 100_000 + b"\n")
    with pytest.raises(InputError, match="line 1: it is not a word"):
        opened(tmp_path / "x")


def test_a_pipe_or_a_device_in_the_files_place_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("pipe", "zero"):
        with pytest.raises(StorageError, match="not a regular file"):
            opened(tmp_path / name)
    os.mkfifo(tmp_path / NOTES)
    with pytest.raises(StorageError, match="not a regular file"):
        LearnedStore(tmp_path)
