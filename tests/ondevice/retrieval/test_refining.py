"""Learning a query map: the loss by hand, its gradients by differences, and what is learned of a made-up user."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ondevice.adaptation.lessons.feedback import Feedback
from ondevice.errors import AdaptationError
from ondevice.retrieval.feedback_loss import Requests, loss_and_gradients
from ondevice.retrieval.refining import RefiningConfig, learn_map, telling
from tests.ondevice.retrieval.planted_feedback import DIM, planted


def feedback(query: list[float], vectors: list[list[float]], rewards: list[float]) -> Feedback:
    return Feedback(
        query=np.array(query, np.float32), vectors=np.array(vectors, np.float32), rewards=np.array(rewards, np.float64)
    )


TWO = feedback([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], [0.0, math.log(3.0)])
ZEROS = np.zeros((2, 1))


def test_the_loss_is_the_one_computed_by_hand() -> None:
    requests = Requests.of([TWO])
    targets = requests.targets(1.0)
    assert targets == pytest.approx(np.array([[0.25, 0.75]]))
    assert requests.targets(0.5) == pytest.approx(np.array([[0.1, 0.9]]))
    loss, _, _ = loss_and_gradients(requests, targets, ZEROS, ZEROS + 1, scale=2.0)
    first = math.exp(2.0) / (math.exp(2.0) + 1.0)
    assert loss == pytest.approx(0.25 * math.log(0.25 / first) + 0.75 * math.log(0.75 / (1.0 - first)))
    turned = loss_and_gradients(requests, targets, np.array([[-1.0], [1.0]]), np.array([[1.0], [0.0]]), scale=2.0)[0]
    second = math.exp(2.0) / (math.exp(2.0) + 1.0)  # q' = (0, 1)
    assert turned == pytest.approx(0.25 * math.log(0.25 / (1.0 - second)) + 0.75 * math.log(0.75 / second))
    assert requests.first_reward(ZEROS, ZEROS) == 0.0
    assert requests.first_reward(np.array([[-1.0], [1.0]]), np.array([[1.0], [0.0]])) == pytest.approx(math.log(3.0))


def test_the_gradients_are_those_of_small_differences() -> None:
    mixed = [*planted(3, n_candidates=5), *planted(2, n_candidates=3, seed=5), *planted(1, n_candidates=2, seed=6)]
    requests = Requests.of(mixed)
    targets = requests.targets(0.2)
    random = np.random.default_rng(3)
    up, down = random.normal(0, 0.4, (2, DIM, 3))
    _, by_up, by_down = loss_and_gradients(requests, targets, up, down, scale=7.0)
    for matrix, gradient in ((up, by_up), (down, by_down)):
        numeric = np.empty_like(matrix)
        for place in np.ndindex(*matrix.shape):
            kept, around = matrix[place], []
            for step in (1e-5, -1e-5):
                matrix[place] = kept + step
                around.append(loss_and_gradients(requests, targets, up, down, scale=7.0)[0])
            matrix[place] = kept
            numeric[place] = (around[0] - around[1]) / 2e-5
        assert np.abs(numeric).max() > 1e-2
        assert gradient == pytest.approx(numeric, abs=1e-7)


def test_filling_up_changes_neither_loss_nor_gradients() -> None:
    few, many = planted(1, n_candidates=3, seed=1)[0], planted(1, n_candidates=9, seed=2)[0]
    up, down = np.random.default_rng(0).normal(0, 0.4, (2, DIM, 2))
    both = Requests.of([few, many])
    alone = [Requests.of([each]) for each in (few, many)]
    together = loss_and_gradients(both, both.targets(0.3), up, down, scale=5.0)
    apart = [loss_and_gradients(each, each.targets(0.3), up, down, scale=5.0) for each in alone]
    for place in range(3):
        assert together[place] == pytest.approx((apart[0][place] + apart[1][place]) / 2)
    assert both.targets(0.3)[0, 3:] == pytest.approx(0.0)
    assert both.first_reward(up, down) == pytest.approx(sum(each.first_reward(up, down) for each in alone) / 2)


def test_of_equal_candidates_the_first_is_the_hit_and_equal_rewards_share() -> None:
    tied = feedback([1.0, 0.0], [[0.6, 0.8], [0.6, 0.8], [0.6, 0.8]], [1.0, 2.0, 2.0])
    requests = Requests.of([tied])
    assert requests.first_reward(ZEROS, ZEROS) == 1.0
    targets = requests.targets(1.0)[0]
    assert targets[1] == targets[2] > targets[0]


def test_absurdly_different_rewards_stay_numbers() -> None:
    far = feedback([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], [-5000.0, 0.0])
    requests = Requests.of([far])
    loss, *gradients = loss_and_gradients(requests, requests.targets(0.01), ZEROS, ZEROS + 1, scale=20.0)
    assert loss == pytest.approx(20.0, abs=1e-6)
    assert all(np.isfinite(each).all() for each in gradients)


def test_what_says_nothing_is_left_out() -> None:
    one = feedback([1.0, 0.0], [[1.0, 0.0]], [1.0])
    equal = feedback([1.0, 0.0], [[1.0, 0.0], [0.0, 1.0]], [1.0, 1.0 + 5e-7])
    assert telling([one, equal, TWO]) == [TWO]
    with pytest.raises(AdaptationError, match=r"needs 8 requests .* of 12 only 7 do"):
        learn_map([one] * 5 + planted(7), encoder_id="e")


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_a_planted_preference_is_learned(noise: float) -> None:
    """What helps is a direction that queries lack: first hits on requests never seen come to help more."""
    known, unseen = planted(24, noise=noise), Requests.of(planted(40, seed=9))
    refined = learn_map(known, encoder_id="e")
    assert refined is not None
    assert (refined.n_used, refined.n_held_out) == (24, 6)
    assert refined.loss_after < 0.6 * refined.loss_before
    assert refined.reward_after > refined.reward_before
    up, down = (each.astype(np.float64) for each in (refined.map.up, refined.map.down))
    before = unseen.first_reward(np.zeros_like(up), down)
    assert unseen.first_reward(up, down) > before + 0.1
    query = known[0].query
    assert np.linalg.norm(refined.map.apply(query)) == pytest.approx(1.0, abs=1e-6)
    assert refined.map.apply(query)[-1] > 0.1


def test_chance_is_not_learned() -> None:
    random = np.random.default_rng(4)
    made_up = [replace(each, rewards=random.standard_normal(8)) for each in planted(40)]
    refined = learn_map(made_up, encoder_id="e")
    assert refined is not None
    assert refined.loss_after > 0.97 * refined.loss_before
    assert (refined.stopped, refined.loss_after <= refined.loss_before) == ("early", True)


def test_it_is_the_same_every_time_and_another_seed_another() -> None:
    first, again = (learn_map(planted(16), encoder_id="e") for _ in range(2))
    assert first is not None
    assert again is not None
    assert np.array_equal(first.map.up, again.map.up)
    assert np.array_equal(first.map.down, again.map.down)
    other = learn_map(planted(16), encoder_id="e", config=RefiningConfig(seed=1))
    assert other is not None
    assert not np.array_equal(first.map.down, other.map.down)


def test_it_can_be_cancelled() -> None:
    asked = iter([False, False, True])
    assert learn_map(planted(16), encoder_id="e", cancel=lambda: next(asked)) is None


def test_misuse_is_told() -> None:
    with pytest.raises(ValueError, match="rank must be at most the vectors' 16 numbers"):
        learn_map(planted(16), encoder_id="e", config=RefiningConfig(rank=17))
    for wrong in ({"rank": 0}, {"temperature": 0.0}, {"held_out": 1.0}, {"learning_rate": -1.0}, {"steps": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            RefiningConfig(**wrong)
    with pytest.raises(ValueError, match=r"\[dim\], \[n, dim\] and \[n\]"):
        feedback([1.0], [[1.0, 0.0]], [1.0])
