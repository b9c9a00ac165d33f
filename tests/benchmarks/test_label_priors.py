"""What a label's prior is worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.label_priors import _losses, markdown_of
from benchmarks.study import write_study


def test_a_prior_of_the_other_half_undoes_a_bias_that_all_questions_share() -> None:
    random = np.random.default_rng(0)
    own = random.integers(3, size=40)
    fair = np.eye(3)[own] * 2 + random.normal(scale=0.1, size=(40, 3))
    biased = fair + np.array([0.0, 9.0, -9.0])
    without = _losses(biased, np.zeros((40, 3)), own)
    assert _losses(biased, biased, own).mean() == pytest.approx(_losses(fair, fair, own).mean())
    assert _losses(biased, biased, own).mean() < 1 < without.mean()


def test_a_half_is_never_its_own_prior() -> None:
    whole = np.zeros((4, 2))
    prior = np.array([[5.0, 0.0], [0.0, 0.0], [5.0, 0.0], [0.0, 0.0]])  # what the first half says burdens the second
    losses = _losses(whole, prior, np.zeros(4, dtype=int))
    assert losses[[0, 2]] == pytest.approx(np.log(2))
    assert (losses[[1, 3]] > 5).all()


def test_the_table_is_made_of_the_kept_numbers(tmp_path: Path) -> None:
    row = {"task": "LaMP_2", "k": 0, "users": 60, "no prior": 3.1623, "whole less empty": -0.341}
    write_study(tmp_path / "kept.json", {"machine": {"cores": "2"}, "model": "tiny", "losses": [row]})
    assert "| LaMP_2 | 0 | 60 | 3.16 | -0.34 |" in markdown_of(tmp_path / "kept.json")
