"""ChatGPT's export: the branch that the user saw last, whose words, and what is not to be remembered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.importers.chats import CHATGPT, CLAUDE
from ondevice.importers.chats.assistants import ANSWER_CHARS
from ondevice.importers.source import Source
from tests.ondevice.importers.chats.reading import read, read_anyway, write_json, zipped

START = 1_700_000_000.5


def node(name: str, parent: str | None, role: str, text: object, **more: Any) -> dict[str, Any]:
    content = {"content_type": "text", "parts": [text]} if isinstance(text, str) else text
    message = {"id": name, "author": {"role": role}, "create_time": START, "content": content, **more}
    return {"id": name, "message": message, "parent": parent, "children": []}


def conversation(*nodes: dict[str, Any], current: Any = None, **more: Any) -> dict[str, Any]:
    root = {"id": "root", "message": None, "parent": None, "children": [nodes[0]["id"]]}
    mapping = {"root": root, **{each["id"]: each for each in nodes}}
    for each in nodes:
        mapping[each["parent"]]["children"].append(each["id"])
    return {
        "title": "Porto",
        "create_time": START,
        "mapping": mapping,
        "current_node": nodes[-1]["id"] if current is None else current,
        "conversation_id": "c1",
        **more,
    }


ASKED = node("u1", "root", "user", "Where shall we stay in Porto?")
ANSWERED = node("a1", "u1", "assistant", "In Cedofeita.")


def test_a_conversation_is_asked_and_answered(tmp_path: Path) -> None:
    path = write_json(tmp_path / "conversations.json", [conversation(ASKED, ANSWERED)])
    (item,) = read(CHATGPT, path).found
    assert item.draft.text == "Me: Where shall we stay in Porto?\nChatGPT: In Cedofeita."
    assert item.draft.kind == "chat"
    assert item.draft.time == datetime.fromtimestamp(START, UTC)
    assert item.draft.fields == {"title": "Porto", "from": "Me, ChatGPT"}
    assert item.draft.metadata == {"exported_by": "chatgpt", "conversation": "c1", "message": "u1"}
    assert item.key == "chatgpt:c1:u1"
    assert item.place == "conversations.json, conversation 1, message 1"


def test_only_the_current_branch_is_read(tmp_path: Path) -> None:
    edited = conversation(
        node("u1", "root", "user", "first wording"),
        node("a1", "u1", "assistant", "first answer"),
        node("u2", "root", "user", "second wording"),
        node("a2", "u2", "assistant", "second answer"),
        node("a3", "u2", "assistant", "asked once more"),
        current="a2",
    )
    path = write_json(tmp_path / "conversations.json", [edited])
    assert read(CHATGPT, path).texts == ["Me: second wording\nChatGPT: second answer"]
    edited["current_node"] = "gone"
    write_json(path, [edited])
    assert read(CHATGPT, path).texts == ["Me: second wording\nChatGPT: asked once more"]


def test_what_neither_of_the_two_said_is_left_out(tmp_path: Path) -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    path = write_json(
        tmp_path / "conversations.json",
        [
            conversation(
                node("s", "root", "system", "You are helpful."),
                node("u1", "s", "user", "How warm is it?"),
                node("t1", "u1", "assistant", {"content_type": "code", "text": "weather()"}, recipient="python"),
                node("t2", "t1", "assistant", "search(weather)", recipient="web"),
                node("t3", "t2", "tool", "21 degrees"),
                node("t4", "t3", "assistant", {"content_type": "thoughts", "thoughts": [{"content": "warm"}]}),
                node("t5", "t4", "user", "hidden words", metadata=hidden),
                node("a1", "t5", "assistant", "It is warm."),
            )
        ],
    )
    assert read(CHATGPT, path).texts == ["Me: How warm is it?\nChatGPT: It is warm."]


def test_pictures_and_files_are_named_and_speech_is_read(tmp_path: Path) -> None:
    spoken = {"content_type": "audio_transcription", "text": "What is this?"}
    parts = [{"content_type": "image_asset_pointer", "asset_pointer": "file://x"}, spoken, "The red one."]
    asked = node(
        "u1",
        "root",
        "user",
        {"content_type": "multimodal_text", "parts": parts},
        metadata={"attachments": [{"name": "list.txt", "text": "one sofa"}]},
    )
    path = write_json(tmp_path / "conversations.json", [conversation(asked)])
    assert read(CHATGPT, path).texts == ["Me: What is this?\n  The red one.\n  [attached: list.txt]\n  one sofa"]


def test_custom_instructions_are_a_note_once(tmp_path: Path) -> None:
    told = node(
        "i",
        "root",
        "user",
        {"content_type": "user_editable_context", "user_profile": "It is:\n```I am a vet.```", "user_instructions": ""},
        metadata={"is_visually_hidden_from_conversation": True},
    )
    one = conversation(told, node("u1", "i", "user", "Hi"))
    path = write_json(tmp_path / "conversations.json", [one, {**one, "conversation_id": "c2"}])
    got = read(CHATGPT, path)
    assert got.texts == ["I am a vet.", "Me: Hi", "Me: Hi"]
    assert (got.found[0].draft.kind, got.found[0].draft.fields) == ("note", {"title": "Custom instructions"})


@pytest.mark.parametrize("name", ["is_do_not_remember", "is_temporary_chat"])
def test_what_is_not_to_be_remembered_is_not(name: str, tmp_path: Path) -> None:
    every = [conversation(ASKED, **{name: True}), conversation(ANSWERED | {"parent": "root"}, **{name: False})]
    got = read(CHATGPT, write_json(tmp_path / "conversations.json", every))
    assert got.reasons == ["not to remember"]
    assert got.texts == ["ChatGPT: In Cedofeita."]


def test_a_long_answer_is_cut_after_a_sentence_and_the_users_words_are_not(tmp_path: Path) -> None:
    asked, answer = "why " * 600, "Because it rains. " * 100
    every = [
        conversation(
            node("u1", "root", "user", asked),
            node("a1", "u1", "assistant", answer),
            node("a2", "a1", "assistant", "And more."),
            node("u2", "a2", "user", "I see."),
        )
    ]
    got = read(CHATGPT, write_json(tmp_path / "conversations.json", every), me=("a@example.org", "Ana"))
    first, second = got.texts
    assert first.startswith(f"Ana: {asked.strip()}\nChatGPT: Because it rains.")
    assert first.endswith("it rains. …")
    assert "And more" not in first
    assert len(first) < len(asked) + ANSWER_CHARS + 30
    assert second == "Ana: I see."
    assert [text for text in read(CHATGPT, tmp_path, only_mine=True).texts if "ChatGPT" in text] == []


def test_a_folder_and_a_zip_file_with_numbered_files_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    write_json(folder / "user.json", {"id": "user-1", "email": "a@example.org"})
    write_json(folder / "conversations-000.json", [conversation(ASKED)])
    write_json(folder / "conversations-001.json", [conversation(ANSWERED | {"parent": "root"}, conversation_id="c2")])
    texts = ["Me: Where shall we stay in Porto?", "ChatGPT: In Cedofeita."]
    assert read(CHATGPT, folder).texts == read(CHATGPT, zipped(folder, tmp_path / "a.zip")).texts == texts


def test_one_broken_conversation_does_not_stop_the_rest(tmp_path: Path) -> None:
    circle = conversation(node("u1", "root", "user", "round"))
    circle["mapping"]["root"]["parent"] = "u1"
    deep: Any = "x"
    for _ in range(100):
        deep = [deep]
    every = [conversation(ASKED), "text", {"mapping": 3}, {"mapping": {}}, {"mapping": {}, "deep": deep}, circle]
    got = read(CHATGPT, write_json(tmp_path / "conversations.json", every))
    assert got.texts == ["Me: Where shall we stay in Porto?", "Me: round"]
    assert got.reasons == ["broken"] * 4
    assert got.skipped[3].place == "conversations.json, conversation 5"


def test_a_torn_file_yields_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps([conversation(ASKED), conversation(ANSWERED | {"parent": "root"})])
    path = tmp_path / "conversations.json"
    path.write_text(whole[:-40], "utf-8")
    got = read(CHATGPT, path)
    assert got.texts == ["Me: Where shall we stay in Porto?"]
    assert got.reasons == ["broken"]


def test_numbers_and_halves_of_characters_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    text = json.dumps([conversation(node("u1", "root", "user", "a\ud83d b\0c\x1b[2J"))])
    path.write_text(text.replace(str(START), "1e999999999"), "utf-8")
    (item,) = read(CHATGPT, path).found
    assert item.draft.time is None
    assert not {"\ud83d", "\x1b", "\0"} & set(item.draft.text)


def test_other_exports_are_not_chatgpts(tmp_path: Path) -> None:
    path = write_json(tmp_path / "conversations.json", [{"uuid": "1", "chat_messages": []}])
    assert not CHATGPT.fits(Source(path))
    assert CLAUDE.fits(Source(path))
    with pytest.raises(InputError, match="holds no conversations of ChatGPT"):
        read_anyway(CHATGPT, path)
