"""Fewer passes over memory give the same losses and gradients, and leave the model as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ondevice.adaptation.lora.lora import attached
from ondevice.adaptation.lora.losses import add_gradients
from ondevice.adaptation.lora.passes import few_passes
from ondevice.adaptation.lora.training import train
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from tests.ondevice.adaptation.planted import user_examples
from tests.tiny_llm import make_model, torch_logits, write_base

RECIPE = LoraRecipe(projections=PROJECTIONS, rank=4, alpha=6.0)
EXAMPLES = user_examples(8, seed=1)


def gradients(model: Any, parameters: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    for parameter in parameters.values():
        parameter.grad = None
    loss = add_gradients(model, EXAMPLES, 16)
    return loss, {name: parameter.grad.clone() for name, parameter in parameters.items()}


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
@pytest.mark.parametrize("recipe", [RECIPE, LoraRecipe(blocks=(1,), projections=("k_proj", "up_proj"), rank=2)])
def test_losses_and_gradients_are_the_usual_ones(architecture: str, recipe: LoraRecipe, tmp_path: Path) -> None:
    base = load_base(write_base(make_model(architecture), tmp_path / "base").file("model"))
    with attached(base, recipe, seed=1) as parameters:
        with torch.no_grad():
            for number, parameter in enumerate(parameters.values()):
                parameter += 0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number))
        usual, by_usual = gradients(base.model, parameters)
        with few_passes(base.model):
            few, by_few = gradients(base.model, parameters)
        again, by_again = gradients(base.model, parameters)
    assert few == pytest.approx(usual, abs=1e-5)
    assert few != usual or any(not torch.equal(by_few[name], by_usual[name]) for name in by_usual)
    assert again == usual
    for name, expected in by_usual.items():
        assert torch.allclose(by_few[name], expected, atol=1e-4, rtol=1e-3), name
        assert torch.equal(by_again[name], expected)
    assert max(float(expected.abs().max()) for expected in by_usual.values()) > 1e-2


def test_a_training_of_few_passes_ends_at_the_same_place(base: BaseModel) -> None:
    before = torch_logits(base.model, [1, 50, 60])
    config = TrainingConfig(learning_rate=1e-2, batch_tokens=160, epochs=1, precision="float32")
    usual, few = (
        train(base, EXAMPLES, EXAMPLES[:2], RECIPE, config, has_few_passes=has_few) for has_few in (False, True)
    )
    assert few.report.loss_after == pytest.approx(usual.report.loss_after, abs=1e-3)
    assert few.report.loss_after < few.report.loss_before
    assert np.array_equal(torch_logits(base.model, [1, 50, 60]), before)
