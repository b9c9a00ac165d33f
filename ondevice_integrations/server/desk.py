"""Where requests meet the profile: a few answers at once, work in threads, and an end when the client has gone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.types import Receive

from ondevice_integrations.ledger import note_handed_out
from ondevice_integrations.profiles import HeldProfile
from ondevice_integrations.server.refusals import Refusal

if TYPE_CHECKING:
    from ondevice import Completion, Hit, Personalizer, Stream

MAX_ANSWERS = 16
"""Answers take turns, so more would only wait."""
_MOST_THREADS = 8

T = TypeVar("T")


class Desk:
    """Carries out requests with one profile.

    Args:
        profile: Opened for each request that needs it, and locked when it is idle.
        generator: What the language model is called; ``None``: there is none.
        encoder: What the encoder is called; ``None``: there is none.
    """

    def __init__(self, profile: HeldProfile, *, generator: str | None, encoder: str | None) -> None:
        self.generator, self.encoder = generator, encoder
        self._profile = profile
        self._threads = anyio.CapacityLimiter(_MOST_THREADS)
        self._n_answers = 0

    async def do(self, work: Callable[[Personalizer], T]) -> T:
        """Do something with the open profile in a thread."""
        return await to_thread.run_sync(self._with_profile, work, limiter=self._threads)

    async def answer(
        self, request: Request, question: str, options: dict[str, Any], *, is_for_program: bool = True
    ) -> Completion:
        """Answer a question; the model stops when the client has gone.

        What a program gets is noted in the profile's event log, by its sources, before it leaves.

        Raises:
            Refusal: If too many answers are under way, or the model cannot do what is asked.
        """
        gone = threading.Event()
        with self._place():
            async with anyio.create_task_group() as group:
                group.start_soon(_wait_until_gone, request.receive, gone)
                asked = options | {"cancel": gone.is_set}
                work = partial(_answered, question=question, options=asked, is_noted=is_for_program)
                outcome = await _outcome(partial(self._with_profile, work))
                group.cancel_scope.cancel()
        return outcome()

    async def open_stream(self, question: str, options: dict[str, Any]) -> OpenStream:
        """Begin an answer in pieces; who gets it must close it.

        Raises:
            Refusal: If too many answers are under way, or the model cannot do what is asked.
        """
        held = ExitStack()
        try:
            held.enter_context(self._place())
            begin = partial(_begun, self._profile, held, question, options)
            return OpenStream((await _outcome(begin))(), held)
        except BaseException:
            held.close()
            raise

    def _with_profile(self, work: Callable[[Personalizer], T]) -> T:
        with self._profile.use() as me:
            return work(me)

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Take one of the places for answers; only the event loop's thread counts."""
        if self._n_answers >= MAX_ANSWERS:
            raise Refusal(429, f"{MAX_ANSWERS} answers are under way: ask again in a moment")
        self._n_answers += 1
        try:
            yield
        finally:
            self._n_answers -= 1


class OpenStream:
    """An answer that comes in pieces, with all that it keeps in use meanwhile."""

    def __init__(self, stream: Stream, held: ExitStack) -> None:
        self.stream = stream
        self._held = held

    async def close(self) -> None:
        """Stop the model, and let go of the profile."""
        with anyio.CancelScope(shield=True):
            try:
                await to_thread.run_sync(self.stream.close)
            finally:
                self._held.close()


def _answered(me: Personalizer, question: str, options: dict[str, Any], *, is_noted: bool) -> Completion:
    completion = me.generate(question, **options)
    if is_noted:
        _note(me, completion.sources)
    return completion


def _begun(profile: HeldProfile, held: ExitStack, question: str, options: dict[str, Any]) -> Stream:
    me = held.enter_context(profile.use())
    stream = me.stream(question, **options)
    try:
        _note(me, stream.sources)
    except BaseException:
        stream.close()
        raise
    return stream


def _note(me: Personalizer, sources: Sequence[Hit]) -> None:
    note_handed_out(me, [hit.item.id for hit in sources], client="loopback", tool="chat")


async def _outcome(work: Callable[[], T]) -> Callable[[], T]:
    """Do it in a thread, and return what gives its result or raises its error, so that no group wraps the error."""
    try:
        result = await to_thread.run_sync(work)
    except (TypeError, ValueError) as error:  # what the SDK refuses of a caller, without the caller's text
        return partial(_raise, Refusal(400, str(error)))
    except Exception as error:
        return partial(_raise, error)
    return lambda: result


def _raise(error: Exception) -> Any:  # noqa: ANN401 - it never returns
    raise error


async def _wait_until_gone(receive: Receive, gone: threading.Event) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    gone.set()
