"""The objectives against numbers worked out by hand, with padding and ties."""

from __future__ import annotations

import math

import pytest
import torch

from export.training.losses import distillation_loss, expected_gain_loss, masked_log_softmax, reinforce_loss

ALL = torch.tensor([[True, True]])
E = math.e


def value(loss) -> float:
    return float(loss.detach())


def rows(*values: list[float]):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


def test_distillation_is_the_divergence_from_the_softmax_of_the_rewards() -> None:
    # p = (e, 1) / (1 + e) = (.7311, .2689), q = (1/2, 1/2): KL = ln 2 - H(p).
    p = E / (1 + E), 1 / (1 + E)
    by_hand = sum(each * math.log(each / 0.5) for each in p)
    found = distillation_loss(rows([0.0, 0.0]), rows([1.0, 0.0]), ALL, temperature=1.0)
    assert value(found) == pytest.approx(by_hand)
    assert by_hand == pytest.approx(0.1109, abs=1e-4)


def test_the_temperature_stands_inside_the_softmax_of_the_rewards() -> None:
    # One useful document of sixteen: at temperature 1 the target is all but flat, at 0.2 it is nearly sure.
    rewards, mask = torch.zeros(1, 16, dtype=torch.float64), torch.ones(1, 16, dtype=torch.bool)
    rewards[0, 3] = 1.0
    for temperature, share in ((1.0, 0.1534), (0.2, 0.9082)):
        wanted = masked_log_softmax(rewards / temperature, mask).exp()[0, 3]
        assert value(wanted) == pytest.approx(share, abs=1e-4)
    # The model that gives the target itself has no loss left.
    assert value(distillation_loss(rewards / 0.2, rewards, mask, temperature=0.2)) == pytest.approx(0.0, abs=1e-12)


def test_the_gradient_of_distillation_is_what_is_given_less_what_is_wanted() -> None:
    scores = rows([0.0, 0.0])
    distillation_loss(scores, rows([1.0, 0.0]), ALL, temperature=1.0).backward()
    assert scores.grad is not None
    assert scores.grad[0].tolist() == pytest.approx([0.5 - E / (1 + E), 0.5 - 1 / (1 + E)])


@pytest.mark.parametrize("loss", [lambda *args: distillation_loss(*args, temperature=0.5), expected_gain_loss])
def test_padding_neither_counts_nor_learns(loss) -> None:
    # The released code leaves padding in, with the largest reward of all: it must change nothing here.
    padded, mask = rows([0.3, -0.2, 9.0]), torch.tensor([[True, True, False]])
    bare = rows([0.3, -0.2])
    with_padding = loss(padded, rows([1.0, 0.4, 4.0]), mask)
    without = loss(bare, rows([1.0, 0.4]), ALL)
    assert value(with_padding) == pytest.approx(value(without))
    with_padding.backward()
    without.backward()
    assert padded.grad is not None
    assert padded.grad[0].tolist() == pytest.approx([*bare.grad[0].tolist(), 0.0])


def test_the_expected_gain_is_over_the_first_choice() -> None:
    # Policy (1/2, 1/2), rewards (.2, .8): one half of .6 more than the initial retriever's first.
    assert value(expected_gain_loss(rows([0.0, 0.0]), rows([0.2, 0.8]), ALL)) == pytest.approx(-0.3)
    # A policy that is sure of the first gains nothing.
    assert value(expected_gain_loss(rows([50.0, 0.0]), rows([0.2, 0.8]), ALL)) == pytest.approx(0.0, abs=1e-12)


def test_sampling_has_the_gradient_of_the_expectation() -> None:
    start, rewards = [0.4, -0.3, 0.1], rows([0.1, 0.9, 0.5])
    mask = torch.tensor([[True, True, True]])
    exact = rows(start)
    expected_gain_loss(exact, rewards, mask).backward()
    n = 20_000
    drawn = rows(start)
    many = drawn.expand(n, 3)
    reinforce_loss(many, rewards.expand(n, 3), mask.expand(n, 3), generator=torch.Generator().manual_seed(0)).backward()
    assert drawn.grad is not None
    assert exact.grad is not None
    assert drawn.grad[0].tolist() == pytest.approx(exact.grad[0].tolist(), abs=0.01)


def test_ties_teach_nothing() -> None:
    scores = rows([0.7, 0.7])
    for loss in (
        distillation_loss(scores, rows([0.5, 0.5]), ALL, temperature=0.1),
        expected_gain_loss(scores, rows([0.5, 0.5]), ALL),
    ):
        scores.grad = None
        loss.backward()
        assert scores.grad is not None
        assert scores.grad.abs().max() < 1e-12


def test_one_choice_has_no_loss_and_no_gradient() -> None:
    scores, mask = rows([1.3, 0.0]), torch.tensor([[True, False]])
    loss = distillation_loss(scores, rows([0.4, 9.0]), mask, temperature=0.2)
    loss.backward()
    assert value(loss) == pytest.approx(0.0, abs=1e-12)
    assert scores.grad is not None
    assert scores.grad.abs().max() == 0


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_must_be_above_zero(temperature: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        distillation_loss(rows([0.0, 1.0]), rows([0.0, 1.0]), ALL, temperature=temperature)
