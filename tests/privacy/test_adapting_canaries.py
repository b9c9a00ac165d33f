"""Neither the user's text nor what was learned from it lies readable anywhere while a model trains and serves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ondevice.privacy.at_rest.spellings import spellings
from tests.privacy.scanning import open_files, readable
from tests.tiny_adapters import random_adapter
from tests.tiny_generator import make_tiny_generator

JOURNEY = Path(__file__).with_name("adapting_journey.py")
CANARY = "zanzibarquokka"
STAGES = (
    "training",
    "paused",
    "resumed",
    "trained",
    "answered",
    "contrasted",
    "planned",
    "searching",
    "searched",
    "rekeyed",
    "reopened",
    "forgotten",
)
LEARNED = (b"lora_a", b"lora_A", b"GGUF", b"q_proj", b"exp_avg", b"adapter.lora.alpha")
"""What the bytes of an adapter or of a checkpoint would show."""


def showing(folder: Path) -> list[Path]:
    """Return the files below ``folder`` that look like an adapter or a checkpoint."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if any(mark in path.read_bytes() for mark in LEARNED)]


def test_the_scan_knows_an_adapter(tmp_path: Path) -> None:
    (tmp_path / "adapter").write_bytes(random_adapter())
    assert showing(tmp_path) == [tmp_path / "adapter"]


def test_no_stage_of_learning_leaves_anything_readable(tmp_path: Path, sandbox: dict[str, str]) -> None:
    models = tmp_path.parent / f"{tmp_path.name}-models"
    make_tiny_generator(models / "tiny-generator")
    work = tmp_path / "work"
    work.mkdir()
    root = Path(__file__).parent.parent.parent
    command = [sys.executable, str(JOURNEY), str(work / "me.profile"), str(models), CANARY]
    environment = sandbox | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        command, env=environment, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for expected in STAGES:
            assert child.stdout.readline().strip() == expected
            assert readable(tmp_path, [CANARY, "walked", "along the shore"]) == [], expected
            assert showing(tmp_path) == [], expected
            if Path("/proc/self/fd").exists():
                needles = [*spellings(CANARY), *LEARNED]
                assert not [1 for data in open_files(child.pid) for needle in needles if needle in data], expected
            assert [path for path in work.rglob("*") if path.stat().st_mode & 0o077] == [], expected
            child.stdin.write("\n")
            child.stdin.flush()
        assert child.wait(timeout=60) == 0
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()] == []
    assert [path for path in (tmp_path / "tmp").rglob("*") if path.is_file()] == []
    assert not [name for name in os.listdir(work / "me.profile" / "epoch-2" / "sealed") if name.startswith("adapter")]
