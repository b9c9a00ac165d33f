"""``kill -9`` at every write boundary: nothing committed is lost, nothing is half done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("crash_driver.py")
ROOT = Path(__file__).parents[3]
LEAST = {
    "create": (30, 20),
    "add": (8, 5),
    "forget": (15, 6),
    "rekey": (30, 20),
    "slot": (8, 4),
    "migration": (10, 10),
    "backup": (40, 30),
    "derived": (25, 12),
    "snapshot": (15, 6),
}
"""Boundaries and kills that there are at least in each scenario."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Play all scenarios in one process, which forks a child for each kill."""
    command = [sys.executable, str(DRIVER), str(tmp_path_factory.mktemp("crashes")), *LEAST]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "stderr": done.stderr}


@pytest.mark.parametrize("scenario", LEAST)
def test_every_boundary_leaves_a_whole_profile(told: dict[str, Any], scenario: str) -> None:
    assert isinstance(told[scenario], list), f"{told[scenario]}\n{told['stderr']}"
    n_boundaries, n_kills = told[scenario]
    least_boundaries, least_kills = LEAST[scenario]
    assert n_boundaries >= least_boundaries
    assert n_kills >= least_kills
