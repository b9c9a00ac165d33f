"""A folder of Markdown as Obsidian keeps it."""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.errors import InputError
from ondevice.importers.found import Found, Skipped
from ondevice.importers.notes import NotesFormat
from ondevice.importers.source import Source
from tests.ondevice.importers.notes.reading import read, read_one, write

MANUAL = "---\ntitle: Boiler manual\ndate: 2019-04-01\ntags: [house, heating]\n---\n\nPress the red button twice.\n"


def test_front_matter_gives_title_time_and_tags(tmp_path: Path) -> None:
    found = read_one(tmp_path, MANUAL)
    assert found.draft.text == "Press the red button twice."
    assert found.draft.fields == {"title": "Boiler manual"}
    assert found.draft.time == datetime(2019, 4, 1, tzinfo=UTC)
    assert found.draft.metadata == {"tags": ["house", "heating"], "path": "a.md"}


def test_an_edited_note_keeps_its_key_and_an_untouched_one_is_the_same(tmp_path: Path) -> None:
    files = {"home/boiler.md": "# Boiler\n\nThe code is 1111.\n", "shed.md": "The shed key is red.\n"}
    before = read(write(tmp_path, files))
    after = read(write(tmp_path, files | {"home/boiler.md": "# Boiler\n\nThe code is 2222.\n"}))
    keys = [(one.key, two.key) for one, two in zip(before, after, strict=True) if isinstance(one, Found | Skipped)]  # type: ignore[union-attr]
    assert keys == [("home/boiler.md", "home/boiler.md"), ("shed.md", "shed.md")]
    texts = [(one.draft.text, two.draft.text) for one, two in zip(before, after, strict=True)]  # type: ignore[union-attr]
    assert texts == [("The code is 1111.", "The code is 2222."), ("The shed key is red.",) * 2]


def test_the_path_is_one_spelling_on_every_system(tmp_path: Path) -> None:
    composed, decomposed = "caf\N{LATIN SMALL LETTER E WITH ACUTE}.md", "cafe\N{COMBINING ACUTE ACCENT}.md"
    one, two = (read_one(tmp_path / str(at), "x", name) for at, name in enumerate((composed, decomposed)))
    assert one.key == two.key == composed


def test_other_front_matter_becomes_fields_as_it_is_written(tmp_path: Path) -> None:
    matter = "author: '[[people/Ana|Ana]]'\nrating: 5\nread: true\nversion: 1.10\nat: 1:30\nphone: 0612\ncssclass: wide"
    draft = read_one(tmp_path, f"---\n{matter}\naliases: [A, B]\nempty:\nwith: [Ben, Cem]\n---\nText").draft
    assert draft.fields == {
        "title": "a", "author": "Ana", "rating": 5, "read": True, "version": "1.10", "at": "1:30", "phone": "0612",
        "aliases": "A, B", "with": "Ben, Cem",
    }  # fmt: skip
    assert draft.metadata == {"cssclass": "wide", "path": "a.md"}


@pytest.mark.parametrize(
    ("text", "title", "words"),
    [
        ("---\ntitle: Rome: the plan\n---\nGo", "Rome: the plan", "Go"),
        ("---\nname: '{{title}}\ntitle: x\n---\nGo", "x", "Go"),
        ("---\n---\nGo", "a", "Go"),
        ("---\n\nA rule above\n\n---\nGo", "a", "---\n\nA rule above\n\n---\nGo"),
        ("---\ntitle: never ended\n", "a", "---\ntitle: never ended"),
        ("# One #\n\nGo", "One", "Go"),
        ("# Alone", "Alone", "# Alone"),
        ("\ufeff---\r\ntitle: T\r\n---\r\nGo\r\n", "T", "Go"),
    ],
)
def test_titles_and_what_only_looks_like_front_matter(tmp_path: Path, text: str, title: str, words: str) -> None:
    draft = read_one(tmp_path, text).draft
    assert (draft.fields["title"], draft.text) == (title, words)


