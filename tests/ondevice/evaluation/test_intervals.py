from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.intervals import UserSums, draw, mean_interval
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


def test_a_mean_over_users_with_as_many_questions_has_students_interval():
    answers = ["a", "b", "b", "b", "a", "a"]
    found = sums(ROUGE, answers, ["a"] * 6, list("uuvvww")).estimate()
    assert (found.value, found.df) == (0.5, 2)
    assert found.error == pytest.approx(np.std([0.5, 0.0, 1.0], ddof=1) / np.sqrt(3))
    half = 4.302653 * 0.5 / 3**0.5
    assert found.interval() == pytest.approx((0.5 - half, 0.5 + half))


def test_a_metric_that_is_no_mean_varies_by_leaving_users_out():
    answers, golds = ["1", "5", "3", "2"], ["2", "5", "5", "4"]
    metric = sums(RMSE, answers, golds, list("uvww"))
    without = [RMSE.value(answers[1:], golds[1:]), RMSE.value(["1", "3", "2"], ["2", "5", "4"])]
    assert metric.left_out() == pytest.approx([*without, RMSE.value(answers[:2], golds[:2])])
    assert metric.estimate().error is not None


def test_five_questions_of_one_user_have_no_interval():
    for answers in ("aabba", "aaaaa"):
        assert sums(ROUGE, list(answers), ["a"] * 5, ["u"] * 5).estimate().interval() == (None, None)


def test_users_who_are_all_alike_have_no_interval():
    same = sums(ROUGE, ["a", "b", "b"] * 3, ["a"] * 9, list("uuuvvvwww"))
    assert same.value == pytest.approx(1 / 3)
    assert same.estimate().interval() == (None, None)


def test_students_interval_covers_a_known_mean_of_few_users():
    random = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        means = np.clip(random.normal(0.4, 0.15, size=12), 0, 1)
        answers = ["a" if hit else "b" for mean in means for hit in random.random(10) < mean]
        low, high = sums(ROUGE, answers, ["a"] * 120, [str(n // 10) for n in range(120)]).estimate().interval()
        assert low is not None
        assert high is not None
        inside += low <= 0.4 <= high
    assert 0.92 <= inside / 400 <= 0.98


def test_a_gain_is_that_of_the_same_users():
    first, second = (sums(ROUGE, answers, ["a"] * 4, list("uvwx")) for answers in (list("abab"), list("aaab")))
    gain = second.gain_over(first)
    assert gain is not None
    assert gain.value == pytest.approx(0.5)
    assert first.gain_over(sums(ROUGE, list("bbbb"), ["a"] * 4, list("uvwx"))) is None
    with pytest.raises(ValueError, match="same users"):
        first.gain_over(sums(ROUGE, ["a"], ["a"], ["v"]))


def test_the_mean_of_independent_values_has_the_same_interval_as_users_with_one_question_each():
    values = np.array([0.0, 1.0, 1.0, 0.5, 0.0])
    interval = mean_interval(values)
    answers = ["a" if value else "b" for value in (0, 1, 1, 1, 0)]
    same = sums(ROUGE, answers, ["a"] * 5, [str(n) for n in range(5)]).interval()
    assert interval.value == 0.5
    assert mean_interval(np.array([0.0, 1.0, 1.0, 1.0, 0.0])) == same
