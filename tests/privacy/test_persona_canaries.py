"""Neither the user's text nor the rows and vectors made of it lie readable anywhere while a persona is in use."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ondevice.privacy.at_rest.spellings import spellings
from tests.privacy.scanning import holding, open_files, readable, runs
from tests.tiny_generator import EMBEDDING, make_tiny_generator
from tests.tiny_models import make_tiny_encoder
from tests.tiny_persona import DIM, make_tiny_persona

JOURNEY = Path(__file__).with_name("persona_journey.py")
CANARY = "zanzibarquokka"
STAGES = {
    "added": DIM,
    "computed": EMBEDDING,
    "answered": EMBEDDING,
    "streaming": 0,
    "explained": 0,
    "rekeyed": 0,
    "closed": 0,
    "reopened": EMBEDDING,
    "forgotten": 0,
    "answered-again": EMBEDDING,
}
"""Stage → how many numbers each row has that it tells of."""


@pytest.mark.parametrize("width", ["<f2", "<f4", "<f8"])
def test_the_scan_finds_parts_of_rows(tmp_path: Path, width: str) -> None:
    rows = np.random.default_rng(1).standard_normal((3, 64)).astype(np.float32)
    part = rows[1, 16:40].astype(width).tobytes()
    for name, data in {"raw": part, "hex": part.hex().encode(), "base64": base64.b64encode(part)}.items():
        (tmp_path / name).write_bytes(b"before " + data + b" after")
    assert len(holding(tmp_path, runs(rows))) == 3
    assert holding(tmp_path, runs(rows + 1)) == []


def test_no_stage_of_a_persona_leaves_anything_readable(tmp_path: Path, sandbox: dict[str, str]) -> None:
    models = tmp_path.parent / f"{tmp_path.name}-models"
    base = make_tiny_generator(models / "tiny-generator").files["model"].sha256
    make_tiny_persona(
        models / "tiny-persona", encoder=make_tiny_encoder(models / "tiny-encoder").id, bases=[base], tasks=("chat",)
    )
    work = tmp_path / "work"
    work.mkdir()
    command = [sys.executable, str(JOURNEY), str(work / "me.profile"), str(models), CANARY]
    environment = sandbox | {"PYTHONPATH": str(Path(__file__).parent.parent.parent), "OMP_NUM_THREADS": "1"}
    numbers: list[bytes] = []
    with subprocess.Popen(
        command, env=environment, cwd=work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for expected, n_columns in STAGES.items():
            stage, _, told = child.stdout.readline().rstrip("\n").partition(" ")
            assert stage == expected
            if n_columns:
                numbers += runs(np.frombuffer(bytes.fromhex(told), np.float32).reshape(-1, n_columns))
            assert readable(tmp_path, [CANARY, "walked", "along the shore"]) == [], expected
            assert holding(tmp_path, numbers) == [], expected
            if Path("/proc/self/fd").exists():
                needles = [*spellings(CANARY), *numbers]
                assert not [1 for data in open_files(child.pid) for needle in needles if needle in data], expected
            assert [path for path in work.rglob("*") if path.stat().st_mode & 0o077] == [], expected
            child.stdin.write("\n")
            child.stdin.flush()
        assert child.wait(timeout=60) == 0
    assert [path for name in ("home", "tmp") for path in (tmp_path / name).rglob("*") if path.is_file()] == []
