"""Google Chat and Keep in a Takeout, whatever language its folders have."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.importers.chats import GOOGLE_CHAT, GOOGLE_KEEP
from ondevice.importers.chats.google_times import time_in_words
from ondevice.importers.found import ReadOptions
from ondevice.importers.source import Source
from tests.ondevice.importers.chats.reading import read, write_json

ANA = {"name": "Ana Ruiz", "email": "ana@example.org", "user_type": "Human"}
BEN = {"name": "Ben", "email": "ben@example.org", "user_type": "Human"}


def message(number: int, creator: object, text: object, **more: Any) -> dict[str, Any]:
    day = f"Sunday, March 14, 2021 at 9:05:{number:02}\u202fPM UTC"
    return {"creator": creator, "created_date": day, "text": text, "message_id": f"s/t/{number}", **more}


@pytest.fixture
def takeout(tmp_path: Path) -> Path:
    root = tmp_path / "Takeout" / "Google Chat"
    write_json(root / "Nutzer" / "User 1" / "user_info.json", {"user": ANA, "membership_info": []})
    write_json(root / "Gruppen" / "DM x1" / "group_info.json", {"members": [ANA, BEN]})
    write_json(
        root / "Gruppen" / "DM x1" / "messages.json",
        {
            "messages": [
                message(1, ANA, "Tea?"),
                message(2, BEN, "At six."),
                message(3, BEN, "gone", message_state="DELETED"),
                message(4, BEN | {"user_type": "Bot"}, "beep"),
                {"creator": BEN, "created_date": "x", "message_id": "s/t/5", "attached_files": []},
            ]
        },
    )
    write_json(root / "Gruppen" / "Space x2" / "group_info.json", {"name": "Choir", "members": [ANA]})
    write_json(root / "Gruppen" / "Space x2" / "messages.json", {"messages": [message(1, BEN, "La")]})
    return tmp_path


def test_conversations_are_read(takeout: Path) -> None:
    got = read(GOOGLE_CHAT, takeout)
    assert [(each.draft.fields["title"], each.draft.text) for each in got.found] == [
        ("Ben", "Ana Ruiz: Tea?\nBen: At six."),
        ("Choir", "Ben: La"),
    ]
    assert got.found[0].draft.time == datetime(2021, 3, 14, 21, 5, 1, tzinfo=UTC)
    assert got.found[0].key == "google-chat:DM x1:s/t/1"
    assert got.reasons == ["empty", "unsupported", "empty"]
    assert read(GOOGLE_CHAT, takeout, only_mine=True).texts == ["Ana Ruiz: Tea?"]


@pytest.mark.parametrize(
    "words",
    [
        "Tuesday, January 5, 2021 at 3:04:05 PM UTC",
        "Tuesday, 5 January 2021 at 15:04:05 UTC",
        "Dienstag, 5. Januar 2021 um 15:04:05 UTC",
        "mardi 5 janvier 2021 à 15:04:05 UTC",
        "martes, 5 de enero de 2021, 15:04:05 UTC",
        "martedì 5 gennaio 2021 alle ore 15:04:05 UTC",
        "terça-feira, 5 de janeiro de 2021 às 15:04:05 UTC",
        "dinsdag 5 januari 2021 om 15:04:05 UTC",
        "2021年1月5日星期二 UTC 下午3:04:05",
        "2021년 1월 5일 화요일 오후 3시 4분 5초 (3:04:05)",
    ],
)
def test_times_in_words(words: str) -> None:
    assert time_in_words(words) == datetime(2021, 1, 5, 15, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("words", [None, "", "soon", "31 February 2021 10:00", "5 Smarch 2021 10:00", "x" * 500])
def test_what_is_no_time(words: object) -> None:
    assert time_in_words(words) is None


def note(**more: Any) -> dict[str, Any]:
    known = {"isTrashed": False, "isPinned": False, "isArchived": False, "title": "", "textContent": ""}
    return {
        **known,
        "userEditedTimestampUsec": 1_615_755_900_000_000,
        "createdTimestampUsec": 1_600_000_000_000_000,
    } | more


def test_notes_of_keep(tmp_path: Path) -> None:
    folder = tmp_path / "Takeout" / "Notizen"
    entries = [{"text": "tea", "isChecked": True}, {"text": "milk", "isChecked": False}, {"text": ""}]
    write_json(folder / "1.json", note(title="Wi-Fi", textContent="blue\nhouse", labels=[{"name": "home"}]))
    write_json(folder / "2.json", note(title="Shop", listContent=entries, createdTimestampUsec=None))
    write_json(folder / "3.json", note(textContent="old", isTrashed=True))
    write_json(folder / "4.json", note())
    write_json(folder / "5.json", note(textContent="hers", sharees=[{"email": "ben@example.org", "isOwner": True}]))
    (folder / "6.json").write_text('{"isPinned": false, "userEditedTimestampUsec": 1, "textContent": "to', "utf-8")
    (folder / "1.html").write_text("<p>blue</p>", "utf-8")
    got = read(GOOGLE_KEEP, tmp_path)
    first, second, third = got.found
    assert (first.draft.text, first.draft.kind, first.draft.fields) == ("blue\nhouse", "note", {"title": "Wi-Fi"})
    assert first.draft.metadata == {"exported_by": "google-keep", "labels": ["home"]}
    assert first.draft.time == datetime.fromtimestamp(1_615_755_900, UTC)
    assert first.key == "google-keep:1600000000000000"
    assert (second.draft.text, second.key) == ("[x] tea\n[ ] milk", "google-keep:Takeout/Notizen/2.json")
    assert third.draft.text == "hers"
    assert got.reasons == ["trash", "empty", "broken"]
    assert "old" in read(GOOGLE_KEEP, tmp_path, with_rejected=True).texts
    mine = read(GOOGLE_KEEP, tmp_path, only_mine=True, me=("ana@example.org",))
    assert mine.reasons == ["trash", "empty", "not mine", "broken"]


def test_other_json_is_neither(tmp_path: Path) -> None:
    path = write_json(tmp_path / "a.json", {"title": "x", "textContent": "y"})
    assert not GOOGLE_KEEP.fits(Source(path))
    assert not GOOGLE_CHAT.fits(Source(path))
    for form in (GOOGLE_KEEP, GOOGLE_CHAT):
        with pytest.raises(InputError, match="holds no"):
            list(form.read(Source(path), ReadOptions()))
