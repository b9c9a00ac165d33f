"""``ondevice chat``: a conversation that knows the profile."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.ask import (
    KOption,
    MaxTokensOption,
    NowOption,
    OnUnsupportedOption,
    SeedOption,
    SummaryOption,
    TemperatureOption,
    ThinkingOption,
    Unsupported,
    completion_document,
    parse_now,
    require_checkable,
    show_pieces,
    show_sources,
)
from ondevice.cli.browse import RetrieverOption
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.output import Output
from ondevice.cli.persona import require_task_known
from ondevice.cli.texts_in import read_stdin_line
from ondevice.config import Sampling
from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.refusal import refuses
from ondevice.records import Completion, Draft

if TYPE_CHECKING:
    from ondevice.generation.answer_stream import Stream
    from ondevice.generation.prompts.chat import Message

LEAVE = ("/quit", "/exit")
HELP = (
    "/new starts over: what was said so far is no longer in the prompt",
    "/help shows this",
    "/quit, /exit or Ctrl-D ends the chat",
    "Ctrl-C stops an answer",
)
_COMMAND = re.compile(r"/[^\W\d_]\w*(?=\s|\Z)")
"""How a line begins that is no question."""


def chat(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    retriever: RetrieverOption = None,
    k: KOption = None,
    max_tokens: MaxTokensOption = 256,
    temperature: TemperatureOption = 0.0,
    seed: SeedOption = 0,
    summary: SummaryOption = False,
    now: NowOption = None,
    on_unsupported: OnUnsupportedOption = Unsupported.answer,
    thinking: ThinkingOption = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="When the chat ends, store its turns as items of the kind chat.")
    ] = False,
) -> None:
    """Talk with the model; every line may draw on the profile, and earlier turns stay in the prompt while they fit.

    Ctrl-C stops an answer, not the chat; Ctrl-D or /quit ends it. /new starts over, /help lists the commands. Nothing
    said here is stored, unless --keep asks for it; answers that the notes do not say it, or that say what stands in
    none of those they name, are not kept even then.
    """
    from ondevice.generation.prompts.chat import Message

    moment = parse_now(now)
    turns: list[Completion] = []
    conversation: list[Message] = []
    kept: list[Draft] = []
    if sys.stdin is not None and sys.stdin.isatty():
        output.say("Ctrl-C stops an answer, /new starts over, /help lists the commands, /quit or Ctrl-D ends the chat.")
    with access.open(retriever=retriever) as me:
        if summary:
            me.summaries.get()  # a missing one is told before anything is said
        require_checkable(me, on_unsupported)
        require_task_known(me, "chat")
        try:
            while (line := _read_question(output, conversation)) is not None:
                try:
                    stream = me.stream(
                        line,
                        earlier=conversation,
                        retriever=retriever,
                        k=k,
                        filter=selection.filter,
                        max_tokens=max_tokens,
                        sampling=Sampling(temperature=temperature, seed=seed),
                        summary=summary,
                        now=moment,
                        on_unsupported=on_unsupported.value,
                        thinking=thinking,
                    )
                except ContextOverflowError as error:
                    if output.as_json:
                        raise
                    output.say(f"error: {error}")  # one line that is too long does not end what was said before it
                    continue
                with stream:
                    _show_pieces(output, stream)
                completion = stream.completion
                turns.append(completion)
                conversation += [Message(role="user", content=line), Message(role="assistant", content=completion.text)]
                kept += _drafts(line, completion)
                if not output.as_json:
                    show_sources(output, completion, wants_summary=summary)
        finally:  # not before: a turn would be found as an item while it stands in the conversation
            if keep:
                me.add_many(kept)
    if output.as_json:
        output.result({"turns": [completion_document(turn) for turn in turns]})


def _drafts(line: str, completion: Completion) -> Iterator[Draft]:
    """Yield what is kept of one turn: what the user said, and the answer, if it says what its notes bear out."""
    now, text = datetime.now(UTC), _storable(completion.text.strip())
    yield Draft(text=_storable(line), kind="chat", fields={"role": "user"}, time=now)
    if text and not refuses(text) and all(citation.is_borne_out for citation in completion.citations):
        yield Draft(text=text, kind="chat", fields={"role": "assistant"}, time=now)


def _storable(text: str) -> str:
    """Return the text without the one character that no item may hold."""
    return text.replace("\0", "\ufffd")


def _show_pieces(output: Output, stream: Stream) -> None:
    with _interrupt_cancels(stream):
        show_pieces(output, stream)
    output.write("\n")


def _read_question(output: Output, conversation: list[Message]) -> str | None:
    """Return the next thing to answer, or ``None`` at the end; commands are done here."""
    while (line := _read_line(output)) is not None:
        command = _COMMAND.match(line)
        if command is None:
            return line
        if line in LEAVE:
            return None
        if line == "/new":
            conversation.clear()
        elif line == "/help":
            for each in HELP:
                output.say(each)
        elif command[0] in (*LEAVE, "/new", "/help"):
            output.say(f"{command[0]} stands alone on its line; /help lists the commands")
        else:
            output.say(f"there is no command {command[0]}; /help lists them")
    return None


def _read_line(output: Output) -> str | None:
    """Return the next thing said, or ``None`` at the end; empty lines are passed over."""
    while True:
        if sys.stdin is not None and sys.stdin.isatty():
            output.err.print("you> ", end="", style="bold")
        try:
            said = read_stdin_line()
        except KeyboardInterrupt:
            output.say("")
            continue
        if said is None or said:
            return said


@contextmanager
def _interrupt_cancels(stream: Stream) -> Iterator[None]:
    """Let Ctrl-C end the answer instead of the program while the block runs."""
    before = signal.signal(signal.SIGINT, lambda *_: stream.cancel())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
