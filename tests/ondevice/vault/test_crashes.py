"""``kill -9`` at every write boundary: nothing committed is lost, nothing is half done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("crash_driver.py")
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("scenario", "least_boundaries", "least_kills"),
    [
        ("create", 30, 20),
        ("add", 8, 5),
        ("forget", 15, 6),
        ("rekey", 30, 20),
        ("slot", 8, 4),
        ("migration", 10, 10),
        ("backup", 40, 30),
        ("derived", 25, 12),
        ("snapshot", 15, 6),
    ],
)
def test_every_boundary_leaves_a_whole_profile(
    tmp_path: Path, scenario: str, least_boundaries: int, least_kills: int
) -> None:
    done = subprocess.run(
        [sys.executable, str(DRIVER), scenario, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    n_boundaries, n_kills = map(int, done.stdout.split())
    assert n_boundaries >= least_boundaries
    assert n_kills >= least_kills
