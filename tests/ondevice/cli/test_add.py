"""``ondevice add`` and ``update``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import Run


def test_text_from_stdin_a_file_or_an_argument(with_models: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a train ticket\n", "utf-8")
    first = with_models("add", "--json", stdin="the cat and the rain\n").document["item"]
    second = with_models("add", "--json", "--file", str(tmp_path / "note.txt"), stdin="not this").document["item"]
    third = with_models("add", "--json", "the dog").document["item"]
    assert [item["text"] for item in (first, second, third)] == ["the cat and the rain", "a train ticket", "the dog"]
    assert {item["kind"] for item in (first, second, third)} == {"note"}


def test_all_parts_of_an_item(with_models: Run) -> None:
    item = with_models(
        "add", "--json", "--kind", "email", "--field", "title=Keys", "--field", "score=4", "--meta", "place=Lyon",
        "--time", "2024-05-31T10:00:00+00:00", "--expires", "90d", stdin="four keys",
    ).document["item"]  # fmt: skip
    assert item["fields"] == {"title": "Keys", "score": 4}
    assert item["metadata"] == {"place": "Lyon"}
    assert item["time"].startswith("2024-05-31T10:00:00")
    assert item["expires_at"] is not None


def test_metadata_may_be_a_list(with_models: Run, on_profile: Run) -> None:
    ran = with_models("add", "--json", "--meta", "tags=work", "--meta", "tags=lyon", "--meta", "n=1", stdin="four keys")
    item = ran.document["item"]
    assert item["metadata"] == {"tags": ["work", "lyon"], "n": 1}
    assert "work, lyon" in on_profile("show", item["id"]).out
    changed = with_models("update", item["id"], "--json", "--meta", 'tags=["home"]').document["item"]
    assert changed["metadata"] == {"tags": ["home"]}
    assert with_models("add", "--field", "a=1", "--field", "a=2", stdin="three keys").code == 2


def test_for_people_it_prints_the_id_alone(with_models: Run, on_profile: Run) -> None:
    ran = with_models("add", stdin="the cat")
    assert ran.code == 0
    assert on_profile("show", ran.out.strip(), "--json").document["item"]["text"] == "the cat"


def test_nothing_and_two_things_are_refused(with_models: Run, tmp_path: Path) -> None:
    assert with_models("add", stdin="  \n").code == 13
    ran = with_models("add", "the cat", "--file", str(tmp_path / "x"))
    assert (ran.code, ran.out) == (2, "")
    assert with_models("add", "--file", str(tmp_path / "missing")).code == 13
    assert with_models("add", "--time", "soon", stdin="the cat").code == 2


@pytest.mark.parametrize(
    "options",
    [
        ["--kind", ""],
        ["--kind", "a\nb"],
        ["--kind", "\ud800"],
        ["--field", "a" * 200 + "=b"],
        ["--meta", "a=" + "b" * 600_000],
    ],
    ids=["empty", "line", "surrogate", "name", "value"],
)
def test_what_no_item_may_hold_is_refused_in_words(with_models: Run, options: list[str]) -> None:
    ran = with_models("add", *options, "the cat")
    assert ran.code == 13
    assert "defect" not in ran.err
    assert with_models("add", "--time", "0001-01-01T00:00:00+14:00", "the cat").code == 2


def test_update_keeps_what_was_said(with_models: Run, on_profile: Run) -> None:
    item = with_models("add", "--json", "--meta", "place=Lyon", "--expires", "90d", stdin="the cat").document["item"]
    changed = with_models("update", item["id"], "--json", stdin="the dog").document["item"]
    assert (changed["text"], changed["version"], changed["metadata"]) == ("the dog", 2, {"place": "Lyon"})
    freed = with_models("update", item["id"], "--json", "--expires", "never").document["item"]
    assert (freed["text"], freed["expires_at"]) == ("the dog", None)
    shown = on_profile("show", item["id"], "--json").document
    assert shown["versions"][0]["text"] == "the cat"
