"""A private training: each pair's gradient is cut by itself, the noise is what was promised, ε is the accountant's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
import torch

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.accounting import epsilon_of, noise_for
from ondevice.adaptation.lora.lora import attached
from ondevice.adaptation.lora.private import PrivateSteps, normal, uniform
from ondevice.adaptation.lora.refitting import train_on_all
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import BaseModel
from ondevice.adaptation.recipes.privacy import Privacy
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig, TrainingReport
from ondevice.errors import AdaptationError, InputError
from tests.ondevice.adaptation.planted import HAPPY, SAD, user_examples

RECIPE = LoraRecipe(projections=PROJECTIONS, rank=4, alpha=8.0)
PRIVACY = Privacy(epsilon=8.0, delta=1e-3, clip=0.05, pairs_per_step=8)
CONFIG = TrainingConfig(learning_rate=1e-2, epochs=2, precision="float32", privacy=PRIVACY)
EXAMPLES, HELD_OUT = user_examples(32, seed=1), user_examples(6, seed=2)


def no_noise(n: int) -> np.ndarray:
    return np.zeros(n)


def steps(privacy: Privacy = PRIVACY, **changes: Any) -> PrivateSteps:
    return PrivateSteps(privacy, **{"n_pairs": 32, "n_steps": 8, **changes})


def gradient_alone(model: Any, parameters: Mapping[str, Any], example: Example) -> dict[str, torch.Tensor]:
    """Return the gradient of one example's mean loss, as plain PyTorch has it."""
    for each in parameters.values():
        each.grad = None
    whole = torch.tensor([[*example.prompt.tolist(), *example.answer.tolist()]])
    logits = model(input_ids=whole).logits[0, len(example.prompt) - 1 : -1]
    torch.nn.functional.cross_entropy(logits, torch.tensor(example.answer.tolist())).backward()
    return {name: each.grad.clone() for name, each in parameters.items()}


def norm_of(gradient: Mapping[str, torch.Tensor]) -> float:
    return math.sqrt(sum(float(each.square().sum()) for each in gradient.values()))


@pytest.mark.parametrize("clip", [0.02, 1e6])
def test_each_pairs_gradient_is_that_of_a_backward_pass_of_its_own_and_is_cut_by_itself(
    base: BaseModel, clip: float
) -> None:
    chosen = EXAMPLES[:5]
    private = steps(replace(PRIVACY, clip=clip), draw=no_noise)
    with attached(base, RECIPE, seed=3) as parameters:
        with torch.no_grad():  # B is not 0 behind the first step
            for place, (name, each) in enumerate(parameters.items()):
                if name.endswith("lora_B.weight"):
                    each.normal_(0, 0.05, generator=torch.Generator().manual_seed(place))
        learned = private.learned(parameters)
        alone = [gradient_alone(base.model, learned, example) for example in chosen]
        private.add_gradients(base.model, learned, chosen)
        norms = [norm_of(each) for each in alone]
        assert all(norm > 0.02 for norm in norms)
        for name, each in learned.items():
            cut = [one[name] * min(1.0, clip / norm) for one, norm in zip(alone, norms, strict=True)]
            torch.testing.assert_close(each.grad, sum(cut) / 8, rtol=1e-3, atol=1e-7)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
def test_the_hooks_of_opacus_find_the_same_gradients_on_pefts_layers(base: BaseModel) -> None:
    """Two ways that share nothing but the model; in earlier releases of both they did not agree."""
    from opacus import GradSampleModule

    chosen = EXAMPLES[:3]
    with attached(base, RECIPE, seed=3) as parameters:
        alone = [gradient_alone(base.model, parameters, example) for example in chosen]
        for each in parameters.values():
            each.grad = None
        width = max(map(len, chosen))
        tokens, wanted = torch.zeros(3, width, dtype=torch.long), torch.full((3, width), -100)
        for row, example in enumerate(chosen):
            whole = torch.tensor([*example.prompt.tolist(), *example.answer.tolist()])
            tokens[row, : len(whole)] = whole
            wanted[row, len(example.prompt) - 1 : len(whole) - 1] = whole[len(example.prompt) :]
        hooked = GradSampleModule(base.model, strict=False, loss_reduction="sum")
        try:
            logits = hooked(input_ids=tokens).logits
            losses = [torch.nn.functional.cross_entropy(logits[row], wanted[row]) for row in range(3)]
            sum(losses).backward()
            for name, each in parameters.items():
                for row in range(3):
                    torch.testing.assert_close(each.grad_sample[row], alone[row][name], rtol=1e-3, atol=1e-6)
        finally:
            hooked.to_standard_module()


