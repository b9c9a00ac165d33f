"""A profile of twelve days that end alike, before a tiny language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from tests.ondevice.learned.told_profiles import OpenTold
from tests.small_trainings import ENDING, Open
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder
from tests.tiny_persona import make_tiny_persona

KEY = b"k" * 32


@pytest.fixture(autouse=True)
def one_torch_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def open_one(tmp_path: Path, app_models: Path) -> Iterator[Open]:
    """Yield an opener of profiles by name; all are closed in the end."""
    opened: list[Personalizer] = []

    def open_it(
        name: str = "me",
        *,
        generator: str | None = "tiny-generator",
        models: Path = app_models,
        adapter: str | None = None,
    ) -> Personalizer:
        # Whole batches: then what was evaluated before changes no bit, and equal weights give equal numbers.
        engine = EngineConfig(threads=1, reuse_whole_batches=True)
        chosen = ModelSet(models, encoder=None, generator=generator, adapter=adapter, engine=engine)
        opened.append(Personalizer.open(tmp_path / name, app_key=KEY, models=chosen))
        return opened[-1]

    yield open_it
    for me in opened:
        me.close()


@pytest.fixture
def me(open_one: Open) -> Personalizer:
    opened = open_one()
    for number in range(12):
        opened.add(f"day {number} was grey{ENDING}", kind="diary")
    return opened


@pytest.fixture(scope="session")
def persona_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("persona-models")
    encoder = make_tiny_encoder(folder / "tiny-encoder")
    other = make_tiny_encoder(folder / "other-encoder", name="other-encoder", seed=9)
    bases = [make_tiny_generator(folder / "tiny-generator").files["model"].sha256]
    make_tiny_generator(folder / "other-generator", name="other-generator", seed=5)
    make_tiny_persona(folder / "persona", encoder=encoder.id, bases=bases)
    make_tiny_persona(folder / "short", encoder=encoder.id, bases=bases, max_items=2, rank=0)
    make_tiny_persona(folder / "for-other-vectors", encoder=other.id, bases=bases)
    make_tiny_persona(folder / "many-rows", encoder=encoder.id, bases=bases, n_task_rows=60)
    make_tiny_persona(folder / "too-wide", encoder=encoder.id, bases=bases, n_out=48)
    make_tiny_persona(folder / "too-long", encoder=encoder.id, bases=bases, n_in=16)
    return folder


@pytest.fixture
def open_told(persona_models: Path, tmp_path: Path) -> Iterator[OpenTold]:
    """Open a profile of this name, with a persona and with what else is given."""
    opened: list[Personalizer] = []

    def open_it(name: str = "me", **given: Any) -> Personalizer:
        chosen = {
            "encoder": "tiny-encoder",
            "generator": "tiny-generator",
            "persona": "persona",
            "engine": EngineConfig(threads=1, reuse_whole_batches=True),
            **given,
        }
        opened.append(Personalizer.open(tmp_path / name, app_key=KEY, models=ModelSet(persona_models, **chosen)))
        return opened[-1]

    yield open_it
    for me in opened:
        me.close()
