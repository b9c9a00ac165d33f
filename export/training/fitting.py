"""The loop that every model of this room is trained by: epochs over examples, judged on other users after each.

accelerate puts model and batches where the machine computes, one CPU or its GPU, without a change here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ondevice.errors import AdaptationError
from ondevice.signals import Progress

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class FitConfig:
    """How a model is trained.

    Args:
        learning_rate: AdamW's, reached after the warm-up, falling to 0 in a straight line.
        epochs: Passes over the examples, at most.
        batch: Requests of a step.
        at_once: Requests of a step whose gradients are computed together: fewer take less memory, and no other step.
        warm_up: The part of the steps in which the rate rises.
        patience: Epochs without a better judgement before it ends; the best epoch is what stays.
        max_gradient_norm: Gradients are scaled down to this norm.
        weight_decay: AdamW's.
        held_out: The part of the users that only judge.
        max_seconds: No new step begins after so long; ``None`` sets no limit.
        seed: Decides all that chance decides.
    """

    learning_rate: float = 2e-5
    epochs: int = 10
    batch: int = 16
    at_once: int = 4
    warm_up: float = 0.05
    patience: int = 2
    max_gradient_norm: float = 1.0
    weight_decay: float = 0.01
    held_out: float = 0.15
    max_seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers with which nothing can be trained."""
        positive = (self.learning_rate, self.epochs, self.batch, self.at_once, self.patience, self.max_gradient_norm)
        if not all(isfinite(value) and value > 0 for value in positive) or (self.max_seconds or 1) <= 0:
            raise ValueError(
                "learning_rate, epochs, batch, at_once, patience, max_gradient_norm, max_seconds must be above 0"
            )
        if not 0 <= self.warm_up < 1 or not 0 < self.held_out < 1 or self.weight_decay < 0:
            raise ValueError(
                f"warm_up {self.warm_up} must be 0 to below 1, held_out {self.held_out} between 0 and 1, "
                f"weight_decay {self.weight_decay} 0 or more"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class FitReport:
    """What came of a training; judgements are the objective over the held-out users, lower is better.

    Args:
        n_examples: Requests trained on.
        n_held_out: Requests of the users who judged.
        n_steps: Steps of the optimizer.
        judged: The judgement before the first epoch and after each.
        best_epoch: The epoch that was kept; 0 is the model as it came.
        seconds: Time spent.
    """

    n_examples: int
    n_held_out: int
    n_steps: int
    judged: tuple[float, ...]
    best_epoch: int
    seconds: float


def fit(
    model: Any,  # noqa: ANN401 (a torch module)
    examples: Sequence[T],
    n_held_out: int,
    *,
    loss: Callable[[Sequence[T]], Tensor],
    judge: Callable[[], float],
    config: FitConfig,
    on_progress: Progress | None = None,
) -> FitReport:
    """Train the model's parameters in place, and leave it as it was after the epoch judged best, or as it came.

    Args:
        model: A torch module whose trainable parameters are learned; ``loss`` and ``judge`` use it.
        examples: What is learned, in any order.
        n_held_out: How many requests judge, for the report.
        loss: The objective of one batch.
        judge: The objective over the held-out users.
        config: How.
        on_progress: Told of steps done and steps in all.

    Raises:
        AdaptationError: If the loss is no number.
    """
    import torch
    from accelerate import Accelerator

    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    accelerator = Accelerator()
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=config.learning_rate, weight_decay=config.weight_decay)
    per_epoch = -(-len(examples) // config.batch)
    total = per_epoch * config.epochs
    model, optimizer = accelerator.prepare(model, optimizer)
    started, n_steps = time.perf_counter(), 0
    model.eval()
    judged, best, best_epoch = [judge()], _state_of(model), 0
    for epoch in range(1, config.epochs + 1):
        model.train()
        for chosen in np.array_split(random.permutation(len(examples)), per_epoch):
            if config.max_seconds is not None and time.perf_counter() - started > config.max_seconds:
                break
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * rate_at(n_steps, total, config.warm_up)
            optimizer.zero_grad()
            for part in np.array_split(chosen, -(-len(chosen) // config.at_once)):
                found = loss([examples[place] for place in part.tolist()]) * (len(part) / len(chosen))
                if not torch.isfinite(found):
                    raise AdaptationError("the training diverged", hint="lower the learning rate")
                accelerator.backward(found)
            accelerator.clip_grad_norm_(parameters, config.max_gradient_norm)
            optimizer.step()
            n_steps += 1
            if on_progress is not None:
                on_progress(n_steps, total)
        model.eval()
        judged.append(judge())
        if judged[-1] < judged[best_epoch]:
            best, best_epoch = _state_of(model), epoch
        if epoch - best_epoch >= config.patience or n_steps < per_epoch * epoch:
            break
    model.load_state_dict(best)
    return FitReport(
        n_examples=len(examples),
        n_held_out=n_held_out,
        n_steps=n_steps,
        judged=tuple(judged),
        best_epoch=best_epoch,
        seconds=time.perf_counter() - started,
    )


def rate_at(step: int, total: int, warm_up: float) -> float:
    """Return the share of the learning rate at a step: rising in a straight line, then falling."""
    rising = max(1, round(warm_up * total))
    return (step + 1) / rising if step < rising else (total - step) / max(1, total - rising)


def _state_of(model: Any) -> dict[str, Any]:  # noqa: ANN401
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
