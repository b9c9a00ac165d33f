"""Telegram's export in HTML: pages in their order, who said what and when, and what is passed on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.errors import InputError
from ondevice.importers.chats import TELEGRAM
from ondevice.importers.documents import DocumentsFormat
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.source import Source

HEAD = """<!DOCTYPE html><html><head><title>Exported Data</title></head><body><div class="page_wrap">
<div class="page_header"><div class="content"><div class="text bold">Ana &amp; Ben</div></div></div>
<div class="page_body chat_page"><div class="history">
<div class="message service" id="message-1"><div class="body details">31 December 2023</div></div>"""


def said(number: int, text: str, name: str = "", *, at: str = "31.12.2023 18:30:05 UTC+01:00", inner: str = "") -> str:
    named = f'<div class="from_name">{name}</div>' if name else ""
    joined = "" if name else " joined"
    words = f'<div class="text">{text}</div>' if text else ""
    return f"""<div class="message default clearfix{joined}" id="message{number}"><div class="body">
    <div class="pull_right date details" title="{at}">18:30</div>{named}{inner or words}</div></div>"""


def export(folder: Path, *pages: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pages, 1):
        name = f"messages{number if number > 1 else ''}.html"
        (folder / name).write_text(f"{HEAD}{page}</div></div></div></body></html>", "utf-8")
    return folder


def read(path: Path, **options: object) -> list[Found | Skipped]:
    return list(TELEGRAM.read(Source(path), ReadOptions(**options)))  # type: ignore[arg-type]


def test_turns_of_all_pages_in_their_order(tmp_path: Path) -> None:
    many = ["".join(said(100 * page + each, f"page {page}", "Ana") for each in range(2)) for page in range(2, 11)]
    pages = export(tmp_path, said(1, "Hello<br>there &lt;3", "Ana") + said(2, "again") + said(3, "hi", "Ben"), *many)
    assert TELEGRAM.fits(Source(pages))
    (found,) = read(pages)
    assert isinstance(found, Found)
    lines = found.draft.text.split("\n")
    assert lines[:4] == ["Ana: Hello", "  there <3", "Ana: again", "Ben: hi"]
    assert lines[4:] == [f"Ana: page {page}" for page in range(2, 11) for _ in range(2)]
    assert found.draft.time == datetime(2023, 12, 31, 17, 30, 5, tzinfo=UTC)
    assert found.draft.fields == {"title": "Ana & Ben", "from": "Ana, Ben"}
    assert found.key == "telegram:Ana & Ben:1"
    assert not DocumentsFormat().fits(Source(pages)), "they are no documents"


def test_chats_of_a_whole_export_and_what_is_passed_on(tmp_path: Path) -> None:
    passed = '<div class="forwarded body"><div class="from_name">Cy <span>31.12.2023</span></div>'
    export(tmp_path / "chats/chat_1", said(1, "", "Ana", inner=f'{passed}<div class="text">news</div></div>'))
    export(tmp_path / "chats/chat_2", said(1, "late", "Ben", at="01.01.2024 01:00:00"), said(2, "", "Ben"))
    one, two, empty = read(tmp_path, time_zone="Asia/Tokyo")
    assert isinstance(one, Found)
    assert one.draft.text == "Ana (forwarded from Cy): news"
    assert isinstance(empty, Found)
    assert empty.draft.time == datetime(2023, 12, 31, 16, tzinfo=UTC)
    assert isinstance(two, Skipped)
    assert two.reason == "empty"


def test_only_mine_needs_a_name(tmp_path: Path) -> None:
    export(tmp_path, said(1, "one", "Ana") + said(2, "two", "Ben"))
    with pytest.raises(InputError, match="does not say who you are"):
        read(tmp_path, only_mine=True)
    found = read(tmp_path, only_mine=True, me=("ben",))
    assert [each.draft.text for each in found if isinstance(each, Found)] == ["Ben: two"]


def test_another_page_of_that_name_is_none(tmp_path: Path) -> None:
    (tmp_path / "messages.html").write_text("<html><body><p>My messages.</p></body></html>", "utf-8")
    assert not TELEGRAM.fits(Source(tmp_path))
    with pytest.raises(InputError, match="holds no chats of Telegram"):
        read(tmp_path)
    assert DocumentsFormat().fits(Source(tmp_path))


def test_a_torn_page_gives_what_it_has(tmp_path: Path) -> None:
    export(tmp_path, said(1, "one", "Ana") + said(2, "two", "Ben"))
    page = tmp_path / "messages.html"
    page.write_bytes(page.read_bytes()[:-150])
    assert any(isinstance(each, Found) and "Ana: one" in each.draft.text for each in read(tmp_path))


def test_a_page_without_end_is_told_and_not_read(tmp_path: Path) -> None:
    export(tmp_path, "<div>" * 60_000)
    (found,) = read(tmp_path)
    assert isinstance(found, Skipped)
    assert found.reason == "broken"
