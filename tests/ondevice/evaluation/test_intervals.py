from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.intervals import UserSums, difference, draw, mean_interval
from ondevice.evaluation.metrics import Metric, macro_f1, metrics_for

RMSE = metrics_for("LaMP_3")[1]
ROUGE = metrics_for("LaMP_4")[0]


def sums(metric: Metric, answers: list[str], golds: list[str], users: list[str]) -> UserSums:
    return UserSums(metric, metric.contributions(answers, golds), users)


def test_the_value_is_the_metrics_own():
    answers, golds, users = ["1", "5", "3"], ["2", "5", "5"], ["u", "v", "u"]
    assert sums(RMSE, answers, golds, users).value == pytest.approx(RMSE.value(answers, golds))


def test_a_resample_is_the_metric_over_the_users_drawn():
    answers, golds, users = ["1", "5", "3", "2"], ["2", "5", "5", "2"], ["u", "v", "u", "w"]
    weights = np.array([[2.0, 0.0, 1.0], [0.0, 3.0, 0.0]])
    twice_u = [*answers[::2], *answers[::2], answers[3]], [*golds[::2], *golds[::2], golds[3]]
    expected = [RMSE.value(*twice_u), RMSE.value(["5"] * 3, ["5"] * 3)]
    assert sums(RMSE, answers, golds, users).resampled(weights) == pytest.approx(expected)


def test_macro_f1_is_resampled_from_its_counts():
    metric = macro_f1(["a", "b"])
    answers, golds, users = ["a", "b", "b"], ["a", "a", "b"], ["u", "v", "w"]
    drawn = sums(metric, answers, golds, users).resampled(np.array([[1.0, 2.0, 0.0]]))
    assert drawn == pytest.approx([metric.value(["a", "b", "b"], ["a", "a", "a"])])


def test_draws_keep_the_number_of_users_and_repeat():
    weights = draw(7, n_resamples=50)
    assert (weights.sum(axis=1) == 7).all()
    assert np.array_equal(weights, draw(7, n_resamples=50))


def test_the_interval_covers_a_known_mean():
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(100):
        answers = ["a" if hit else "b" for hit in random.random(60) < 0.3]
        interval = sums(ROUGE, answers, ["a"] * 60, [str(n) for n in range(60)]).interval()
        inside += interval.low <= 0.3 <= interval.high
    assert 88 <= inside <= 100


def test_one_user_with_many_questions_widens_the_interval():
    answers = ["a"] * 30 + ["b"] * 30
    alone = sums(ROUGE, answers, ["a"] * 60, [str(n) for n in range(60)]).interval()
    grouped = sums(ROUGE, answers, ["a"] * 60, [str(n // 10) for n in range(60)]).interval()
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)


def test_a_paired_difference_is_surer_than_two_intervals():
    random = np.random.default_rng(1)
    hard = random.random(80) < 0.5
    users = [str(n) for n in range(80)]
    first = sums(ROUGE, ["b" if miss else "a" for miss in hard], ["a"] * 80, users)
    better = ["a" if n % 3 == 0 or not miss else "b" for n, miss in enumerate(hard)]
    second = sums(ROUGE, better, ["a"] * 80, users)
    gap = difference(first, second)
    assert gap.value == pytest.approx(second.value - first.value)
    assert gap.low > 0
    assert gap.p < 0.05
    assert first.interval().high > second.interval().low


def test_no_difference_has_p_1():
    one = sums(ROUGE, ["a", "b"], ["a", "a"], ["u", "v"])
    assert difference(one, one).p == 1.0


def test_other_users_cannot_be_compared():
    with pytest.raises(ValueError, match="same users"):
        difference(sums(ROUGE, ["a"], ["a"], ["u"]), sums(ROUGE, ["a"], ["a"], ["v"]))


def test_the_mean_of_independent_values_has_the_same_interval_as_users_with_one_question_each():
    values = np.array([0.0, 1.0, 1.0, 0.5, 0.0])
    interval = mean_interval(values)
    answers = ["a" if value else "b" for value in (0, 1, 1, 1, 0)]
    same = sums(ROUGE, answers, ["a"] * 5, [str(n) for n in range(5)]).interval()
    assert interval.value == 0.5
    assert mean_interval(np.array([0.0, 1.0, 1.0, 1.0, 0.0])) == same
