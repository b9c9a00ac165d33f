from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError
from ondevice.importers import read_csv, rows
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.source import Source
from ondevice.importers.tables import Tables
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


def read(path: Path, **options: Any) -> list[Found | Skipped]:
    return list(Tables().read(Source(path), ReadOptions(**options)))


def test_a_row_without_end_is_left_out_and_the_rows_in_it_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_ROW_CHARS", 300_000)
    with pytest.raises(InputError, match="no column 'text'"):
        list(read_csv(write(tmp_path, "x" * 400_000)))
    (broken, good) = read(write(tmp_path, "text,b\n" + "x" * 400_000 + "\nshort,1\n"))
    assert broken == Skipped(
        place="a.csv, line 2", reason="broken", detail="the row cannot be read: it is longer than 300000 characters"
    )
    assert isinstance(good, Found)
    found = read(write(tmp_path, 'text,b\nfirst,1\n"torn,2\n' + "a,b\n" * 100_000))
    assert [(each.place, each.reason) for each in found if isinstance(each, Skipped)] == [("a.csv, line 3", "broken")]
    assert sum(isinstance(each, Found) for each in found) == 100_001


def test_cells_as_long_as_an_item_may_be(tmp_path: Path) -> None:
    (draft,) = read_csv(write(tmp_path, "text\n" + "word " * 40_000 + "\n"))
    assert len(draft.text) == 200_000


@pytest.mark.parametrize("rest", ['"x","', 'x","', '"', '"a', 'a,"b""', "\0", '"""'])
def test_hostile_rows_take_no_longer_than_long_ones(tmp_path: Path, rest: str) -> None:
    found = read(write(tmp_path, "text,b\n" + (rest + "\n") * 20_000))
    assert len(found) <= 20_001


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    table = "Datum;Betreff;Inhalt\n31.12.2023 18:30;Grüße;Übermorgen käme Zoë\n"
    (found,) = read(write(tmp_path, table.encode(encoding)), time_zone="Europe/Berlin")
    assert isinstance(found, Found)
    assert (found.draft.text, found.draft.fields) == ("Übermorgen käme Zoë", {"title": "Grüße"})
    assert found.draft.time == datetime(2023, 12, 31, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "text", "title"),
    [
        ("Date,Subject,Body", "Body", "Subject"),
        ("fecha,asunto,mensaje", "mensaje", "asunto"),
        ("date,titre,contenu", "contenu", "titre"),
        ("data,oggetto,testo", "testo", "oggetto"),
        ("дата,тема,текст", "текст", "тема"),
        ("日付,件名,本文", "本文", "件名"),
    ],
)
def test_columns_are_known_by_their_names_in_several_languages(
    tmp_path: Path, header: str, text: str, title: str
) -> None:
    row = ",".join({text: "words", title: "heading"}.get(name, "2024-05-31 18:30Z") for name in header.split(","))
    path = write(tmp_path, f"{header}\n{row}\n")
    assert Tables().fits(Source(path))
    (found,) = read(path)
    assert isinstance(found, Found)
    assert found.draft == Draft(
        text="words", fields={"title": "heading"}, time=datetime(2024, 5, 31, 18, 30, tzinfo=UTC)
    )


def test_the_user_says_which_column_is_what(tmp_path: Path) -> None:
    path = write(tmp_path, "when,what,text\n2024-05-31T00:00Z,words,other\n")
    (found,) = read(path, columns={"text": "what", "time": "when"})
    assert isinstance(found, Found)
    assert found.draft == Draft(text="words", fields={"text (other)": "other"}, time=datetime(2024, 5, 31, tzinfo=UTC))
    with pytest.raises(InputError, match="a column cannot be 'colour'"):
        read(path, columns={"colour": "what"})


def test_no_day_is_guessed_and_a_column_tells_its_own_order(tmp_path: Path) -> None:
    (alone,) = read(write(tmp_path, "date,text\n3/4/2024,x\n"), time_zone="UTC")
    assert isinstance(alone, Found)
    assert (alone.draft.time, alone.draft.fields) == (None, {"date": "3/4/2024"})
    (first, _) = read(write(tmp_path, "date,text\n3/4/2024,x\n25/4/2024,y\n"), time_zone="UTC")
    assert isinstance(first, Found)
    assert first.draft.time == datetime(2024, 4, 3, tzinfo=UTC)


def test_a_bad_row_does_not_stop_the_others(tmp_path: Path) -> None:
    found = read(write(tmp_path, "text,title\nhello,one\n,two\nbye,three\nx,y,z\n"))
    assert [each.draft.text for each in found if isinstance(each, Found)] == ["hello", "bye"]
    assert [each.place for each in found if isinstance(each, Skipped)] == ["a.csv, line 3", "a.csv, line 5"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300))
def test_any_bytes_behind_a_header_give_things_or_say_why_not(tmp_path: Path, data: bytes) -> None:
    for each in read(write(tmp_path, b"text,a\n" + data)):
        assert each.place.startswith("a.csv, line ")


@pytest.mark.parametrize("first", ["Message, Monday", "| text | date |", "Note; and more", "text"])
def test_prose_is_no_table(tmp_path: Path, first: str) -> None:
    assert not Tables().fits(Source(write(tmp_path, f"{first}\nmore words, and more\n", "a.txt")))


def test_a_spreadsheet_says_what_separates_its_cells(tmp_path: Path) -> None:
    path = write(tmp_path, "sep=;\r\ntext;a,b\r\nx;1\r\n", "a.txt")
    assert Tables().fits(Source(path))
    (found,) = read(path)
    assert isinstance(found, Found)
    assert (found.place, found.draft) == ("a.txt, line 3", Draft(text="x", fields={"a,b": "1"}))


def test_a_torn_file_among_several_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in", "text\nx\n", "a.csv")
    write(tmp_path / "in", b"no gzip", "b.csv.gz")
    write(tmp_path / "in", "text\ny\n", "c.csv")
    found = read(tmp_path / "in")
    assert [each.draft.text for each in found if isinstance(each, Found)] == ["x", "y"]
    assert [(each.place, each.reason) for each in found if isinstance(each, Skipped)] == [("b.csv.gz", "broken")]
