"""Slack's export: channels by days, names, threads, links, and no programs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.importers.chats import SLACK
from ondevice.importers.chats.slack_text import plain_text
from ondevice.importers.source import Source
from tests.ondevice.importers.chats.reading import read, read_anyway, write_json, zipped

USERS = [
    {"id": "U1", "name": "ana", "profile": {"display_name": "Ana", "real_name": "Ana Ruiz", "email": "a@example.org"}},
    {"id": "U2", "name": "ben", "real_name": "Ben Ode", "profile": {"display_name": ""}},
    {"id": "U3", "name": "robot", "is_bot": True, "profile": {}},
]


def message(seconds: int, user: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": f"{1_615_755_900 + seconds}.000100", **more}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "export"
    parent = f"{1_615_755_900}.000100"
    write_json(root / "users.json", USERS)
    write_json(root / "channels.json", [{"id": "C1", "name": "plans", "members": ["U1", "U2"]}])
    write_json(root / "dms.json", [{"id": "D1", "members": ["U1", "U2"]}])
    write_json(
        root / "plans" / "2021-03-14.json",
        [
            message(0, "U1", "Shall we, <@U2>? See <#C1|plans>", thread_ts=parent),
            message(1, "U2", "Lunch &amp; tea"),
            message(2, "U3", "beep"),
            message(3, "U2", "beep", bot_id="B1", subtype="bot_message"),
            message(4, "U2", "joined", subtype="channel_join"),
            message(5, "U1", "", files=[{"name": "a.png"}]),
            message(6, "U9", "from elsewhere", user_profile={"real_name": "Eve"}),
        ],
    )
    write_json(root / "plans" / "2021-03-15.json", [message(90_000, "U2", "Yes!", thread_ts=parent), 7])
    write_json(root / "D1" / "2021-03-14.json", [message(0, "U2", "Between us")])
    write_json(root / "plans" / "canvas.json", {"no": "days"})
    return root


def test_channels_are_read_with_their_names_and_threads(folder: Path, tmp_path: Path) -> None:
    got = read(SLACK, folder)
    assert [(each.draft.fields["title"], each.draft.text) for each in got.found] == [
        ("Ana, Ben Ode", "Ben Ode: Between us"),
        ("#plans", "Ben Ode: Lunch & tea\nEve: from elsewhere"),
        ("#plans", "Ana: Shall we, @Ben Ode? See #plans\nBen Ode: Yes!"),
    ]
    assert [(each.reason, each.place) for each in got.skipped] == [
        ("unsupported", "plans/2021-03-14.json, message 3"),
        ("empty", "plans/2021-03-14.json, message 6"),
        ("broken", "plans/2021-03-15.json, message 2"),
    ]
    assert got.found[2].draft.time == datetime.fromtimestamp(1_615_755_900.0001, UTC)
    assert got.found[2].key == "slack:plans:1615755900.000100"
    assert read(SLACK, zipped(folder, tmp_path / "a.zip")).texts == got.texts


@pytest.mark.parametrize("me", ["Ana", "a@example.org", "U1"])
def test_only_mine(me: str, folder: Path) -> None:
    assert read(SLACK, folder, only_mine=True, me=(me,)).texts == ["Ana: Shall we, @Ben Ode? See #plans"]
    with pytest.raises(InputError, match="who you are"):
        read(SLACK, folder, only_mine=True)


def test_markup_becomes_words() -> None:
    people, channels = {"U1": "Ana"}, {"C1": "plans"}
    said = {
        "<@U1> <@U2|bob> <@U3>": "@Ana @bob @U3",
        "<#C1> <#C2|old>": "#plans #old",
        "<!here> <!subteam^S1|@crew>": "@here @crew",
        "<https://example.org> <https://example.org|the list>": "https://example.org the list (https://example.org)",
        "<mailto:a@example.org|a@example.org>": "a@example.org",
        "&lt;b&gt; &amp;amp; 1 < 2": "<b> &amp; 1 < 2",
    }
    assert {text: plain_text(text, people, channels) for text in said} == said


def test_a_folder_of_other_days_is_not_slacks(tmp_path: Path) -> None:
    write_json(tmp_path / "journal" / "2021-03-14.json", {"text": "Dear diary"})
    assert not SLACK.fits(Source(tmp_path))
    with pytest.raises(InputError, match="no days of messages"):
        read_anyway(SLACK, tmp_path)
