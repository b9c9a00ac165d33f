from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import conditions_for
from ondevice.evaluation.label_priors import (
    N_QUESTIONS,
    Frame,
    others_of,
    prior_lines,
    prior_prompts,
    prior_values,
)
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.plan import LampPlan, RunConfig
from ondevice.evaluation.runner import Runner
from ondevice.generation.prompts.prompt import labels_for
from tests.ondevice.evaluation.lamp_files import GOLDS, REQUESTS, question, write_split


@pytest.fixture
def config(app_models):
    return RunConfig(models=app_models, generator="tiny-generator", encoder=None, max_tokens=4, threads=1)


def split_of(tmp_path, task: str, users: str, split: str = "dev") -> LampSplit:
    asked = []
    for number, user in enumerate(users):
        each = question(task, f"{split}{number}", user=user)
        asked.append({**each, "input": f"{each['input']} of {split} {number}"})
    return read_lamp_split(write_split(tmp_path / task, task, asked, split=split), split)


def test_questions_of_another_task_are_refused_before_anything_is_asked(tmp_path):
    asked, train = split_of(tmp_path, "LaMP_3", "ab"), split_of(tmp_path, "LaMP_2", "cd", "train")
    with pytest.raises(InputError, match="'LaMP_2' has questions of LaMP_2 in its split 'train', and of LaMP_3 in"):
        others_of(asked, train)


def test_priors_are_measured_on_one_question_each_of_users_who_are_not_asked(tmp_path):
    asked, train = split_of(tmp_path, "LaMP_3", "ab"), split_of(tmp_path, "LaMP_3", "bccd" + "e" * 3, "train")
    same = replace(train.questions[3], request=asked.questions[0].request)  # d's: the very text that a asks about
    train = replace(train, questions=(*train.questions[:3], same, *train.questions[4:]))
    others = others_of(asked, train)
    assert [each.user for each in others.questions] == ["c", "e"]
    assert len(others.golds) == 2
    with pytest.raises(NotFoundError, match="no question of another user in its split 'train'"):
        others_of(replace(asked, questions=train.questions, golds=train.golds), train)
    many = split_of(tmp_path, "LaMP_3", "".join(map(chr, range(0x100, 0x100 + N_QUESTIONS + 5))), "train")
    assert len(others_of(asked, many).questions) == N_QUESTIONS


def test_a_prior_is_the_mean_of_what_others_questions_score_and_is_taken_off(tmp_path, config):
    asked, task = split_of(tmp_path, "LaMP_3", "ab"), "LaMP_3"
    asked = replace(asked, others=others_of(asked, split_of(tmp_path, task, "cde", "train")))
    cells = conditions_for(task, strategies=["bm25"], ks=[2], decodings=["labels"])
    with Runner(config, store := AnswerStore(None)) as runner:
        outcomes = runner.run(asked, cells)
        engine = runner._engine
        prompts, labels = {}, labels_for(task)
        assert labels is not None
        assert asked.others is not None
        for k in (0, 2):
            prompts[k] = [each.prompt for each in prior_prompts(asked.others, k, engine)]
            told = [engine.choose(prompt, labels).scores for prompt in prompts[k]]
            (prior,) = {
                id(each): each for outcome in outcomes for each in outcome.priors.values() if each.k == k
            }.values()
            assert (prior.k, prior.n) == (k, 3)
            worth = {
                label: sum(each[label] for each in told) / 3
                - math.log((asked.others.golds.count(label) + 1) / (3 + len(labels)))
                for label in labels
            }
            differences = [prior.values[label] - worth[label] for label in labels]
            assert differences == pytest.approx([differences[0]] * len(labels))
    assert len(set(prompts[0])) == len(set(prompts[2])) == 3
    assert all("of train" in prompt and "of dev" not in prompt for prompt in (*prompts[0], *prompts[2]))
    # The others' three questions, and each question asked, under both conditions.
    assert len(store) == 6 + 4
    with Runner(config, store) as again:
        assert [each.answers for each in again.run(asked, cells)] == [each.answers for each in outcomes]
        assert len(store) == 10
    for answer in [*store.after(0).values()]:
        assert set(answer.label_scores) == set(labels)


