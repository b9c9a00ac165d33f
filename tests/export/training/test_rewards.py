"""What an answer is worth: LaMP's metrics between 0 and 1."""

from __future__ import annotations

import pytest

from export.training.rewards import reward


@pytest.mark.parametrize(
    ("task", "answer", "gold", "worth"),
    [
        ("LaMP_2", "comedy", "comedy", 1.0),
        ("LaMP_2", "dark comedy", "comedy", 0.0),
        ("LaMP_1", " [1]", "[1]", 1.0),
        # LaMP-3: exact is 1, the wrong end 0, and in between a share of the worst that this gold allows.
        ("LaMP_3", "5", "5", 1.0),
        ("LaMP_3", "1", "5", 0.0),
        ("LaMP_3", "4", "5", 0.75),
        ("LaMP_3", "5", "3", 0.0),
        ("LaMP_3", "2", "3", 0.5),
        ("LaMP_3", "many", "4", 0.0),
        ("LaMP_3", "", "2", 0.0),
        ("LaMP_3", "99", "2", 0.0),
        # ROUGE-1: one of two words said, one of three wanted: 2 * (1/2 * 1/3) / (1/2 + 1/3).
        ("LaMP_4", "red boats", "two red kites", 0.4),
        ("LaMP_7", "", "two red kites", 0.0),
    ],
)
def test_rewards_by_hand(task: str, answer: str, gold: str, worth: float) -> None:
    assert reward(task, answer, gold) == pytest.approx(worth)


def test_an_unknown_task_has_no_reward() -> None:
    with pytest.raises(ValueError, match="LaMP_9"):
        reward("LaMP_9", "a", "b")
