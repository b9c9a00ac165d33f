from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from export.cli.data_in import names_of, read_groups, read_retrieval, read_texts
from export.cli.options import DataSpec, parse_data
from export.errors import DatasetError
from ondevice.errors import NotFoundError


def test_texts_are_divided_by_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffOne line,\r\nand its second.\r\n \r\n\r\nAnother text.\n".encode())
    (tmp_path / "b.txt").write_text("A third")
    specs = parse_data([f"text:{tmp_path / 'a.txt'}", f"text:{tmp_path / 'b.txt'}"], "text")
    assert read_texts(specs) == ["One line,\nand its second.", "Another text.", "A third"]
    assert read_texts(()) is None


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xff\xfe"])
def test_a_file_without_text_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(DatasetError):
        read_texts([DataSpec(kind="text", path=tmp_path / "a.txt")])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"a\.txt"):
        read_texts([DataSpec(kind="text", path=tmp_path / "a.txt")])


def test_files_of_pairs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "choices.jsonl"
    path.write_text('{"candidates": [{"first": "a", "second": "b"}, {"first": "c"}]}\n')
    (groups,) = read_groups(parse_data([f"pairs:{path}"], "pairs"))
    assert (groups.name, groups.n_pairs) == ("choices", 2)
    assert read_groups(()) == ()


@pytest.mark.parametrize("text", ["lamp", "lamp:", "sparkle:x", ":x", "pairs:x"])
def test_another_form_is_a_usage_error(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"lamp:PATH or text:PATH"):
        parse_data([text], "lamp", "text")


def test_a_path_may_hold_colons() -> None:
    assert parse_data(["text:C:/a.txt"], "text") == (DataSpec(kind="text", path=Path("C:/a.txt")),)


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    corpus = [{"id": f"p{number}", "text": f"note number {number}"} for number in range(9)]
    queries = [{"id": f"q{number}", "text": f"which note {number}"} for number in range(4)]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels.tsv").write_text("".join(f"q{number}\tp{number}\t1\n" for number in range(4)))
    return folder


def test_retrieval_data_is_read_and_limited(tasks: Path) -> None:
    specs = parse_data([f"retrieval:{tasks}"], "retrieval")
    (whole,), (less,) = read_retrieval(specs, limit=None), read_retrieval(specs, limit=2)
    assert (whole.name, len(whole.queries), len(less.queries)) == ("notes", 4, 2)
    assert read_retrieval(parse_data(["text:x"], "text"), limit=None) == ()


def test_retrieval_data_has_texts_too(tasks: Path) -> None:
    specs = parse_data([f"retrieval:{tasks}"], "retrieval")
    assert read_texts(specs, limit=3) == ["note number 0", "note number 3", "note number 6"]
    assert names_of(specs) == "retrieval"
    assert names_of(parse_data(["text:a/mails.txt", "lamp:b"], "text", "lamp")) == "mails+lamp"
    assert names_of(()) == "built-in"


def test_a_limit_below_the_number_of_lamp_tasks_is_an_error(tmp_path: Path) -> None:
    for task in ("LaMP-1", "LaMP-2"):
        (tmp_path / task).mkdir()
        (tmp_path / task / "dev_questions.json").write_text("[]")
    with pytest.raises(DatasetError):
        read_retrieval(parse_data([f"lamp:{tmp_path}"], "lamp"), limit=1)
