"""Trainings on a model's upper blocks alone are those of the whole model with matrices there."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.upper_blocks import upper_blocks
from ondevice.adaptation.lora.losses import answer_losses
from ondevice.adaptation.lora.training import train
from ondevice.adaptation.lora.weights import load_base
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from tests.ondevice.adaptation.planted import user_examples
from tests.tiny_llm import make_model, write_base


def test_they_give_the_same_numbers_and_leave_the_model_whole(tmp_path: Path) -> None:
    base = load_base(write_base(make_model("llama"), tmp_path / "base").file("model"))
    examples, held_out = user_examples(12, seed=1), user_examples(4, seed=2)
    config = TrainingConfig(epochs=1, precision="float32", threads=1)
    whole = train(base, examples, held_out, LoraRecipe(blocks=(1,), rank=2), config)
    plain = answer_losses(base.model, held_out)
    with upper_blocks(base, 1) as upper:
        np.testing.assert_allclose(answer_losses(upper.model, held_out), plain, rtol=1e-4)
        part = train(upper, examples, held_out, LoraRecipe(rank=2), config)
    assert len(part.tensors) == len(whole.tensors)
    for name, numbers in whole.tensors.items():
        np.testing.assert_allclose(part.tensors[name.replace("layers.1", "layers.0")], numbers, atol=1e-4)
    np.testing.assert_array_equal(answer_losses(base.model, held_out), plain)
