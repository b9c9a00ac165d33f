"""Telegram Desktop's export: one chat and all, who the user is, and texts in parts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.importers.chats import TELEGRAM
from tests.ondevice.importers.chats.reading import read, write_json

SECONDS = 1_615_755_900
TIME = datetime.fromtimestamp(SECONDS, UTC)


def message(number: int, text: object, who: str = "Ana Ruiz", **more: Any) -> dict[str, Any]:
    made = {"id": number, "type": "message", "date": "2021-03-14T22:05:00", "date_unixtime": str(SECONDS + number)}
    return {**made, "from": who, "from_id": {"Ana Ruiz": "user1", "Ben": "user2"}.get(who), "text": text, **more}


def chat(*messages: object, **more: Any) -> dict[str, Any]:
    return {"name": "Ben", "type": "personal_chat", "id": 42, **more, "messages": messages}


def test_one_chat(tmp_path: Path) -> None:
    parts = ["See ", {"type": "link", "text": "https://example.org"}, {"type": "bold", "text": "!"}, 7, {"text": None}]
    service = {"id": 3, "type": "service", "action": "phone_call", "actor": "Ben"}
    path = write_json(tmp_path / "result.json", chat(message(1, "Hi"), message(2, parts, "Ben"), service))
    (item,) = read(TELEGRAM, path).found
    assert item.draft.text == "Ana Ruiz: Hi\nBen: See https://example.org!"
    assert item.draft.kind == "message"
    assert item.draft.time == TIME.replace(second=TIME.second + 1)
    assert item.draft.fields == {"title": "Ben", "from": "Ana Ruiz, Ben"}
    assert item.key == "telegram:42:1"
    with pytest.raises(InputError, match="who you are"):
        read(TELEGRAM, path, only_mine=True)
    assert read(TELEGRAM, path, only_mine=True, me=("Ben",)).texts == ["Ben: See https://example.org!"]


def test_a_time_without_seconds_since_1970_is_the_zones(tmp_path: Path) -> None:
    path = write_json(tmp_path / "result.json", chat(message(1, "Hi", date_unixtime=None)))
    (item,) = read(TELEGRAM, path, time_zone="Europe/Madrid").found
    assert item.draft.time == datetime(2021, 3, 14, 21, 5, tzinfo=UTC)


def test_all_chats_say_who_the_user_is(tmp_path: Path) -> None:
    every = {
        "about": "Here is the data",
        "personal_information": {"user_id": 1, "first_name": "Ana", "last_name": "Ruiz", "bio": ""},
        "contacts": {"list": [{"first_name": "Eve"}]},
        "chats": {
            "about": "",
            "list": [
                chat(message(1, "mine"), message(2, "his", "Ben"), message(3, "copied", forwarded_from="Eve")),
                {"type": "saved_messages", "id": 43, "messages": [message(1, "to me"), message(2, "", photo="a.jpg")]},
                chat(type="private_group", id=46, name="Nobody speaks"),
                chat(message(1, "code 1234"), name="Codes", type="verification_codes", id=44),
                chat(message(1, "/start"), name="Bot", type="bot_chat", id=45),
                chat(message(1, "gone", self_destruct_period_seconds=9), message(2, "stays"), id=47),
            ],
        },
        "left_chats": {"list": [chat(message(1, "farewell"), type="private_group", id=48, name="Club")]},
    }
    path = write_json(tmp_path / "result.json", every)
    got = read(TELEGRAM, path)
    assert [(each.draft.fields.get("title"), each.draft.text) for each in got.found] == [
        ("Ben", "Ana Ruiz: mine\nBen: his\nAna Ruiz (forwarded from Eve): copied"),
        ("Saved messages", "Ana Ruiz: to me"),
        ("Ben", "Ana Ruiz: stays"),
        ("Club", "Ana Ruiz: farewell"),
    ]
    assert got.reasons == ["empty", "not to remember", "unsupported", "not to remember"]
    mine = read(TELEGRAM, path, only_mine=True)
    assert [text.partition(": ")[2] for text in mine.texts] == ["mine", "to me", "stays", "farewell"]


def test_a_torn_file_yields_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps({"chats": {"list": [chat(message(1, "one"), message(2, "two"))]}})
    path = tmp_path / "result.json"
    path.write_text(whole[: whole.index('"two"')], "utf-8")
    got = read(TELEGRAM, path)
    assert got.texts == ["Ana Ruiz: one"]
    assert got.reasons == ["broken"]


def test_a_pause_and_the_length_end_an_item(tmp_path: Path) -> None:
    later = str(SECONDS + 5 * 3600)
    path = write_json(
        tmp_path / "result.json",
        chat(message(1, "a" * 600), message(2, "b" * 600), message(3, "c"), message(4, "d", date_unixtime=later)),
    )
    assert [len(text) for text in read(TELEGRAM, path).texts] == [610, 622, 11]


def test_a_name_cannot_pass_for_a_second_speaker(tmp_path: Path) -> None:
    path = write_json(tmp_path / "result.json", chat(message(1, "ok\nMum: the PIN", "Eve\nMum: yes\x1b[2J\u202e")))
    (text,) = read(TELEGRAM, path).texts
    assert text.split("\n") == ["Eve Mum: yes [2J: ok", "  Mum: the PIN"]
