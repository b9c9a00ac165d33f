"""``ondevice chat``: a conversation that knows the profile."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ondevice.cli.access import ProfileAccess
from ondevice.cli.ask import (
    KOption,
    MaxTokensOption,
    SeedOption,
    SummaryOption,
    TemperatureOption,
    completion_document,
    show_sources,
)
from ondevice.cli.browse import RetrieverOption
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.output import Output
from ondevice.cli.texts_in import read_stdin_line
from ondevice.config import Sampling
from ondevice.records import Completion

if TYPE_CHECKING:
    from ondevice.generation.answer_stream import Stream

LEAVE = ("/quit", "/exit")


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
) -> None:
    """Talk with the model; every line may draw on the profile, and earlier turns stay in the prompt while they fit.

    Ctrl-C stops an answer, not the chat; Ctrl-D or /quit ends it. /new starts over. Nothing said here is stored.
    """
    from ondevice.generation.prompts.chat import Message

    turns: list[Completion] = []
    conversation: list[Message] = []
    if sys.stdin is not None and sys.stdin.isatty():
        output.say("Ctrl-C stops an answer, /new starts over, /quit or Ctrl-D ends the chat.")
    with access.open(retriever=retriever) as me:
        if summary:
            me.summaries.get()  # a missing one is told before anything is said
        while (line := _read_line(output)) is not None:
            if line == "/new":
                conversation.clear()
                continue
            with me.stream(
                line,
                earlier=conversation,
                retriever=retriever,
                k=k,
                filter=selection.filter,
                max_tokens=max_tokens,
                sampling=Sampling(temperature=temperature, seed=seed),
                summary=summary,
            ) as stream:
                _show_pieces(output, stream)
            completion = stream.completion
            turns.append(completion)
            conversation += [Message(role="user", content=line), Message(role="assistant", content=completion.text)]
            if not output.as_json:
                show_sources(output, completion, wants_summary=summary)
    if output.as_json:
        output.result({"turns": [completion_document(turn) for turn in turns]})


def _show_pieces(output: Output, stream: Stream) -> None:
    with _interrupt_cancels(stream):
        for piece in stream:
            output.write(piece)
    output.write("\n")


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
        if said is None or said in LEAVE:
            return None
        if said:
            return said


@contextmanager
def _interrupt_cancels(stream: Stream) -> Iterator[None]:
    """Let Ctrl-C end the answer instead of the program while the block runs."""
    before = signal.signal(signal.SIGINT, lambda *_: stream.cancel())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
