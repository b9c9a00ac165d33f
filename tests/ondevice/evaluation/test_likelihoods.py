from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from ondevice.errors import InputError
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import conditions_for
from ondevice.evaluation.likelihoods import agreement_lines, agreements_of, rank_correlation, surprise_at
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.runner import Runner
from ondevice.evaluation.table import rows_of
from tests.ondevice.evaluation.test_runner import split_of as asked_of
from tests.ondevice.evaluation.test_table import outcome, row, split_of


def test_ranks_correlate_as_the_fields_own_package_has_it():
    random = np.random.default_rng(3)
    for _ in range(20):
        first, second = random.integers(0, 5, 40).astype(float), random.normal(size=40)
        assert rank_correlation(first, second) == pytest.approx(spearmanr(first, second).statistic)
    assert rank_correlation(np.array([1.0, 1.0]), np.array([1.0, 2.0])) is None
    assert rank_correlation(np.empty(0), np.empty(0)) is None


def test_a_labels_surprise_is_that_of_its_share():
    scores = {"a": -20.0, "b": -20.0 + math.log(3)}
    assert surprise_at("b", scores) == pytest.approx(-math.log(0.75))
    with pytest.raises(InputError, match="none of its task's labels"):
        surprise_at("c", scores)


def test_likelihood_and_score_agree_where_both_are_better_together(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "2", "3", "4"])
    none = replace(outcome("none", 0, "2", "4", "3", "4"), likelihoods=[1.0, 2.0, 0.5, 0.4])  # errs by 1, 2, 0, 0
    better = replace(outcome("bm25", 1, "1", "3", "3", "4"), likelihoods=[0.5, 1.5, 0.5, 0.4])
    stranger = replace(outcome("bm25", 1, "5", "5", "5", "5", history="other"), likelihoods=[0.0] * 4)
    (found,) = agreements_of(split, [none, better, stranger])
    assert (found.task, found.metric, found.n, found.n_gains) == ("LaMP_3", "mae", 8, 4)
    assert found.rho == pytest.approx(0.93, abs=0.05)
    assert found.rho_of_gains == pytest.approx(1.0)
    assert "| LaMP_3 | free | mae |" in "\n".join(agreement_lines([found]))
    (alone,) = agreements_of(split, [none])
    assert (alone.n_gains, alone.rho_of_gains) == (0, None)
    assert agreements_of(split, [outcome("none", 0, "2", "4", "3", "4")]) == []


def test_a_row_tells_the_mean_likelihood_of_its_cell(tmp_path):
    split = split_of(tmp_path, "LaMP_3", ["1", "2"])
    rows = rows_of(split, [replace(outcome("none", 0, "1", "1"), likelihoods=[1.0, 2.0]), outcome("bm25", 1, "1", "2")])
    assert row(rows, "none", "mae").likelihood == 1.5
    assert row(rows, "none", "mae").further["nats"] == "1.500"
    assert row(rows, "bm25", "mae").likelihood is None


def test_the_users_own_answer_is_scored_with_its_end_behind_the_very_prompt(tmp_path, app_models):
    config = RunConfig(models=app_models, generator="tiny-generator", encoder=None, max_tokens=6, threads=1)
    split = asked_of(tmp_path, "LaMP_4", 2)
    cells = conditions_for("LaMP_4", strategies=["bm25"], ks=[2], decodings=["free"], controls=["bm25"])
    with Runner(config, store := AnswerStore(tmp_path / "answers.jsonl")) as runner:
        outcomes = runner.run(split, cells)
        (only,) = runner.run(replace(split, questions=split.questions[:1], golds=split.golds[:1]), cells[:1])
        with runner._open_user(split.task, (), runner._part(cells)) as user:
            prompt = user.me.prepare(split.questions[0].request, task=split.task, retriever="none").prompt
            expected = -user.me.generator.engine().log_likelihood(prompt, split.golds[0], ends_turn=True).mean()
    store.close()
    assert list(only.likelihoods) == pytest.approx([float(expected)], abs=1e-6)
    assert only.likelihoods == outcomes[0].likelihoods[:1]
    assert len(outcomes[0].likelihoods) == 2
    assert outcomes[0].likelihoods != outcomes[1].likelihoods
    with AnswerStore(tmp_path / "answers.jsonl") as kept, Runner(config, kept) as again:
        assert [each.likelihoods for each in again.run(split, cells)] == [each.likelihoods for each in outcomes]
    # Whether the prompt was read for an answer just before changes no bit.
    with Runner(config, AnswerStore(None)) as fresh:
        backwards = [fresh.answer(split, place, cells[::-1]) for place in (1, 0)][::-1]
    assert [[each[cell].likelihood for each in backwards] for cell in cells] == [each.likelihoods for each in outcomes]
