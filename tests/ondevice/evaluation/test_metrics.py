from __future__ import annotations

import numpy as np
import pytest

from ondevice.evaluation.metrics import macro_f1, metrics_for, score_of
from ondevice.generation.prompts.lamp import LAMP_TASKS, MOVIE_TAGS


def value(task: str, name: str, answers: list[str], golds: list[str]) -> float:
    metric = next(metric for metric in metrics_for(task) if metric.name == name)
    return metric.value(answers, golds)


def test_every_task_has_its_metrics():
    names = {task: [metric.name for metric in metrics_for(task)] for task in LAMP_TASKS}
    assert names == {
        "LaMP_1": ["accuracy"],
        "LaMP_2": ["accuracy", "macro-f1"],
        "LaMP_2N": ["accuracy", "macro-f1"],
        "LaMP_3": ["mae", "rmse"],
        **{f"LaMP_{number}": ["rouge-1", "rouge-l"] for number in (4, 5, 6, 7)},
    }
    assert not any(metric.higher_is_better for metric in metrics_for("LaMP_3"))


def test_accuracy_is_exact_match_after_strip():
    answers, golds = [" comedy\n", "Comedy", "comedies", "action"], ["comedy", "comedy", "comedy", "action"]
    assert value("LaMP_2", "accuracy", answers, golds) == 2 / 4


def test_macro_f1_by_hand():
    # a: 1 hit, 2 answered, 1 wanted; b: 1 hit, 1 answered, 3 wanted; c: neither occurs nor is answered
    metric = macro_f1(["a", "b", "c"])
    assert metric.value(["a", "a", "b", "x"], ["a", "b", "b", "b"]) == pytest.approx((2 / 3 + 2 / 4 + 0) / 3)


def test_macro_f1_is_that_of_the_library_of_the_field():
    from sklearn.metrics import f1_score

    random = np.random.default_rng(0)
    golds = [str(label) for label in random.choice(MOVIE_TAGS, 200)]
    answers = [str(label) for label in random.choice([*MOVIE_TAGS[:9], "off the list"], 200)]
    expected = f1_score(golds, answers, labels=list(MOVIE_TAGS), average="macro", zero_division=0)
    assert value("LaMP_2", "macro-f1", answers, golds) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        ("4", 2, 4),
        (" 4.5 ", 2, 4.5),
        ("9", 2, 9),
        ("four", 2, 5),
        ("", 4, 1),
        ("x", 3, 5),
        ("x", 5, 1),
        ("nan", 1, 5),
        ("-inf", 5, 1),
    ],
)
def test_what_is_no_number_counts_as_the_far_end(answer, gold, expected):
    assert score_of(answer, gold) == expected


def test_mae_and_rmse_by_hand():
    answers, golds = ["5", "1", "junk"], ["4", "1", "2"]  # errors 1, 0, and 3 for the far end
    assert value("LaMP_3", "mae", answers, golds) == pytest.approx((1 + 0 + 3) / 3)
    assert value("LaMP_3", "rmse", answers, golds) == pytest.approx(((1 + 0 + 9) / 3) ** 0.5)


def test_rouge_is_the_mean_over_questions():
    assert value("LaMP_4", "rouge-1", ["a b", "c"], ["a b", "d"]) == pytest.approx((1 + 0) / 2)


def test_answers_and_golds_must_pair():
    with pytest.raises(ValueError, match="1 answers do not fit 2 golds"):
        value("LaMP_4", "rouge-1", ["a"], ["a", "b"])
    with pytest.raises(ValueError, match="0 answers"):
        value("LaMP_4", "rouge-1", [], [])
