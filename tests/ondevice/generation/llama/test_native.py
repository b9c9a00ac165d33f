"""How the libraries that compute with OpenMP are loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

LOAD_LLAMA = "import ondevice.generation.llama.native"
LOAD_TORCH = """
from ondevice.adaptation.lora.weights import load_base
sys.modules["transformers"] = None  # what is loaded after PyTorch would take seconds more
try:
    load_base(pathlib.Path(sys.argv[1]))
except ImportError:
    assert "torch" in sys.modules
"""


def openmp_settings(load: str, model: Path, **environment: str) -> str:
    """Load a runtime and return what GNU's OpenMP then says of itself; nothing where it is not the one in use."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "GOMP_"))}
    ran = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import os, pathlib, sys\n{load}\nprint(os.environ.get('GOMP_SPINCOUNT'))",
            str(model / "tiny-generator" / "model.gguf"),
        ],
        env={**env, "OMP_DISPLAY_ENV": "verbose", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    shown = [line.split("'")[1] for line in ran.stderr.splitlines() if "GOMP_SPINCOUNT" in line]
    given = ran.stdout.strip()
    assert set(shown) <= {given} or given == "None"
    return given


@pytest.mark.parametrize(
    ("load", "environment", "spins"),
    [
        (LOAD_LLAMA, {}, "300"),
        (LOAD_LLAMA, {"GOMP_SPINCOUNT": "7"}, "7"),
        (LOAD_LLAMA, {"OMP_WAIT_POLICY": "passive"}, "None"),
        (LOAD_TORCH, {}, "300"),  # loading PyTorch takes seconds, and what is the user's is left by the same function
    ],
    ids=["llama.cpp", "the user's", "the user's policy", "PyTorch"],
)
def test_threads_that_wait_give_the_core_away_soon(
    app_models: Path, load: str, environment: dict[str, str], spins: str
) -> None:
    assert openmp_settings(load, app_models, **environment) == spins
