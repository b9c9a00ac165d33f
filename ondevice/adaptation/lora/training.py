"""Training one user's adapter: completion-only loss, the newest examples held out, the best evaluation kept.

Deterministic in the base model, the examples, the recipe and the settings, on one machine with one number of threads; a
training that was paused gives what one without a pause gives.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ondevice.adaptation.lessons.examples import Example, bucket, epoch_batches
from ondevice.adaptation.lessons.joined import Joined
from ondevice.adaptation.lora.checkpoint import Checkpoint, Progress, fingerprint, settings_mark
from ondevice.adaptation.lora.lora import Tensors, attached, copied, restore
from ondevice.adaptation.lora.losses import add_gradients, mean_loss
from ondevice.adaptation.lora.memory import MOST_PART_TOKENS, part_tokens, peak_bytes
from ondevice.adaptation.lora.passes import few_passes
from ondevice.adaptation.lora.precision import computed_in, computing
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe, Stop, TrainingConfig, TrainingReport
from ondevice.errors import AdaptationError


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """What came of a training.

    Args:
        tensors: The matrices of the best evaluation; empty where the training was paused or cancelled.
        report: What was done.
        checkpoint: From which a paused training goes on; ``None`` otherwise.
    """

    tensors: Tensors = field(repr=False)
    report: TrainingReport
    checkpoint: bytes | None = field(default=None, repr=False)


def train(
    base: BaseModel,
    examples: Sequence[Example | Joined],
    held_out: Sequence[Example | Joined],
    recipe: LoraRecipe,
    config: TrainingConfig,
    *,
    resume: bytes | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    pause: Callable[[], bool] | None = None,
    on_checkpoint: Callable[[bytes], None] | None = None,
    checkpoint_seconds: float | None = None,
    has_few_passes: bool = False,
    on_loss: Callable[[int, float], None] | None = None,
) -> Trained:
    """Train LoRA matrices on a base model, which is afterwards as it was.

    Args:
        base: The served model, dequantized.
        examples: What is learned.
        held_out: What the training is judged on, after each epoch.
        recipe: Where matrices go.
        config: How long and how hard.
        resume: The checkpoint of this very training, to go on from.
        on_progress: Told the steps done and all steps.
        cancel: Signal before each step; once it says yes, nothing is kept.
        pause: Likewise; then the checkpoint is returned.
        on_checkpoint: Given a checkpoint after each epoch and when the time is over, so that a power cut costs no more
            than one epoch, and nothing that was learned.
        checkpoint_seconds: Give it one within an epoch too, once so long has passed since the last.
        has_few_passes: Compute float32 by :func:`~ondevice.adaptation.lora.passes.few_passes`: faster on a processor,
            and another rounding. No other thread should train meanwhile.
        on_loss: Told each step's number, from 1, and its loss before the step, in nats per token of the answers.

    Raises:
        AdaptationError: If the loss is no longer a number, the memory or the time is too small for one step, or the
            checkpoint belongs to another training.
        CorruptError: If the checkpoint is damaged.
        ImportError: If the extra ``adapt`` is not installed.
        ValueError: If there are no examples or none held out, or the recipe does not fit the model.
    """
    if not examples or not held_out:
        raise ValueError(f"{len(examples)} examples and {len(held_out)} held out must both be 1 or more")
    checkpoint = None if resume is None else Checkpoint.from_bytes(resume)
    mark = fingerprint(examples, held_out, recipe, config)
    if checkpoint is not None:
        checkpoint.check(mark)
    is_float32 = computed_in(config.precision, base.model.device.type) == "float32"
    with (
        _memory_errors(),
        _threads(config.threads),
        attached(base, recipe, seed=config.seed) as parameters,
        few_passes(base.model) if has_few_passes and is_float32 else nullcontext(),
    ):
        run = _Run(base, parameters, examples, held_out, recipe, config, mark, on_loss)
        run.begin(checkpoint)
        stopped = run.go(on_progress, on_checkpoint, checkpoint_seconds, cancel or _never, pause or _never)
        is_kept = stopped not in ("paused", "cancelled")
        return Trained(
            tensors=run.best if is_kept else {},
            report=run.report(stopped),
            checkpoint=run.checkpoint().to_bytes() if stopped == "paused" else None,
        )


class _Run:
    """One training while it goes on."""

    def __init__(
        self,
        base: BaseModel,
        parameters: dict[str, Any],
        examples: Sequence[Example | Joined],
        held_out: Sequence[Example | Joined],
        recipe: LoraRecipe,
        config: TrainingConfig,
        mark: str,
        on_loss: Callable[[int, float], None] | None,
    ) -> None:
        import torch

        self._on_loss = on_loss
        self._base, self._parameters, self._config, self._mark = base, parameters, config, mark
        self._settings = settings_mark(recipe, config)
        self._examples, self._held_out = examples, held_out
        self._optimizer = torch.optim.AdamW(
            parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        self._part_tokens = part_tokens(
            base.shape,
            recipe,
            longest=max(map(len, (*examples, *held_out))),
            max_memory_bytes=config.max_memory_bytes,
            most=MOST_PART_TOKENS if base.model.device.type == "cpu" else config.batch_tokens,
        )
        lengths = [len(example) for example in examples]
        epochs = [
            epoch_batches(lengths, batch_tokens=config.batch_tokens, seed=config.seed, epoch=epoch)
            for epoch in range(config.epochs)
        ]
        self._steps = [batch for batches in epochs for batch in batches]
        self._epoch_ends = [int(end) for end in np.cumsum([len(batches) for batches in epochs])]
        self._evaluating = 0.0
        self.best: Tensors = {}

    def begin(self, checkpoint: Checkpoint | None) -> None:
        """Start anew, or where the checkpoint says."""
        self._started = time.monotonic()
        if checkpoint is None:
            before = self._evaluate()
            self._progress = Progress(
                step=0,
                loss_before=before,
                best_loss=None,
                n_without_gain=0,
                seconds=0.0,
                part_tokens=self._part_tokens,
            )
            return
        self._progress = checkpoint.progress
        self._part_tokens = checkpoint.progress.part_tokens
        try:
            restore(self._parameters, checkpoint.current)
            self._restore_optimizer(checkpoint)
        except (ValueError, KeyError):
            raise AdaptationError(
                "the checkpoint's matrices do not fit this base model", hint="start the training anew"
            ) from None
        self.best = checkpoint.best

    def go(
        self,
        on_progress: Callable[[int, int], None] | None,
        on_checkpoint: Callable[[bytes], None] | None,
        checkpoint_seconds: float | None,
        cancel: Callable[[], bool],
        pause: Callable[[], bool],
    ) -> Stop:
        """Take step after step until the end, or a reason to stop."""
        kept = time.monotonic()
        while self._progress.step < len(self._steps):
            if self._progress.n_without_gain >= self._config.patience:
                return "early"
            if cancel():
                return "cancelled"
            if pause():
                return "paused"
            if self._is_out_of_time():
                self._stop_in_time()
                if on_checkpoint is not None:
                    on_checkpoint(self.checkpoint().to_bytes())
                return "time"
            self._step()
            if on_progress is not None:
                on_progress(self._progress.step, len(self._steps))
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
        chosen = [self._examples[index] for index in self._steps[self._progress.step]]
        n_answer = sum(example.n_answer for example in chosen)
        self._optimizer.zero_grad(set_to_none=True)
        with self._computing():
            loss = sum(
                add_gradients(self._base.model, [chosen[place] for place in part], n_answer)
                for part in bucket([len(example) for example in chosen], limit=self._part_tokens)
            )
        norm = torch.nn.utils.clip_grad_norm_(self._parameters.values(), self._config.max_gradient_norm)
        if not math.isfinite(loss) or not math.isfinite(float(norm)):
            raise AdaptationError(
                f"the training diverged: in step {self._progress.step + 1} of {len(self._steps)} the loss is no number",
                hint="lower the learning rate; if it diverges in step 1, the base model is damaged",
            )
        self._optimizer.step()
        self._progress = replace(self._progress, step=self._progress.step + 1)
        if self._on_loss is not None:
            self._on_loss(self._progress.step, float(loss))

    def _rate(self, step: int) -> float:
        """Return which part of the learning rate a step gets: rising at first, then falling to 0 in straight lines."""
        n_warm = math.ceil(self._config.warm_up * len(self._steps))
        if step < n_warm:
            return (step + 1) / n_warm
        return (len(self._steps) - step) / (len(self._steps) - n_warm)

    def _judge(self) -> None:
        """Evaluate, and keep the matrices if they are the best so far."""
        loss, best = self._evaluate(), self._progress.best_loss
        if best is None or loss < best:
            self.best = copied(self._parameters)
            self._progress = replace(self._progress, best_loss=loss, n_without_gain=0)
        else:
            self._progress = replace(self._progress, n_without_gain=self._progress.n_without_gain + 1)

    def _evaluate(self) -> float:
        began = time.monotonic()
        with self._computing():
            loss = mean_loss(self._base.model, self._held_out, part_tokens=self._part_tokens)
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
        if self._progress.step == 0:
            raise AdaptationError(
                f"the time of {self._config.max_seconds} s was over before the first step", hint="raise max_seconds"
            )
        if self._progress.step not in self._epoch_ends:
            self._judge()

    def _seconds(self) -> float:
        return self._progress.seconds + time.monotonic() - self._started

    def _is_out_of_time(self) -> bool:
        """Say whether the steps have had their time; what this run's evaluations took comes on top."""
        return self._config.max_seconds is not None and self._seconds() - self._evaluating >= self._config.max_seconds

    def checkpoint(self) -> Checkpoint:
        """Return the training as it is now."""
        moments = [self._optimizer.state.get(parameter, {}) for parameter in self._parameters.values()]
        first, second = (
            {
                name: state[key].cpu().numpy().copy()
                for name, state in zip(self._parameters, moments, strict=True)
                if state
            }
            for key in ("exp_avg", "exp_avg_sq")
        )
        return Checkpoint(
            fingerprint=self._mark,
            settings=self._settings,
            progress=replace(self._progress, seconds=self._seconds()),
            current=copied(self._parameters),
            best=self.best,
            first_moments=first,
            second_moments=second,
        )

    def _restore_optimizer(self, checkpoint: Checkpoint) -> None:
        import torch

        if checkpoint.progress.step == 0:
            return
        for name, parameter in self._parameters.items():
            self._optimizer.state[parameter] = {
                "step": torch.tensor(float(checkpoint.progress.step)),
                "exp_avg": torch.from_numpy(checkpoint.first_moments[name]).to(parameter).reshape(parameter.shape),
                "exp_avg_sq": torch.from_numpy(checkpoint.second_moments[name]).to(parameter).reshape(parameter.shape),
            }

    def report(self, stopped: Stop) -> TrainingReport:
        """Return what was done; before the first evaluation the loss after is that before."""
        progress = self._progress
        return TrainingReport(
            n_examples=len(self._examples),
            n_held_out=len(self._held_out),
            n_steps=progress.step,
            epochs_done=sum(end <= progress.step for end in self._epoch_ends),
            loss_before=progress.loss_before,
            loss_after=progress.loss_before if progress.best_loss is None else progress.best_loss,
            seconds=self._seconds(),
            peak_bytes=peak_bytes(),
            stopped=stopped,
        )


@contextmanager
def _memory_errors() -> Iterator[None]:
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or "alloc" in str(error) or "out of memory" in str(error):
            raise AdaptationError(
                "there is not enough memory for the training",
                hint="set max_memory_bytes, lower max_tokens, or train the upper blocks only",
            ) from None
        raise


@contextmanager
def _threads(wanted: int | None) -> Iterator[None]:
    """Let PyTorch compute with so many threads for a while."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(wanted or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _never() -> bool:
    return False
