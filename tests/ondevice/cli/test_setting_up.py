"""``ondevice setup`` measures the model that is in use, and says what suits this machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from ondevice.bundle.chosen import Chosen, write_chosen
from ondevice.generation.measured import speed_of
from tests.command_line import Run


def test_setup_measures_the_model_in_use_and_says_what_to_expect(run: Run, app_models: Path, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(app_models / "tiny-generator", models / "tiny-generator")
    write_chosen(models, Chosen(generator="tiny-generator"))
    shown = run("setup", "--models", str(models), "--seconds", "0.1").out
    assert "tiny-generator: expect" in shown
    assert "other models: ondevice-models setup" in shown
    assert speed_of(models, "tiny-generator") is not None


def test_setup_without_a_model_says_how_to_get_one(run: Run, tmp_path: Path) -> None:
    ran = run("setup", "--models", str(tmp_path))
    assert ran.code == 6
    assert "run: ondevice-models setup" in ran.err
