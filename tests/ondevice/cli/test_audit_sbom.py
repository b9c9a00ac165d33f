"""``ondevice audit sbom``: what the SDK is made of, in a file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.command_line import Run


def test_a_bill_of_materials_names_packages_and_models_and_writes_over_nothing(
    run: Run, default_models: Path, tmp_path: Path
) -> None:
    file = tmp_path / "bill.json"
    ran = run("audit", "sbom", str(file), "--models", str(default_models))
    assert ran.code == 0, ran.err
    bill = json.loads(file.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    names = {component["name"] for component in bill["components"]}
    assert {"numpy", "onnxruntime", "smollm2-135m-instruct", "bge-small-en-int8"} <= names
    assert str(tmp_path) not in file.read_text()
    again = run("audit", "sbom", str(file), "--models", str(default_models))
    assert again.code == 2
    assert "name a new file" in again.err
    assert json.loads(file.read_text()) == bill


def test_a_place_that_cannot_be_written_is_told(run: Run, default_models: Path, tmp_path: Path) -> None:
    ran = run("audit", "sbom", str(tmp_path / "none" / "bill.json"), "--models", str(default_models))
    assert ran.code != 0
    assert "cannot write" in ran.err
