from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from export.errors import DatasetError
from export.gate.lamp import lamp_retrieval_data
from ondevice.errors import NotFoundError


def question(number: int, request: str, *texts: str, field: str = "text", **more: Any) -> dict[str, Any]:
    profile = [{"id": f"{number}-{place}", field: text, **more} for place, text in enumerate(texts)]
    return {"id": str(number), "user_id": f"u{number}", "input": request, "profile": profile}


def write(folder: Path, questions: Any, *, name: str = "dev_questions.json") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    data = json.dumps(questions).encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder


def email(number: int, *texts: str) -> dict[str, Any]:
    return question(number, f"Generate a subject for the following email: body {number}", *texts, title="T")


def test_each_question_searches_its_own_profile_with_its_own_part(tmp_path: Path) -> None:
    data = lamp_retrieval_data(
        write(tmp_path / "LaMP_6", [email(1, "a", "b"), email(2, "b", "c", "b")], name="dev_questions.json.gz")
    )
    assert data.name == "LaMP_6"
    assert data.queries == ["body 1", "body 2"]
    assert data.passages == ["a", "b", "c"]
    assert data.candidates == [[0, 1], [1, 2]]
    assert data.relevant is None
    assert data.n_left_out == 0


def test_a_profile_that_leaves_nothing_to_rank_is_counted(tmp_path: Path) -> None:
    data = lamp_retrieval_data(write(tmp_path, [email(1, "a", "a"), email(2, "b", "c")]))
    assert (data.queries, data.n_left_out) == (["body 2"], 1)
    with pytest.raises(DatasetError, match="none of 1 questions has a profile of 2 or more"):
        lamp_retrieval_data(write(tmp_path / "few", [email(1, "a")]))


def test_tasks_side_by_side_become_one_and_a_limit_takes_of_each(tmp_path: Path) -> None:
    tweets = [question(n, f"Paraphrase the following tweet: t{n}", f"x{n}", f"y{n}") for n in range(3)]
    movies = [
        question(
            n,
            f"Which tag does this movie relate to among the following tags? description: m{n}",
            f"d{n}",
            f"e{n}",
            field="description",
            tag="comedy",
        )
        for n in range(9)
    ]
    write(tmp_path / "LaMP_7", tweets, name="train_questions.json")
    write(tmp_path / "LaMP_2", movies, name="train_questions.json")
    whole = lamp_retrieval_data(tmp_path, split="train")
    assert whole.name == tmp_path.name
    assert whole.queries == [*(f"m{n}" for n in range(9)), *(f"t{n}" for n in range(3))]
    assert whole.candidates[9] == [18, 19]
    assert [whole.passages[place] for place in whole.candidates[-1]] == ["x2", "y2"]
    part = lamp_retrieval_data(tmp_path, split="train", limit=8)
    assert part.queries == ["m0", "m1", "m3", "m5", "m7", "t0", "t1", "t2"]
    assert [part.passages[place] for place in part.candidates[-1]] == ["x2", "y2"]
    assert part.n_left_out == 4
    with pytest.raises(ValueError, match="limit 1 must be 2 or more"):
        lamp_retrieval_data(tmp_path, split="train", limit=1)


def test_a_folder_without_the_split_is_named(tmp_path: Path) -> None:
    write(tmp_path / "LaMP_7", [email(1, "a", "b")])
    with pytest.raises(NotFoundError, match=r"no test_questions.json\[.gz\]"):
        lamp_retrieval_data(tmp_path / "LaMP_7", split="test")


@pytest.mark.parametrize(
    ("questions", "reason"),
    [
        ({"golds": []}, "dev_questions.json holds LaMP outputs"),
        ("words", "dev_questions.json must be a list"),
        ([{"id": "1", "input": "x"}], "dev_questions.json, question 1: the field 'profile' is missing"),
        ([email(1, "a", "b"), 7], "dev_questions.json, question 2: it must be an object, not a number"),
        ([{**email(1, "a"), "input": "Sing"}], "question 1: the field 'input' has the wording of none"),
        (
            [question(1, "Generate a subject for the following email: x", "secret", field="body")],
            "question 1, entry 1 of the profile: the field 'text' is missing",
        ),
        ([email(1, "a", 3)], "question 1, entry 2 of the profile: the field 'text' must be a string"),  # type: ignore[arg-type]
    ],
)
def test_a_file_of_another_form_names_the_file_the_question_and_the_field(
    tmp_path: Path, questions: Any, reason: str
) -> None:
    with pytest.raises(DatasetError, match=reason) as caught:
        lamp_retrieval_data(write(tmp_path, questions))
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_json_or_cut_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "dev_questions.json").write_text("[{")
    with pytest.raises(DatasetError, match=r"'dev_questions.json' is not valid JSON"):
        lamp_retrieval_data(tmp_path)
    (tmp_path / "dev_questions.json").unlink()
    (tmp_path / "dev_questions.json.gz").write_bytes(gzip.compress(b"[]" * 90)[:20])
    with pytest.raises(DatasetError, match=r"'dev_questions.json.gz' is a damaged gzip file"):
        lamp_retrieval_data(tmp_path)
