"""Feedback of one fold of users: nobody else is asked, and what learns from it knows whom it learned from."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from export.errors import DatasetError
from export.training.asked_folds import AskedFold, fold_learned_from
from export.training.documents import DocumentFeedback, read_document_feedback
from export.training.feedback_files import write_records
from export.training.requests import read_asked
from ondevice.bundle import FoldSpec
from ondevice.errors import ModelMismatchError
from ondevice.evaluation.folds import fold_digest, other_fold, read_folds, users_of_fold
from tests.export.training.lamp_files import headlines, write_split, write_users

TASK = "LaMP_4"
A, B = (AskedFold(fold=1, digest=letter * 16) for letter in "ab")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lamp")
    write_users(folder / TASK, *headlines(14))
    return folder


def feedback(user: str, fold: AskedFold | None = None) -> DocumentFeedback:
    return DocumentFeedback(
        name="q",
        user=user,
        task=TASK,
        query="tea",
        documents=("tea", "rain"),
        tried=((0,), (1,)),
        rewards=(0.5, 0.1),
        log_likelihoods=(-1.0, -2.0),
        plain_reward=0.0,
        encoder="e",
        model="m",
        asked_fold=fold,
    )


@pytest.mark.parametrize("fold", [1, 2])
def test_a_fold_is_asked_without_the_other(data: Path, fold: int) -> None:
    everyone = read_folds(data / TASK)
    learned = {"mine": FoldSpec(fold=other_fold(fold), digests={TASK: fold_digest(everyone)})}
    asked = list(read_asked(data, ask_fold=fold, learned_by=learned, limit=None, history=1, seed=0))
    assert {each.name for each in asked} == {f"{TASK}/{user}" for user in users_of_fold(everyone, fold)}
    assert {each.is_history for each in asked} == {False, True}
    assert {each.fold for each in asked} == {AskedFold(fold=fold, digest=fold_digest(everyone))}


def test_users_whom_a_model_has_learned_from_are_refused(data: Path, tmp_path: Path) -> None:
    learned = {"mine": FoldSpec(fold=1, digests={TASK: fold_digest(read_folds(data / TASK))})}
    for fold in (1, None):  # the train files hold users of both folds
        with pytest.raises(ModelMismatchError, match=r"'mine' has learned from \d of the users of 'LaMP_4'") as caught:
            list(read_asked(data, ask_fold=fold, learned_by=learned, limit=None, history=0, seed=0))
        assert "--ask-fold 2" in str(caught.value.hint)
    questions, golds = headlines(20)
    for part in ("train", "dev"):
        for path in (data / TASK).glob(f"{part}_*"):
            (tmp_path / TASK).mkdir(exist_ok=True)
            (tmp_path / TASK / path.name).symlink_to(path)
    write_split(tmp_path / "new", questions[14:], golds[14:], split="test")
    for path in (tmp_path / "new").iterdir():
        path.rename(tmp_path / TASK / path.name)
    others = list(read_asked(tmp_path, tasks=[TASK], split="test", learned_by=learned, limit=None, history=0, seed=0))
    assert len(others) == 6
    assert {each.fold for each in others} == {None}


def test_a_feedback_says_whom_those_learn_from_that_learn_from_it() -> None:
    assert fold_learned_from([feedback("a/1"), feedback("a/2")]) is None
    found = fold_learned_from([feedback("a/1", A), feedback("a/2", A), feedback("b/1", B)])
    assert found == FoldSpec(fold=1, digests={"a": A.digest, "b": B.digest})


def test_feedback_of_several_folds_is_refused() -> None:
    for other in (None, replace(A, fold=2)):
        with pytest.raises(DatasetError, match="different folds of users"):
            fold_learned_from([feedback("a/1", A), feedback("a/2", other)])
    with pytest.raises(DatasetError, match="'a' who were divided in two ways"):
        fold_learned_from([feedback("a/1", A), feedback("a/2", B)])


def test_files_keep_the_fold_and_those_without_one_are_read(tmp_path: Path) -> None:
    path = tmp_path / "documents.jsonl"
    records = [feedback("a/1", A), feedback("b/2", B)]
    write_records(path, records)
    assert read_document_feedback(path) == records
    (line, *_) = path.read_text().splitlines()
    before = json.loads(line)
    del before["asked_fold"]
    path.write_text(json.dumps(before))
    assert read_document_feedback(path) == [replace(records[0], asked_fold=None)]
    wrong: list[object] = [{"fold": 3, "digest": A.digest}, {"fold": 1, "digest": "x"}, {"fold": 1}, 1]
    for value in wrong:
        path.write_text(json.dumps(before | {"asked_fold": value}))
        with pytest.raises(DatasetError, match="line 1: it is no feedback on documents"):
            read_document_feedback(path)
