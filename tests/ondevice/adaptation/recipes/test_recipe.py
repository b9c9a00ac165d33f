"""Recipes count their parameters, keep themselves as JSON, and refuse what cannot be trained."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ondevice.adaptation.recipes.recipe import LoraRecipe, ModelShape, TrainingConfig, TrainingReport
from ondevice.errors import InputError

SMOL = ModelShape(
    architecture="llama",
    n_blocks=30,
    dim=576,
    n_heads=9,
    n_kv_heads=3,
    head_dim=64,
    ffn_dim=1536,
    vocabulary=49152,
)
REPORT = TrainingReport(
    n_examples=85,
    n_held_out=15,
    n_steps=12,
    epochs_done=3,
    loss_before=3.5,
    loss_after=3.25,
    seconds=60.5,
    peak_bytes=10**9,
    stopped="done",
)


def test_the_default_has_the_parameters_of_q_and_v_in_every_block() -> None:
    assert LoraRecipe().n_parameters(SMOL) == 30 * 8 * ((576 + 576) + (576 + 192))


def test_feed_forward_layers_of_two_blocks() -> None:
    recipe = LoraRecipe(blocks=(0, 29), projections=("gate_proj", "up_proj", "down_proj"), rank=2, alpha=4.0)
    assert recipe.n_parameters(SMOL) == 2 * 2 * 3 * (576 + 1536)


@pytest.mark.parametrize(
    "value",
    [
        LoraRecipe(),
        LoraRecipe(blocks=(1, 4), projections=("down_proj",), rank=1, alpha=0.5),
        TrainingConfig(),
        TrainingConfig(max_seconds=9.5, max_memory_bytes=10**9, seed=-3),
        REPORT,
        replace(REPORT, best_epoch=2, refit="done", refit_epochs=2, refit_seconds=9.5),
    ],
)
def test_json_and_back_is_the_same(value: LoraRecipe | TrainingConfig | TrainingReport) -> None:
    assert type(value).from_json(json.loads(json.dumps(value.to_json()))) == value


@pytest.mark.parametrize(
    "changed",
    [{"rank": "8"}, {"rank": True}, {"rank": None}, {"rank": 0}, {"blocks": [1.5]}, {"blocks": "all"}, {"more": 1}],
)
def test_a_stored_recipe_of_the_wrong_form_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        LoraRecipe.from_json({**LoraRecipe().to_json(), **changed})


def test_a_stored_report_has_a_known_end() -> None:
    with pytest.raises(InputError, match="stopped"):
        TrainingReport.from_json({**REPORT.to_json(), "stopped": "burnt"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"blocks": ()},
        {"blocks": (2, 1)},
        {"blocks": (1, 1)},
        {"blocks": (-1,)},
        {"projections": ()},
        {"projections": ("q_proj", "q_proj")},
        {"projections": ("lm_head",)},
        {"rank": 0},
        {"alpha": float("nan")},
    ],
)
def test_a_recipe_that_fits_no_model_is_misuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        LoraRecipe(**wrong)


def test_a_block_the_model_lacks_is_misuse() -> None:
    with pytest.raises(ValueError, match="block 30, but the model has 30 blocks"):
        LoraRecipe(blocks=(0, 30)).n_parameters(SMOL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": 0.0},
        {"epochs": 0},
        {"held_out": 0.0},
        {"held_out": 1.0},
        {"warm_up": 1.1},
        {"weight_decay": float("inf")},
        {"max_seconds": 0.0},
        {"max_memory_bytes": -1},
        {"max_tokens": 1},
    ],
)
def test_settings_that_train_nothing_are_misuse(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        TrainingConfig(**wrong)
