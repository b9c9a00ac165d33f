from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import read_text
from ondevice.importers.notes.text_files import MAX_FILE_BYTES


def test_a_file_is_a_note_with_heading_time_and_path(tmp_path: Path) -> None:
    path = tmp_path / "trip.md"
    path.write_text("\n# Lyon, in May #\n\nThe flat is sunny.\n", "utf-8")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    (draft,) = read_text(path)
    assert (draft.text, draft.kind) == ("The flat is sunny.", "note")
    assert draft.fields == {"title": "Lyon, in May"}
    assert draft.metadata == {"path": "trip.md"}
    assert draft.time == datetime.fromtimestamp(1_700_000_000, UTC)


def test_without_a_heading_the_name_is_the_title(tmp_path: Path) -> None:
    (tmp_path / "shopping list.txt").write_text("Bread\n# not a heading\n", "utf-8")
    (draft,) = read_text(tmp_path / "shopping list.txt")
    assert (draft.fields["title"], draft.text) == ("shopping list", "Bread\n# not a heading")


def test_a_heading_alone_stays_the_text(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Call Ana", "utf-8")
    (draft,) = read_text(tmp_path / "a.md")
    assert (draft.fields["title"], draft.text) == ("Call Ana", "# Call Ana")


def test_a_folder_is_read_in_order_with_its_folders(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/c.MARKDOWN", "Z.text", ".hidden.md", ".git/x.md", "picture.png", "blank.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("" if name == "blank.md" else f"text of {name}", "utf-8")
    (tmp_path / "link.md").symlink_to(tmp_path / "b.txt")
    assert [draft.metadata["path"] for draft in read_text(tmp_path)] == ["Z.text", "b.txt", "a/c.MARKDOWN", "a/z.md"]


def test_utf16_with_its_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("grüße".encode("utf-16"))
    assert [draft.text for draft in read_text(tmp_path)] == ["grüße"]


def test_a_name_that_is_not_unicode_does_not_stop_it(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("coffee", "utf-8")
    (draft,) = read_text(tmp_path)
    assert (draft.fields["title"], draft.metadata["path"]) == ("caf�", "caf�.txt")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\0\0", "sub/x.txt: it is not a text file: it holds zero bytes"),
        (b"caf\xe9", "sub/x.txt: it is not UTF-8 text"),
        (b"\xff\xfea", "sub/x.txt: it is not UTF-8 text"),
        (b"x" * (MAX_FILE_BYTES + 1), f"sub/x.txt: it is longer than {MAX_FILE_BYTES} bytes"),
    ],
)
def test_what_is_no_note_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x.txt").write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(read_text(tmp_path))
    assert caught.value.message == reason


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no file or folder 'gone'"):
        list(read_text(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"has no \.md, \.markdown, \.txt, \.text file"):
        list(read_text(tmp_path))
    (tmp_path / "a.txt").write_text(" \n", "utf-8")
    with pytest.raises(InputError, match=r"the file 'a\.txt' is empty"):
        list(read_text(tmp_path / "a.txt"))
    assert list(read_text(tmp_path)) == []


def test_a_pipe_in_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# A\n\ntext", "utf-8")
    os.mkfifo(tmp_path / "b.md")
    with pytest.raises(InputError, match=r"'b\.md' is a pipe or a device, not a file"):
        list(read_text(tmp_path))


def test_a_time_that_no_calendar_has_is_left_out(tmp_path: Path) -> None:
    note = tmp_path / "a.md"
    note.write_text("text", "utf-8")
    os.utime(note, (0, 300_000_000_000))
    if note.stat().st_mtime < 300_000_000_000:  # a file system that cannot keep such a time
        return
    assert [draft.time for draft in read_text(note)] == [None]
