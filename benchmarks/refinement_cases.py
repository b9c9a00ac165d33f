"""What a refinement of searches is worth to real users: on requests newer than all that it has learned from.

Of each user's newest requests the older three quarters are learned from, as ``me.refinement.learn`` does (the newest of
them held out to say when to stop); the rest are asked once, by the encoder alone and with the map. ``best of the
candidates`` and ``any of the candidates`` are what a perfect choice and a blind one would give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.lamp_answers import DATA
from benchmarks.measure import Row
from benchmarks.refinement_recording import RecordedUser, recorded
from ondevice.adaptation.lessons.feedback import Feedback
from ondevice.retrieval.feedback_loss import Requests, loss_and_gradients
from ondevice.retrieval.refining import learn_map, telling

N_TEST = 6
_DRAWS = 1000
_LOSS, _REWARD = "KL", "nats/token"

Figures = dict[tuple[str, str], float]


def run(models: Path) -> Iterator[Row]:
    """Ask the past of the users that are not recorded yet, learn, and yield each user's and each task's figures."""
    by_task: dict[str, list[Figures]] = {}
    for user in recorded(models, DATA, models.parent / "benchmarks" / "refinement"):
        figures = measure(user)
        by_task.setdefault(user.name.partition("/")[0], []).append(figures)
        for (case, unit), value in figures.items():
            yield _point(case, user.name, unit, value)
    for task, users in by_task.items():
        for case, unit in users[0]:
            values = np.array([figures[case, unit] for figures in users])
            yield _mean(case, f"{task}, mean of {len(users)} users", unit, values)
        for measured, unit in (("loss", _LOSS), ("first hit", _REWARD)):
            leads = [each[f"new requests: {measured}, refined", unit] - each[_before(measured), unit] for each in users]
            yield _mean(
                f"new requests: {measured}, change", f"{task}, mean of {len(users)} users", unit, np.array(leads)
            )


def measure(user: RecordedUser) -> Figures:
    """Learn from a user's older requests, and measure on the newest."""
    learned, new = user.feedback[:-N_TEST], telling(user.feedback[-N_TEST:])
    refined = learn_map(learned, encoder_id="recorded")
    if refined is None or not new:
        raise ValueError("nothing to learn from, or nothing to measure on")
    requests = Requests.of(new)
    targets = requests.targets(refined.temperature)
    up, down = (matrix.astype(np.float64) for matrix in (refined.map.up, refined.map.down))
    nothing = np.zeros_like(up)

    def loss(matrix: NDArray[np.float64]) -> float:
        return loss_and_gradients(requests, targets, matrix, down, scale=refined.scale)[0]

    has_gained = refined.loss_after < refined.loss_before and refined.reward_after > refined.reward_before
    return {
        ("held out: loss, encoder alone", _LOSS): refined.loss_before,
        ("held out: loss, refined", _LOSS): refined.loss_after,
        ("held out: first hit, encoder alone", _REWARD): refined.reward_before,
        ("held out: first hit, refined", _REWARD): refined.reward_after,
        ("held out: gained, and would be used", ""): float(has_gained),
        (_before("loss"), _LOSS): loss(nothing),
        ("new requests: loss, refined", _LOSS): loss(up),
        (_before("first hit"), _REWARD): requests.first_reward(nothing, down),
        ("new requests: first hit, refined", _REWARD): requests.first_reward(up, down),
        ("new requests: first hit, refined where it gained", _REWARD): requests.first_reward(
            up if has_gained else nothing, down
        ),
        ("new requests: any of the candidates", _REWARD): _over(new, np.mean),
        ("new requests: best of the candidates", _REWARD): _over(new, np.max),
        ("steps", ""): float(refined.n_steps),
        ("asking, one thread", "s"): user.seconds,
        ("prompts", ""): float(user.n_prompts),
    }


def _before(measured: str) -> str:
    return f"new requests: {measured}, encoder alone"


def _over(feedback: Sequence[Feedback], reduce: Callable[[NDArray[np.float64]], np.floating]) -> float:
    return float(np.mean([reduce(each.rewards) for each in feedback]))


def _point(case: str, condition: str, unit: str, value: float) -> Row:
    return Row(case=case, condition=condition, unit=unit, median=value, low=value, high=value, n=1)


def _mean(case: str, condition: str, unit: str, values: NDArray[np.float64]) -> Row:
    """Return the mean over users, with the interval that drawing other users like them would give (bootstrap)."""
    random = np.random.default_rng(0)
    draws = np.sort(values[random.integers(0, len(values), (_DRAWS, len(values)))].mean(axis=1))
    low, high = float(draws[_DRAWS // 10]), float(draws[-_DRAWS // 10])
    return Row(
        case=case, condition=condition, unit=unit, median=float(values.mean()), low=low, high=high, n=len(values)
    )