def test_one_pair_moves_a_step_by_no_more_than_the_clip(base: BaseModel) -> None:
    private = steps(draw=no_noise)
    with attached(base, RECIPE, seed=3) as parameters:
        learned = private.learned(parameters)
        found = []
        for chosen in (EXAMPLES[:6], EXAMPLES[:5]):
            private.add_gradients(base.model, learned, chosen)
            found.append({name: each.grad * 8 for name, each in learned.items()})
    moved = norm_of({name: found[0][name] - found[1][name] for name in found[0]})
    assert moved == pytest.approx(PRIVACY.clip, rel=1e-3)


def test_the_noise_is_on_every_number_and_as_large_as_the_accountant_says(base: BaseModel) -> None:
    private = steps()
    noise = noise_for(PRIVACY, n_pairs=32, n_steps=8)
    with attached(base, RECIPE, seed=0) as parameters:
        learned = private.learned(parameters)
        assert private.add_gradients(base.model, learned, []) == 0
        numbers = torch.cat([each.grad.flatten() for each in learned.values()]) * 8
        assert all(
            each.grad is None and not each.requires_grad for name, each in parameters.items() if "lora_A" in name
        )
    assert int((numbers == 0).sum()) == 0
    assert float(numbers.std()) == pytest.approx(noise * PRIVACY.clip, rel=0.1)


def test_the_systems_own_randomness_is_uniform_and_normal_and_never_the_same() -> None:
    assert not np.array_equal(normal(8), normal(8))
    drawn = np.sort(normal(40_001))
    expected = [NormalDist().inv_cdf((place + 0.5) / 40_001) for place in range(0, 40_001, 500)]
    assert np.abs(drawn[::500][4:-4] - expected[4:-4]).max() < 0.1
    unit = uniform(40_000)
    assert unit.min() > 0
    assert unit.max() <= 1
    assert unit.mean() == pytest.approx(0.5, abs=0.02)


def test_pairs_are_drawn_each_by_itself() -> None:
    private = steps()
    counts = [len(private.chosen()) for _ in range(400)]
    assert np.mean(counts) == pytest.approx(8, abs=1)
    assert np.var(counts) == pytest.approx(6, abs=2.5)
    assert len(steps(replace(PRIVACY, pairs_per_step=64)).chosen()) == 32


def gaussian_delta(epsilon: float, noise: float) -> float:
    """Return the δ of one step that draws every pair, without a bound in between (Balle & Wang 2018)."""
    cdf = NormalDist().cdf
    half, shift = 1 / (2 * noise), epsilon * noise
    return cdf(half - shift) - math.exp(epsilon) * cdf(-half - shift)


@pytest.mark.parametrize("noise", [0.8, 2.0, 6.0])
def test_the_accountant_is_above_the_truth_and_near_it(noise: float) -> None:
    epsilon = epsilon_of(noise=noise, rate=1.0, n_steps=1, delta=1e-5)
    assert gaussian_delta(epsilon, noise) <= 1e-5 < gaussian_delta(epsilon * 0.8, noise)
    assert epsilon_of(noise=noise, rate=1.0, n_steps=4, delta=1e-5) == pytest.approx(
        epsilon_of(noise=noise / 2, rate=1.0, n_steps=1, delta=1e-5), rel=0.05
    )
    assert epsilon_of(noise=noise, rate=1.0, n_steps=0, delta=1e-5) == 0


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 8.0])
def test_the_noise_is_the_least_that_keeps_the_bound(epsilon: float) -> None:
    privacy = replace(PRIVACY, epsilon=epsilon)
    noise = noise_for(privacy, n_pairs=32, n_steps=8)
    told = [epsilon_of(noise=each, rate=0.25, n_steps=8, delta=privacy.delta) for each in (noise, noise * 0.97)]
    assert told[0] <= epsilon < told[1]


