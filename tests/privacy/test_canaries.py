"""No byte that a working process leaves anywhere can be read as the user's text, and it needs no network."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ondevice import Personalizer
from ondevice.errors import LockedError
from ondevice.privacy.at_rest.spellings import spellings
from tests.privacy.scanning import open_files, readable

JOURNEY = Path(__file__).with_name("journey.py")
CANARY = "zanzibarquokka"
STAGES = (
    "added",
    "answered",
    "updated",
    "backed-up",
    "rekeyed",
    "forgotten",
    "closed",
    "reopened",
)


CUT_OFF = ("unshare", "-rn")
"""Runs a command in a network namespace of its own, without an interface."""


@dataclass(kw_only=True)
class Journey:
    """What was seen of a journey from outside, stage by stage."""

    is_cut_off: bool
    stages: list[str] = field(default_factory=list)
    readable: list[tuple[str, Path]] = field(default_factory=list)
    held_open: list[str] = field(default_factory=list)
    loose: list[tuple[str, Path]] = field(default_factory=list)
    left_behind: list[Path] = field(default_factory=list)
    code: int | None = None
    complaint: str = ""


def can_cut_off() -> bool:
    """Whether this system lets a test make a network namespace."""
    return (
        shutil.which(CUT_OFF[0]) is not None
        and not subprocess.run([*CUT_OFF, "true"], check=False, capture_output=True).returncode
    )


def test_scan_finds_what_lies_open(tmp_path: Path) -> None:
    for number, needle in enumerate(spellings(CANARY)):
        (tmp_path / str(number)).write_bytes(b"before " + needle + b" after")
    assert len(readable(tmp_path, [CANARY])) == len(spellings(CANARY))


@pytest.fixture(scope="module")
def journey(
    tmp_path_factory: pytest.TempPathFactory, default_models: Path, sandbox_below: Callable[[Path], dict[str, str]]
) -> Journey:
    """Run the journey, with no network interface where the system allows that, and look around at each stage."""
    root = tmp_path_factory.mktemp("journey")
    work = root / "work"
    work.mkdir()
    command = [sys.executable, str(JOURNEY), str(work / "me.profile"), str(default_models), CANARY]
    seen = Journey(is_cut_off=can_cut_off())
    if seen.is_cut_off:
        command = [*CUT_OFF, *command]
    environment = sandbox_below(root)
    complaints = tmp_path_factory.mktemp("complaints") / "stderr"
    with (
        complaints.open("wb") as stderr,
        subprocess.Popen(
            command, env=environment, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        for line in child.stdout:
            stage = line.strip()
            seen.stages.append(stage)
            seen.readable += [(stage, path) for path in readable(root, [CANARY, "code word", "walked"])]
            seen.loose += [(stage, path) for path in work.rglob("*") if path.stat().st_mode & 0o077]
            if Path("/proc/self/fd").exists():
                held = [data for data in open_files(child.pid) if any(needle in data for needle in spellings(CANARY))]
                seen.held_open += [stage] if held else []
            child.stdin.write("\n")
            child.stdin.flush()
        seen.code = child.wait(timeout=60)
    seen.complaint = complaints.read_text()
    seen.left_behind = [path for name in ("home", "tmp") for path in (root / name).rglob("*") if path.is_file()]
    return seen


def test_a_journey_ends_well(journey: Journey) -> None:
    assert journey.code == 0, journey.complaint[-2000:]
    assert tuple(journey.stages) == STAGES


def test_a_journey_needs_no_network(journey: Journey) -> None:
    if not journey.is_cut_off:
        pytest.skip("this system does not let a test make a network namespace (needs util-linux and user namespaces)")
    assert journey.code == 0, journey.complaint[-2000:]


def test_no_stage_of_a_journey_leaves_readable_text(journey: Journey) -> None:
    assert journey.readable == []
    assert journey.held_open == []


def test_a_journey_leaves_nothing_open_to_others_and_nothing_elsewhere(journey: Journey) -> None:
    assert journey.loose == []
    assert journey.left_behind == []


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
