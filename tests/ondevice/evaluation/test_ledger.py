from __future__ import annotations

import os
import resource
import subprocess
import sys
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


def test_a_second_run_on_one_file_is_refused_until_the_first_ends(tmp_path: Path) -> None:
    path = tmp_path / "words.jsonl"
    with opened(path) as first:
        first.put("a", "one")
        with path.open("ab") as file:
            file.write(b'{"key":"b","wo')  # as if the first one were just writing it
        with pytest.raises(StorageError, match=r"another run writes into 'words\.jsonl'") as caught:
            opened(path)
        assert caught.value.hint == "wait for it, or name another place"
        assert path.read_bytes().endswith(b'"wo'), "nothing of a living run's file is cut off"
    with opened(path) as second:
        assert (second.get("a"), len(second)) == ("one", 1)


KEEPS_OPEN = """
import sys, pathlib
from ondevice.evaluation.answers import AnswerStore
with AnswerStore(pathlib.Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


def test_another_process_has_the_file_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    call = [sys.executable, "-c", KEEPS_OPEN, str(path)]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StorageError, match="another run writes into"):
            opened(path)
        other.kill()
    with opened(path) as ledger:
        ledger.put("a", "one")


def test_a_file_that_is_refused_is_let_go(tmp_path: Path) -> None:
    path = tmp_path / "words.jsonl"
    path.write_text("[]\n")
    for _ in range(2):
        with pytest.raises(InputError, match="line 1: it is not a word"):
            opened(path)


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
