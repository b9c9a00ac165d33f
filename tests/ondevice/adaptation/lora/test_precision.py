"""Half-wide numbers reach the same adapter as full floats, and ``auto`` takes them only where the machine has them."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch

from ondevice.adaptation.lora import precision as precision_module
from ondevice.adaptation.lora.precision import PRECISIONS, Precision, computed_in, computing, pays
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from ondevice.errors import InputError
from tests.ondevice.adaptation.planted import user_examples
from tests.tiny_llm import torch_logits

RECIPE = LoraRecipe(projections=PROJECTIONS, rank=4, alpha=8.0)
EXAMPLES, HELD_OUT = user_examples(48, seed=1), user_examples(12, seed=2)


def learn(base: BaseModel, precision: Precision) -> Trained:
    config = TrainingConfig(learning_rate=1e-2, batch_tokens=160, epochs=5, precision=precision)
    return train(base, EXAMPLES, HELD_OUT, RECIPE, config)


@pytest.fixture(scope="module")
def full(base: BaseModel) -> Trained:
    return learn(base, "float32")


@pytest.fixture(scope="module")
def half(base: BaseModel) -> Trained:
    return learn(base, "bfloat16")


def test_auto_is_what_the_processor_has_and_is_faster_with(monkeypatch: pytest.MonkeyPatch) -> None:
    capabilities = torch.cpu.get_capabilities()
    has_it = any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    monkeypatch.setattr(precision_module, "_is_faster", lambda: True)
    assert computed_in("auto", "cpu") == ("bfloat16" if has_it else "float32")
    monkeypatch.setattr(precision_module, "_is_faster", lambda: False)
    assert computed_in("auto", "cpu") == "float32"
    assert computed_in("auto", "mps") == "float32"


def test_what_the_processor_is_tried_with_decides_for_all_of_a_process() -> None:
    assert len({computed_in("auto", "cpu") for _ in range(50)}) == 1


@pytest.mark.parametrize(
    ("half", "is_worth_it"), [(0.5, True), (0.79, True), (0.81, False), (1.0, False), (1.8, False)]
)
def test_numbers_that_are_hardly_faster_are_not_rounded(half: float, is_worth_it: bool) -> None:
    assert pays(1.0, half) == is_worth_it


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_precision_that_is_named_is_taken(precision: Precision) -> None:
    for device in ("cpu", "cuda", "mps"):
        assert computed_in(precision, device) == precision


@pytest.mark.parametrize(("precision", "product"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)])
def test_products_are_of_that_kind_inside_and_of_the_old_one_after(precision: Precision, product: torch.dtype) -> None:
    one = torch.ones(2, 2)
    with computing(precision, "cpu"):
        assert (one @ one).dtype == product
    assert (one @ one).dtype == torch.float32


def test_half_wide_numbers_learn_the_planted_preference_nearly_as_well(full: Trained, half: Trained) -> None:
    assert half.report.loss_before == pytest.approx(full.report.loss_before, rel=0.02)
    assert half.report.loss_after == pytest.approx(full.report.loss_after, abs=0.05)
    assert half.report.loss_after < 0.3 < 2 < half.report.loss_before
    # They really were other numbers: the same ones would mean that nothing was rounded.
    assert any(not np.array_equal(half.tensors[name], full.tensors[name]) for name in full.tensors)


def test_what_is_kept_is_full_floats_and_the_same_bits_and_the_base_answers_as_before(
    base: BaseModel, half: Trained
) -> None:
    tokens = [1, *range(40, 120, 3), 250]
    before = torch_logits(base.model, tokens)
    again = learn(base, "bfloat16")
    assert np.array_equal(torch_logits(base.model, tokens), before)
    assert {parameter.dtype for parameter in base.model.parameters()} == {torch.float32}
    assert all(np.array_equal(again.tensors[name], half.tensors[name]) for name in half.tensors)
    assert {tensor.dtype for tensor in half.tensors.values()} == {np.dtype(np.float32)}


def test_auto_gives_the_bits_of_what_it_comes_to(base: BaseModel, full: Trained, half: Trained) -> None:
    expected = {"float32": full, "bfloat16": half}[computed_in("auto", "cpu")]
    learned = learn(base, "auto")
    assert all(np.array_equal(learned.tensors[name], expected.tensors[name]) for name in expected.tensors)


def test_an_unknown_name_is_refused() -> None:
    assert get_args(Precision) == PRECISIONS
    with pytest.raises(ValueError, match="precision must be one of auto, float32, bfloat16, not 'float16'"):
        TrainingConfig(precision="float16")  # type: ignore[arg-type]
    stored = {**TrainingConfig().to_json(), "precision": "float16"}
    with pytest.raises(InputError, match=r"'precision' .* must be one of auto, float32, bfloat16"):
        TrainingConfig.from_json(stored)
