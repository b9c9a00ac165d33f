"""Which questions a persona learns from, whose histories go with them, and what chance leaves out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from export.errors import DatasetError
from export.training.persona.config import PersonaConfig
from export.training.persona.questions import QuestionConfig, read_questions
from export.training.persona.replicas import replicas
from export.training.persona.vectors import Asked
from ondevice.adaptation.lessons.examples import Example
from tests.export.training.lamp_files import headlines, write_split
from tests.export.training.persona.made_people import people, write_people


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lamp")
    write_split(folder / "LaMP_4", *headlines(12, n_items=6))
    return folder


def test_users_are_held_out_and_others_histories_are_as_long(data: Path) -> None:
    questions = people(data, history_pairs=3)
    assert {each.user for each in questions.train}.isdisjoint(each.user for each in questions.held_out)
    assert (questions.n_users, questions.tasks) == (12, ("LaMP_4",))
    for question in questions.all:
        number = question.user.rpartition("/")[2]
        assert len(question.other) <= len(question.own)
        assert all(f"user {number} on" in item.text for item in question.own)
        assert not any(f"user {number} on" in item.text for item in question.other)
        assert not question.pair.items
    asked_of_items = [each for each in questions.all if "was seen by" not in each.pair.request]
    assert {len(each.own) for each in asked_of_items} > {1}
    assert all(
        question.pair.answer not in [item.fields["title"] for item in question.own] for question in asked_of_items
    )


def test_a_part_of_the_prompts_holds_items(data: Path) -> None:
    questions = people(data, history_pairs=5, with_items=0.5, max_items=2).all
    counts = [len(question.pair.items) for question in questions if question.own]
    assert set(counts) == {0, 1, 2}
    assert 0.3 < sum(map(bool, counts)) / len(counts) < 0.7
    assert all(len(each.pair.items) > 0 for each in people(data, with_items=1.0).all)


def test_only_the_newest_items_count(data: Path) -> None:
    whole, cut = people(data).train[0], people(data, max_history=2).train[0]
    assert cut.own == whole.own[:2]
    assert whole.own[0].time > whole.own[-1].time or whole.own[0].text.endswith("day 5.")


def test_questions_to_be_measured_on_and_the_datas_own_are_left_out(data: Path, tmp_path: Path) -> None:
    questions, golds = headlines(12, n_items=6)
    write_split(tmp_path / "LaMP_4", questions[2:5], golds[2:5], split="dev")
    apart = tmp_path / "LaMP_4" / "dev_questions.json.gz"
    whole, fewer = people(data), people(data, apart_from=(apart,))
    assert fewer.n_apart == 3
    assert [each for each in whole.all if each in fewer.all] == list(fewer.all)
    assert len(fewer.all) == len(whole.all) - 3
    only = people(data, history_pairs=2, history_only=True)
    assert not any("was seen by" in each.pair.request for each in only.all)
    with pytest.raises(DatasetError, match="are left to learn from"):
        people(data, apart_from=(data / "LaMP_4" / "train_questions.json.gz",))


def test_one_fold_of_all_users_is_learned(tmp_path: Path) -> None:
    write_people(tmp_path, n_users=10)
    questions, golds = headlines(10)
    named = [question | {"user_id": f"dev-{question['user_id']}", "id": f"d{question['id']}"} for question in questions]
    (tmp_path / "folds" / "LaMP_4").mkdir(parents=True)
    for part in ("questions", "outputs"):
        source = tmp_path / "LaMP_4" / f"train_{part}.json.gz"
        source.rename(tmp_path / "folds" / "LaMP_4" / source.name)
    write_split(tmp_path / "dev" / "LaMP_4", named, golds, split="dev")
    for part in ("questions", "outputs"):
        source = tmp_path / "dev" / "LaMP_4" / f"dev_{part}.json.gz"
        source.rename(tmp_path / "folds" / "LaMP_4" / source.name)
    folds = [people(tmp_path / "folds", learn_from_fold=fold) for fold in (1, 2)]
    users = [{each.user for each in fold.all} for fold in folds]
    assert users[0].isdisjoint(users[1])
    assert len(users[0]) + len(users[1]) == 20
    assert [fold.learned_fold.fold for fold in folds if fold.learned_fold] == [1, 2]


def test_numbers_that_leave_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="history_only leaves nothing"):
        QuestionConfig(history_pairs=0, history_only=True)
    with pytest.raises(ValueError, match="held_out must be between 0 and 1"):
        QuestionConfig(held_out=1.0)
    with pytest.raises(ValueError, match="less than 1"):
        PersonaConfig(empty_share=0.5, task_share=0.5)
    with pytest.raises(ValueError, match="rank must be 0 or more"):
        PersonaConfig(rank=-1)


def test_replicas_leave_out_parts_and_sometimes_all() -> None:
    example = Example(prompt=np.array([1], np.int32), answer=np.array([2], np.int32))
    asked = Asked(user="u", task=0, example=example, query=0, own=np.arange(10), other=np.arange(10, 14))
    config = PersonaConfig(replicas=400, contrast=0.1)
    made = list(replicas(3, asked, config, np.random.default_rng(0)))
    assert {each.asked for each in made} == {3}
    assert made[-1].part == "other"
    np.testing.assert_array_equal(made[-1].items, asked.other)
    own = [each.items for each in made if each.part == "own"]
    assert {len(items) for items in own} == {5, 6, 7, 8, 9, 10}
    assert all(np.all(np.diff(items) > 0) for items in own)
    for part in ("task", "empty"):
        assert 0.05 < sum(each.part == part for each in made) / len(made) < 0.15
    alone = Asked(user="u", task=0, example=example, query=0, own=np.arange(0), other=np.arange(4))
    assert {each.part for each in replicas(0, alone, config, np.random.default_rng(0))} == {"task", "empty"}


def test_the_same_seed_reads_the_same(data: Path) -> None:
    config = QuestionConfig(history_pairs=2, held_out=0.25)
    assert read_questions(data, config) == read_questions(data, config)
