from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.evaluation.folds import (
    disjoint_across,
    divided,
    fold_counts,
    fold_digest,
    fold_tasks,
    in_fold,
    read_folds,
    users_of_fold,
)
from ondevice.evaluation.histories import other_history
from ondevice.evaluation.history_questions import with_history_questions
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.generation.prompts.prompt import labels_for
from tests.ondevice.evaluation.lamp_files import GOLDS, REQUESTS, question, write_split

N_USERS = 11


def asked_by(task: str, user: int, **more: Any) -> dict[str, Any]:
    """Return a question that shares nothing with any other user's."""
    return question(task, f"q{user}", user=f"u{user}", **{"input": f"{REQUESTS[task]} {user}", **more})


def gold_of(task: str, name: str) -> str:
    """Return a label, which many users may have, or an answer that is nobody else's."""
    return GOLDS[task] if labels_for(task) else f"of {name}"


def write_task(data: Path, task: str, asked: list[dict[str, Any]], golds: dict[str, str] | None = None) -> Path:
    """Write the even questions as the train files, the odd ones as the dev files."""
    for part, inside in (("train", asked[::2]), ("dev", asked[1::2])):
        told = [
            {"id": each["id"], "output": (golds or {}).get(each["id"], gold_of(task, each["id"]))} for each in inside
        ]
        write_split(data / task, task, inside, golds=told, split=part)
    return data / task


def test_no_user_is_in_both_folds_and_all_are_in_one(tmp_path):
    everyone = read_folds(write_task(tmp_path, "LaMP_4", [asked_by("LaMP_4", user) for user in range(N_USERS)]))
    first, second = (users_of_fold(everyone, fold) for fold in (1, 2))
    assert not first & second
    assert first | second == {f"u{user}" for user in range(N_USERS)}
    assert {len(first), len(second)} == {5, 6}
    for fold, users in ((1, first), (2, second)):
        assert {each.user for each in in_fold(everyone, fold).questions} == users
    counts = fold_counts(everyone, everyone)
    assert counts.users == counts.questions == counts.disjoint == (len(first), len(second))


