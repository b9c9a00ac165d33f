from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

import pytest

from ondevice.errors import InputError, StorageError
from ondevice.evaluation.answers import Answer, AnswerStore, answer_key
from ondevice.evaluation.ledger import content_key

ANSWER = Answer(text="Über\u2028 alles", n_prompt_tokens=9, n_reused_tokens=4, n_tokens=2, timings_ms={"read": 1.5})


def test_the_key_depends_on_every_part_and_not_on_their_order():
    key = content_key(model="m", prompt="p")
    assert key == content_key(prompt="p", model="m")
    assert len({key, content_key(model="m", prompt="q"), content_key(model="mp", prompt="")}) == 3


def test_rows_behind_a_prompt_make_another_answer_and_none_leave_older_keys_as_they_were():
    asked: dict[str, Any] = {
        "model": "m",
        "adapter": None,
        "prompt": "p",
        "context_tokens": None,
        "threads": 1,
        "free": (8, ("\n",)),
    }
    older = content_key(**{**asked, "labels": None})
    assert answer_key(**asked) == answer_key(**asked, rows=None) == older
    assert len({older, answer_key(**asked, rows="a" * 64), answer_key(**asked, rows="b" * 64)}) == 3


def test_answers_survive_the_process(tmp_path):
    path = tmp_path / "new" / "answers.jsonl"
    with AnswerStore(path) as store:
        assert store.get("a") is None
        store.put("a", ANSWER)
        store.put("b", ANSWER)
    with AnswerStore(path) as again:
        assert (again.get("a"), len(again)) == (ANSWER, 2)


def test_a_line_cut_short_is_dropped_and_written_anew(tmp_path):
    path = tmp_path / "answers.jsonl"
    with AnswerStore(path) as store:
        store.put("a", ANSWER)
        store.put("b", ANSWER)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with AnswerStore(path) as again:
        assert (len(again), again.get("b")) == (1, None)
        again.put("b", ANSWER)
    assert path.read_bytes() == whole


def test_another_file_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"key": "a"}\nnotes\n')
    with pytest.raises(InputError, match="line 1: it is not an answer"):
        AnswerStore(path)
    assert path.read_text() == '{"key": "a"}\nnotes\n'


@pytest.mark.parametrize(
    "changed",
    [
        {"text": None},
        {"n_tokens": "2"},
        {"timings_ms": []},
        {"timings_ms": {"read": math.nan}},
        {"label_scores": {"a": "-1"}},
        {"label_scores": {"a": -math.inf}},
        {"gold_nats": True},
        {"more": 1},
    ],
)
def test_an_answer_that_nothing_can_be_computed_with_is_refused(tmp_path, changed):
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"key": "a", **asdict(ANSWER), **changed}) + "\n")
    with pytest.raises(InputError, match="line 1: it is not an answer of an earlier run"):
        AnswerStore(path)


def test_an_answer_from_before_there_were_scores_is_read(tmp_path):
    path = tmp_path / "answers.jsonl"
    older = {name: value for name, value in asdict(ANSWER).items() if name not in ("label_scores", "gold_nats")}
    path.write_text(json.dumps({"key": "a", **older}) + "\n")
    with AnswerStore(path) as store:
        assert store.get("a") == ANSWER


def test_without_a_path_nothing_is_written():
    store = AnswerStore(None)
    store.put("a", ANSWER)
    assert store.get("a") == ANSWER


def test_a_folder_in_the_way_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="cannot be kept"):
        AnswerStore(tmp_path)


def test_the_text_is_not_shown():
    assert "alles" not in repr(ANSWER)
