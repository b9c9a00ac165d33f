"""One tiny base model, as the file that is served and as the weights that are trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.adaptation.lora.weights import BaseModel, load_base
from tests.tiny_llm import make_model, write_base


@pytest.fixture(scope="session")
def base_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model's GGUF file."""
    return write_base(make_model("llama"), tmp_path_factory.mktemp("base") / "bundle").file("model")


@pytest.fixture(scope="session")
def base(base_path: Path) -> BaseModel:
    """The tiny model in PyTorch; every test leaves it as it was."""
    return load_base(base_path)
