"""Trainings small enough for tests: a few items, a tiny model, seconds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ondevice import Personalizer
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig

RECIPE = LoraRecipe(projections=("q_proj", "v_proj", "down_proj"), rank=4, alpha=8.0)
CONFIG = TrainingConfig(epochs=2, learning_rate=1e-2, batch_tokens=400, max_tokens=160)
ENDING = " and so it was all right in the end"
Open = Callable[..., Personalizer]


def spoken(me: Personalizer) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return me.generator.engine().log_likelihood("Continue this note: the weather", ENDING)


class After:
    """Says yes from the n-th time on that it is asked."""

    def __init__(self, n_times: int) -> None:
        self.left = n_times

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0
