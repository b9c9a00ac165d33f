"""LoRA matrices on a frozen base model: put on for a training, taken off without a trace.

Source: Hu et al. 2021, arXiv:2106.09685. PEFT puts the matrices on and takes them off; none of its ways to load or save
is used, because they ask a model hub.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import LoraRecipe

Tensors = Mapping[str, NDArray[np.float32]]
"""An adapter's matrices by the names PEFT saves, ``base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight``."""

_ADAPTER = "default"


@contextmanager
def attached(base: BaseModel, recipe: LoraRecipe, *, seed: int) -> Iterator[dict[str, Any]]:
    """Put new LoRA matrices on the base model; yield the trainable parameters by name, in a fixed order.

    A is drawn from ``seed`` (uniform, as PEFT does), B is 0, so that the model computes what it did. At the end, also
    after an error, the base model is as it was. PyTorch's own random state is left alone.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        ValueError: If the recipe names a block that the model does not have, or the model has matrices on it already.
    """
    import torch
    from peft import LoraConfig, LoraModel

    if hasattr(base.model, "peft_config"):
        raise ValueError("the base model is being trained already")
    settings = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=list(recipe.projections),
        layers_to_transform=list(recipe.blocks_of(base.shape)),
        layers_pattern="layers",
    )
    with torch.random.fork_rng(devices=[]):
        wrapped = LoraModel(base.model, settings, _ADAPTER)
    try:
        found = {_plain(name): parameter for name, parameter in wrapped.named_parameters() if parameter.requires_grad}
        parameters = {name: found[name] for name in sorted(found)}
        _draw(parameters, seed)
        yield parameters
    finally:
        wrapped.unload()
        base.model.requires_grad_(False)


def copied(parameters: Mapping[str, Any]) -> dict[str, NDArray[np.float32]]:
    """Return the parameters' numbers, by name."""
    return {name: parameter.detach().cpu().numpy().copy() for name, parameter in parameters.items()}


def restore(parameters: Mapping[str, Any], tensors: Tensors) -> None:
    """Give the parameters these numbers.

    Raises:
        ValueError: If names or shapes are not those of the parameters.
    """
    import torch

    shapes = {name: tuple(parameter.shape) for name, parameter in parameters.items()}
    if {name: tensor.shape for name, tensor in tensors.items()} != shapes:
        raise ValueError(f"{len(tensors)} matrices were given, but not those of the {len(shapes)} of this recipe")
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(torch.from_numpy(tensors[name]))


@contextmanager
def applied(base: BaseModel, recipe: LoraRecipe, tensors: Tensors) -> Iterator[None]:
    """Let the base model compute with a trained adapter for a while.

    Raises:
        ValueError: If the tensors are not those of the recipe.
    """
    with attached(base, recipe, seed=0) as parameters:
        restore(parameters, tensors)
        yield


def _plain(name: str) -> str:
    return "base_model." + name.replace(f".{_ADAPTER}.weight", ".weight")


def _draw(parameters: Mapping[str, Any], seed: int) -> None:
    import torch

    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in parameters.items():
            if name.endswith("lora_A.weight"):
                bound = parameter.shape[1] ** -0.5
                parameter.copy_((torch.rand(parameter.shape, generator=generator) * 2 - 1) * bound)
            else:
                parameter.zero_()