def test_a_bound_that_bounds_nothing_is_refused() -> None:
    with pytest.raises(AdaptationError, match=r"delta of 0\.04 lets one pair"):
        noise_for(Privacy(delta=0.04), n_pairs=32, n_steps=8)
    with pytest.raises(AdaptationError, match="no noise keeps an epsilon of 1e-06"):
        noise_for(Privacy(epsilon=1e-6), n_pairs=32, n_steps=8)
    for wrong in ({"epsilon": 0}, {"epsilon": math.inf}, {"delta": 0}, {"delta": 1}, {"clip": -1}):
        with pytest.raises(ValueError, match="must be"):
            Privacy(**wrong)
    with pytest.raises(TypeError, match="must be a Privacy or None, not dict"):
        TrainingConfig(privacy={"epsilon": 1.0})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def learned(base: BaseModel) -> Trained:
    return train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG)


def test_a_private_training_says_what_it_gave_away(learned: Trained) -> None:
    spent = learned.report.privacy
    assert spent is not None
    assert learned.report.n_steps == spent.n_steps == 8
    assert 7 < spent.epsilon <= 8
    assert (spent.delta, spent.clip, spent.rate) == (1e-3, 0.05, 0.25)
    assert TrainingReport.from_json(learned.report.to_json()) == learned.report
    assert TrainingConfig.from_json(CONFIG.to_json()) == CONFIG


def test_what_is_without_privacy_is_written_as_before() -> None:
    plain = replace(CONFIG, privacy=None)
    assert "privacy" not in plain.to_json()
    assert TrainingConfig.from_json(plain.to_json()) == plain
    for wrong in ({"epsilon": 1}, "much", {**PRIVACY.to_json(), "epsilon": -1}):
        with pytest.raises(InputError):
            TrainingConfig.from_json({**plain.to_json(), "privacy": wrong})


def test_no_seed_repeats_it_and_a_is_left_as_it_was_drawn(base: BaseModel, learned: Trained) -> None:
    again = train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG)
    assert again.tensors.keys() == learned.tensors.keys()
    for name, numbers in learned.tensors.items():
        assert np.array_equal(numbers, again.tensors[name]) == name.endswith("lora_A.weight")


def test_held_out_pairs_choose_nothing(base: BaseModel) -> None:
    # They answer the other way round: what is learned makes them unlikely, and a usual training ends early.
    others = user_examples(6, seed=2, answers=(SAD, HAPPY))
    config = replace(CONFIG, learning_rate=3e-2, patience=1, epochs=5)
    usual = train(base, EXAMPLES, others, RECIPE, replace(config, privacy=None)).report
    assert usual.stopped == "early"
    assert usual.best_epoch < usual.epochs_done
    loose = replace(PRIVACY, epsilon=500.0, clip=1.0)
    report = train(base, EXAMPLES, others, RECIPE, replace(config, privacy=loose)).report
    assert (report.stopped, report.n_steps, report.best_epoch) == ("done", 20, 5)


def test_it_can_be_paused_and_the_steps_of_both_runs_count(base: BaseModel, learned: Trained) -> None:
    asked = iter([False] * 3)
    paused = train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG, pause=lambda: next(asked, True))
    told = paused.report.privacy
    assert told is not None
    assert told.n_steps == 3
    assert 0 < told.epsilon < 8
    report = train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG, resume=paused.checkpoint).report
    assert report.privacy == learned.report.privacy
    other = replace(CONFIG, privacy=replace(PRIVACY, epsilon=80.0))
    with pytest.raises(AdaptationError, match="other settings"):
        train(base, EXAMPLES, HELD_OUT, RECIPE, other, resume=paused.checkpoint)


def test_it_learns_what_many_pairs_share(base: BaseModel) -> None:
    loose = Privacy(epsilon=500.0, delta=1e-3, clip=1.0, pairs_per_step=16)
    report = train(base, EXAMPLES, HELD_OUT, RECIPE, replace(CONFIG, privacy=loose, epochs=5)).report
    assert report.loss_after < report.loss_before - 0.3


def test_a_loss_that_is_no_number_ends_it(base: BaseModel) -> None:
    weight = base.model.model.norm.weight
    kept = weight.detach().clone()
    try:
        with torch.no_grad():
            weight.fill_(math.nan)
        with pytest.raises(AdaptationError, match="no number"):
            train(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG)
    finally:
        with torch.no_grad():
            weight.copy_(kept)


def test_a_refit_is_refused(base: BaseModel) -> None:
    with pytest.raises(ValueError, match="does not go with privacy"):
        train_on_all(base, EXAMPLES, HELD_OUT, RECIPE, CONFIG)
