from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ondevice.bundle import Bundle
from ondevice.generation.measured import MEASURED_NAME, measure, speed_of
from tests.tiny_generator import make_tiny_generator


@pytest.fixture
def models(tmp_path: Path, tiny_bundle: Bundle) -> Path:
    shutil.copytree(tiny_bundle.folder, tmp_path / "tiny")
    return tmp_path


def test_a_speed_is_kept_for_the_model_that_was_measured(models: Path) -> None:
    assert speed_of(models, "tiny") is None
    measured = measure(models, Bundle.open(models / "tiny", kind="generator"), seconds=0.0)
    kept = speed_of(models, "tiny")
    assert kept is not None
    assert kept.write_tokens_s == pytest.approx(measured.write_tokens_s, abs=0.01)
    shutil.rmtree(models / "tiny")
    make_tiny_generator(models / "tiny", seed=9)
    assert speed_of(models, "tiny") is None
    assert speed_of(models, "none") is None


@pytest.mark.parametrize("data", [b"", b"[]", b'{"a": 5}', b'{"a": {"read_tokens_s": 0, "write_tokens_s": 1}}'])
def test_a_note_that_cannot_be_read_is_none(models: Path, data: bytes) -> None:
    (models / MEASURED_NAME).write_bytes(data)
    assert speed_of(models, "tiny") is None
    measure(models, Bundle.open(models / "tiny", kind="generator"), seconds=0.0)
    assert speed_of(models, "tiny") is not None
