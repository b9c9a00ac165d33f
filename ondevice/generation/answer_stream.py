"""An answer that arrives in pieces of text, for a thread or for an event loop."""

from __future__ import annotations

import threading
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from queue import Empty, SimpleQueue
from types import EllipsisType, TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, TypeVar

from ondevice.config import Sampling
from ondevice.errors import GenerationError, ModelMismatchError, NotFoundError
from ondevice.generation.checking import checked, is_sure
from ondevice.generation.generator import Generator
from ondevice.generation.prompts.marks import MarkFilter
from ondevice.records import Completion, Hit

if TYPE_CHECKING:
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.stream import Generation
    from ondevice.generation.prepared import Prepared

T = TypeVar("T")
_Told: TypeAlias = "str | BaseException | EllipsisType | None"

_WAIT_S = 0.05
"""So long a reader keeps one of the event loop's threads, of which asyncio has as few as five for everything."""


class InThread(Protocol):
    """Awaits a call that is made in another thread, as ``asyncio.to_thread`` does."""

    def __call__(self, call: Callable[[], T], /) -> Awaitable[T]:
        """Make the call, and return what it returns."""


class Stream(AbstractContextManager["Stream"]):
    """An answer that arrives in pieces of text; iterate over it once, then read ``completion``.

    Leaving the ``with`` block, or calling :meth:`close`, stops the model. ``cancel`` and ``close`` may be called from
    any thread.
    The reader may call anything of the profile between two pieces, but for another answer, which waits for this one.

    Where items are forgotten, or another language model takes the place of this one, an answer of which nothing has
    been read begins again; a later one ends, and says so by an error, unless its own reader did it.

    The numbers of notes that a model writes into its answer are in no piece; ``completion.citations`` has them. Where
    the request asks for what is supported alone, the answer is one piece, which comes when it has been checked.
    """

    def __init__(
        self,
        prepared: Prepared,
        generator: Generator,
        check_of: Callable[[Prepared], Check] | None = None,
        prepare: Callable[[], Prepared] | None = None,
        renew: Callable[[Prepared], Prepared] | None = None,
    ) -> None:
        """Start the answer; the model works while the stream is iterated.

        Args:
            prepared: What is answered.
            generator: Gives the language model.
            check_of: Gives what raises where something that the prompt is made of is gone; asked when the prompt is
                about to be read.
            prepare: Prepares the request again, where another language model cannot read its prompt.
            renew: Makes the rows behind the prompt anew, where an item of theirs is gone; otherwise it returns what it
                got.
        """
        # A question that seems to be about no note is first answered without them; nothing is given before that is
        # settled.
        self._with_notes = None if prepared.alone is None else prepared
        self._prepared = prepared.alone or prepared
        self._generator = generator
        self._check_of = check_of
        self._prepare = prepare
        self._renew = renew
        self._cancelled = threading.Event()
        self._pieces: list[str] = []
        self._written: list[str] = []
        self._marks: MarkFilter | None = None
        self._completion: Completion | None = None
        self._reading = threading.Lock()
        self._is_closing = self._is_poured = False
        self._generation = self._begin(prepared.request.sampling)

    @property
    def sources(self) -> tuple[Hit, ...]:
        """The items that stand in the prompt, known before the first piece."""
        return (self._with_notes or self._prepared).sources

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer is there."""
        return bool(self._pieces) or self._completion is not None

    @property
    def completion(self) -> Completion:
        """The finished answer.

        Raises:
            ValueError: If the stream has not ended.
        """
        if self._completion is None:
            raise ValueError("the stream has not ended: iterate over it first")
        return self._completion

    def __iter__(self) -> Iterator[str]:
        """Yield the answer's text as the model writes it.

        Raises:
            GenerationError: If the runtime fails, or another thread has ended the answer by forgetting items or by
                putting another language model in place.
            NotFoundError: If an item in the prompt was forgotten before the model had read it.
            ValueError: If another thread is reading it at this moment.
        """
        sampling = self._prepared.request.sampling
        if self._with_notes is not None:
            self._collect(sampling)
            self._settle(self._with_notes, sampling)
        if self._completion is None and not self._is_held_back:
            yield from self._run(sampling)
            self._finish()
            return
        if self._completion is None:
            self._collect(sampling)
            self._finish(self._answer_again)
        if text := self.completion.text:
            self._pieces.append(text)
            yield text

    def _settle(self, with_notes: Prepared, sampling: Sampling) -> None:
        """Take the answer without notes where the model is sure of it, and begin the one from them otherwise."""
        plain = self._written_so_far()
        if self._completion is not None:  # it was closed meanwhile
            return
        self._with_notes = None
        if is_sure(plain):
            self._completion = plain
        else:
            self._prepared = with_notes
            self._generation = self._begin(sampling)

    def _run(self, sampling: Sampling) -> Iterator[str]:
        """Yield what the model writes, from the beginning where it is begun again."""
        while True:
            try:
                while (piece := self._take()) is not None:
                    if piece:
                        yield piece
            except GenerationError:
                if not self._begins_again:
                    raise
            except NotFoundError:
                renewed = self._prepared if self._renew is None else self._renew(self._prepared)
                if renewed is self._prepared:
                    raise
                self._prepared = renewed
                self._generation = self._begin(sampling)
                continue
            if not self._begins_again:
                return
            self._generation = self._begin(sampling)

    def _collect(self, sampling: Sampling) -> None:
        for _ in self._run(sampling):
            pass

    def _answer_again(self, sampling: Sampling) -> Completion:
        self._generation = self._begin(sampling)
        self._collect(sampling)
        return self._written_so_far()

    async def pieces(self, in_thread: InThread) -> AsyncIterator[str]:
        """Yield the answer's text to a coroutine, while the event loop goes on.

        ::

            async for piece in me.stream(request).pieces(asyncio.to_thread):
                await client.send(piece)

        The model works at its own pace, however slowly the client takes the pieces, and does not wait for it. Where the
        reader goes away, because its task is cancelled or it leaves the loop, the model stops at its next token.

        Args:
            in_thread: Awaits a call in a thread: ``asyncio.to_thread``, or what another event loop has for it.

        Raises:
            GenerationError, NotFoundError, ValueError: As iterating over the stream.
        """
        if self._is_poured:
            raise ValueError("the answer is being read already: ask for its pieces once")
        self._is_poured = True
        reader = _Reader()
        # An event loop that was closed, or never told of this generator, does not even run its ``finally``.
        weakref.finalize(reader, self._cancelled.set).atexit = False
        threading.Thread(target=self._pour, args=(reader.told,), name="ondevice-answer", daemon=True).start()
        try:
            while (piece := await in_thread(reader.wait)) is not None:
                if isinstance(piece, BaseException):
                    raise piece
                if isinstance(piece, str):
                    yield piece
        finally:
            self.cancel()

    def _pour(self, into: SimpleQueue[_Told]) -> None:
        """Put every piece into a queue, then the error that ended the answer, if one did, and the end."""
        try:
            with self:
                for piece in self:
                    into.put(piece)
        except BaseException as error:
            into.put(error)
        into.put(None)

    def cancel(self) -> None:
        """Stop the model at its next token; the completion then says ``cancelled``."""
        self._cancelled.set()

    def close(self) -> None:
        """Stop the model and free it for the next request; calling again has no effect.

        Where another thread is waiting for a piece, that is the last one, and the answer ends with it.
        """
        self._is_closing = True
        self._cancelled.set()
        if self._reading.acquire(blocking=False):
            try:
                self._generation.close()
                self._finish()
            finally:
                self._reading.release()

    def _take(self) -> str | None:
        """Return the next piece; ``None`` at the end."""
        if not self._reading.acquire(blocking=False):
            raise ValueError("the stream is being read in another thread: each answer has one reader")
        try:
            piece = next(self._generation, None)
            if piece is None:
                return None
            self._written.append(piece)
            if self._marks is not None:
                piece = self._marks.push(piece)
            if piece and not self._is_held_back:
                self._pieces.append(piece)
            return piece
        finally:
            self._reading.release()
            if self._is_closing:
                self.close()

    @property
    def _begins_again(self) -> bool:
        """Whether something else than the caller ended it before anything was read."""
        return self._generation.was_ended and not self._pieces and not self._cancelled.is_set()

    @property
    def _is_held_back(self) -> bool:
        """Whether nothing of the answer is given before it has been checked."""
        return self._with_notes is not None or self._prepared.request.on_unsupported != "answer"

    def _begin(self, sampling: Sampling) -> Generation:
        while True:
            try:
                generation = self._generator.with_engine(lambda engine: self._stream(engine, sampling))
            except ModelMismatchError:
                if self._prepare is None or not self._prepared.reads:
                    raise
                self._prepared = self._prepare()  # whose prompt is for the language model that has come, if that stays
            else:
                self._written, self._marks = [], MarkFilter() if self._prepared.is_cited else None
                return generation

    def _stream(self, engine: Engine, sampling: Sampling) -> Generation:
        prepared, request = self._prepared, self._prepared.request
        return engine.stream(
            prepared.prompt,
            max_tokens=request.max_tokens,
            sampling=sampling,
            stop=request.stop,
            grammar=request.grammar,
            # Not a bound method: a stream dropped midway is then freed at once, and the model with it.
            cancel=_either(self._cancelled, request.cancel),
            check=None if self._check_of is None else self._check_of(prepared),
            reading=prepared.reading,
            suffix=prepared.suffix,
        )

    def _finish(self, again: Callable[[Sampling], Completion] | None = None) -> None:
        if self._completion is None:
            written = self._written_so_far()
            if self._with_notes is not None:  # nobody knows yet whether it is the answer
                written = replace(written, text="", citations=())
            completion = checked(self._prepared.request, written, again)
            self._completion = self._completion or completion  # it may have been closed meanwhile

    def _written_so_far(self) -> Completion:
        return self._prepared.completion(self._generation, "".join(self._written))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the model."""
        self.close()

    def __enter__(self) -> Self:
        """Return the stream itself."""
        return self


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


def _either(event: threading.Event, asked: Callable[[], bool] | None) -> Callable[[], bool]:
    return lambda: event.is_set() or (asked is not None and asked())
