"""The pieces of an answer for a coroutine: a thread of their own makes them, and the event loop goes on."""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from queue import Empty, SimpleQueue
from types import EllipsisType
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from ondevice.generation.answer_stream import Stream

T = TypeVar("T")
_Told: TypeAlias = "str | BaseException | EllipsisType | None"

_WAIT_S = 0.05
"""So long a reader keeps one of the event loop's threads, of which asyncio has as few as five for everything."""


class InThread(Protocol):
    """Awaits a call that is made in another thread, as ``asyncio.to_thread`` does."""

    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]:
        """Make the call, and return what it returns."""


async def poured(stream: Stream, in_thread: InThread) -> AsyncIterator[str]:
    """Yield the stream's pieces, and stop it where the coroutine that reads them goes away; raises as the stream."""
    reader = _Reader()
    # An event loop that was closed, or never told of this generator, does not even run its ``finally``.
    weakref.finalize(reader, stream.cancel).atexit = False
    threading.Thread(target=_pour, args=(stream, reader.told), name="ondevice-answer", daemon=True).start()
    try:
        while (piece := await in_thread(reader.wait)) is not None:
            if isinstance(piece, BaseException):
                raise piece
            if isinstance(piece, str):
                yield piece
    finally:
        stream.cancel()


def _pour(stream: Stream, into: SimpleQueue[_Told]) -> None:
    """Put every piece into a queue, then the error that ended the answer, if one did, and the end."""
    try:
        with stream:
            for piece in stream:
                into.put(piece)
    except BaseException as error:
        into.put(error)
    into.put(None)


class _Reader:
    """A coroutine that reads; it is gone when this is."""

    def __init__(self) -> None:
        self.told: SimpleQueue[_Told] = SimpleQueue()

    def wait(self) -> _Told:
        """Wait for what comes next, but not for long."""
        try:
            return self.told.get(timeout=_WAIT_S)
        except Empty:
            return ...
