"""Learning goes wrong: the power is cut, the disk is full, the model is of a kind that cannot be trained.

Each time the profile goes on with the adapter that it had, and what can go on later does.
"""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ondevice import Personalizer
from ondevice.adaptation.recipes.recipe import LoraRecipe
from ondevice.errors import ModelMismatchError, StorageError
from tests.journeys.killed_training import CONFIG, RECIPE, opened
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_generator

CHILD = Path(__file__).with_name("killed_training.py")
ENDING = " and so it was all right in the end"
FREE_BYTES = 2_000_000
N_STEPS = (1, 4, 7)
"""Steps after which the power is cut: in the first epoch, in the second, and when all is learned anew."""
LARGE = LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=256, alpha=8.0)
"""A recipe whose checkpoints have more bytes than the disk is left with."""


@pytest.fixture(autouse=True)
def one_torch_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_generator(folder / "tiny-generator")
    make_tiny_generator(folder / "strange-generator", name="strange-generator", architecture="internlm2")
    return folder


@pytest.fixture
def me(profile_path: Path, models: Path) -> Iterator[Personalizer]:
    """Yield a profile of 12 notes with an adapter in use."""
    with opened(profile_path, models) as made:
        adapted(made)
        yield made


def adapted(me: Personalizer) -> NDArray[np.float32]:
    ids = [me.add(f"day {number} was grey{ENDING}").id for number in range(12)]
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    return spoken(me)


def spoken(me: Personalizer) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return me.generator.engine().log_likelihood("Continue this note: the weather", ENDING)


def kept(me: Personalizer) -> list[str]:
    return sorted({name.rpartition("-")[0] for name in me.vault.sealed.names()})


@contextmanager
def full_disk() -> Iterator[None]:
    """Let no file grow beyond what is left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FREE_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A profile, whose power was cut after so many steps, and what its model said before."""

    profile: Path
    before: NDArray[np.float32]
    end: int
    complaint: str


@pytest.fixture(scope="module")
def cuts(tmp_path_factory: pytest.TempPathFactory, models: Path) -> dict[int, Cut]:
    """Train with the power cut after so many steps, each time on a copy of one profile."""
    folder = tmp_path_factory.mktemp("cut")
    with opened(folder / "whole", models) as me:
        before = adapted(me)
        straight = me.adapters.train("straight", recipe=RECIPE, config=CONFIG, refit=True)
        assert straight is not None
        assert straight.report is not None
        assert straight.report.n_steps == 6, "the fourth is in the second of two epochs"
        assert straight.report.refit == "done", "the seventh is in the refit"
    for n_steps in N_STEPS:
        shutil.copytree(folder / "whole", folder / str(n_steps))
    given = [part for n_steps in N_STEPS for part in (str(folder / str(n_steps)), str(n_steps))]
    done = subprocess.run(
        [sys.executable, str(CHILD), str(models), *given],
        cwd=CHILD.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {
        n_steps: Cut(profile=folder / str(n_steps), before=before, end=end, complaint=done.stderr)
        for n_steps, end in zip(N_STEPS, json.loads(done.stdout), strict=True)
    }


@pytest.mark.parametrize(("n_steps", "has_state"), [(N_STEPS[0], False), *((n, True) for n in N_STEPS[1:])])
def test_a_power_cut_in_training_costs_at_most_an_epoch(
    cuts: dict[int, Cut], models: Path, n_steps: int, has_state: bool
) -> None:
    cut = cuts[n_steps]
    before = cut.before
    assert cut.end == -signal.SIGKILL, cut.complaint
    with opened(cut.profile, models) as again:
        assert again.vault.check() == []
        assert np.array_equal(spoken(again), before)
        assert again.adapters.status().paused == (("style",) if has_state else ())
        if has_state:
            again.adapters.resume("style")
        else:
            again.adapters.train("style", recipe=RECIPE, config=CONFIG, refit=True)
        assert again.vault.derived.read("adapter", "style") == again.vault.derived.read("adapter", "straight")
        assert not np.allclose(spoken(again), before, atol=0.01), "what was in use is replaced by what was learned"
        assert kept(again) == ["adapter"]


def test_a_disk_that_fills_up_in_training_leaves_what_was_in_use(me: Personalizer) -> None:
    before = spoken(me)
    with full_disk(), pytest.raises(StorageError):
        me.adapters.train("style", recipe=LARGE, config=CONFIG)
    assert np.array_equal(spoken(me), before)
    assert (me.adapters.status().training, me.adapters.status().paused) == (None, ())
    assert me.vault.check() == []
    assert kept(me) == ["adapter"]
    assert me.adapters.train("style", recipe=LARGE, config=CONFIG) is not None
    assert not np.allclose(spoken(me), before, atol=0.01)


def test_a_model_of_unknown_architecture_serves_and_is_not_trained(profile_path: Path, models: Path) -> None:
    with opened(profile_path, models, "strange-generator") as me:
        before = spoken(me)
        for number in range(12):
            me.add(f"day {number} was grey{ENDING}")
        with pytest.raises(ModelMismatchError, match="architecture 'internlm2'"):
            me.adapters.train("style", recipe=RECIPE, config=CONFIG)
        assert me.adapters.list() == []
        assert kept(me) == []
        assert np.array_equal(spoken(me), before)
        assert me.generate("what was grey", max_tokens=4).sources
