from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from export.errors import DatasetError
from export.gate.locomo import locomo_retrieval_data
from ondevice.errors import NotFoundError


def turn(session: int, number: int, text: str) -> dict[str, str]:
    return {"speaker": "Ann", "dia_id": f"D{session}:{number}", "text": text}


def sample(name: str, questions: Any) -> dict[str, Any]:
    return {
        "sample_id": name,
        "qa": questions,
        "conversation": {
            "session_1_date_time": "1:56 pm on 8 May, 2023",
            "session_1": [turn(1, 1, f"{name} one"), turn(1, 2, f"{name} two")],
            "session_2_date_time": "2:56 pm on 9 May, 2023",
            "session_2": [turn(2, 1, f"{name} three")],
        },
    }


def asked(question: Any, *evidence: Any, category: int = 1) -> dict[str, Any]:
    return {"question": question, "answer": "x", "evidence": list(evidence), "category": category}


def write(folder: Path, *samples: Any, name: str = "a.json") -> Path:
    folder.mkdir(exist_ok=True)
    data = json.dumps(samples).encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder


def test_a_question_searches_its_conversation_for_its_evidence(tmp_path: Path) -> None:
    write(tmp_path, sample("c1", [asked("when?", "D1:2"), asked("who?", "D1:1; D2:1")]))
    write(tmp_path, sample("c2", [asked("where?", "D2:1", "D9:9")]), name="b.json.gz")
    data = locomo_retrieval_data(tmp_path)
    assert data.passages[:3] == ["Ann: c1 one", "Ann: c1 two", "Ann: c1 three"]
    assert data.queries == ["when?", "who?", "where?"]
    assert data.candidates == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    assert data.relevant == [frozenset({1}), frozenset({0, 2}), frozenset({5})]
    assert data.n_left_out == 0
    assert locomo_retrieval_data(tmp_path / "a.json").queries == ["when?", "who?"]


def test_questions_without_an_answer_or_evidence_are_counted(tmp_path: Path) -> None:
    questions = [
        asked("trick?", "D1:1", category=5),
        asked("misprint?", "D", "D:1:2"),
        asked("none?"),
        asked("real?", "D1:1"),
    ]
    data = locomo_retrieval_data(write(tmp_path, sample("c", questions)))
    assert (data.queries, data.n_left_out) == (["real?"], 3)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"sample_id": "c"}, "a.json must be a list of LoCoMo conversations"),
        (sample("c", None), "a.json, conversation c: the field 'qa' must be a list"),
        (sample("c", ["secret"]), "a.json, conversation c, question 1: it must be an object"),
        (sample("c", [asked("ok?", "D1:1"), asked(3)]), "conversation c, question 2: the field 'question' must be"),
        (sample("c", [asked("secret?", 3)]), "conversation c, question 1: the field 'evidence' must be a list"),
        (sample("c", [asked("secret?")]), "'locomo' has no query"),
    ],
)
def test_a_file_of_another_form_names_the_file_the_conversation_and_the_question(
    tmp_path: Path, value: Any, reason: str
) -> None:
    with pytest.raises(DatasetError, match=reason) as caught:
        locomo_retrieval_data(write(tmp_path, value))
    assert "secret" not in str(caught.value)


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="has no LoCoMo file"):
        locomo_retrieval_data(tmp_path)
