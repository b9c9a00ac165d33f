"""A tiny real model for the engine's tests, and a look at its logits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.generation.llama.engine import Engine
from tests.tiny_generator import make_tiny_generator

Logits = Callable[[Engine, str], NDArray[np.float32]]


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_generator(tmp_path_factory.mktemp("generator"))


@pytest.fixture
def engine(tiny_bundle: Bundle) -> Iterator[Engine]:
    with Engine.open(tiny_bundle) as engine:
        yield engine


@pytest.fixture
def open_engine(tiny_bundle: Bundle) -> Iterator[Callable[[], Engine]]:
    opened: list[Engine] = []

    def open_one() -> Engine:
        opened.append(Engine.open(tiny_bundle))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


@pytest.fixture
def logits() -> Logits:
    """Return the logits of the token behind a prompt, float32[n_vocabulary]."""

    def logits_behind(engine: Engine, prompt: str) -> NDArray[np.float32]:
        engine.generate(prompt, max_tokens=1)
        return engine._desk.context.logits(-1).copy()

    return logits_behind


@pytest.fixture
def damaged_bundle(tmp_path: Path) -> Bundle:
    return make_tiny_generator(tmp_path / "damaged", poison=float("nan"))
