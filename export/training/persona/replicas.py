"""Which part of a history a question is read with: in training as chance decides, in judging as a condition says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from export.training.persona.config import PersonaConfig
from export.training.persona.vectors import Asked, Places

Condition = Literal["none", "task", "mean", "own", "other", "empty"]
"""No rows; the task's rows alone; all items of the history alike; by the request; another user's history; no item."""
CONDITIONS: tuple[Condition, ...] = get_args(Condition)

Part = Literal["task", "empty", "own", "other"]
"""What a replica reads: the task's rows alone, no item, items of the own history, or another user's."""

NO_ITEMS: Places = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Replica:
    """One reading of a question.

    Args:
        asked: The place of the question.
        part: What it reads.
        items: The places of the items' vectors.
    """

    asked: int
    part: Part
    items: Places = field(repr=False, default_factory=lambda: NO_ITEMS)


def replicas(place: int, asked: Asked, config: PersonaConfig, random: np.random.Generator) -> Iterator[Replica]:
    """Yield the readings of a question in one step.

    Args:
        place: The place that they get.
        asked: The question.
        config: How many, and what is left out.
        random: Decides; one generator a question and an epoch, so that no other question changes what it draws.
    """
    for _ in range(config.replicas):
        drawn, kept = random.random(), random.uniform(config.least_kept, 1)
        order = random.permutation(len(asked.own))
        if drawn < config.task_share:
            yield Replica(asked=place, part="task")
        elif drawn < config.task_share + config.empty_share or not len(asked.own):
            yield Replica(asked=place, part="empty")
        else:
            n_kept = max(1, round(kept * len(asked.own)))
            yield Replica(asked=place, part="own", items=asked.own[np.sort(order[:n_kept])])
    if config.contrast and len(asked.own) and len(asked.other):
        yield Replica(asked=place, part="other", items=asked.other)


def judged(place: int, asked: Asked, condition: Condition) -> Replica:
    """Return the reading of a question under a condition other than ``none``."""
    if condition == "task":
        return Replica(asked=place, part="task")
    if condition == "empty":
        return Replica(asked=place, part="empty")
    if condition == "other":
        return Replica(asked=place, part="other", items=asked.other)
    return Replica(asked=place, part="own", items=asked.own)
