"""What was held out is learned in the end, for as long as it told, and a refit stops and goes on as a training does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.checkpoint import Checkpoint
from ondevice.adaptation.lora.lora import applied
from ondevice.adaptation.lora.losses import mean_loss
from ondevice.adaptation.lora.refitting import refit, train_on_all
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from ondevice.errors import AdaptationError
from tests.ondevice.adaptation.planted import END, HAPPY, SAD, user_examples
from tests.tiny_llm import torch_logits

TOKENS = [1, *range(40, 120, 3), 7, 7, 250]
RECIPE = LoraRecipe(projections=PROJECTIONS, rank=4, alpha=8.0)
CONFIG = TrainingConfig(learning_rate=1e-2, batch_tokens=160, epochs=2, precision="float32")
NEWS = 102
"""An answer that the user gives of late only."""
EXAMPLES = user_examples(24, seed=1)
NEW = [Example(prompt=one.prompt, answer=np.array([NEWS, END], dtype=np.int32)) for one in user_examples(3, seed=3)]
HELD_OUT = [*user_examples(6, seed=2), *NEW]


def learn(base: BaseModel, config: TrainingConfig = CONFIG, **settings: Any) -> Trained:
    return train_on_all(base, EXAMPLES, HELD_OUT, RECIPE, config, **settings)


def config_with(**changes: Any) -> TrainingConfig:
    return TrainingConfig.from_json({**CONFIG.to_json(), **changes})


def after(calls: int) -> Callable[[], bool]:
    asked = iter([False] * calls)
    return lambda: next(asked, True)


def same(first: Trained, second: Trained) -> bool:
    return first.tensors.keys() == second.tensors.keys() and all(
        np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors
    )


@pytest.fixture(scope="module")
def first(base: BaseModel) -> Trained:
    return train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG)


@pytest.fixture(scope="module")
def learned(base: BaseModel) -> Trained:
    return learn(base)


def test_what_was_held_out_is_learned_and_its_verdict_stands(base: BaseModel, first: Trained, learned: Trained) -> None:
    losses = []
    for trained in (first, learned):
        with applied(base, RECIPE, trained.tensors):
            losses.append((mean_loss(base.model, NEW), mean_loss(base.model, EXAMPLES)))
    (new_before, old_before), (new_after, old_after) = losses
    assert new_after < new_before - 0.5
    assert old_after < old_before + 0.5
    before, report = first.report, learned.report
    assert (report.loss_before, report.loss_after) == (before.loss_before, before.loss_after)
    assert (report.n_examples, report.n_held_out, report.n_steps) == (24, 9, before.n_steps)
    assert (before.refit, before.refit_epochs, before.refit_seconds) == ("off", 0, 0.0)
    assert (report.refit, report.refit_epochs, report.best_epoch, before.best_epoch) == ("done", 2, 2, 2)
    assert report.seconds > report.refit_seconds > 0


def test_it_is_the_training_that_all_examples_give(base: BaseModel, learned: Trained) -> None:
    everything = [*EXAMPLES, *HELD_OUT]
    by_hand = train(base, everything, EXAMPLES, RECIPE, CONFIG)  # judged by what it learns, the last epoch is best
    assert by_hand.report.best_epoch == CONFIG.epochs
    assert same(by_hand, learned)
    assert same(learn(base), learned)


def test_it_ends_after_the_epoch_that_was_best(base: BaseModel) -> None:
    """With the learning rates of the whole plan, as the first training had them up to there."""
    unlike = user_examples(4, seed=2, answers=(SAD, HAPPY))
    config = config_with(epochs=12, learning_rate=3e-3)
    trained = train_on_all(base, EXAMPLES, unlike, RECIPE, config)
    report = trained.report
    assert report.stopped == "early"
    assert report.refit == "done"
    assert report.refit_epochs == report.best_epoch == report.epochs_done - 1
    everything = [*EXAMPLES, *unlike]
    kept: list[bytes] = []
    assert train(base, everything, EXAMPLES, RECIPE, config, on_checkpoint=kept.append).report.stopped == "done"
    at_best = Checkpoint.from_bytes(kept[report.best_epoch - 1]).current
    assert all(np.array_equal(at_best[name], trained.tensors[name]) for name in at_best)


@pytest.mark.parametrize("part", ["before it", "at its start", "within it", "before its last step"])
def test_a_pause_in_either_part_changes_nothing(base: BaseModel, first: Trained, learned: Trained, part: str) -> None:
    n_first = first.report.n_steps
    n_all = len(steps_of(base))
    n_steps = {"before it": 2, "at its start": n_first, "within it": n_first + 3, "before its last step": n_all - 1}
    paused = learn(base, pause=after(n_steps[part]))
    assert (paused.report.stopped, paused.tensors) == ("paused", {})
    assert paused.checkpoint is not None
    again = learn(base, resume=paused.checkpoint, pause=after(1))  # and once more
    resumed = again if again.tensors else learn(base, resume=again.checkpoint)
    assert same(resumed, learned)
    assert resumed.checkpoint is None
    for name in ("loss_before", "loss_after", "n_steps", "stopped", "best_epoch", "refit", "refit_epochs"):
        assert getattr(resumed.report, name) == getattr(learned.report, name), name


def steps_of(base: BaseModel) -> list[tuple[int, int]]:
    told: list[tuple[int, int]] = []
    learn(base, on_progress=lambda done, total: told.append((done, total)))
    return told


def test_progress_counts_both_parts_to_the_end(base: BaseModel, first: Trained) -> None:
    told = steps_of(base)
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    assert {total for _, total in told} == {len(told)}
    assert len(told) > 2 * first.report.n_steps


def test_a_power_cut_costs_an_epoch_of_the_refit_at_most(base: BaseModel, learned: Trained) -> None:
    kept: list[bytes] = []

    def cut_off(checkpoint: bytes) -> None:
        kept.append(checkpoint)
        if len(kept) == CONFIG.epochs + 1:
            raise InterruptedError

    before = torch_logits(base.model, TOKENS)
    with pytest.raises(InterruptedError):
        learn(base, on_checkpoint=cut_off)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)
    assert not any(parameter.requires_grad for parameter in base.model.parameters())
    for checkpoint in kept:  # the last is of the refit, the one before of the end of the training
        assert same(learn(base, resume=checkpoint), learned)


def test_a_refit_that_is_cancelled_keeps_nothing(base: BaseModel, first: Trained) -> None:
    before = torch_logits(base.model, TOKENS)
    cancelled = learn(base, cancel=after(first.report.n_steps + 2))
    assert (cancelled.report.stopped, cancelled.tensors, cancelled.checkpoint) == ("cancelled", {}, None)
    assert np.array_equal(torch_logits(base.model, TOKENS), before)


def test_what_gained_nothing_is_not_learned_anew(base: BaseModel) -> None:
    contrary = user_examples(6, seed=2, answers=(END, END))
    config = config_with(learning_rate=1e-12)
    first = train(base, EXAMPLES, contrary, RECIPE, config)
    assert not first.report.has_gained
    trained = train_on_all(base, EXAMPLES, contrary, RECIPE, config)
    assert (trained.report.refit, trained.report.refit_epochs) == ("no gain", 0)
    assert same(trained, first)


def test_without_the_time_for_it_the_first_training_stands(base: BaseModel, first: Trained) -> None:
    everything = [*EXAMPLES, *HELD_OUT]
    slow = replace(first, report=replace(first.report, seconds=50.0))
    foreseen = refit(base, everything, slow, RECIPE, config_with(max_seconds=60.0))
    assert (foreseen.report.refit, foreseen.report.seconds) == ("time", 50.0)
    assert foreseen.tensors is first.tensors
    quick = replace(first, report=replace(first.report, seconds=0.0))
    over = refit(base, everything, quick, RECIPE, config_with(max_seconds=1e-9))
    assert (over.report.refit, over.report.refit_epochs) == ("time", 0)
    assert over.tensors is first.tensors
    ample = refit(base, everything, first, RECIPE, config_with(max_seconds=1e6))
    assert ample.report.refit == "done"


def test_a_refit_out_of_time_goes_no_further_when_it_is_resumed(base: BaseModel, first: Trained) -> None:
    paused = learn(base, pause=after(first.report.n_steps + 2))
    trained = learn(base, config_with(max_seconds=1e-9), resume=paused.checkpoint)
    assert trained.report.refit == "time"
    assert same(trained, first)


def test_memory_is_asked_for_before_the_training_and_not_half_way(base: BaseModel, first: Trained) -> None:
    """What the first part took of the process is not held against the second; another process is asked anew."""
    little = config_with(max_memory_bytes=10**6)
    with pytest.raises(AdaptationError, match="may use 1 MB"):
        learn(base, little)
    through = refit(base, [*EXAMPLES, *HELD_OUT], first, RECIPE, little)
    assert (through.report.refit, through.part_tokens) == ("done", first.part_tokens)
    paused = learn(base, pause=after(first.report.n_steps + 1))
    with pytest.raises(AdaptationError, match="may use 1 MB"):
        learn(base, little, resume=paused.checkpoint)


def test_the_checkpoint_of_a_refit_belongs_to_it_alone(base: BaseModel, first: Trained) -> None:
    checkpoint = learn(base, pause=after(first.report.n_steps + 1)).checkpoint
    with pytest.raises(AdaptationError, match="belongs to a training with other examples"):
        train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG, resume=checkpoint)
    with pytest.raises(AdaptationError, match="belongs to a training with other examples"):
        learn(base, config_with(seed=3), resume=checkpoint)
    with pytest.raises(AdaptationError, match="belongs to a training with other examples"):
        train_on_all(base, EXAMPLES, HELD_OUT[1:], RECIPE, CONFIG, resume=checkpoint)
