"""Everything at once, for some seconds; ``python -m tests.stress`` does it for as long as it is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_hangs_fails_or_is_left_behind() -> None:
    """Run in a process of its own: one that hangs prints the stacks of all its threads and ends."""
    seconds = os.environ.get("ONDEVICE_STRESS_SECONDS", "5")
    done = subprocess.run(
        [sys.executable, "-m", "tests.stress", "--seconds", seconds, "--seed", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