def test_the_folds_are_the_same_on_every_machine(tmp_path):
    asked = [asked_by("LaMP_4", user) for user in range(N_USERS)]
    folder = write_task(tmp_path / "one", "LaMP_4", asked)
    digest = fold_digest(read_folds(folder))
    random.Random(3).shuffle(asked)  # in another order, and with other users in the train files
    assert fold_digest(read_folds(write_task(tmp_path / "two", "LaMP_4", asked))) == digest
    assert digest == "6a25cd29cb3a5246"
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from ondevice.evaluation.folds import *; "
            "print(fold_digest(read_folds(pathlib.Path(sys.argv[1]))))",
            str(folder),
        ],
        env={**os.environ, "PYTHONHASHSEED": "12"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == digest


@pytest.mark.parametrize("shared", ["question", "item", "question and item", "answer", "answer and title"])
def test_users_who_share_a_text_are_in_one_fold(tmp_path, shared):
    task = "LaMP_4"
    for pair in ((0, 7), (1, 4), (2, 9), (3, 8), (5, 10)):
        asked = [asked_by(task, user) for user in range(N_USERS)]
        golds = {}
        one, other = (asked[user] for user in pair)
        if shared == "question":
            other["input"] = one["input"].upper().replace(REQUESTS[task].upper(), REQUESTS[task])
        elif shared == "item":
            other["profile"] += [{**one["profile"][0], "title": "Otherwise"}]
        elif shared == "question and item":
            other["profile"] += [{"id": "x", "title": "Film", "text": f"rain in Lyon {pair[0]}"}]
        else:
            golds[one["id"]] = "One headline"
            if shared == "answer":
                golds[other["id"]] = "one  Headline"
            else:
                other["profile"] += [{"id": "x", "title": "one headline", "text": "else"}]
        everyone = read_folds(write_task(tmp_path / f"{pair}", task, asked, golds))
        assert everyone.folds[f"u{pair[0]}"] == everyone.folds[f"u{pair[1]}"]
        assert len(disjoint_across(everyone, everyone)) == N_USERS


def test_a_label_alone_ties_nobody(tmp_path):
    asked = [asked_by("LaMP_2", user) for user in range(4)]
    everyone = read_folds(write_task(tmp_path, "LaMP_2", asked, {f"q{user}": "comedy" for user in range(4)}))
    assert sorted(everyone.folds.values()) == [1, 1, 2, 2]


def test_what_cannot_be_separated_is_divided_all_the_same_and_counted(tmp_path):
    asked = [asked_by("LaMP_2", user) for user in range(8)]
    for each in asked[:6]:
        each["input"] = asked[0]["input"]
    everyone = read_folds(write_task(tmp_path, "LaMP_2", asked))
    assert sorted(everyone.folds.values()) == [1] * 4 + [2] * 4
    counts = fold_counts(everyone, everyone)
    assert sum(counts.disjoint) == 2, "six ask about one film, and stand on both sides"
    assert counts.task == "LaMP_2"


def test_another_users_history_is_that_of_one_of_the_same_fold(tmp_path):
    asked = [asked_by("LaMP_4", user, n_entries=2 + user % 2) for user in range(N_USERS)]
    everyone = read_folds(write_task(tmp_path, "LaMP_4", asked))
    for fold in (1, 2):
        half = in_fold(everyone, fold)
        for place, each in enumerate(half.questions):
            (whose,) = {str(draft.metadata["user"]) for draft in other_history(half, place).drafts}
            assert everyone.folds[whose] == fold
            assert whose != each.user
            in_all = other_history(everyone, everyone.questions.index(each))
            assert in_all.drafts == other_history(half, place).drafts


def test_questions_of_one_id_in_both_files_stay_two(tmp_path):
    asked = [replace_id(asked_by("LaMP_4", user), f"{user // 2}") for user in range(4)]
    everyone = read_folds(write_task(tmp_path, "LaMP_4", asked))
    assert sorted(each.id for each in everyone.questions) == ["0", "1", "dev/0", "dev/1"]


def test_ids_that_look_like_the_new_ones_stay_apart(tmp_path):
    ids = ("0", "0", "dev/0", "1", "1", "dev/1")  # train, dev, train, dev …
    asked = [replace_id(asked_by("LaMP_4", user), name) for user, name in enumerate(ids)]
    everyone = read_folds(write_task(tmp_path, "LaMP_4", asked))
    assert len({each.id for each in everyone.questions}) == len(ids)


def test_where_the_files_name_no_users_two_questions_of_one_id_are_two_users(tmp_path):
    asked = [replace_id(asked_by("LaMP_4", user), f"{user // 2}") for user in range(4)]
    for each in asked:
        del each["user_id"]
    everyone = read_folds(write_task(tmp_path, "LaMP_4", asked))
    assert sorted(everyone.folds) == ["0", "1", "dev/0", "dev/1"]
    assert sorted(everyone.folds.values()) == [1, 1, 2, 2]


def test_an_item_as_a_question_bears_no_other_questions_id(tmp_path):
    asked = [asked_by("LaMP_4", user) for user in range(4)]
    asked[1]["id"] = "q0/2"  # as the newest item of q0 is called
    everyone = with_history_questions(read_folds(write_task(tmp_path, "LaMP_4", asked)), 2)
    assert len({each.id for each in everyone.questions}) == len(everyone.questions) == 12


def replace_id(asked: dict[str, Any], name: str) -> dict[str, Any]:
    return {**asked, "id": name}


def test_only_folders_with_both_files_are_divided(tmp_path):
    write_task(tmp_path, "LaMP_4", [asked_by("LaMP_4", user) for user in range(4)])
    write_split(tmp_path / "LaMP_5", "LaMP_5", [asked_by("LaMP_5", 0)], split="dev")
    assert fold_tasks(tmp_path) == ["LaMP_4"]
    with pytest.raises(NotFoundError, match="train_questions"):
        read_folds(tmp_path / "LaMP_5")


def test_a_single_user_cannot_be_divided(tmp_path):
    folder = write_task(tmp_path, "LaMP_4", [{**asked_by("LaMP_4", n), "user_id": "a"} for n in range(2)])
    with pytest.raises(InputError, match="2 users or more, but 'LaMP_4' has 1"):
        read_folds(folder)


def test_folds_depend_on_the_task(tmp_path):
    everyone = read_folds(write_task(tmp_path, "LaMP_4", [asked_by("LaMP_4", user) for user in range(N_USERS)]))
    again: LampSplit = divided(replace(everyone, name="LaMP_4_other", folds={}))
    assert json.dumps(dict(sorted(again.folds.items()))) != json.dumps(dict(sorted(everyone.folds.items())))
