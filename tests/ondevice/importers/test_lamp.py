from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import read_lamp
from ondevice.records import Draft

EMAIL = "Generate a subject for the following email: the keys"


def write(tmp_path: Path, value: Any) -> Path:
    path = tmp_path / "dev_questions.json"
    path.write_text(json.dumps(value), "utf-8")
    return path


def question(number: str, user: str, *profile: dict[str, Any], wording: str = EMAIL) -> dict[str, Any]:
    return {"id": number, "user_id": user, "input": wording, "profile": list(profile)}


def entry(number: str, **fields: Any) -> dict[str, Any]:
    return {"id": number, "title": f"title {number}", "text": f"text {number}", **fields}


def test_a_users_questions_are_merged_and_each_entry_comes_once(tmp_path: Path) -> None:
    value = [
        question("q1", "a", entry("1"), entry("2")),
        question("q2", "b", entry("9")),
        question("q3", "a", entry("2"), entry("3")),
    ]
    path = write(tmp_path, value)
    (tmp_path / "z.json.gz").write_bytes(gzip.compress(path.read_bytes()))
    for file in (path, tmp_path / "z.json.gz"):
        assert [draft.metadata["lamp_id"] for draft in read_lamp(file, user="a")] == ["1", "2", "3"]
    assert next(read_lamp(path, user="b")) == Draft(
        text="text 9", kind="lamp_6", fields={"title": "title 9"}, metadata={"lamp_id": "9", "user": "b"}
    )


def test_one_question_brings_its_own_profile_alone(tmp_path: Path) -> None:
    path = write(tmp_path, [question("q1", "a", entry("1")), question("q2", "a", entry("2"))])
    assert [draft.metadata["lamp_id"] for draft in read_lamp(path, user="a", question="q2")] == ["2"]
    with pytest.raises(NotFoundError, match="no question of that id by that user"):
        list(read_lamp(path, user="a", question="q9"))


@pytest.mark.parametrize(
    ("wording", "profile", "kind", "text", "fields"),
    [
        (
            'For an author who has written the paper with the title "T", which reference is related?',
            {"title": "A", "abstract": "long"},
            "lamp_1",
            "long",
            {"title": "A"},
        ),
        (
            "Which tag does this movie relate to among the following tags? description: D",
            {"description": "long", "tag": "comedy"},
            "lamp_2",
            "long",
            {"tag": "comedy"},
        ),
        (
            "Which category does this article relate to among the following categories? article: A",
            {"text": "long", "title": "A", "category": "travel"},
            "lamp_2n",
            "long",
            {"title": "A", "category": "travel"},
        ),
        (
            "What is the score of the following review on a scale of 1 to 5? review: R",
            {"text": "long", "score": "4"},
            "lamp_3",
            "long",
            {"score": 4},
        ),
        (
            "Generate a headline for the following article: A",
            {"text": "long", "title": "A"},
            "lamp_4",
            "long",
            {"title": "A"},
        ),
        (
            "Generate a title for the following abstract of a paper: A",
            {"abstract": "long", "title": "A"},
            "lamp_5",
            "long",
            {"title": "A"},
        ),
        ("Paraphrase the following tweet without any explanation: T", {"text": "long"}, "lamp_7", "long", {}),
    ],
)
def test_each_task_has_its_fields(
    tmp_path: Path, wording: str, profile: dict[str, Any], kind: str, text: str, fields: dict[str, Any]
) -> None:
    path = write(tmp_path, [question("1", "u", {"id": "1", **profile}, wording=wording)])
    (draft,) = read_lamp(path, user="u")
    assert (draft.kind, draft.text, draft.fields) == (kind, text, fields)


@pytest.mark.parametrize(
    ("date", "time"),
    [
        ("2013-07-02", datetime(2013, 7, 2, tzinfo=UTC)),
        ("2013-07-02 10:20:30", datetime(2013, 7, 2, 10, 20, 30, tzinfo=UTC)),
        (2009, datetime(2009, 1, 1, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_as_utc(tmp_path: Path, date: object, time: datetime | None) -> None:
    (draft,) = read_lamp(write(tmp_path, [question("1", "u", entry("1", date=date))]), user="u")
    assert draft.time == time
    assert "date" not in draft.fields


def test_without_user_ids_the_question_names_its_user(tmp_path: Path) -> None:
    value = question("110", "", entry("1"))
    del value["user_id"]
    assert len(list(read_lamp(write(tmp_path, [value]), user="110"))) == 1


def test_an_unknown_user_is_told_how_many_there_are(tmp_path: Path) -> None:
    path = write(tmp_path, [question(str(n), f"u{n}", entry("1")) for n in range(8)])
    with pytest.raises(NotFoundError) as caught:
        list(read_lamp(path, user="nobody"))
    assert caught.value.message == "dev_questions.json has no user of that id among its 8"
    assert caught.value.hint == "for example: u0, u1, u2, u3, u4"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"task": "LaMP_6", "golds": []}, "holds LaMP outputs, not questions"),
        ([], "dev_questions.json holds no question"),
        ("x", "must be a list of LaMP questions, not a string"),
        (["x"], "question 1: it must be an object, not a string"),
        ([{"id": "1", "user_id": "u", "input": EMAIL}], "question 1: the field 'profile' is missing"),
        ([question("1", "u", {"text": "x"})], "question 1: the field 'profile' must be a list of objects with an 'id'"),
        ([question("1", "u", entry("1"), wording="Hello")], "question 1: the field 'input' has the wording of none"),
        (
            [question("1", "u", {"id": "1", "title": "x"})],
            "entry 1 of the profile: the field 'text' is missing",
        ),
        (
            [question("1", "u", entry("1", date="soon"))],
            "entry 1 of the profile: the field 'date' must be a date",
        ),
        (
            [question("1", "u", entry("1", tags=[]))],
            "entry 1 of the profile: the field 'tags' must be a string",
        ),
    ],
)
def test_another_form_is_refused(tmp_path: Path, value: Any, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        list(read_lamp(write(tmp_path, value), user="u"))
    assert reason in caught.value.message


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"{'a': 1}")
    with pytest.raises(InputError, match=r"the file 'a\.json' is not valid JSON \(line 1, column 2\)"):
        list(read_lamp(tmp_path / "a.json", user="u"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "input", "profile", "user_id", "text"]), each)
    ),
    max_leaves=12,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_any_json_is_read_or_refused_as_ours(tmp_path: Path, value: Any) -> None:
    try:
        drafts = list(read_lamp(write(tmp_path, value), user="u"))
    except (InputError, NotFoundError):
        drafts = []
    assert all(draft.text for draft in drafts)


@pytest.mark.parametrize("score", ["9" * 5000, "²", "٣"])
def test_a_score_that_is_no_number_stays_a_text(tmp_path: Path, score: str) -> None:
    (draft,) = read_lamp(write(tmp_path, [question("1", "u", entry("a", score=score))]), user="u")
    assert draft.fields["score"] == score


def test_the_users_it_names_are_cut_and_can_be_shown(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        list(read_lamp(write(tmp_path, [question("1", "\ud800\x1b[31m" + "x" * 1000)]), user="u"))
    assert caught.value.hint is not None
    assert "\x1b" not in caught.value.hint.encode("utf-8").decode()
    assert len(caught.value.hint) < 80
