"""What surrounds a training: the matrices on the base, its threads, the way it computes, errors in our own words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from ondevice.adaptation.lora.lora import attached
from ondevice.adaptation.lora.passes import few_passes
from ondevice.adaptation.lora.precision import computed_in
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.errors import AdaptationError


@contextmanager
def session(
    base: BaseModel, recipe: LoraRecipe, config: TrainingConfig, *, has_few_passes: bool = False
) -> Iterator[dict[str, Any]]:
    """Give a base model fresh matrices for a while, and yield these by name.

    Args:
        base: Afterwards it is as it was.
        recipe: Where matrices go.
        config: Its seed decides the matrices' first numbers.
        has_few_passes: Compute float32 by :func:`~ondevice.adaptation.lora.passes.few_passes`.

    Raises:
        AdaptationError: If the memory is not enough for what is done meanwhile.
        ImportError: If the extra ``adapt`` is not installed.
        ValueError: If the recipe does not fit the model, or the model is being trained already.
    """
    is_float32 = computed_in(config.precision, base.model.device.type) == "float32"
    with (
        _memory_errors(),
        torch_threads(config.threads),
        attached(base, recipe, seed=config.seed) as parameters,
        few_passes(base.model) if has_few_passes and is_float32 else nullcontext(),
    ):
        yield parameters


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
def torch_threads(wanted: int | None) -> Iterator[None]:
    """Let PyTorch compute with so many threads for a while."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(wanted or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
