"""An answer that arrives in pieces of text, for a thread or for an event loop."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ondevice.errors import GenerationError, ModelMismatchError, NotFoundError
from ondevice.generation.attempts import attempts
from ondevice.generation.generator import Generator
from ondevice.generation.pouring import InThread, poured
from ondevice.generation.prompts.marks import MarkFilter
from ondevice.generation.prompts.thoughts import StreamEvent, Thought
from ondevice.records import Completion, Hit

if TYPE_CHECKING:
    from ondevice.generation.llama.desk import Check
    from ondevice.generation.llama.stream import Generation
    from ondevice.generation.prepared import Prepared


class Stream(AbstractContextManager["Stream"]):
    """An answer that arrives in pieces of text; iterate over it once, then read ``completion``.

    Leaving the ``with`` block, or calling :meth:`close`, stops the model. ``cancel`` and ``close`` may be called from
    any thread.
    The reader may call anything of the profile between two pieces, but for another answer, which waits for this one.

    Where items are forgotten, or another language model takes the place of this one, an answer of which nothing has
    been read begins again; a later one ends, and says so by an error, unless its own reader did it.

    The numbers of notes that a model writes into its answer are in no piece; ``completion.citations`` has them. Where
    the request asks for what is supported alone, the answer is one piece, which comes when it has been checked. So it
    is where the model is sure of an answer without notes.

    What a model thinks aloud is in no piece either; ``completion.thinking`` has it, and :meth:`events` gives both.
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
        self._generator = generator
        self._check_of = check_of
        self._prepare = prepare
        self._renew = renew
        self._cancelled = threading.Event()
        self._is_given = self._is_poured = self._is_closing = self._shows_thinking = False
        self._completion: Completion | None = None
        self._working = threading.Lock()
        """Held by whoever takes a piece or closes: all that follows changes only then."""
        self._prepared = prepared
        self._attempts = attempts(prepared)
        self._attempt = next(self._attempts)
        self._written: list[str] = []
        self._marks: MarkFilter | None = None
        self._generation = self._begun()

    @property
    def sources(self) -> tuple[Hit, ...]:
        """The items that stand in the prompt, known before the first piece."""
        return self._prepared.sources if self._completion is None else self._completion.sources

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer is there."""
        return self._is_given or self._completion is not None

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
        while (piece := self._take()) is not None:
            if piece:
                yield piece

    def events(self) -> Iterator[StreamEvent]:
        """Yield thoughts and answer as the model writes them; iterate over this in place of the stream.

        Where an answer is held back until it is checked, so are its thoughts. Raises as iterating over the stream.
        """
        with self._working:
            self._shows_thinking = True
            self._generation.show_thinking()
        for piece in self:
            yield StreamEvent(kind="thinking" if isinstance(piece, Thought) else "answer", text=str(piece))

    def pieces(self, in_thread: InThread) -> AsyncIterator[str]:
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
        return poured(self, in_thread)

    def cancel(self) -> None:
        """Stop the model at its next token; the completion then says ``cancelled``."""
        self._cancelled.set()

    def close(self) -> None:
        """Stop the model and free it for the next request; calling again has no effect.

        Where another thread is waiting for a piece, that is the last one, and the answer ends with it.
        """
        self._is_closing = True
        self._cancelled.set()
        if self._working.acquire(blocking=False):
            try:
                self._generation.close()
                if self._completion is None:
                    self._tell(replace(self._said(), finish_reason="cancelled"))
            finally:
                self._working.release()

    def _take(self) -> str | None:
        """Return what comes next of the answer, which may be nothing yet; ``None`` at the end."""
        if not self._working.acquire(blocking=False):
            raise ValueError("the stream is being read in another thread: each answer has one reader")
        try:
            given = None if self._completion is not None else self._next()
            self._is_given = self._is_given or bool(given)
            return given
        finally:
            self._working.release()
            if self._is_closing:
                self.close()

    def _next(self) -> str | None:
        try:
            piece = next(self._generation, None)
        except GenerationError:
            if not self._begins_again:
                raise
            piece = None
        except NotFoundError:
            renewed = self._prepared if self._renew is None else self._renew(self._prepared)
            if renewed is self._prepared:
                raise
            self._take_up(renewed)
            self._generation = self._begun()
            return ""
        if piece is not None:
            return self._heard(piece)
        if self._begins_again:
            self._generation = self._begun()
            return ""
        return self._ended()

    def _heard(self, piece: str) -> str:
        """Return what is given of what the model wrote."""
        if isinstance(piece, Thought):
            return "" if self._attempt.is_held else piece
        self._written.append(piece)
        if self._attempt.is_held:
            return ""
        return piece if self._marks is None else self._marks.push(piece)

    def _ended(self) -> str | None:
        """Go on where an attempt is over; return the answer where nothing of it was given yet."""
        self._tell(self._said())
        if self._completion is None:
            return ""
        return self._completion.text if self._attempt.is_held else None

    def _tell(self, said: Completion) -> None:
        """Tell the rule what the model said, and begin what it asks next, if anything."""
        try:
            self._attempt = self._attempts.send(said)
        except StopIteration as ended:
            self._completion = ended.value
        else:
            self._generation = self._begun()

    def _said(self) -> Completion:
        return self._attempt.prepared.completion(self._generation, "".join(self._written))

    @property
    def _begins_again(self) -> bool:
        """Whether something else than the caller ended it before anything was read."""
        return self._generation.was_ended and not self._is_given and not self._cancelled.is_set()

    def _take_up(self, prepared: Prepared) -> None:
        """Answer this in place of what was prepared before, from its first attempt on."""
        self._prepared = prepared
        self._attempts = attempts(prepared)
        self._attempt = next(self._attempts)

    def _begun(self) -> Generation:
        """Begin the attempt, of a request that is prepared for the language model that has come, if that stays."""
        while True:
            self._written = []
            self._marks = MarkFilter() if self._attempt.prepared.is_cited else None
            attempt, prepared = self._attempt, self._attempt.prepared
            check = None if self._check_of is None else self._check_of(prepared)
            # Not a bound method: a stream dropped midway is then freed at once, and the model with it.
            cancel = _either(self._cancelled, prepared.request.cancel)
            try:
                generation = self._generator.with_engine(partial(attempt.stream, cancel=cancel, check=check))
                if self._shows_thinking:
                    generation.show_thinking()
                return generation
            except ModelMismatchError:
                if self._prepare is None or not self._prepared.reads:
                    raise
                self._take_up(self._prepare())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the model."""
        self.close()

    def __enter__(self) -> Self:
        """Return the stream itself."""
        return self


def _either(event: threading.Event, asked: Callable[[], bool] | None) -> Callable[[], bool]:
    return lambda: event.is_set() or (asked is not None and asked())
