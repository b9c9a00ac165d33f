"""What the search measures with: real trainings on a user's examples, short ones on some of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.losses import mean_loss
from ondevice.adaptation.lora.precision import computing
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig


class TrainingEvaluator:
    """An ``Evaluator`` that trains on one user's examples; not safe for several threads."""

    def __init__(
        self,
        base: BaseModel,
        examples: Sequence[Example],
        held_out: Sequence[Example],
        config: TrainingConfig,
        *,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        """Take the examples to learn from, and those to judge by.

        What was held out here has taken part in choosing the recipe: to judge the chosen adapter against other
        strategies (:mod:`ondevice.adaptation.gate.choosing`) takes items that neither this nor the training has seen.

        Args:
            base: The served model, dequantized; as it was after every evaluation.
            examples: Oldest first.
            held_out: Those the losses are measured on.
            config: Of a full training.
            cancel: Signal before each step; give the search the same, so that it drops what was cut short.
        """
        self._base = base
        self._examples = examples
        self._held_out = held_out
        self._config = config
        self._cancel = cancel
        self._whole: dict[LoraRecipe, Trained] = {}

    def evaluate(self, recipe: LoraRecipe | None, fraction: float) -> tuple[float, int]:
        """Train by a recipe on a part of the examples, and return the held-out loss and the adapter's size.

        A part is spread evenly over the examples, so that it is of all times; it is trained on for as many epochs.

        Raises:
            AdaptationError: If the training diverges, or its budget is too small.
            ImportError: If the extra ``adapt`` is not installed.
            ValueError: If the recipe does not fit the model.
        """
        if recipe is None:
            with computing(self._config.precision, self._base.model.device.type):
                return mean_loss(self._base.model, self._held_out), 0
        n = len(self._examples)
        n_taken = ceil(fraction * n)
        part = [self._examples[place * n // n_taken] for place in range(n_taken)]
        trained = train(self._base, part, self._held_out, recipe, self._config, cancel=self._cancel)
        if n_taken == n:
            self._whole[recipe] = trained
        return trained.report.loss_after, recipe.n_parameters(self._base.shape)

    def trained(self, recipe: LoraRecipe) -> Trained:
        """Return what the full training by a recipe gave, which need not be done again.

        Raises:
            KeyError: If it was not evaluated with the whole training.
        """
        return self._whole[recipe]
