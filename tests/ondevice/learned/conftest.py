"""A profile of twelve days that end alike, before a tiny language model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer
from tests.small_trainings import ENDING, Open

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
