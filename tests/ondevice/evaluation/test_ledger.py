from __future__ import annotations

import os
import resource
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


def test_what_another_run_has_written_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "words.jsonl"
    with opened(path) as first:
        first.put("a", "one")
        load = Ledger._load

        def load_slowly(self: Ledger[str], place: Path) -> tuple[int, int]:
            read = load(self, place)
            first.put("b", "two")
            return read

        monkeypatch.setattr(Ledger, "_load", load_slowly)
        with opened(path) as second:
            second.put("c", "three")
        first.put("d", "four")
        path.write_bytes(path.read_bytes() + b'{"key":"e","wo')
        with pytest.raises(StorageError, match=r"another run writes into 'words\.jsonl'"):
            opened(path)
        monkeypatch.undo()
    assert [path.read_bytes().count(b'"key": "%s"' % key) for key in (b"a", b"b", b"c", b"d")] == [1, 2, 1, 1]


def test_a_full_disk_is_told_as_such_and_nothing_kept_is_lost(tmp_path: Path) -> None:
    path, limits = tmp_path / "words.jsonl", resource.getrlimit(resource.RLIMIT_FSIZE)
    ledger = opened(path)
    ledger.put("a", "one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        with pytest.raises(StorageError, match="a word cannot be kept"):
            ledger.put("b", "two" * 100)
        ledger.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with opened(path) as ledger:
        assert (ledger.get("a"), ledger.get("b")) == ("one", None)


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
