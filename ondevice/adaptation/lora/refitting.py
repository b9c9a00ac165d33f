"""A training whose held-out examples are learned in the end: how long to train is known then, and they are the newest.

First some examples are held out, and say after how many epochs to stop. Then the training is done anew on all of them:
from the same first matrices, with the same seed and learning rates, for so many epochs, and without evaluations. What
the held-out examples said of the first training stands: nothing can be measured on them afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.checkpoint import Checkpoint, fingerprint
from ondevice.adaptation.lora.lora import copied
from ondevice.adaptation.lora.memory import peak_bytes
from ondevice.adaptation.lora.run import Run, batches_of
from ondevice.adaptation.lora.session import session
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe, RefitEnd, Stop, TrainingConfig
from ondevice.signals import Progress, Signal


def train_on_all(
    base: BaseModel,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    recipe: LoraRecipe,
    config: TrainingConfig,
    *,
    resume: bytes | None = None,
    on_progress: Progress | None = None,
    cancel: Signal | None = None,
    pause: Signal | None = None,
    on_checkpoint: Callable[[bytes], None] | None = None,
) -> Trained:
    """Train, and then anew on all examples; a pause, or a power cut, may come in either part.

    Args:
        base: The served model, dequantized.
        examples: What is learned first.
        held_out: What says how long, and is learned then.
        recipe: Where matrices go.
        config: How long and how hard; ``max_seconds`` holds for both parts together.
        resume: The checkpoint of this very training, to go on from.
        on_progress: Told the steps done, and how many they are at most.
        cancel: Signal before each step; once it says yes, nothing is kept.
        pause: Likewise; then the checkpoint is returned.
        on_checkpoint: Given a checkpoint after each epoch.

    Raises:
        AdaptationError, CorruptError, ImportError: As :func:`~ondevice.adaptation.lora.training.train`.
        ValueError: Likewise, or with privacy.
    """
    if config.privacy is not None:
        raise ValueError("a refit does not go with privacy: the held-out pairs would say how long to train")
    checkpoint = None if resume is None else Checkpoint.from_bytes(resume)
    if checkpoint is not None and checkpoint.first is not None:
        first = Trained(tensors=checkpoint.best, report=checkpoint.first, part_tokens=checkpoint.progress.part_tokens)
    else:
        checkpoint = None
        n_more = sum(len(batches) for batches in batches_of([*examples, *held_out], config))
        first = train(
            base,
            examples,
            held_out,
            recipe,
            config,
            resume=resume,
            on_progress=None if on_progress is None else lambda done, total: on_progress(done, total + n_more),
            cancel=cancel,
            pause=pause,
            on_checkpoint=on_checkpoint,
        )
    return refit(
        base,
        [*examples, *held_out],
        first,
        recipe,
        config,
        resume=checkpoint,
        on_progress=on_progress,
        cancel=cancel,
        pause=pause,
        on_checkpoint=on_checkpoint,
    )


def refit(
    base: BaseModel,
    examples: Sequence[Example],
    first: Trained,
    recipe: LoraRecipe,
    config: TrainingConfig,
    *,
    resume: Checkpoint | None = None,
    on_progress: Progress | None = None,
    cancel: Signal | None = None,
    pause: Signal | None = None,
    on_checkpoint: Callable[[bytes], None] | None = None,
) -> Trained:
    """Train anew on all examples for as many epochs as were best, where that is worth it and there is time for it.

    Otherwise what the training left is returned, and its report says why. So it is where the time is over meanwhile:
    the steps of the first training say beforehand how long it takes, and half of a refit is no adapter.

    Args:
        base: The served model, dequantized.
        examples: All, those included that were held out, in their order.
        first: What the training left.
        recipe: That of the training.
        config: That of the training; of its ``max_seconds``, what is left.
        resume: The checkpoint of this very refit, to go on from.
        on_progress: Told the steps done, those of the training included, and all steps.
        cancel: Signal before each step; once it says yes, nothing is kept.
        pause: Likewise; then the checkpoint is returned.
        on_checkpoint: Given a checkpoint after each epoch.

    Raises:
        AdaptationError: If the loss is no longer a number, the memory is too small, or the checkpoint belongs to
            another training.
    """
    if not first.tensors:
        return first
    epochs = batches_of(examples, config)[: first.report.best_epoch]
    left = None if config.max_seconds is None else config.max_seconds - first.report.seconds
    refused = _refusal(first, sum(map(len, epochs)), left, is_begun=resume is not None)
    if refused is not None:
        return replace(first, report=replace(first.report, refit=refused))
    mark = fingerprint(examples, (), recipe, config)
    if resume is not None:
        resume.check(mark)
    n_before = first.report.n_steps
    with session(base, recipe, config) as parameters:
        run = Run(
            base,
            parameters,
            examples,
            (),
            recipe,
            replace(config, max_seconds=left),
            mark,
            first=first.report,
            # The memory was enough at the beginning; another process has to begin again.
            first_part_tokens=first.part_tokens if resume is None else None,
        )
        run.begin(resume)
        run.best = first.tensors
        stopped = run.go(
            None if on_progress is None else lambda done, total: on_progress(n_before + done, n_before + total),
            on_checkpoint,
            None,
            cancel,
            pause,
        )
        report = replace(
            first.report,
            refit=_ENDS.get(stopped, "off"),
            refit_epochs=run.epochs_done,
            refit_seconds=run.seconds,
            seconds=first.report.seconds + run.seconds,
            peak_bytes=peak_bytes(),
        )
        if stopped == "time":
            return replace(first, report=report)
        if stopped == "done":
            return replace(first, tensors=copied(parameters), report=report)
        return replace(
            first,
            tensors={},
            report=replace(report, stopped=stopped),
            checkpoint=run.checkpoint().to_bytes() if stopped == "paused" else None,
        )


_ENDS: Mapping[Stop, RefitEnd] = {"done": "done", "time": "time"}


def _refusal(first: Trained, n_steps: int, seconds_left: float | None, *, is_begun: bool) -> RefitEnd | None:
    """Say why there is to be no refit of so many steps, if so; the training's evaluations count as parts of its steps.

    What has begun was expected to end in time, and goes on while there is any.
    """
    report = first.report
    if not report.has_gained:
        return "no gain"
    needed = 0.0 if is_begun else n_steps * report.seconds / report.n_steps
    if report.stopped == "time" or (seconds_left is not None and needed >= seconds_left):
        return "time"
    return None
