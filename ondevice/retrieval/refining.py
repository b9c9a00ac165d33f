"""Learning which way to turn a user's queries, from what helped with this user's earlier requests.

The loss is :mod:`ondevice.retrieval.feedback_loss`'s, minimised in U and V by Adam; neither the encoder nor an item's
vector changes. U begins at zero, so that the first step starts from the encoder alone; the newest requests say when to
stop.

Source: Salemi et al. 2024, arXiv:2404.05970 (ROPG-KD: a retriever distilled from a language model's feedback).
Deviation: the encoder is frozen and a residual map of low rank on the query is learned instead. The temperature is in
spreads of the rewards (the median, over requests, of their standard deviation), which differ by task and model. The
scale is the one of a few under which the encoder alone fits best: otherwise the map would learn how sharp to be rather
than where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ondevice.adaptation.lessons.feedback import Feedback
from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.errors import AdaptationError
from ondevice.retrieval.feedback_loss import Floats, Requests, loss_and_gradients
from ondevice.retrieval.query_map import QueryMap

Stop = Literal["done", "early"]

SCALES = (5.0, 10.0, 20.0, 40.0)
EQUAL = 1e-6
"""Rewards (nats per token) that differ by less say nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RefiningConfig:
    """How the map is learned.

    Args:
        rank: Directions it may change; at most the vectors' dimension.
        temperature: How far below the best a candidate may be and still count, in spreads of the rewards.
        held_out: Part of the requests, the newest, that only judge.
        learning_rate: Adam's.
        steps: Most steps; each sees every request.
        patience: Steps without a lower held-out loss after which it ends.
        seed: Of V's first values.
    """

    rank: int = 8
    temperature: float = 1.0
    held_out: float = 0.25
    learning_rate: float = 0.003
    steps: int = 300
    patience: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers with which nothing can be learned."""
        for name in ("rank", "steps", "patience"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)}")
        for name in ("temperature", "learning_rate"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0, not {getattr(self, name)}")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out must be between 0 and 1, not {self.held_out}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Refined:
    """A map, and what it did to the held-out requests.

    Args:
        map: The one of the lowest held-out loss; that of the encoder alone changes nothing.
        n_used: Requests that were learned from or judged by.
        n_held_out: Those of them that only judged, the newest.
        loss_before: Mean KL(p ‖ π) on the held-out ones, with the encoder alone.
        loss_after: With the map.
        reward_before: Mean reward (nats per token) of the first hit on the held-out ones, with the encoder alone.
        reward_after: With the map.
        scale: The policy's.
        temperature: The targets', in nats per token.
        n_steps: Steps taken.
        stopped: Why it ended.
    """

    map: QueryMap
    n_used: int
    n_held_out: int
    loss_before: float
    loss_after: float
    reward_before: float
    reward_after: float
    scale: float
    temperature: float
    n_steps: int
    stopped: Stop


def telling(feedback: Sequence[Feedback]) -> list[Feedback]:
    """Return the feedback that tells candidates apart: of two or more, whose rewards are not all equal."""
    return [each for each in feedback if len(each.rewards) > 1 and np.ptp(each.rewards) > EQUAL]


def learn_map(
    feedback: Sequence[Feedback],
    *,
    encoder_id: str,
    config: RefiningConfig | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Refined | None:
    """Learn a map from feedback, the oldest first; the newest part judges it. Deterministic in all arguments.

    Args:
        feedback: What :func:`telling` leaves of it is used.
        encoder_id: Whose vectors these are.
        config: How.
        cancel: Signal before each step; true ends it with ``None``.

    Raises:
        AdaptationError: If fewer than ``MIN_PAIRS`` requests tell candidates apart.
        ValueError: If the rank is above the vectors' dimension.
    """
    config = config or RefiningConfig()
    used = telling(feedback)
    if len(used) < MIN_PAIRS:
        raise AdaptationError(
            f"a refinement needs {MIN_PAIRS} requests that tell earlier items apart, but of {len(feedback)} only "
            f"{len(used)} do",
            hint="add items; until then search with hybrid or dense",
        )
    dim = len(used[0].query)
    if config.rank > dim:
        raise ValueError(f"rank must be at most the vectors' {dim} numbers, not {config.rank}")
    n_held_out = min(len(used) - 1, max(1, round(config.held_out * len(used))))
    train, held_out = Requests.of(used[:-n_held_out]), Requests.of(used[-n_held_out:])
    temperature = config.temperature * float(np.median([each.rewards.std() for each in used[:-n_held_out]]))
    targets, judging = train.targets(temperature), held_out.targets(temperature)

    up = np.zeros((dim, config.rank))
    down = np.random.default_rng(config.seed).normal(0.0, dim**-0.5, (dim, config.rank))
    scale = min(SCALES, key=lambda each: loss_and_gradients(train, targets, up, down, scale=each)[0])
    loss_before = best = loss_and_gradients(held_out, judging, up, down, scale=scale)[0]
    reward_before = held_out.first_reward(up, down)
    optimizer = _Adam((up, down), config.learning_rate)
    kept, best_step, n_steps = (up.copy(), down.copy()), 0, 0
    stopped: Stop = "done"
    while n_steps < config.steps:
        if cancel is not None and cancel():
            return None
        _, *gradients = loss_and_gradients(train, targets, up, down, scale=scale)
        optimizer.step(gradients)
        n_steps += 1
        loss = loss_and_gradients(held_out, judging, up, down, scale=scale)[0]
        if loss < best:
            kept, best, best_step = (up.copy(), down.copy()), loss, n_steps
        elif n_steps - best_step >= config.patience:
            stopped = "early"
            break
    up, down = (matrix.astype(np.float32).astype(np.float64) for matrix in kept)  # what is kept is what is judged
    return Refined(
        map=QueryMap(encoder_id=encoder_id, up=up.astype(np.float32), down=down.astype(np.float32)),
        n_used=len(used),
        n_held_out=n_held_out,
        loss_before=loss_before,
        loss_after=loss_and_gradients(held_out, judging, up, down, scale=scale)[0],
        reward_before=reward_before,
        reward_after=held_out.first_reward(up, down),
        scale=scale,
        temperature=temperature,
        n_steps=n_steps,
        stopped=stopped,
    )


class _Adam:
    """Kingma & Ba 2015, arXiv:1412.6980, in place."""

    def __init__(self, parameters: Sequence[Floats], learning_rate: float) -> None:
        self._parameters, self._rate, self._n = parameters, learning_rate, 0
        self._moments = [(np.zeros_like(each), np.zeros_like(each)) for each in parameters]

    def step(self, gradients: Sequence[Floats]) -> None:
        self._n += 1
        for parameter, gradient, (first, second) in zip(self._parameters, gradients, self._moments, strict=True):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            corrected = np.sqrt(second / (1 - 0.999**self._n)) + 1e-8
            parameter -= self._rate * first / (1 - 0.9**self._n) / corrected
