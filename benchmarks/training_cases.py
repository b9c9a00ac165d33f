"""What learning from a user's items takes: time and memory, against half the precision and against a plain loop."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.measure import Row, summarize
from benchmarks.training_child import Measured

ADAPTER, OTHER = "mine", "other"
"""What the trainings leave in the profile."""

_SAME_LOSS = 0.15
"""Nats per token by which two ways may differ before any training, if they train on the same."""


class Trainings:
    """Runs trainings on one profile, each in a process of its own."""

    def __init__(self, profile: Path, models: Path, generator: str) -> None:
        """Train on the profile's items for this language model."""
        self._place = [str(profile), str(models), generator]

    def run(self, way: str, *, name: str, precision: str, epochs: int) -> Measured:
        """Train and return what it took."""
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.training_child", way, *self._place]
        done = subprocess.run(
            [*command, name, precision, str(epochs)],
            cwd=Path(__file__).parent.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(f"a training failed: {done.stderr[-2000:]}")
        return Measured(**json.loads(done.stdout.splitlines()[-1]))


def whole(trainings: Trainings, n_items: int, epochs: int) -> Iterator[Row]:
    """Measure one training as an app starts it; it leaves the adapter in the profile."""
    took = trainings.run("ours", name=ADAPTER, precision="auto", epochs=epochs)
    condition = f"{n_items} items, rank 8 on q and v, {took.n_epochs} epochs"
    yield _point("train an adapter", condition, "s", took.seconds)
    yield _point("steps and evaluations alone", condition, "s", took.training_seconds)
    yield _point("items read in a second", condition, "items/s", took.n_epochs * n_items / took.training_seconds)
    yield _point("peak memory of the training's process", condition, "MB", took.peak_bytes / 1e6)
    yield _point("held-out loss before", condition, "nats/token", took.loss_before)
    yield _point("held-out loss after", condition, "nats/token", took.loss_after)


def alternatives(trainings: Trainings, n_items: int, n_rounds: int) -> Iterator[Row]:
    """Compare one epoch in bfloat16, in float32 and in a plain loop, in turns."""
    ways = {
        "bfloat16": ("ours", "bfloat16"),
        "float32": ("ours", "float32"),
        "plain loop, float32": ("plain", "float32"),
    }
    rounds = [
        {way: trainings.run(kind, name=OTHER, precision=precision, epochs=1) for way, (kind, precision) in ways.items()}
        for _ in range(n_rounds)
    ]
    for measured in rounds:
        before = [each.loss_before for each in measured.values()]
        if max(before) - min(before) > _SAME_LOSS:
            raise SystemExit(f"the ways begin with the losses {before}: they do not train on the same")
    case = f"one epoch over {n_items} items"
    for way in ways:
        yield summarize([each[way].training_seconds for each in rounds], case=case, condition=way, unit="s")
        yield summarize([each[way].peak_bytes / 1e6 for each in rounds], case="its memory", condition=way, unit="MB")
        yield summarize([each[way].loss_after for each in rounds], case="its loss", condition=way, unit="nats/token")
    for slow, fast in (
        ("float32", "bfloat16"),
        ("plain loop, float32", "float32"),
        ("plain loop, float32", "bfloat16"),
    ):
        condition = f"{slow} ÷ {fast}"
        times = _ratios(
            [each[slow].training_seconds for each in rounds], [each[fast].training_seconds for each in rounds]
        )
        yield summarize(times, case=case, condition=condition, unit="ratio")
        peaks = _ratios([each[slow].peak_bytes for each in rounds], [each[fast].peak_bytes for each in rounds])
        yield summarize(peaks, case="its memory", condition=condition, unit="ratio")


def _ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    return [a / b for a, b in zip(above, below, strict=True)]


def _point(case: str, condition: str, unit: str, value: float) -> Row:
    return summarize([value], case=case, condition=condition, unit=unit)