def test_front_matter_can_neither_run_nor_blow_up(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    for matter in (bomb, "a: " + "[" * 50_000, "a: &a [*a]", "!!python/object/apply:os.system ['true']"):
        assert read_one(tmp_path, f"---\n{matter}\ntitle: T\n---\nGo").draft.text.endswith("Go")


def test_tags_of_the_text_count_too_but_none_of_code(tmp_path: Path) -> None:
    text = "---\ntags: house\n---\n#heating/boiler is (#warm), not a#b or #2024.\n`#no` %%#hidden%%\n```\n#no\n```\n"
    assert read_one(tmp_path, text).draft.metadata["tags"] == ["house", "heating/boiler", "warm"]


@pytest.mark.parametrize(
    ("name", "kind", "time"),
    [
        ("2024-05-31.md", "journal", datetime(2024, 5, 30, 22, tzinfo=UTC)),
        ("daily/2024-05-31 Friday.md", "journal", datetime(2024, 5, 30, 22, tzinfo=UTC)),
        ("20240531.txt", "journal", datetime(2024, 5, 30, 22, tzinfo=UTC)),
        ("2024-05-31 Dinner.md", "note", datetime(2024, 5, 30, 22, tzinfo=UTC)),
    ],
)
def test_a_name_that_is_a_day_is_a_journal(tmp_path: Path, name: str, kind: str, time: datetime) -> None:
    (found,) = read(write(tmp_path, {name: "Dinner with Priya."}), time_zone="Europe/Berlin")
    assert isinstance(found, Found)
    assert (found.draft.kind, found.draft.time) == (kind, time)


def test_a_name_that_is_no_day_is_a_note(tmp_path: Path) -> None:
    assert read_one(tmp_path, "x", "2024-13-41.md").draft.kind == "note"


def test_what_is_no_note_is_left_out_and_told(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        ".obsidian/app.json": "{}", ".trash/old.md": "x", "Templates/day.md": "x", "picture.png": b"x",
        "blank.md": " \n", "board.excalidraw.md": "x", "binary.md": b"\x89PNG\0\0\1", "long.md": b"x" * 2_000_001,
        "a.md": "kept",
    }  # fmt: skip
    found = read(write(tmp_path, files))
    assert {one.place: getattr(one, "reason", "") for one in found} == {
        "Templates/day.md": "not to remember", "a.md": "", "binary.md": "broken", "blank.md": "empty",
        "board.excalidraw.md": "not to remember", "long.md": "too long",
    }  # fmt: skip


def test_files_of_old_programs_do_not_stop_the_folder(tmp_path: Path) -> None:
    texts = {
        "latin.md": "Das Café in Köln ist schön.".encode("latin-1"),
        "polish.txt": "Zażółć gęślą jaźń, proszę państwa.".encode("cp1250"),
        "russian.md": "Привет, как дела? Сегодня хорошая погода.".encode("cp1251"),
        "japanese.txt": "今日は天気がいいですね。散歩に行きましょう。".encode("shift_jis"),
        "marked.md": "grüße".encode("utf-16"),
        "unmarked.md": "grüße".encode("utf-16-le"),
        "wide.md": "grüße".encode("utf-32"),
        "torn.md": "Größe, Äpfel und Öl für die Küche".encode()[:-1] + b"\xff",
    }
    found = {one.place: one.draft.text for one in read(write(tmp_path, texts)) if isinstance(one, Found)}
    assert found == {
        "latin.md": "Das Café in Köln ist schön.",
        "polish.txt": "Zażółć gęślą jaźń, proszę państwa.",
        "russian.md": "Привет, как дела? Сегодня хорошая погода.",
        "japanese.txt": "今日は天気がいいですね。散歩に行きましょう。",
        "marked.md": "grüße",
        "unmarked.md": "grüße",
        "wide.md": "grüße",
        "torn.md": "Größe, Äpfel und Öl für die Küch\N{REPLACEMENT CHARACTER}",
    }


def test_a_folder_its_archive_and_a_file_alone_are_all_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "vault", {"home/a.md": MANUAL, "b.txt": "Plain [[text]]"})
    with zipfile.ZipFile(tmp_path / "vault.zip", "w") as archive:
        for name in ("home/a.md", "b.txt"):
            archive.write(folder / name, name)
    for path in (folder, tmp_path / "vault.zip", folder / "home" / "a.md"):
        assert NotesFormat().fits(Source(path))
    of_folder, of_archive = (read(path) for path in (folder, tmp_path / "vault.zip"))
    assert [one.draft.text for one in of_folder if isinstance(one, Found)] == [
        "Plain [[text]]",
        "Press the red button twice.",
    ]
    assert [(one.place, getattr(one, "key", None)) for one in of_folder] == [
        (one.place, getattr(one, "key", None)) for one in of_archive
    ]


def test_a_broken_file_of_an_archive_does_not_stop_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "vault.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.md", "the first one")
        archive.writestr("b.md", "the second one")
    path.write_bytes(path.read_bytes().replace(b"the first one", b"the f1rst one"))
    first, second = read(path)
    assert isinstance(first, Skipped)
    assert (first.place, first.reason) == ("a.md", "broken")
    assert isinstance(second, Found)


def test_what_does_not_fit(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "x", "b.txt": "x", "sub/c.json": "x", "fake.md": b"\0\1\2"})
    assert not any(NotesFormat().fits(Source(tmp_path / name)) for name in ("a.csv", "b.txt", "sub", "fake.md"))


def test_a_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="time zone"):
        read(write(tmp_path, {"a.md": "x"}), time_zone="Mars/Olympus")
