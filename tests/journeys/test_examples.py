"""Every example runs as it is, with the real models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = {path.name: path for path in sorted((ROOT / "examples").glob("*.py"))}
SAYS = {
    "background_ingestion.py": "200 added; best: Measured the river at gauge 17",
    "embed_in_app.py": "Moreau",
    "forget_with_receipt.py": "still known: ['Choir rehearsal on Wednesday at 19:30.']",
    "import_and_ask.py": "12 March",
    "mcp_host.py": "it belongs to Madame Moreau.\n</data-",
    "openai_client.py": "Moreau",
    "publish_encoder.py": "mine-1.0.ondevice by ",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_runs(name: str, tmp_path: Path, default_models: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES[name]), str(tmp_path / "me.profile")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert SAYS[name] in ran.stdout
    assert (tmp_path / "me.profile").is_dir()


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_is_short(name: str) -> None:
    assert len(EXAMPLES[name].read_text("utf-8").splitlines()) < 40


def test_there_is_one_for_every_journey() -> None:
    assert set(EXAMPLES) == set(SAYS)