def test_cells_with_a_summary_have_a_prior_with_the_others_own_summaries(tmp_path, config):
    asked = split_of(tmp_path, "LaMP_2", "ab")
    asked = replace(asked, others=others_of(asked, split_of(tmp_path, "LaMP_2", "cde", "train")))
    cells = conditions_for("LaMP_2", strategies=["pag", "bm25", "bm25+pag"], ks=[2], decodings=["labels"])
    with Runner(config, AnswerStore(None)) as runner:
        outcomes = runner.run(asked, cells)
        found = {outcome.condition.strategy: outcome.priors for outcome in outcomes}
        assert {name: list(priors) for name, priors in found.items()} == {
            "none": [Frame(0)],
            "pag": [Frame(0, has_summary=True)],
            "bm25": [Frame(2)],
            "bm25+pag": [Frame(2, has_summary=True)],
        }
        assert asked.others is not None
        plain, summed = (
            [each.prompt for each in prior_prompts(asked.others, 2, runner._engine, has_summary=has)]
            for has in (False, True)
        )
    assert all("sci-fi (3 of 3)" in prompt for prompt in summed)
    assert not any("3 of 3" in prompt for prompt in plain)
    priors = [found[name][frame] for name, frame in (("bm25", Frame(2)), ("bm25+pag", Frame(2, has_summary=True)))]
    assert priors[0].values != priors[1].values
    assert [
        "| LaMP_2 | 2 |" in line or "| LaMP_2 | 2, with a summary |" in line for line in prior_lines(priors)[-3:]
    ] == [
        True,
        True,
        False,
    ]


def test_a_share_is_told_after_the_prior_under_either_decoding(tmp_path, config):
    asked = split_of(tmp_path, "LaMP_2", "ab")
    calibrated = replace(asked, others=others_of(asked, split_of(tmp_path, "LaMP_2", "cd", "train")))
    cells = conditions_for("LaMP_2", strategies=[], ks=[1], decodings=["free", "labels"])
    with Runner(config, AnswerStore(None)) as runner:
        plain = runner.run(asked, cells)
        free, labels = runner.run(calibrated, cells)
        prior = labels.priors[Frame(0)].values
        assert free.likelihoods == labels.likelihoods
        assert plain[0].priors == {}
        assert plain[1].likelihoods != labels.likelihoods
        assert calibrated.others is not None
        prompts = [each.prompt for each in prior_prompts(calibrated.others, 0, runner._engine)]
        left = [runner._engine.choose(prompt, tuple(prior), prior=prior).scores for prompt in prompts]
    # Over the questions that it was measured on, labels are worth as much as they are frequent there.
    golds = calibrated.others.golds
    shares = [(golds.count(label) + 1) / (len(golds) + len(prior)) for label in prior]
    means = [sum(scores[label] for scores in left) / len(left) for label in prior]
    assert np.diff(means) == pytest.approx(np.diff(np.log(shares)), abs=1e-4)


def test_a_prior_undoes_a_bias_and_leaves_what_a_model_has_learned() -> None:
    random = np.random.default_rng(0)
    labels = ("1", "2", "5")
    truth = random.choice(3, size=400, p=[0.1, 0.2, 0.7])
    evidence = np.eye(3)[truth] + random.normal(scale=0.8, size=(400, 3))

    def right(offsets: np.ndarray) -> float:
        """Return how often the best label is right, of a model that likes some labels anyway."""
        told = [dict(zip(labels, row, strict=True)) for row in evidence + offsets - 20]
        prior = prior_values(told[:200], [labels[each] for each in truth[:200]])
        assert max(prior.values()) <= 0
        best = [max(labels, key=lambda label: row[label] - prior[label]) for row in told[200:]]
        return float(np.mean([labels[each] == label for each, label in zip(truth[200:], best, strict=True)]))

    learned, biased = right(np.log([0.1, 0.2, 0.7])), right(np.array([9.0, -9.0, 0.0]))
    assert learned == pytest.approx(biased)
    plain = float((evidence[200:].argmax(axis=1) == truth[200:]).mean())
    assert learned > plain + 0.05  # frequencies tell something too


def test_a_split_that_is_not_there_is_named_with_the_remedy(tmp_path):
    write_split(tmp_path / "LaMP_2", "LaMP_2", [question("LaMP_2", "1", user="a")])
    with pytest.raises(NotFoundError, match="train_questions") as raised:
        LampPlan(data=tmp_path, prior="train").splits()
    assert "--prior no" in str(raised.value.hint)
    (split,) = LampPlan(data=tmp_path).splits()
    assert split.others is None


def test_tasks_of_free_text_need_no_prior(tmp_path):
    write_split(tmp_path / "LaMP_4", "LaMP_4", [question("LaMP_4", "1", user="a")])
    (split,) = LampPlan(data=tmp_path, prior="train").splits()
    assert split.others is None
    assert set(GOLDS) == set(REQUESTS)
    assert prior_lines([]) == []
