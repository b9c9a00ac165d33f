"""From pairs to an adapter's bytes: tokens, training, conversion; all in memory, and stopped by an erasure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport
from ondevice.errors import AdaptationError
from ondevice.generation.generator import Generator
from ondevice.learned.adapter_notes import AdapterPlan
from ondevice.learned.lessons import Lessons
from ondevice.learned.weights import Weights
from ondevice.signals import Progress, Signal

if TYPE_CHECKING:
    from ondevice.adaptation.lessons.examples import Example
    from ondevice.adaptation.lora.training import Trained
    from ondevice.adaptation.lora.weights import BaseModel


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What a training gave.

    Args:
        report: What it did.
        item_ids: The items it saw, those it was only judged on and those in prompts included.
        adapter: The GGUF adapter, unless the training was cancelled or paused.
        checkpoint: Where a paused training goes on, with the ids of what it learns from.
    """

    report: TrainingReport
    item_ids: tuple[str, ...]
    adapter: bytes | None = field(repr=False)
    checkpoint: bytes | None = field(repr=False)


def learn(
    generator: Generator,
    weights: Weights,
    lessons: Lessons,
    *,
    plan: AdapterPlan,
    resume: bytes | None,
    on_checkpoint: Callable[[bytes], None],
    on_progress: Progress | None,
    cancel: Signal,
    pause: Signal | None,
) -> Learned:
    """Train an adapter for the language model that is served.

    ``on_checkpoint`` gets the lessons with the state after each epoch, as ``Learned.checkpoint`` has them; ``resume``
    is the state alone.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        AdaptationError: If memory or time is too small, or the training diverges.
        ModelMismatchError: If the language model has an architecture that cannot be trained.
        ValueError: If the recipe does not fit the language model.
    """
    from ondevice.adaptation.lora.refitting import train_on_all
    from ondevice.adaptation.lora.training import train

    examples, held_out = examples_of(lessons, generator, plan.config)
    base = weights.base()
    trained = (train_on_all if plan.refit else train)(
        base,
        examples,
        held_out,
        plan.recipe,
        plan.config,
        resume=resume,
        on_progress=on_progress,
        cancel=cancel,
        pause=pause,
        on_checkpoint=lambda state: on_checkpoint(lessons.with_state(state)),
    )
    adapter = gguf_of(trained, base, plan.recipe) if trained.tensors else None
    checkpoint = None if trained.checkpoint is None else lessons.with_state(trained.checkpoint)
    return Learned(report=trained.report, item_ids=lessons.item_ids, adapter=adapter, checkpoint=checkpoint)


def examples_of(lessons: Lessons, generator: Generator, config: TrainingConfig) -> tuple[list[Example], list[Example]]:
    """Return the pairs as the language model's tokens: those to train on, and the newest, to judge by."""
    from ondevice.adaptation.lessons.examples import make_examples
    from ondevice.adaptation.lessons.pairs import hold_out_newest

    part, newest = hold_out_newest(lessons.pairs, config.held_out)
    return generator.with_engine(
        lambda engine: (
            make_examples(part, engine, max_tokens=config.max_tokens),
            make_examples(newest, engine, max_tokens=config.max_tokens),
        )
    )


def gguf_of(trained: Trained, base: BaseModel, recipe: LoraRecipe) -> bytes:
    """Return trained matrices as the GGUF adapter that llama.cpp loads.

    Raises:
        AdaptationError: If numbers of theirs are too large to be kept.
    """
    from ondevice.adaptation.lora.lora_gguf import adapter_bytes

    try:
        return adapter_bytes(
            trained.tensors,
            architecture=base.shape.architecture,
            alpha=recipe.alpha,
            n_heads=base.shape.n_heads,
            n_kv_heads=base.shape.n_kv_heads,
            precision="f16",
        )
    except ValueError as error:
        raise AdaptationError(f"the training diverged: {error}", hint="lower the learning rate") from None
