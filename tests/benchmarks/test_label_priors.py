"""What a label's prior is worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.label_priors import losses_of, markdown_of
from benchmarks.study import write_study


def test_a_prior_of_the_other_half_undoes_a_bias_that_all_questions_share() -> None:
    random = np.random.default_rng(0)
    own = random.integers(3, size=40)
    fair = np.eye(3)[own] * 2 + random.normal(scale=0.1, size=(40, 3))
    biased = fair + np.array([0.0, 9.0, -9.0])
    undone = losses_of(biased, own, "liking").mean()
    assert undone == pytest.approx(losses_of(fair, own, "liking").mean())
    assert undone < 1 < losses_of(biased, own, "no prior").mean()


def test_frequency_keeps_what_a_model_has_learned_of_it() -> None:
    random = np.random.default_rng(1)
    shares = np.array([0.8, 0.1, 0.1])
    own = random.choice(3, size=400, p=shares)
    learned = np.log(shares) + 0.5 * np.eye(3)[own] + random.normal(scale=0.1, size=(400, 3))
    losses = {way: losses_of(learned, own, way).mean() for way in ("no prior", "liking", "liking and frequency")}
    assert losses["liking and frequency"] < losses["liking"] - 0.2
    assert losses["liking and frequency"] == pytest.approx(losses["no prior"], abs=0.1)


def test_a_half_is_never_its_own_prior() -> None:
    scores = np.array([[-5.0, 0.0], [0.0, 0.0], [-5.0, 0.0], [0.0, 0.0]])
    losses = losses_of(scores, np.zeros(4, dtype=int), "liking")
    assert (losses[[0, 2]] > 5).all()  # the other half likes both alike
    assert (losses[[1, 3]] < 0.01).all()  # the other half likes the second, which speaks for the first here


def test_the_table_is_made_of_the_kept_numbers(tmp_path: Path) -> None:
    row = {"task": "LaMP_2", "k": 0, "users": 60, "no prior": 3.1623, "last less liking": -0.341}
    document = {"machine": {"cores": "2"}, "model": "tiny", "fold": 2, "losses": [row]}
    write_study(tmp_path / "kept.json", document)
    text = markdown_of(tmp_path / "kept.json")
    assert "| LaMP_2 | 0 | 60 | 3.16 | -0.34 |" in text
    assert "users: of fold 2" in text
