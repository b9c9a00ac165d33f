"""Train every recipe of the recorded space for a few real users: ``python -m benchmarks.recipe_recording DATA MODELS``.

``DATA`` is the folder with LaMP's tasks. Takes about five minutes of processor time a user, goes on where it stopped,
and writes numbers only.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.recipe_table import FRACTIONS, Training, grid, read_trainings
from benchmarks.recipe_users import CONFIG, User, read_users
from benchmarks.study import RESULTS
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.adaptation.recipes.evaluators import TrainingEvaluator
from ondevice.adaptation.recipes.space import Point, SearchSpace
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_GENERATOR, EngineConfig, default_models_dir
from ondevice.generation.llama.engine import Engine

RECORD = RESULTS / "recipe-search" / "trainings.jsonl"


def main(arguments: list[str]) -> int:
    """Record until all is recorded, or something stops it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with LaMP_2, LaMP_4 and LaMP_6_aeslc")
    parser.add_argument("--models", type=Path, default=default_models_dir())
    parser.add_argument("--per-task", type=int, default=1, help="users of each task")
    parser.add_argument("--record", type=Path, default=RECORD, help="the file to go on with")
    options = parser.parse_args(arguments)
    bundle = Bundle.open(options.models / DEFAULT_GENERATOR, kind="generator")
    with Engine.open(bundle, config=EngineConfig(context_tokens=1024, threads=1)) as engine:
        users = list(read_users(options.data, engine, per_task=options.per_task))
    record(users, load_base(bundle.file("model")), options.record)
    return 0


def record(users: list[User], base: BaseModel, path: Path) -> None:
    """Train what the file does not have yet, and append each training as it is done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    done = {(training.user, training.point, training.fraction) for training in read_trainings(path)}
    space = SearchSpace(base.shape)
    points: list[Point | None] = [None, *grid()]
    for user in users:
        trial = TrainingEvaluator(base, user.train, user.held_out, CONFIG)
        # In random order, so that a table that was cut short is still of all kinds of recipes.
        order = [0, *(1 + np.random.default_rng(0).permutation(len(points) - 1))]
        for point in (points[place] for place in order):
            for fraction in FRACTIONS if point is not None else (1.0,):
                if (user.name, point, fraction) not in done:
                    line = _measured(trial, user.name, point, fraction, space).to_line()
                    with path.open("a", encoding="utf-8") as file:
                        file.write(line + "\n")


def _measured(
    trial: TrainingEvaluator, user: str, point: Point | None, fraction: float, space: SearchSpace
) -> Training:
    began = time.process_time()
    nll, n_parameters = trial.evaluate(None if point is None else space.recipe(point), fraction)
    return Training(
        user=user,
        point=point,
        fraction=fraction,
        nll=nll,
        n_parameters=n_parameters,
        cpu_seconds=round(time.process_time() - began, 2),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
