"""What Logseq, Notion, Joplin and Bear keep or export as Markdown."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from ondevice.importers.found import Found, Skipped
from ondevice.importers.notes import NotesFormat
from ondevice.importers.source import Source
from tests.ondevice.importers.notes.reading import read, read_one, write

ID = "0123456789abcdef0123456789abcdef"


def test_logseq_has_properties_days_and_marks_of_its_own(tmp_path: Path) -> None:
    text = (
        "tags:: [[people]], work\nmood:: good\n\n- Lunch with [[Ana]]\n  id:: 6630a1b2-0000-4000-8000-000000000000\n"
        "  collapsed:: true\n- See ((6630a1b2-0000-4000-8000-000000000000))\n- {{query (todo now)}}done"
    )
    draft = read_one(tmp_path, text, "journals/2024_05_01.md").draft
    assert (draft.kind, draft.time) == ("journal", datetime(2024, 5, 1, tzinfo=UTC))
    assert draft.fields == {"title": "2024_05_01", "mood": "good"}
    assert draft.metadata == {"tags": ["people", "work"], "path": "journals/2024_05_01.md"}
    assert draft.text == "- Lunch with Ana\n- See \n- done"


def test_logseq_keeps_copies_and_splits_names(tmp_path: Path) -> None:
    files = {"logseq/bak/a.md": "old", "pages/house___boiler%3F.md": "new"}
    copy, page = read(write(tmp_path, files))
    assert isinstance(copy, Skipped)
    assert copy.reason == "trash"
    assert isinstance(page, Found)
    assert page.draft.fields["title"] == "house/boiler?"
    assert len([one for one in read(tmp_path, with_rejected=True) if isinstance(one, Found)]) == 2


def test_notion_has_ids_in_names_and_properties_below_the_heading(tmp_path: Path) -> None:
    text = "# Fix the door\n\nCreated: May 31, 2024 6:30 PM\nStatus: Open\nTags: house, door\n\nThe hinge is loose.\n"
    found = read_one(tmp_path, text, f"Tasks {ID}/Fix the door {ID[::-1]}.md")
    assert found.key == ID[::-1]
    assert found.draft.text == "The hinge is loose."
    assert found.draft.fields == {"title": "Fix the door", "Status": "Open"}
    assert found.draft.time == datetime(2024, 5, 31, 18, 30, tzinfo=UTC)
    assert found.draft.metadata["tags"] == ["house", "door"]


def test_a_page_that_begins_with_a_colon_is_no_table_of_properties(tmp_path: Path) -> None:
    draft = read_one(tmp_path, "# List\n\nTo buy: milk\nand bread\n", f"List {ID}.md").draft
    assert draft.text == "To buy: milk\nand bread"


def test_a_large_export_of_notion_says_how_to_be_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("Export-1234-Part-1.zip", b"PK\3\4")
    assert NotesFormat().fits(Source(tmp_path / "export.zip"))
    (skipped,) = read(tmp_path / "export.zip")
    assert isinstance(skipped, Skipped)
    assert (skipped.reason, "unpack" in skipped.detail) == ("unsupported", True)


def test_joplin_tells_at_the_end_and_only_notes_are_notes(tmp_path: Path) -> None:
    def joplin(body: str, kind: int, more: str = "") -> str:
        return f"{body}\n\nid: {ID}\nparent_id: \ncreated_time: 2024-05-01T10:00:00.000Z\n{more}type_: {kind}"

    files = {
        "note.md": joplin("Boiler\n\nThe code is 1111.\n\nid: not the tail", 1, "is_todo: 0\n"),
        "todo.md": joplin("Call Ana\n\nabout the key", 1, "is_todo: 1\n"),
        "folder.md": joplin("House", 2),
        "locked.md": joplin("", 1, "encryption_applied: 1\n"),
    }
    locked, note, todo = read(write(tmp_path, files))
    assert isinstance(locked, Skipped)
    assert locked.reason == "unsupported"
    assert isinstance(note, Found)
    assert isinstance(todo, Found)
    assert (note.key, note.draft.text) == (ID, "The code is 1111.\n\nid: not the tail")
    assert (note.draft.fields, note.draft.time) == ({"title": "Boiler"}, datetime(2024, 5, 1, 10, tzinfo=UTC))
    assert (todo.draft.kind, todo.draft.text) == ("task", "about the key")


def test_a_bundle_has_the_title_of_its_folder(tmp_path: Path) -> None:
    found = read_one(tmp_path, "The hinge is loose. #house", "Fix the door.textbundle/text.md")
    assert found.draft.fields == {"title": "Fix the door"}
    assert found.draft.metadata["tags"] == ["house"]
