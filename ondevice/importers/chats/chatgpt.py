"""ChatGPT's export: ``conversations.json``, or the numbered files of a large one, in a folder or a zip file.

Each conversation is a tree: a message that was edited, and an answer that was asked for once more, have branches. The
branch that the user saw last is read. What tools and the system said is left out, as is a conversation that was not to
be remembered. What the user told of themselves in the custom instructions is a note, once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from ondevice.errors import InputError
from ondevice.importers.chats.assistants import shortened, user_name
from ondevice.importers.chats.json_stream import Fault, has_json, json_members, values_at
from ondevice.importers.chats.moments import since_1970
from ondevice.importers.chats.turns import Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.windows import Windows
from ondevice.importers.drafting import RecordPlace, make_draft
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Source

_SIGNS = (re.compile(r'"mapping"\s*:\s*\{'), re.compile(r"^\s*\[\s*\{"))
_FORGET = ("is_do_not_remember", "do_not_remember", "is_temporary_chat", "is_temporary")
_PROGRAM = "chatgpt"
_MAX_ID = 64
_FENCED = re.compile(r"```(.*?)```", re.DOTALL)


class ChatGptFormat:
    """Conversations with ChatGPT."""

    name = _PROGRAM
    title = "ChatGPT's export"

    def fits(self, source: Source) -> bool:
        """Say whether one of its files has ChatGPT's conversations."""
        return has_json(source, *_SIGNS)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield some turns of a conversation at a time; see :class:`~ondevice.importers.found.Format`."""
        n_files, told = 0, set[str]()
        for member in json_members(source, *_SIGNS):
            n_files += 1
            for number, (_, value) in enumerate(values_at(member, "item"), start=1):
                place = f"{member.place}, conversation {number}"
                if isinstance(value, Fault):
                    yield value.at(place)
                elif not isinstance(value, dict) or not isinstance(value.get("mapping"), dict):
                    yield Skipped(place=place, reason="broken", detail="it has no messages")
                elif any(value.get(name) is True for name in _FORGET):
                    yield Skipped(place=place, reason="not to remember", detail="ChatGPT was not to remember it")
                else:
                    yield from _conversation(value, place, options, told)
        if not n_files:
            raise InputError(f"{source.name!r} holds no conversations of ChatGPT")


def _conversation(value: Mapping[str, object], place: str, options: ReadOptions, told: set[str]) -> Reading:
    branch = list(_branch(value))
    if not branch:
        yield Skipped(place=place, reason="broken", detail="its messages do not lead back to its beginning")
        return
    for message in branch:
        yield from _instructions(message, place, told)
    talk = Talk(
        id=next(
            (each for name in ("conversation_id", "id") if isinstance(each := value.get(name), str)),
            str(value.get("create_time"))[:_MAX_ID],
        ),
        title=clean_name(value.get("title")),
        kind="chat",
        program=_PROGRAM,
    )
    windows = Windows(talk, only_mine=options.only_mine)
    fallback = value.get("create_time")
    turns = (
        turn
        for at, message in enumerate(branch, start=1)
        if (turn := _turn(message, f"{place}, message {at}", user_name(options), fallback)) is not None
    )
    for turn in shortened(turns):
        yield from windows.add(turn)
    yield from windows.end()


def _branch(value: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Yield the messages from the root to the current one; of a tree that names none, to its last leaf."""
    nodes = value["mapping"]
    if not isinstance(nodes, dict):
        return
    at = value.get("current_node")
    if not isinstance(at, str) or at not in nodes:
        leaves = [name for name, node in nodes.items() if isinstance(node, dict) and not node.get("children")]
        at = leaves[-1] if leaves else None
    back: list[Mapping[str, object]] = []
    seen: set[str] = set()
    while isinstance(at, str) and at not in seen and isinstance(node := nodes.get(at), dict):
        seen.add(at)
        if isinstance(message := node.get("message"), dict):
            back.append({"id": at, **message})
        at = node.get("parent")
    yield from reversed(back)


def _turn(message: Mapping[str, object], place: str, me: str, fallback: object) -> Turn | None:
    """Return what a user or the assistant said to the other, or ``None``."""
    role = _of(message, "author").get("role")
    hidden = _of(message, "metadata").get("is_visually_hidden_from_conversation")
    to_tool = message.get("recipient") not in (None, "all")
    if role not in ("user", "assistant") or hidden is True or to_tool:
        return None
    text = _text(message)
    if text is None:
        return None
    return Turn(
        id=str(message.get("id")),
        speaker=me if role == "user" else "ChatGPT",
        text=text,
        time=since_1970(message.get("create_time")) or since_1970(fallback),
        place=place,
        is_mine=role == "user",
    )


def _text(message: Mapping[str, object]) -> str | None:
    content = _of(message, "content")
    if content.get("content_type") not in ("text", "multimodal_text"):
        return None
    parts = content.get("parts")
    said = [clean_text(_part(each)) for each in parts] if isinstance(parts, list) else []
    attached = _of(message, "metadata").get("attachments")
    for each in attached if isinstance(attached, list) else []:
        if isinstance(each, dict) and (name := clean_name(each.get("name"))):
            said.append(f"[attached: {name}]")
            said.append(clean_text(each.get("text") or each.get("extracted_content")))
    return "\n".join(each for each in said if each)


def _part(part: object) -> object:
    """Return the words of a part: itself, or what was spoken; a picture has none."""
    return part.get("text") if isinstance(part, dict) else part


def _instructions(message: Mapping[str, object], place: str, told: set[str]) -> Reading:
    """Yield what the user told of themselves for all conversations, if it has not been seen in another."""
    content = _of(message, "content")
    if content.get("content_type") != "user_editable_context":
        return
    known = _of(_of(message, "metadata"), "user_context_message_data")
    pairs = (("about_user_message", "user_profile"), ("about_model_message", "user_instructions"))
    said = [clean_text(known.get(plain)) or clean_text(_unfenced(content.get(wrapped))) for plain, wrapped in pairs]
    text = "\n".join(each for each in said if each)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if not text or digest in told:
        return
    told.add(digest)
    where = f"{place}, custom instructions"
    try:
        draft = make_draft(
            RecordPlace(where),
            text=text,
            time=since_1970(message.get("create_time")),
            fields={"title": "Custom instructions"},
            metadata={"exported_by": _PROGRAM},
        )
    except InputError as error:
        yield Skipped(place=where, reason="broken", detail=error.message)
    else:
        yield Found(draft=draft, place=where)


def _unfenced(value: object) -> object:
    """Return what stands between the fences that ChatGPT puts around the user's words."""
    if isinstance(value, str) and (found := _FENCED.search(value)):
        return found[1]
    return value


def _of(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


CHATGPT = ChatGptFormat()
