"""The search on a real training: a tiny model, and a user with a preference that can be learned."""

from dataclasses import replace

import numpy as np
import pytest

from ondevice.adaptation.lora.losses import mean_loss
from ondevice.adaptation.lora.precision import Precision
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.evaluators import TrainingEvaluator
from ondevice.adaptation.recipes.outcome import SearchResult
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.adaptation.recipes.search import SearchConfig, search
from tests.ondevice.adaptation.planted import user_examples
from tests.tiny_llm import torch_logits

TOKENS = [1, *range(40, 120, 3), 7, 7, 250]
CONFIG = TrainingConfig(learning_rate=1e-2, batch_tokens=160, epochs=2, precision="float32")
EXAMPLES, HELD_OUT = user_examples(48, seed=1), user_examples(12, seed=2)


def a_trial(base: BaseModel, config: TrainingConfig = CONFIG) -> TrainingEvaluator:
    return TrainingEvaluator(base, EXAMPLES, HELD_OUT, config)


@pytest.fixture(scope="module")
def result(base: BaseModel) -> SearchResult:
    return search(a_trial(base), base.shape, config=SearchConfig(max_evaluations=8))


def test_the_search_finds_a_recipe_that_learns_the_users_preference(base: BaseModel, result: SearchResult) -> None:
    without, default = result.evaluations[:2]
    assert result.winner is not None
    winner = next(one for one in result.front if one.recipe == result.winner)
    assert winner.nll is not None
    assert without.nll is not None
    assert default.nll is not None
    assert winner.nll <= default.nll
    assert winner.nll < without.nll - 0.5
    assert winner.n_parameters == result.winner.n_parameters(base.shape)
    assert [one.failure for one in result.evaluations] == [None] * 8


def test_what_was_measured_is_measured_again_to_the_bit(base: BaseModel, result: SearchResult) -> None:
    last = result.evaluations[-1]
    assert a_trial(base).evaluate(last.recipe, last.fraction) == (last.nll, last.n_parameters)


def test_the_base_is_as_it_was(base: BaseModel) -> None:
    before = torch_logits(base.model, TOKENS)
    trial = a_trial(base)
    trial.evaluate(LoraRecipe(), 0.25)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)
    assert trial.evaluate(None, 1.0) == (mean_loss(base.model, HELD_OUT), 0)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_no_adapter_is_measured_in_the_trainings_own_numbers(base: BaseModel, precision: Precision) -> None:
    trial = a_trial(base, replace(CONFIG, precision=precision, epochs=1))
    without, _ = trial.evaluate(None, 1.0)
    trial.evaluate(LoraRecipe(), 1.0)
    assert without == pytest.approx(trial.trained(LoraRecipe()).report.loss_before, abs=1e-6)


def test_a_whole_training_need_not_be_done_again(base: BaseModel) -> None:
    trial = a_trial(base, replace(CONFIG, epochs=1))
    loss, _ = trial.evaluate(LoraRecipe(), 1.0)
    trial.evaluate(LoraRecipe(rank=2), 0.25)
    assert trial.trained(LoraRecipe()).report.loss_after == loss
    assert trial.trained(LoraRecipe()).tensors
    with pytest.raises(KeyError):
        trial.trained(LoraRecipe(rank=2))


def test_a_short_training_learns_less(base: BaseModel) -> None:
    trial = a_trial(base)
    short, full = (trial.evaluate(LoraRecipe(), fraction)[0] for fraction in (0.1, 1.0))
    assert full < short


def test_a_training_that_diverges_is_told_and_survived(base: BaseModel) -> None:
    wild = TrainingConfig(learning_rate=1e30, batch_tokens=160, epochs=2)
    result = search(a_trial(base, wild), base.shape, config=SearchConfig(max_evaluations=3))
    assert result.winner is None
    assert all("diverged" in (one.failure or "") for one in result.evaluations[1:])


def test_a_search_that_is_cancelled_in_a_training_drops_it(base: BaseModel) -> None:
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > 12

    trial = TrainingEvaluator(base, EXAMPLES, HELD_OUT, CONFIG, cancel=cancel)
    result = search(trial, base.shape, cancelled=cancel)
    assert result.stopped == "cancelled"
    assert [one.origin for one in result.evaluations] == ["none"]
    assert result.winner is None
