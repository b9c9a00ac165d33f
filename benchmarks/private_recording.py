"""Train real users' adapters with and without differential privacy: ``python -m benchmarks.private_recording DATA``.

``DATA`` is the folder with LaMP's tasks. One training after the other on one thread, about a minute each; goes on where
it stopped, and writes numbers only.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.private_users import MAX_TOKENS, Dealt, read_users
from benchmarks.study import RESULTS
from benchmarks.upper_blocks import upper_blocks
from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.lora import applied
from ondevice.adaptation.lora.losses import answer_losses
from ondevice.adaptation.lora.training import train
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.adaptation.recipes.privacy import Privacy
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_GENERATOR, EngineConfig, default_models_dir
from ondevice.generation.llama.engine import Engine
from ondevice.privacy.leakage.area import area_of

RECORD = RESULTS / "privacy" / "trainings.jsonl"
EPSILONS = (None, 8.0, 3.0, 1.0)
"""``None`` is a usual training."""

N_BLOCKS = 6
RECIPE = LoraRecipe(rank=4)
"""On the upper blocks alone: the fewer numbers, the less noise, and the less time."""
CONFIG = TrainingConfig(epochs=4, threads=1, max_tokens=MAX_TOKENS, precision="float32", patience=4)
PER_STEP = 16
PRIVATE_RATE = 1e-2
"""Learning rate under noise: larger, because there are few steps, and each goes hardly anywhere."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One training, and what it gave away.

    Args:
        user: Task and number.
        epsilon: The bound that was asked for; ``None`` for a usual training.
        spent: ε by the accountant; ``None`` likewise.
        noise: Of each step, as a multiple of the largest gradient of one pair; ``None`` likewise.
        n_learned: Pairs it was trained on.
        n_unseen: Pairs it never saw.
        gain: Nats per token that the unseen pairs became likelier by.
        learned_gain: The same of those it learned.
        area: The area under the curve of a membership attack with the base as reference.
        base_area: The same of the base alone, which has learned none: how far the two groups differ anyway.
        seconds: Time of the training.
    """

    user: str
    epsilon: float | None
    spent: float | None
    noise: float | None
    n_learned: int
    n_unseen: int
    gain: float
    learned_gain: float
    area: float
    base_area: float
    seconds: float

    def to_line(self) -> str:
        """Return the outcome as a line of JSON."""
        values = {name: round(value, 5) if isinstance(value, float) else value for name, value in asdict(self).items()}
        return json.dumps(values, separators=(",", ":"))


def read_outcomes(path: Path) -> list[Outcome]:
    """Return what was recorded, in the order of the file."""
    return [Outcome(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def main(arguments: Sequence[str] | None = None) -> int:
    """Record until all is recorded, or something stops it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder with LaMP_4 and LaMP_7")
    parser.add_argument("--per-task", type=int, default=2, help="users of each task")
    parser.add_argument("--models", type=Path, default=default_models_dir())
    parser.add_argument("--record", type=Path, default=RECORD, help="the file to go on with")
    given = parser.parse_args(arguments)
    bundle = Bundle.open(given.models / DEFAULT_GENERATOR, kind="generator")
    with Engine.open(bundle, config=EngineConfig(context_tokens=1024, threads=1)) as engine:
        users = list(read_users(given.data, engine, per_task=given.per_task))
    with upper_blocks(load_base(bundle.file("model")), N_BLOCKS) as base:
        record(users, base, given.record)
    return 0


def record(users: Sequence[Dealt], base: BaseModel, path: Path) -> None:
    """Train what the file does not have yet, and append each training as it is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    done = {(outcome.user, outcome.epsilon) for outcome in read_outcomes(path)}
    for user in users:  # a record that was cut short has whole users
        left = [epsilon for epsilon in EPSILONS if (user.name, epsilon) not in done]
        plain = [_per_token(base, part) for part in (user.learned, user.unseen)] if left else []
        for epsilon in left:
            line = outcome_of(user, base, epsilon, plain).to_line()
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def outcome_of(user: Dealt, base: BaseModel, epsilon: float | None, plain: Sequence[Floats]) -> Outcome:
    """Train once, and attack; ``plain`` is what the base says of the learned and of the unseen."""
    privacy = None if epsilon is None else Privacy(epsilon=epsilon, pairs_per_step=PER_STEP)
    config = CONFIG if privacy is None else replace(CONFIG, privacy=privacy, learning_rate=PRIVATE_RATE)
    began = time.monotonic()
    trained = train(base, user.learned, user.judging, RECIPE, config)
    seconds = time.monotonic() - began
    with applied(base, RECIPE, trained.tensors):
        adapted = [_per_token(base, part) for part in (user.learned, user.unseen)]
    inside, outside = (with_it - without for with_it, without in zip(adapted, plain, strict=True))
    spent = trained.report.privacy
    return Outcome(
        user=user.name,
        epsilon=epsilon,
        spent=None if spent is None else spent.epsilon,
        noise=None if spent is None else spent.noise,
        n_learned=len(user.learned),
        n_unseen=len(user.unseen),
        gain=_mean_gain(outside, user.unseen),
        learned_gain=_mean_gain(inside, user.learned),
        area=_area(inside, outside),
        base_area=_area(*plain),
        seconds=round(seconds, 1),
    )


def _per_token(base: BaseModel, examples: Sequence[Example]) -> Floats:
    """Return ln p per token of each answer: float64[n]."""
    lengths = np.array([example.n_answer for example in examples], dtype=np.float64)
    return np.divide(-answer_losses(base.model, examples), lengths)


def _mean_gain(gains: Floats, examples: Sequence[Example]) -> float:
    weights = [example.n_answer for example in examples]
    return float(np.average(gains, weights=weights))


def _area(inside: Floats, outside: Floats) -> float:
    found = area_of(inside, outside)
    if found is None:
        raise SystemExit(f"{len(inside)} learned and {len(outside)} unseen pairs are too few")
    return found.value


if __name__ == "__main__":
    sys.exit(main())
