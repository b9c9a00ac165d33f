"""A folder of tiny models under names that an app would pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder


@pytest.fixture(scope="session")
def app_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_generator(folder / "tiny-generator")
    return folder
