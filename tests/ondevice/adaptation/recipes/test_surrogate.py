import numpy as np
import pytest

from ondevice.adaptation.recipes.front import hypervolume
from ondevice.adaptation.recipes.surrogate import Surrogate, expected_gain


def averaged(surrogate: Surrogate, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, deviation = surrogate.beliefs(features)
    return surrogate.weights @ mean, surrogate.weights @ deviation


def test_believes_what_was_measured_and_doubts_the_rest() -> None:
    features = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]])
    losses = np.array([2.0, 1.0, 3.0])
    surrogate = Surrogate(features, losses, seed=0)
    mean, deviation = averaged(surrogate, features)
    assert np.abs(mean - losses).max() < 0.25
    _, elsewhere = averaged(surrogate, np.array([[0.25, 1.0]]))
    assert elsewhere[0] > deviation.max()


def test_finds_the_dimension_that_matters() -> None:
    random = np.random.default_rng(4)
    features = random.random((24, 6))
    losses = np.sin(4 * features[:, 2])
    unseen = random.random((200, 6))
    mean, _ = averaged(Surrogate(features, losses, seed=0), unseen)
    assert np.corrcoef(mean, np.sin(4 * unseen[:, 2]))[0, 1] > 0.95


def test_equal_losses_are_no_trouble() -> None:
    mean, deviation = averaged(Surrogate(np.eye(3), np.full(3, 2.5), seed=0), np.eye(3))
    assert mean == pytest.approx(np.full(3, 2.5))
    assert np.isfinite(deviation).all()


def test_the_expected_gain_is_the_mean_of_the_gains() -> None:
    random = np.random.default_rng(1)
    surrogate = Surrogate(random.random((5, 3)), random.normal(2, 0.5, size=5), seed=0)
    front, reference = [(2.2, 1.0), (1.9, 2.0), (1.5, 4.0)], (2.5, 6.0)
    features, sizes = random.random((4, 3)), np.array([0.5, 1.5, 3.0, 7.0])
    expected = expected_gain(surrogate, features, sizes, front, reference)

    mean, deviation = surrogate.beliefs(features)
    before = hypervolume(front, reference)
    draws = random.choice(len(surrogate.weights), size=20_000, p=surrogate.weights)
    losses = random.normal(mean[draws], deviation[draws])
    for place, size in enumerate(sizes):
        gains = [hypervolume([*front, (loss, size)], reference) - before for loss in losses[:, place].tolist()]
        assert expected[place] == pytest.approx(np.mean(gains), abs=0.05)
    assert expected[0] > 0.1
    assert expected[3] == 0


def test_without_a_front_everything_below_the_reference_is_gain() -> None:
    surrogate = Surrogate(np.zeros((1, 1)), np.array([1.0]), seed=0)
    small, large = expected_gain(surrogate, np.zeros((2, 1)), np.array([1.0, 3.0]), [], (2.0, 5.0))
    assert small == pytest.approx(2 * large)


def test_is_the_same_every_time() -> None:
    features, losses = np.eye(4), np.arange(4.0)
    first, second = (Surrogate(features, losses, seed=7).beliefs(features) for _ in range(2))
    assert (first[0] == second[0]).all()
    assert (Surrogate(features, losses, seed=8).weights != Surrogate(features, losses, seed=7).weights).any()
