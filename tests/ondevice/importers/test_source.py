"""A file, a folder and a zip file are looked into in the same way, and none of them can lead elsewhere or blow up."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import BinaryIO

import pytest

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import source
from ondevice.importers.source import Source

FILES = {"a.txt": b"one", "mail/inbox.mbox": b"two", "mail/old.txt.gz": gzip.compress(b"three")}
HIDDEN = {".git/config": b"x", "__MACOSX/a.txt": b"x", "mail/.DS_Store": b"x"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in (FILES | HIDDEN).items():
        path = tmp_path / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "export"


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as made:
        for path in sorted(folder.rglob("*")):
            made.write(path, path.relative_to(folder).as_posix())
    return tmp_path / "export.zip"


def contents(path: Path) -> dict[str, bytes]:
    return {member.name: member.head() for member in Source(path).members()}


def test_a_folder_and_its_archive_hold_the_same(folder: Path, archive: Path) -> None:
    assert contents(folder) == contents(archive) == FILES | {"mail/old.txt.gz": b"three"}
    assert [member.suffix for member in Source(archive).members()] == [".txt", ".mbox", ".txt"]


def test_a_single_file_is_its_own_member(folder: Path) -> None:
    source = Source(folder / "a.txt")
    assert source.is_single
    assert contents(folder / "a.txt") == {"a.txt": b"one"}


def test_links_lead_nowhere(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("mine")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "more").symlink_to(tmp_path)
    assert set(contents(folder)) == set(FILES)


def test_an_archive_that_lies_about_its_size_gives_no_more_than_it_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.txt", b"0" * 100_000)
    data = bytearray((tmp_path / "bomb.zip").read_bytes())
    place = data.rindex((100_000).to_bytes(4, "little"))
    data[place : place + 4] = (10).to_bytes(4, "little")
    (tmp_path / "bomb.zip").write_bytes(data)
    (member,) = Source(tmp_path / "bomb.zip").members()
    try:
        with member.opened() as file:
            read = file.read()
    except InputError:
        return
    assert len(read) <= 10


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_archive_is_told(archive: Path, damage: str) -> None:
    data = bytearray(archive.read_bytes())
    if damage == "cut":
        del data[len(data) // 2 :]
    else:
        data[data.index(b"mail/inbox.mbox") + len("mail/inbox.mbox") + 1] ^= 0xFF
    archive.write_bytes(data)
    with pytest.raises(InputError, match=r"zip file|unpacked"):
        contents(archive)


def test_what_is_not_there_is_told(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        Source(tmp_path / "none")
    assert Source(folder).member("a.txt") is not None
    assert Source(folder).member("b.txt") is None


def test_an_archive_is_opened_once_until_it_is_closed(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[BinaryIO] = []

    def open_and_note(path: Path) -> BinaryIO:
        opened.append(path.open("rb"))
        return opened[-1]

    monkeypatch.setattr(source, "open_regular", open_and_note)
    with Source(archive) as looked_at:
        heads = [member.head() for member in looked_at.members()]
        assert (len(heads) > 1, len(opened), opened[0].closed) == (True, 1, False)
    assert opened[0].closed
    assert [member.head() for member in looked_at.members()] == heads
    assert len(opened) == 2
    del looked_at
    assert opened[1].closed
