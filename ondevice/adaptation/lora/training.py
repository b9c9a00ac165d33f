"""Training one user's adapter: completion-only loss, the newest examples held out, the best evaluation kept.

Deterministic in the base model, the examples, the recipe and the settings, on one machine with one number of threads; a
training that was paused gives what one without a pause gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lessons.joined import Joined
from ondevice.adaptation.lora.checkpoint import Checkpoint, fingerprint
from ondevice.adaptation.lora.lora import Tensors, restore
from ondevice.adaptation.lora.run import Run
from ondevice.adaptation.lora.session import session
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """What came of a training.

    Args:
        tensors: The matrices of the best evaluation; empty where the training was paused or cancelled.
        report: What was done.
        checkpoint: From which a paused training goes on; ``None`` otherwise.
        part_tokens: How many tokens went through the model at once.
    """

    tensors: Tensors = field(repr=False)
    report: TrainingReport
    checkpoint: bytes | None = field(default=None, repr=False)
    part_tokens: int


def train(
    base: BaseModel,
    examples: Sequence[Example | Joined],
    held_out: Sequence[Example | Joined],
    recipe: LoraRecipe,
    config: TrainingConfig,
    *,
    start: Tensors | None = None,
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
        start: The numbers that the matrices begin with, such as those of an earlier training; ``None`` draws them.
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
        ValueError: If there are no examples or none held out, or the recipe does not fit the model or ``start``.
    """
    if not examples or not held_out:
        raise ValueError(f"{len(examples)} examples and {len(held_out)} held out must both be 1 or more")
    checkpoint = None if resume is None else Checkpoint.from_bytes(resume)
    mark = fingerprint(examples, held_out, recipe, config, start)
    if checkpoint is not None:
        checkpoint.check(mark)
    with session(base, recipe, config, has_few_passes=has_few_passes) as parameters:
        if start is not None:
            restore(parameters, start)
        run = Run(base, parameters, examples, held_out, recipe, config, mark, on_loss=on_loss)
        run.begin(checkpoint)
        stopped = run.go(on_progress, on_checkpoint, checkpoint_seconds, cancel, pause)
        is_kept = stopped not in ("paused", "cancelled")
        return Trained(
            tensors=run.best if is_kept else {},
            report=run.report(stopped),
            checkpoint=run.checkpoint().to_bytes() if stopped == "paused" else None,
            part_tokens=run.part_tokens,
        )
