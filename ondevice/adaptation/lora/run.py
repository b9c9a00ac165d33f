"""The steps of one training: batches, gradients, evaluations, and what the next run needs to go on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import numpy as np

from ondevice.adaptation.lessons.examples import Example, bucket, epoch_batches
from ondevice.adaptation.lessons.joined import Joined
from ondevice.adaptation.lora.checkpoint import Checkpoint, Progress, settings_mark
from ondevice.adaptation.lora.lora import Tensors, copied, restore
from ondevice.adaptation.lora.losses import add_gradients, mean_loss
from ondevice.adaptation.lora.memory import MOST_PART_TOKENS, part_tokens, peak_bytes
from ondevice.adaptation.lora.paused import moments_of, restore_moments
from ondevice.adaptation.lora.precision import computing
from ondevice.adaptation.lora.private import PrivateSteps
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe, Stop, TrainingConfig, TrainingReport
from ondevice.errors import AdaptationError


def batches_of(examples: Sequence[Example | Joined], config: TrainingConfig) -> list[list[list[int]]]:
    """Return the batches of each epoch, as places in the examples; with privacy each is drawn when its step comes."""
    if config.privacy is not None:
        return [[[]] * config.privacy.steps_per_epoch(len(examples))] * config.epochs
    lengths = [len(example) for example in examples]
    return [
        epoch_batches(lengths, batch_tokens=config.batch_tokens, seed=config.seed, epoch=epoch)
        for epoch in range(config.epochs)
    ]


class Run:
    """One training while it goes on, or its refit: the same again on all examples, with nothing held out to judge by.

    Args:
        base: The served model, which wears the matrices.
        parameters: These, by name.
        examples: What is learned.
        held_out: What it is judged on after each epoch; nothing in a refit.
        recipe: Where the matrices are.
        config: How long and how hard.
        mark: See :func:`~ondevice.adaptation.lora.checkpoint.fingerprint`.
        on_loss: Told each step's number and its loss.
        first: In a refit, what the training did that is done again; as many epochs are taken as were best there.
        first_part_tokens: In a refit, how many tokens went through the model at once there: as many fit again.
    """

    def __init__(
        self,
        base: BaseModel,
        parameters: dict[str, Any],
        examples: Sequence[Example | Joined],
        held_out: Sequence[Example | Joined],
        recipe: LoraRecipe,
        config: TrainingConfig,
        mark: str,
        *,
        on_loss: Callable[[int, float], None] | None = None,
        first: TrainingReport | None = None,
        first_part_tokens: int | None = None,
    ) -> None:
        import torch

        self._on_loss = on_loss
        self._base, self._parameters, self._config, self._mark = base, parameters, config, mark
        self._settings = settings_mark(recipe, config)
        self._examples, self._held_out = examples, held_out
        self._first = first
        self.part_tokens = first_part_tokens or part_tokens(
            base.shape,
            recipe,
            longest=max(map(len, (*examples, *held_out))),
            max_memory_bytes=config.max_memory_bytes,
            most=MOST_PART_TOKENS if base.model.device.type == "cpu" else config.batch_tokens,
        )
        epochs = batches_of(examples, config)
        self._steps = [batch for batches in epochs for batch in batches]
        self._epoch_ends = [int(end) for end in np.cumsum([len(batches) for batches in epochs])]
        self.n_steps = len(self._steps) if first is None else self._epoch_ends[first.best_epoch - 1]
        self._private: PrivateSteps | None = None
        self._learned = parameters
        if config.privacy is not None:
            self._private = PrivateSteps(config.privacy, n_pairs=len(examples), n_steps=self.n_steps)
            self._learned = self._private.learned(parameters)
        self._optimizer = torch.optim.AdamW(
            self._learned.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._evaluating = 0.0
        self.best: Tensors = {}

    def begin(self, checkpoint: Checkpoint | None) -> None:
        """Start anew, or where the checkpoint says."""
        self._started = time.monotonic()
        if checkpoint is None:
            self._progress = Progress(
                step=0,
                loss_before=self._evaluate() if self._first is None else self._first.loss_before,
                best_loss=None,
                n_without_gain=0,
                seconds=0.0,
                part_tokens=self.part_tokens,
            )
            return
        self._progress = checkpoint.progress
        self.part_tokens = checkpoint.progress.part_tokens
        try:
            restore(self._parameters, checkpoint.current)
            first, second, step = checkpoint.first_moments, checkpoint.second_moments, checkpoint.progress.step
            restore_moments(self._optimizer, self._learned, first, second, step)
        except (ValueError, KeyError, RuntimeError):
            raise AdaptationError(
                "the checkpoint's matrices do not fit this base model", hint="start the training anew"
            ) from None
        self.best = checkpoint.best

    def go(
        self,
        on_progress: Callable[[int, int], None] | None,
        on_checkpoint: Callable[[bytes], None] | None,
        checkpoint_seconds: float | None,
        cancel: Callable[[], bool] | None,
        pause: Callable[[], bool] | None,
    ) -> Stop:
        """Take step after step until the end, or a reason to stop."""
        kept = time.monotonic()
        is_cancelled, is_paused = cancel or _never, pause or _never
        while self._progress.step < self.n_steps:
            if self._progress.n_without_gain >= self._config.patience:
                return "early"
            if is_cancelled():
                return "cancelled"
            if is_paused():
                return "paused"
            if self._is_out_of_time():
                self._stop_in_time()
                if on_checkpoint is not None:
                    on_checkpoint(self.checkpoint().to_bytes())
                return "time"
            self._step()
            if on_progress is not None:
                on_progress(self._progress.step, self.n_steps)
            is_end = self._progress.step in self._epoch_ends
            if is_end:
                self._judge()
            is_due = checkpoint_seconds is not None and time.monotonic() - kept >= checkpoint_seconds
            if on_checkpoint is not None and (is_end or is_due):
                on_checkpoint(self.checkpoint().to_bytes())
                kept = time.monotonic()
        return "done"

    def _step(self) -> None:
        import torch

        for group in self._optimizer.param_groups:
            group["lr"] = self._config.learning_rate * self._rate(self._progress.step)
        self._optimizer.zero_grad(set_to_none=True)
        with self._computing():
            loss = self._add_gradients()
        norm = torch.nn.utils.clip_grad_norm_(self._learned.values(), self._config.max_gradient_norm)
        if not math.isfinite(loss) or not math.isfinite(float(norm)):
            raise AdaptationError(
                f"the training diverged: in step {self._progress.step + 1} of {self.n_steps} the loss is no number",
                hint="lower the learning rate; if it diverges in step 1, the base model is damaged",
            )
        self._optimizer.step()
        self._progress = replace(self._progress, step=self._progress.step + 1)
        if self._on_loss is not None:
            self._on_loss(self._progress.step, loss)

    def _add_gradients(self) -> float:
        """Give the matrices this step's gradient; return its loss."""
        private = self._private
        if private is not None:
            chosen = [self._examples[index] for index in private.chosen()]
            return private.add_gradients(self._base.model, self._learned, chosen)
        chosen = [self._examples[index] for index in self._steps[self._progress.step]]
        n_answer = sum(example.n_answer for example in chosen)
        return sum(
            add_gradients(self._base.model, [chosen[place] for place in part], n_answer)
            for part in bucket([len(example) for example in chosen], limit=self.part_tokens)
        )

    def _rate(self, step: int) -> float:
        """Return which part of the learning rate a step gets: rising at first, then falling to 0 in straight lines."""
        n_warm = math.ceil(self._config.warm_up * len(self._steps))
        if step < n_warm:
            return (step + 1) / n_warm
        return (len(self._steps) - step) / (len(self._steps) - n_warm)

    def _judge(self) -> None:
        """Evaluate, and keep the matrices if they are the best so far; in a refit nothing is left to judge by.

        With privacy the last are kept: to choose would tell of the held-out pairs.
        """
        if self._first is not None:
            return
        loss, best = self._evaluate(), self._progress.best_loss
        if self._private is not None or best is None or loss < best:
            self.best = copied(self._parameters)
            self._progress = replace(self._progress, best_loss=loss, best_step=self._progress.step, n_without_gain=0)
        else:
            self._progress = replace(self._progress, n_without_gain=self._progress.n_without_gain + 1)

    def _evaluate(self) -> float:
        began = time.monotonic()
        with self._computing():
            loss = mean_loss(self._base.model, self._held_out, part_tokens=self.part_tokens)
        self._evaluating += time.monotonic() - began
        if not math.isfinite(loss):
            raise AdaptationError(
                "the loss of the held-out examples is no number",
                hint="lower the learning rate; if this happens at once, the base model is damaged",
            )
        return loss

    def _computing(self) -> AbstractContextManager[Any]:
        return computing(self._config.precision, self._base.model.device.type)

    def _stop_in_time(self) -> None:
        if self._progress.step == 0 and self._first is None:
            raise AdaptationError(
                f"the time of {self._config.max_seconds} s was over before the first step", hint="raise max_seconds"
            )
        if self._progress.step not in self._epoch_ends:
            self._judge()

    @property
    def seconds(self) -> float:
        """What it took up to now, over all runs."""
        return self._progress.seconds + time.monotonic() - self._started

    def _is_out_of_time(self) -> bool:
        """Say whether the steps have had their time; what this run's evaluations took comes on top."""
        return self._config.max_seconds is not None and self.seconds - self._evaluating >= self._config.max_seconds

    def checkpoint(self) -> Checkpoint:
        """Return the training as it is now."""
        moments = moments_of(self._optimizer, self._learned)
        return Checkpoint(
            fingerprint=self._mark,
            settings=self._settings,
            progress=replace(self._progress, seconds=self.seconds),
            current=copied(self._parameters),
            best=self.best,
            first_moments=moments["first_moments"],
            second_moments=moments["second_moments"],
            first=self._first,
        )

    @property
    def epochs_done(self) -> int:
        """How many whole epochs are done."""
        return self._epochs_by(self._progress.step)

    def _epochs_by(self, step: int) -> int:
        return sum(end <= step for end in self._epoch_ends)

    def report(self, stopped: Stop) -> TrainingReport:
        """Return what was done; before the first evaluation the loss after is that before."""
        progress = self._progress
        was_judged = progress.best_loss is not None
        return TrainingReport(
            n_examples=len(self._examples),
            n_held_out=len(self._held_out),
            n_steps=progress.step,
            epochs_done=self.epochs_done,
            # Out of time, the best may lie within the first epoch.
            best_epoch=max(1, self._epochs_by(progress.best_step)) if was_judged else 0,
            loss_before=progress.loss_before,
            loss_after=progress.loss_before if progress.best_loss is None else progress.best_loss,
            seconds=self.seconds,
            peak_bytes=peak_bytes(),
            stopped=stopped,
            privacy=None if self._private is None else self._private.spent(progress.step),
        )


def _never() -> bool:
    return False
