"""Whatever stands in the place of a value, a reader says what it leaves out, and never fails otherwise."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.importers.chats import CHATGPT, CLAUDE, GOOGLE_CHAT, GOOGLE_KEEP, SLACK, TELEGRAM
from ondevice.importers.found import Format
from tests.ondevice.importers.chats.reading import read_anyway

NODE: dict[str, Any] = {
    "id": "a",
    "parent": None,
    "children": [],
    "message": {
        "id": "a",
        "author": {"role": "user"},
        "create_time": 1.5e9,
        "recipient": "all",
        "content": {"content_type": "multimodal_text", "parts": ["Hi", {"text": "there"}]},
        "metadata": {"attachments": [{"name": "a.txt", "text": "b"}]},
    },
}
TOLD: dict[str, Any] = {
    **NODE,
    "message": {
        "id": "b",
        "content": {"content_type": "user_editable_context", "user_profile": "```I sing.```"},
        "metadata": {"user_context_message_data": {"about_model_message": "Be brief."}},
    },
}
EXPORTS: dict[str, tuple[Format, str, Any]] = {
    "chatgpt": (
        CHATGPT,
        "conversations.json",
        [{"title": "t", "id": "1", "current_node": "a", "mapping": {"a": {**NODE, "parent": "b"}, "b": TOLD}}],
    ),
    "claude": (
        CLAUDE,
        "conversations.json",
        [
            {
                "uuid": "1",
                "name": "t",
                "chat_messages": [
                    {
                        "uuid": "m",
                        "sender": "human",
                        "text": "Hi",
                        "content": [{"type": "text", "text": "Hi"}],
                        "created_at": "2025-02-03T04:05:06Z",
                        "parent_message_uuid": "0",
                        "attachments": [{"file_name": "a", "extracted_content": "b"}],
                    }
                ],
            }
        ],
    ),
    "telegram": (
        TELEGRAM,
        "result.json",
        {
            "personal_information": {"user_id": 1, "first_name": "Ana"},
            "chats": {
                "list": [
                    {
                        "name": "Ben",
                        "type": "personal_chat",
                        "id": 4,
                        "messages": [
                            {"id": 1, "type": "message", "date": "2021-03-14T22:05:00", "date_unixtime": "1615755900"}
                            | {"from": "Ana", "from_id": "user1", "text": ["a", {"type": "link", "text": "b"}]}
                        ],
                    }
                ]
            },
        },
    ),
    "slack": (
        SLACK,
        "plans/2021-03-14.json",
        [{"type": "message", "user": "U1", "text": "Hi <@U2>", "ts": "1615755900.000100", "user_profile": {"a": 1}}]
        * 2,
    ),
    "google chat": (
        GOOGLE_CHAT,
        "messages.json",
        {
            "messages": [
                {"creator": {"name": "Ana"}, "created_date": "March 14, 2021 9:05 PM", "text": "Hi", "message_id": "1"}
            ]
        },
    ),
    "google keep": (
        GOOGLE_KEEP,
        "a.json",
        {
            "isTrashed": False,
            "userEditedTimestampUsec": 10**15,
            "createdTimestampUsec": 10**15,
            "title": "t",
            "listContent": [{"text": "a", "isChecked": True}],
            "labels": [{"name": "b"}],
            "sharees": [{"email": "a@example.org", "isOwner": True}],
        },
    ),
}
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, 0, -1, 10**30, 1e308, float("nan")),
        *("", "\ud800", "\0", "x" * 300, "1e999", "-99999999999999"),
        *([], {}, [[]], [None], ["a", 1], {"": []}, {"id": {"a": 1}}),
    ]
)


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield before
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from paths(part, (*before, name))


@pytest.mark.parametrize("name", EXPORTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_odd_values_do_no_harm(name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    form, file, whole = EXPORTS[name]
    value = {"": json.loads(json.dumps(whole))}
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from([path for path in paths(value) if path]))
        inner: Any = value
        for step in way:
            inner = inner[step]
        inner[last] = copy.deepcopy(data.draw(ODD))
    root = tmp_path_factory.mktemp("odd")
    # A sound file beside it, so that the folder is of the form in any case.
    for each, content in ((file, whole), (file.replace(".json", "-2.json"), value[""])):
        place = root / ("b/" if content is not whole else "a/") / (file if name == "slack" else each)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(content), "utf-8")
    for only_mine in (False, True):
        read_anyway(form, root, only_mine=only_mine, me=("Ana",), with_rejected=True)
        assert read_anyway(form, root / "a", me=("Ana",)).found
