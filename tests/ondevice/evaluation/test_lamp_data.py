from __future__ import annotations

import os

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.lamp_data import lamp_tasks, read_lamp_split
from tests.ondevice.evaluation.lamp_files import GOLDS, REQUESTS, entry, question, write_split


@pytest.mark.parametrize("task", REQUESTS)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_task_is_read(tmp_path, task, zipped):
    folder = write_split(
        tmp_path / "x", task, [question(task, "1", user="u"), question(task, "2", user="v")], zipped=zipped
    )
    split = read_lamp_split(folder, "dev")
    assert (split.name, split.task, split.split, split.golds) == ("x", task, "dev", (GOLDS[task],) * 2)
    assert [each.user for each in split.questions] == ["u", "v"]
    assert len(list(split.questions[0].history())) == 3


def test_the_older_layout_without_users_and_with_bare_outputs(tmp_path):
    golds = [{"id": 2, "output": 5}, {"id": "1", "output": "4"}]
    questions = [question("LaMP_3", "1"), {**question("LaMP_3", "2"), "id": 2}]
    split = read_lamp_split(write_split(tmp_path / "x", "LaMP_3", questions, golds=golds), "dev")
    assert split.golds == ("4", "5")
    assert [each.user for each in split.questions] == ["1", "2"]


def test_dates_reach_the_items(tmp_path):
    dated = question("LaMP_4", "1", profile=[entry("LaMP_4", 1, date="2013-07-02"), entry("LaMP_4", 2)])
    split = read_lamp_split(write_split(tmp_path / "x", "LaMP_4", [dated]), "dev")
    first, second = split.questions[0].history()
    assert first.time is not None
    assert (first.time.year, second.time) == (2013, None)


def test_a_cut_gathers_whole_users(tmp_path):
    asked = [question("LaMP_4", str(n), user="abab"[n]) for n in range(4)]
    split = read_lamp_split(write_split(tmp_path / "x", "LaMP_4", asked), "dev")
    assert [each.id for each in split.first(3).questions] == ["0", "2", "1"]
    assert len(split.first(3).golds) == 3
    assert split.first(None) is split.first(9) is split.first(None, per_user=9) is split
    assert [each.id for each in split.first(None, per_user=1).questions] == ["0", "1"]
    assert [each.id for each in split.first(1, per_user=1).questions] == ["0"]


def test_few_questions_are_those_of_many_users(tmp_path):
    asked = [question("LaMP_4", str(n), user="aaabbc"[n]) for n in range(6)]
    split = read_lamp_split(write_split(tmp_path / "x", "LaMP_4", asked), "dev")
    assert [each.id for each in split.in_turn(2).questions] == ["0", "3"]
    assert [each.id for each in split.in_turn(3).questions] == ["0", "3", "5"]
    # Another round, in which each user's questions stand together.
    assert [each.id for each in split.in_turn(4).questions] == ["0", "1", "3", "5"]
    assert [each.id for each in split.in_turn(5).questions] == ["0", "1", "3", "4", "5"]
    assert [each.id for each in split.in_turn(5, per_user=1).questions] == ["0", "3", "5"]
    assert len(split.in_turn(4).golds) == 4
    assert split.in_turn(None) is split.in_turn(6) is split


def test_the_tasks_of_a_folder_are_those_with_the_split(tmp_path):
    for name, part in (("b", "dev"), ("a", "dev"), ("c", "train")):
        write_split(tmp_path / name, "LaMP_4", [question("LaMP_4", "1")], split=part)
    assert lamp_tasks(tmp_path, "dev") == ["a", "b"]
    with pytest.raises(NotFoundError, match="no folder with test_questions"):
        lamp_tasks(tmp_path, "test")
    with pytest.raises(NotFoundError, match="no folder 'nowhere'"):
        lamp_tasks(tmp_path / "nowhere", "dev")


@pytest.mark.parametrize(
    ("golds", "message"),
    [
        ({"task": "LaMP_4"}, "must be a list of LaMP outputs"),
        ([{"id": "1"}], "output 1: it must be an object with an 'id' and an 'output'"),
        ([{"id": "1", "output": "a"}, {"id": "1", "output": "b"}], "output 2: its 'id' stands in the file twice"),
        ([{"id": "9", "output": "a"}], "dev_outputs.json has no output for question 1 of dev_questions.json"),
    ],
)
def test_wrong_outputs_name_file_and_record(tmp_path, golds, message):
    folder = write_split(tmp_path / "x", "LaMP_4", [question("LaMP_4", "1")], golds=golds)
    with pytest.raises(InputError, match=message):
        read_lamp_split(folder, "dev")


@pytest.mark.parametrize("output", ["9", "\u0664", "4.0", "", True])
def test_an_output_that_is_none_of_the_labels_is_refused(tmp_path, output):
    folder = write_split(tmp_path / "x", "LaMP_3", [question("LaMP_3", "1")], golds=[{"id": "1", "output": output}])
    wanted = r"dev_outputs\.json: the output for question 1 of dev_questions\.json is none of the labels of LaMP_3"
    with pytest.raises(InputError, match=wanted):
        read_lamp_split(folder, "dev")


def test_two_questions_of_one_id_are_refused(tmp_path):
    asked = [question("LaMP_4", "1", user="a"), question("LaMP_4", "1", user="b")]
    folder = write_split(tmp_path / "x", "LaMP_4", asked, golds=[{"id": "1", "output": "Rain"}])
    with pytest.raises(InputError, match="question 2: its 'id' stands in the file twice"):
        read_lamp_split(folder, "dev")


def test_two_tasks_in_one_file_are_refused(tmp_path):
    folder = write_split(tmp_path / "x", "LaMP_4", [question("LaMP_4", "1"), question("LaMP_7", "2")])
    with pytest.raises(InputError, match="mixes questions of LaMP_4 and LaMP_7"):
        read_lamp_split(folder, "dev")


def test_a_missing_file_is_named(tmp_path):
    folder = write_split(tmp_path / "x", "LaMP_4", [question("LaMP_4", "1")])
    (folder / "dev_outputs.json").unlink()
    with pytest.raises(NotFoundError, match=r"neither dev_outputs\.json nor dev_outputs\.json\.gz"):
        read_lamp_split(folder, "dev")


def test_an_entry_of_the_wrong_form_names_file_question_entry_and_field(tmp_path):
    asked = question("LaMP_4", "1", profile=[entry("LaMP_4", 1), {"id": "2", "title": "no text"}])
    wanted = r"dev_questions\.json, question 1, entry 2 of the profile: the field 'text' is missing"
    with pytest.raises(InputError, match=wanted):
        read_lamp_split(write_split(tmp_path / "x", "LaMP_4", [asked]), "dev")


@pytest.mark.parametrize("name", ["LaMP_4\n", "La\x1b[31mMP", os.fsdecode(b"LaMP_\xff")])
def test_a_folder_whose_name_cannot_be_shown_is_refused(tmp_path, name):
    folder = write_split(tmp_path / name, "LaMP_4", [question("LaMP_4", "1")])
    with pytest.raises(InputError, match="has a name with characters that cannot be shown"):
        read_lamp_split(folder, "dev")


def test_users_without_an_id_are_not_one(tmp_path):
    asked = [{**question("LaMP_4", str(number)), "user_id": None} for number in range(2)]
    split = read_lamp_split(write_split(tmp_path / "LaMP_4", "LaMP_4", asked), "dev")
    assert [each.user for each in split.questions] == ["0", "1"]
