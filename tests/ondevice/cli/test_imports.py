"""``ondevice import``: each format by the command line."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ondevice.cli import imports
from tests.command_line import Run


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def items(on_profile: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = on_profile("list", "--json").document["items"]
    return found


def test_csv(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "zeilen;title;metadata.place\nthe cat;garden;oslo\n")
    assert with_models("import", "csv", str(table)).code == 13
    assert with_models("import", "csv", str(table), "--text-column", "zeilen").out == "1 added, 0 known already\n"
    (item,) = items(on_profile)
    assert (item["text"], item["fields"], item["metadata"]["place"]) == ("the cat", {"title": "garden"}, "oslo")


def test_a_folder_of_notes(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    write(tmp_path / "notes" / "a.md", "# Garden\nthe cat\n")
    write(tmp_path / "notes" / "deep" / "b.txt", "the dog\n")
    assert with_models("import", "text", str(tmp_path / "notes"), "--json").document["n_added"] == 2
    assert {item["text"] for item in items(on_profile)} == {"the cat", "the dog"}


def test_a_mailbox_counts_the_mails_that_say_nothing(with_models: Run, on_profile: Run, tmp_path: Path) -> None:
    start = "From a@b Thu Jan  1 00:00:00 2024\nFrom: a@b\nDate: Thu, 4 Jan 2024 10:00:00 +0000\n"
    box = write(tmp_path / "box.mbox", f"{start}Subject: keys\n\nfour keys\n\n{start}\n\n")
    ran = with_models("import", "mbox", str(box), "--json")
    assert (ran.document["n_added"], ran.document["skipped"]) == (1, {"empty": 1})
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
    assert "--user" in with_models("import", str(path)).err
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


def plain(on_profile: Run, *arguments: str) -> Any:
    return on_profile("import", *arguments, "--encoder", "none")


def test_the_format_is_found_out(on_profile: Run, tmp_path: Path) -> None:
    paths = {
        "csv": write(tmp_path / "a.txt", "date,subject,body\n2024-01-01,keys,four keys\n"),
        "jsonl": write(tmp_path / "b", '{"text": "the rain"}\n'),
        "json": write(tmp_path / "c.json", '[{"message": "the sun"}, {"message": ""}]'),
        "notes": write(tmp_path / "d.md", "# Snow\nthe snow\n"),
    }
    for name, path in paths.items():
        document = plain(on_profile, str(path), "--json").document
        assert (document["format"], document["n_added"]) == (name, 1)
    assert {item["text"] for item in items(on_profile)} == {"four keys", "the rain", "the sun", "the snow"}


@pytest.mark.parametrize(("data", "why"), [(b"", "is empty"), (b"\x89PNG\0\0", "is no text")])
def test_a_source_of_no_format_is_refused_with_the_reason(
    on_profile: Run, tmp_path: Path, data: bytes, why: str
) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    ran = plain(on_profile, str(path))
    assert ran.code == 13
    assert f"'a.bin' {why}, so none of the formats fits" in ran.err


def test_bad_rows_are_named_and_the_others_taken_unless_all_are_wanted(on_profile: Run, tmp_path: Path) -> None:
    table = write(tmp_path / "t.csv", "text,title\nhello,one\n,secret\nbye,three\n")
    ran = plain(on_profile, str(table), "--no-skip-broken")
    assert (ran.code, items(on_profile)) == (13, [])
    ran = plain(on_profile, str(table))
    assert ran.out.startswith("2 added, 0 known already\n")
    assert "left out: t.csv, line 3: the field 'text' is empty" in ran.err
    assert "secret" not in ran.err + ran.out


def test_a_source_of_another_form_adds_nothing_and_says_so(on_profile: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "no json\n" * 50)
    ran = plain(on_profile, "jsonl", str(path))
    assert (ran.code, items(on_profile)) == (13, [])
    assert "nothing in 'a.txt' could be read as jsonl" in ran.err
    assert ran.err.count("left out: a.txt") == 20
    assert "left out: 30 more" in ran.err


def test_a_dry_run_stores_nothing(on_profile: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", '{"text": "a"}\n{"text": "a"}\n{"text": "b"}\n')
    document = plain(on_profile, str(path), "--dry-run", "--json").document
    assert (document["n_added"], document["n_known"], document["is_dry_run"]) == (2, 1, True)
    assert items(on_profile) == []


def test_since_limit_kind_and_names_of_columns(on_profile: Run, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "when,what\n2020-01-01,old\n2024-01-01,new\n2024-02-01,newer\n")
    options = ["--map", "text=what", "--map", "time=when", "--time-zone", "UTC"]
    ran = plain(on_profile, str(path), *options, "--since", "2023-01-01", "--limit", "1", "--kind", "journal", "--json")
    assert (ran.document["skipped"], ran.document["end"]) == ({"too old": 1}, "limit")
    (item,) = items(on_profile)
    assert (item["text"], item["kind"], item["time"]) == ("new", "journal", "2024-01-01T00:00:00+00:00")


def test_what_is_gone_from_a_folder_is_forgotten_with_a_receipt(on_profile: Run, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    for name in ("a", "b", "c"):
        write(folder / f"{name}.txt", f"the {name}\n")
    plain(on_profile, str(folder))
    (folder / "b.txt").unlink()
    write(folder / "c.txt", "another c\n")
    assert plain(on_profile, str(folder), "--sync", "--limit", "1").code == 2
    document = plain(on_profile, str(folder), "--sync", "--json", "--receipt", str(tmp_path / "r.json")).document
    assert (document["n_known"], document["n_updated"], document["n_forgotten"]) == (1, 1, 1)
    assert document["receipt"]["verified"]
    assert (tmp_path / "r.json").is_file()
    assert {item["text"] for item in items(on_profile)} == {"the a", "another c"}


@pytest.mark.parametrize(
    "words", [["csv"], ["nothing", "a"], ["csv", "a", "b"], ["a", "--map", "text"], ["a", "--map", "=b"]]
)
def test_what_makes_no_sense_is_wrong_usage(on_profile: Run, words: list[str]) -> None:
    assert plain(on_profile, *words).code == 2


def test_a_source_that_is_torn_leaves_what_was_read_and_an_interruption_too(
    on_profile: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = ", ".join(json.dumps({"text": f"thing {number}"}) for number in range(300))
    torn = write(tmp_path / "a.json", f'[{entries}, {{"text": "to')
    ran = plain(on_profile, str(torn), "--json")
    assert (ran.code, ran.document["n_added"], ran.document["end"]) == (13, 300, "failed")
    assert "ends in the middle of entry 301" in ran.err
    lines = write(tmp_path / "b.jsonl", "".join(json.dumps({"text": f"line {number}"}) + "\n" for number in range(300)))
    asked = iter([False] * 100)

    @contextmanager
    def soon() -> Iterator[Callable[[], bool]]:
        yield lambda: next(asked, True)

    with monkeypatch.context() as patch:
        patch.setattr(imports, "interrupt_asks", soon)
        ran = plain(on_profile, str(lines))
    assert ran.code == 130
    assert ran.out.startswith("100 added")
    assert "importing again goes on" in ran.err
    assert plain(on_profile, str(lines), "--json").document["n_added"] == 200


def test_a_table_among_notes_is_told_and_not_read(on_profile: Run, tmp_path: Path) -> None:
    write(tmp_path / "box" / "a.md", "the cat")
    write(tmp_path / "box" / "t.csv", "text,title\nthe dog,x\n")
    ran = plain(on_profile, str(tmp_path / "box"), "--json")
    assert (ran.document["n_added"], ran.document["n_tables_beside"]) == (1, 1)
    assert ran.err == "not read: 1 tables or JSON Lines; name each of them by itself\n"
    assert plain(on_profile, "notes", str(tmp_path / "box"), "--json").err == ""
