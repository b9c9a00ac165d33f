"""``ondevice import``: each format by the command line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import Run


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def items(on_profile: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = on_profile("list", "--json").document["items"]
    return found


def test_csv(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "body;title;metadata.place\nthe cat;garden;oslo\n")
    assert with_models("import", "csv", str(table)).code == 13
    assert with_models("import", "csv", str(table), "--text-column", "body").out == "1 added, 0 known already\n"
    (item,) = items(on_profile)
    assert (item["text"], item["fields"], item["metadata"]) == ("the cat", {"title": "garden"}, {"place": "oslo"})


def test_a_folder_of_notes(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    write(tmp_path / "notes" / "a.md", "# Garden\nthe cat\n")
    write(tmp_path / "notes" / "deep" / "b.txt", "the dog\n")
    assert with_models("import", "text", str(tmp_path / "notes"), "--json").document == {"n_added": 2, "n_known": 0}
    assert {item["text"] for item in items(on_profile)} == {"the cat", "the dog"}


def test_a_mailbox_names_broken_mails_on_stderr(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    start = "From a@b Thu Jan  1 00:00:00 2024\nFrom: a@b\nDate: Thu, 4 Jan 2024 10:00:00 +0000\n"
    box = write(tmp_path / "box.mbox", f"{start}Subject: keys\n\nfour keys\n\n{start}\n\n")
    ran = with_models("import", "mbox", str(box), "--json")
    assert ran.document["n_added"] == 1
    assert ran.err != ""
    assert "four" not in ran.err
    (item,) = items(on_profile)
    assert (item["kind"], item["fields"]["title"]) == ("email", "keys")


def test_one_user_of_a_lamp_file(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    ask = "Generate a subject for the following email: "
    question = {
        "id": "q1",
        "user_id": "u1",
        "input": ask + "the rain",
        "profile": [{"id": "p1", "title": "cat", "text": "the cat and the rain"}],
    }
    other = {
        "id": "q2",
        "user_id": "u2",
        "input": ask + "the dog",
        "profile": [{"id": "p2", "title": "dog", "text": "the dog"}],
    }
    path = tmp_path / "questions.json.gz"
    path.write_bytes(gzip.compress(json.dumps([question, other]).encode()))
    assert with_models("import", "lamp", str(path)).code == 2
    assert with_models("import", "lamp", str(path), "--user", "nobody").code == 6
    assert with_models("import", "lamp", str(path), "--user", "u1", "--json").document["n_added"] == 1
    (item,) = items(on_profile)
    assert (item["kind"], item["fields"]) == ("lamp_6", {"title": "cat"})
    answer = with_models("ask", "--task", "LaMP_6", "--max-tokens", "4", "--json", stdin=question["input"]).document
    assert [hit["item"]["id"] for hit in answer["sources"]] == [item["id"]]


@pytest.mark.parametrize(("options", "n_added"), [([], 2), (["--conversation", "c2"], 1)])
def test_locomo_turns_keep_their_ids(with_models: Run, tmp_path: Path, options: list[str], n_added: int) -> None:
    def talk(name: str, said: str) -> dict[str, Any]:
        turns = [{"speaker": "Ann", "dia_id": "D1:1", "text": said}]
        return {
            "sample_id": name,
            "conversation": {"session_1_date_time": "1:56 pm on 8 May, 2023", "session_1": turns},
        }

    path = write(tmp_path / "talks.json", json.dumps([talk("c1", "the cat"), talk("c2", "the dog")]))
    assert with_models("import", "locomo", str(path), "--json", *options).document["n_added"] == n_added
    hits = with_models("search", "--json", "--where", "conversation=c2", "dog").document["hits"]
    assert [hit["item"]["metadata"]["dia_id"] for hit in hits] == ["D1:1"]
