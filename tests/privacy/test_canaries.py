"""No byte that a working process leaves anywhere can be read as the user's text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ondevice import Personalizer
from ondevice.errors import LockedError
from tests.privacy.scanning import open_files, readable, spellings

JOURNEY = Path(__file__).with_name("journey.py")
CANARY = "zanzibarquokka"
STAGES = (
    "added",
    "answered",
    "refining",
    "refined",
    "updated",
    "backed-up",
    "rekeyed",
    "forgotten",
    "closed",
    "reopened",
)


def test_scan_finds_what_lies_open(tmp_path: Path) -> None:
    for number, needle in enumerate(spellings(CANARY)):
        (tmp_path / str(number)).write_bytes(b"before " + needle + b" after")
    assert len(readable(tmp_path, [CANARY])) == len(spellings(CANARY))


def test_no_stage_of_a_journey_leaves_readable_text(
    tmp_path: Path, sandbox: dict[str, str], default_models: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, str(JOURNEY), str(work / "me.profile"), str(default_models), CANARY]
    with subprocess.Popen(
        command, env=sandbox, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for expected in STAGES:
            assert child.stdout.readline().strip() == expected
            assert readable(tmp_path, [CANARY, "code word", "walked"]) == [], expected
            if Path("/proc/self/fd").exists():
                needles = spellings(CANARY)
                assert not [1 for data in open_files(child.pid) for needle in needles if needle in data], expected
            loose = [path for path in work.rglob("*") if path.stat().st_mode & 0o077]
            assert loose == [], expected
            child.stdin.write("\n")
            child.stdin.flush()
        assert child.wait(timeout=60) == 0
    home_files = [path for path in (tmp_path / "home").rglob("*") if path.is_file()]
    assert home_files == []
    assert [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()] == []


def test_nothing_in_memory_shows_itself(tmp_path: Path, default_models: Path) -> None:
    with Personalizer.create(tmp_path / "me.profile", app_key=b"k" * 32, models=default_models) as me:
        item = me.add(f"secret {CANARY}", fields={"title": CANARY}, metadata={"place": CANARY})
        hits = me.search(CANARY)
        shown = [repr(value) for value in (me, item, hits, me.items.history(item.id), me.stats(), me.items.list())]
        shown.append(repr(me.forget(item.id)))
    assert not [text for text in shown if CANARY in text]
    with pytest.raises(LockedError) as caught:
        Personalizer.open(tmp_path / "me.profile", passphrase=CANARY)
    assert CANARY not in str(caught.value)
    assert CANARY not in repr(caught.value)
