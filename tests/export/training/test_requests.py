"""What a population asks, and what may be shown for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from export.errors import DatasetError
from export.training.requests import held_users, read_asked
from tests.export.training.lamp_files import headlines, write_split


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_split(tmp_path / "LaMP_4", *headlines(6, n_items=5))
    return tmp_path


def test_items_become_questions_with_the_items_before_them(data: Path) -> None:
    asked = list(read_asked(data, limit=None, history=2, seed=0))
    assert [each.is_history for each in asked] == [False, True, True] * 6
    assert len({each.name for each in asked}) == 6
    for each in asked:
        if each.is_history:
            place = int(each.pair.item_ids[0].split("/")[1])
            assert len(each.items) == place
            assert all(int(item.id.split("/")[1]) < place for item in each.items)
        else:
            assert len(each.items) == 5


def test_questions_that_a_model_has_learned_can_be_left_out(data: Path) -> None:
    both = list(read_asked(data, limit=None, history=2, seed=0))
    assert list(read_asked(data, limit=None, history=2, history_only=True, seed=0)) == [
        each for each in both if each.is_history
    ]


def test_entries_that_are_alike_are_one_item_as_in_a_profile(tmp_path: Path) -> None:
    questions, golds = headlines(2, n_items=3)
    for question in questions:
        question["profile"] += [dict(question["profile"][0], id="again")]
    write_split(tmp_path / "LaMP_4", questions, golds)
    for each in read_asked(tmp_path, limit=None, history=0, seed=0):
        assert [item.text.split(" ")[-1] for item in each.items] == ["0.", "1.", "2."]


def test_so_many_of_a_task_and_of_a_user(data: Path) -> None:
    assert len(list(read_asked(data, limit=3, history=0, seed=0))) == 3
    assert len(list(read_asked(data, limit=None, per_user=1, history=0, seed=0))) == 6


def test_users_are_held_out_by_part_and_seed() -> None:
    users = [str(number) for number in range(20)]
    assert len(held_users(users, 0.1, 0)) == 2
    assert len(held_users(users, 0.001, 0)) == 1
    assert len(held_users(users, 0.999, 0)) == 19
    assert held_users(users, 0.3, 0) == held_users(users, 0.3, 0) != held_users(users, 0.3, 1)
    with pytest.raises(DatasetError, match="2 users or more"):
        held_users(users[:1], 0.5, 0)
