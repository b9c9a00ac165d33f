"""How llama.cpp's library is loaded."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def openmp_settings(**environment: str) -> str:
    """Load llama.cpp and return what GNU's OpenMP then says of itself; nothing where it is not the one in use."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    ran = subprocess.run(
        [sys.executable, "-c", "import ondevice.generation.llama.native, os; print(os.environ.get('GOMP_SPINCOUNT'))"],
        env={**env, "OMP_DISPLAY_ENV": "verbose", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    shown = [line.split("'")[1] for line in ran.stderr.splitlines() if "GOMP_SPINCOUNT" in line]
    given = ran.stdout.strip()
    assert shown in ([], [given]) or given == "None"
    return given


@pytest.mark.parametrize(
    ("environment", "spins"),
    [({}, "3000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "passive"}, "None")],
    ids=["ours", "the user's", "the user's policy"],
)
def test_threads_that_wait_give_the_core_away_soon(environment: dict[str, str], spins: str) -> None:
    assert openmp_settings(**environment) == spins
