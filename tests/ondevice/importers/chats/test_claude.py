"""Claude's export: messages of two forms, branches, and attached texts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ondevice.importers.chats import CLAUDE
from tests.ondevice.importers.chats.reading import read, write_json

TIME = "2025-02-03T04:05:06.789Z"


def message(name: str, sender: str, text: str, **more: Any) -> dict[str, Any]:
    return {"uuid": name, "sender": sender, "text": text, "created_at": TIME, "attachments": [], "files": [], **more}


def export(tmp_path: Path, *messages: object, **more: Any) -> Path:
    talk = {"uuid": "c1", "name": "A garden", "created_at": TIME, "account": {"uuid": "x"}, "chat_messages": messages}
    return write_json(tmp_path / "conversations.json", [talk | more])


def test_a_conversation_is_read(tmp_path: Path) -> None:
    blocks = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "In May."}, {"type": "tool_use"}]
    path = export(
        tmp_path,
        message("m1", "human", "When do I sow beans?"),
        message("m2", "assistant", "hm\n\nIn May.", content=blocks),
    )
    (item,) = read(CLAUDE, path).found
    assert item.draft.text == "Me: When do I sow beans?\nClaude: In May."
    assert item.draft.kind == "chat"
    assert item.draft.time == datetime(2025, 2, 3, 4, 5, 6, 789_000, UTC)
    assert item.draft.fields == {"title": "A garden", "from": "Me, Claude"}
    assert item.key == "claude:c1:m1"


def test_an_attached_text_is_a_document(tmp_path: Path) -> None:
    attached = [{"file_name": "plan.txt", "file_size": 9, "extracted_content": "Beds: 4"}, {"file_name": "a.png"}]
    first, second = read(CLAUDE, export(tmp_path, message("m1", "human", "See", attachments=attached))).found
    assert (first.draft.text, first.draft.kind, first.draft.fields) == ("Beds: 4", "document", {"title": "plan.txt"})
    assert first.key == "claude:c1:m1:1"
    assert second.draft.text == "Me: See\n  [attached: plan.txt]\n  [attached: a.png]"


def test_an_edited_branch_is_left_out(tmp_path: Path) -> None:
    path = export(
        tmp_path,
        message("m1", "human", "old", parent_message_uuid="0"),
        message("m2", "assistant", "to the old", parent_message_uuid="m1"),
        message("m3", "human", "new", parent_message_uuid="0"),
        message("m4", "assistant", "to the new", parent_message_uuid="m3"),
    )
    assert read(CLAUDE, path).texts == ["Me: new\nClaude: to the new"]


def test_what_is_broken_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    path = export(
        tmp_path,
        7,
        message("m1", "human", ""),
        message("m2", "human", "round", parent_message_uuid="m2"),
        message("m3", "assistant", "Well.", parent_message_uuid="m2", created_at="soon"),
    )
    got = read(CLAUDE, path)
    assert got.texts == ["Me: round\nClaude: Well."]
    assert [(each.reason, each.place) for each in got.skipped] == [
        ("broken", "conversations.json, conversation 1, message 1")
    ]
    assert read(CLAUDE, path, only_mine=True).texts == ["Me: round"]
