from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError
from ondevice.importers import read_csv, tables
from ondevice.records import Draft

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)


def write(tmp_path: Path, data: str | bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_columns_become_the_items_parts(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "\ufefftext,kind,time,title,metadata.app,id\r\n"
        '"Lunch, with ""Ana"".\nBy the river.",journal,2024-05-31T18:30:00Z,Ana,diary,007\r\n'
        "Short,,,,,\r\n",
    )
    assert list(read_csv(path)) == [
        Draft(
            text='Lunch, with "Ana".\nBy the river.',
            kind="journal",
            time=datetime(2024, 5, 31, 18, 30, tzinfo=UTC),
            fields={"title": "Ana"},
            metadata={"app": "diary", "id": "007"},
        ),
        Draft(text="Short"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, delimiter.join(["a", "text"]) + "\n" + delimiter.join(["1", "x"]) + "\n")
    assert list(read_csv(path)) == [Draft(text="x", fields={"a": "1"})]


def test_another_column_may_be_the_text(tmp_path: Path) -> None:
    path = write(tmp_path, "body,text\nlong,short\n")
    assert list(read_csv(path, text_column="body")) == [Draft(text="long", fields={"text (other)": "short"})]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("", "the table 'a.csv' has no column 'text' in its first line"),
        ("secret words,more\nx,y\n", "the table 'a.csv' has no column 'text' in its first line"),
        ("text,a,a\nx,y,z\n", "the columns of the table 'a.csv' must have 3 different names"),
        ("text,a\nx\n", "a.csv, line 2: the row has 1 cells, but the first line names 2 columns"),
        ("text,a\nx,y,z\n", "a.csv, line 2: the row has 3 cells, but the first line names 2 columns"),
        ("text,a\n,y\n", "a.csv, line 2: the field 'text' is empty"),
        ("text,time\nx,soon\n", "a.csv, line 2: the field 'time' must be an ISO 8601 time"),
        ('text,a\n"x,y\n', "a.csv, line 2: the row cannot be read"),
        ('text,a\n"x"z,y\n', "a.csv, line 2: the row cannot be read"),
        ("text\n" + "x" * 200_000 + "\n", "the row cannot be read: field larger than field limit"),
        (b"text\n\xff\n", "the file 'a.csv' is not UTF-8"),
    ],
)
def test_a_faulty_table_is_named(tmp_path: Path, data: str | bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        list(read_csv(write(tmp_path, data)))
    assert reason in caught.value.message
    assert "secret" not in str(caught.value)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_any_cells_survive(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("text", "title"), *rows])
    assert [(draft.text, draft.fields["title"]) for draft in read_csv(path)] == rows


def test_a_first_line_without_end_and_a_row_of_endless_cells_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_ROW_CHARS", 300_000)
    with pytest.raises(InputError, match="line 1: the row is longer than 300000 characters"):
        list(read_csv(write(tmp_path, "x" * 400_000)))
    with pytest.raises(InputError, match="no column 'text'"):
        list(read_csv(write(tmp_path, "x" * 200_000 + "\n")))
    with pytest.raises(InputError, match="the row is longer than 300000 characters"):
        list(read_csv(write(tmp_path, "text,b\n" + '"\n",' * 100_000)))
    rows = "a,b\n" * 100_000
    assert len(list(read_csv(write(tmp_path, "text,b\n" + rows)))) == 100_000
