from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.errors import InputError
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.plain import MAX_FILE_BYTES, TextFiles
from ondevice.importers.source import Source


def read(path: Path) -> list[Found | Skipped]:
    return list(TextFiles().read(Source(path), ReadOptions()))


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    for name, data in {
        "a.md": b"# Garden #\n\nthe cat",
        "b.txt": "Grüße".encode("latin-1"),
        "c.txt": b"\x89PNG\0\0",
        "d.txt": b"  \n",
        "e.txt": b"x" * (MAX_FILE_BYTES + 1),
        "f.txt": "the ☂".encode("utf-16"),
        "g.bin": b"no text file",
    }.items():
        (tmp_path / name).write_bytes(data)
    found = read(tmp_path)
    assert [(each.draft.text, each.draft.fields["title"], each.key) for each in found if isinstance(each, Found)] == [
        ("the cat", "Garden", "a.md"),
        ("Grüße", "b", "b.txt"),
        ("the ☂", "f", "f.txt"),
    ]
    assert [(each.place, each.reason) for each in found if isinstance(each, Skipped)] == [
        ("c.txt", "broken"),
        ("d.txt", "empty"),
        ("e.txt", "too long"),
    ]


def test_an_archive_is_read_as_a_folder_is_but_for_the_time(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("deep/a.txt", "# no heading alone")
    (found,) = read(tmp_path / "a.zip")
    assert isinstance(found, Found)
    assert (found.draft.text, found.draft.time, found.draft.metadata) == (
        "# no heading alone",
        None,
        {"path": "deep/a.txt"},
    )


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0")
    assert not TextFiles().fits(Source(tmp_path))
    with pytest.raises(InputError, match=r"has no \.txt"):
        read(tmp_path)


def test_markdown_is_read_with_its_front_matter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\ntitle: Boiler\ndate: 2019-04-01\ntags: [house]\n---\nPress it twice.\n")
    (found,) = list(TextFiles().read(Source(tmp_path), ReadOptions(time_zone="UTC")))
    assert isinstance(found, Found)
    assert (found.draft.text, found.draft.fields) == ("Press it twice.", {"title": "Boiler"})
    assert (found.draft.metadata["tags"], found.draft.time) == (["house"], datetime(2019, 4, 1, tzinfo=UTC))
