from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.errors import InputError
from ondevice.importers.formats import FORMATS, FORMER_NAMES, format_named, format_of
from ondevice.importers.source import Source


def test_every_format_has_a_name_of_its_own() -> None:
    names = [each.name for each in FORMATS]
    assert len(set(names)) == len(names)
    assert [format_named(name).name for name in (*names, *FORMER_NAMES)] == [*names, *FORMER_NAMES.values()]
    with pytest.raises(ValueError, match="there is no format 'nothing': choose among"):
        format_named("nothing")


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a", "From a@b Thu Jan  1 00:00:00 2024\nSubject: x\n\ny\n", "mail"),
        ("a", '[{"sample_id": "c", "conversation": {"session_1": []}}]', "locomo"),
        ("a", '[{"id": "q", "input": "x", "profile": []}]', "lamp"),
        ("a", '[{"Inhalt": "x"}]', "json"),
        ("a", '[{"colour": "x"}]', "text"),
        ("a", '\n{"text": "x"}\n', "jsonl"),
        ("a.jsonl", '{"text": "x\n{"text": "y"}\n', "jsonl"),
        ("a", "date\ttext\n1\tx\n", "csv"),
        ("a.csv", "colours\nred\n", "csv"),
        ("a", "some words\n", "text"),
    ],
)
def test_a_format_is_known_by_what_it_holds(tmp_path: Path, name: str, data: str, expected: str) -> None:
    (tmp_path / name).write_text(data)
    assert format_of(Source(tmp_path / name)).name == expected


def test_a_damaged_file_is_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(InputError, match="is a damaged gzip file"):
        format_of(Source(tmp_path / "a.jsonl.gz"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="'empty' holds no file"):
        format_of(Source(tmp_path / "empty"))
