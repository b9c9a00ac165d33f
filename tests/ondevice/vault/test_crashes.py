"""``kill -9`` at every write boundary: nothing committed is lost, nothing is half done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

DRIVER = Path(__file__).with_name("crash_driver.py")
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("scenario", "least_boundaries"),
    [
        ("create", 30),
        ("add", 8),
        ("forget", 15),
        ("rekey", 30),
        ("slot", 8),
        ("migration", 10),
        ("backup", 40),
        ("derived", 25),
        ("snapshot", 15),
    ],
)
def test_every_boundary_leaves_a_whole_profile(tmp_path: Path, scenario: str, least_boundaries: int) -> None:
    done = subprocess.run(
        [sys.executable, str(DRIVER), scenario, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= least_boundaries
