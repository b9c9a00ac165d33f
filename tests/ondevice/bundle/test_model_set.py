"""Which models: names that are names, and each bundle verified once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ondevice import ModelSet
from ondevice.bundle.model_set import ModelFolder
from ondevice.config import default_models_dir
from ondevice.errors import NotFoundError


@pytest.mark.parametrize(
    "wrong",
    [
        {"retrievers": "one"},
        {"retrievers": 5},
        {"encoder": 3},
        {"selector": Path("x")},
        {"persona": 3},
        {"folder": 12345},
    ],
)
def test_what_names_no_model_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        ModelSet(**wrong)


def test_a_bundle_is_verified_once_for_all_parts(app_models: Path) -> None:
    folder = ModelFolder(ModelSet(app_models, encoder="tiny-encoder", generator=None))
    part = folder.part(replace(folder.models, encoder=None))
    assert part.bundle("tiny-encoder", "encoder") is folder.bundle("tiny-encoder", "encoder")
    with pytest.raises(NotFoundError):
        part.bundle("nowhere", "encoder")


def test_the_default_folder_is_the_environment_s_or_the_platform_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("ONDEVICE_MODELS", raising=False)
    platform = default_models_dir()
    monkeypatch.setenv("ONDEVICE_MODELS", str(tmp_path))
    assert ModelFolder(ModelSet()).path == tmp_path != platform
    assert ModelFolder(ModelSet("elsewhere")).path == Path("elsewhere")
