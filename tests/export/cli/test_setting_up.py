"""``ondevice-models setup`` on a registry of two tiny models: measured, reckoned, and taken into use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from export.cli.models import app
from export.models import Registry, parse_registry
from export.models.describing import describe
from ondevice.bundle.chosen import Chosen, read_chosen
from ondevice.config import DEFAULT_GENERATOR
from ondevice.generation.measured import speed_of
from tests.export.cli.commands import Commands
from tests.tiny_generator import make_tiny_generator
from tests.tiny_host import sha256

run, document = Commands(app).run, Commands(app).document


def entry(data: bytes, *, n_bytes: int | None = None) -> dict[str, Any]:
    source = {"hub": {"repo": "some/model", "revision": "c" * 40, "path": "model.gguf"}}
    file = {"path": "model.gguf", "sha256": sha256(data), "bytes": n_bytes or len(data), "sources": [source]}
    about = {"kind": "generator", "version": "1", "title": "tiny", "license": "MIT", "origin": "made in a test"}
    return {**about, "generator": {"context_tokens": 1024, "base": "tiny"}, "files": {"model": file}}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that has the first of the registry's two models; the second is too large for any memory."""
    folder = tmp_path / "models"
    data = make_tiny_generator(folder / DEFAULT_GENERATOR, name=DEFAULT_GENERATOR).file("model").read_bytes()
    known = {DEFAULT_GENERATOR: entry(data), "huge": entry(b"huge", n_bytes=1 << 50)}
    registry: Registry = parse_registry({"format": 1, "defaults": [DEFAULT_GENERATOR], "wheels": {}, "models": known})
    describe(registry.get(DEFAULT_GENERATOR), folder / DEFAULT_GENERATOR)
    monkeypatch.setattr("export.cli.setting_up.load_registry", lambda: registry)
    monkeypatch.setattr("export.cli.own_models.SECONDS", 0.1)
    return folder


def test_setup_measures_reckons_and_takes_what_suits(models: Path) -> None:
    told = document("setup", "--larger", "--models", models)
    assert told["in_use"] == DEFAULT_GENERATOR
    assert read_chosen(models) == Chosen(generator=DEFAULT_GENERATOR)
    small, huge = told["models"]
    assert (small["is_measured"], small["fits"]) == (True, True)
    assert (huge["name"], huge["is_measured"], huge["fits"]) == ("huge", False, False)
    assert huge["write_tokens_s"] < small["write_tokens_s"]
    assert told["machine"]["cores"] >= 1
    assert speed_of(models, DEFAULT_GENERATOR) is not None


def test_setup_says_what_to_expect(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    shown = run("setup", "--models", models).stdout
    assert "this machine: " in shown
    assert "needs more memory than is free" in shown
    assert f"{DEFAULT_GENERATOR} is in use now; expect" in shown
