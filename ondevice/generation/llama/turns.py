"""Requests from several threads take turns at one context.

A stream keeps its turn between two pieces, while its reader does what it likes. Nothing is evaluated then: the turn
*rests*. Whoever must change what the context holds *claims* the turn: a request that is being evaluated ends at its
next token, a stream that rests loses its turn at once, and no request gets it before the claim is over. Whoever only
needs a moment in which nothing is evaluated works *between* answers, and a stream that rests goes on afterwards.

The order of this and other locks: :mod:`ondevice.safety.lock_order`.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Self

from ondevice.errors import GenerationError
from ondevice.generation.llama.uses import refuse_inherited
from ondevice.safety.forks import Origin
from ondevice.safety.lock_order import is_changing

_ASK_EVERY_S = 0.02
PATIENCE_S = 30.0
"""So long a claim waits for the answer of somebody else who shares the model, before it ends that too."""

_Use = Literal["free", "request", "resting", "between", "claim"]


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a claim ended an answer: a clause for a message, and the thread that claimed."""

    why: str
    thread: int


@dataclass(frozen=True, slots=True, eq=False)
class _Claim:
    whose: object | None
    deadline: float

    def ends(self, whose: object | None) -> bool:
        """Say whether it ends the answer of this engine."""
        return self.whose is None or self.whose is whose or time.monotonic() > self.deadline


class Turn:
    """The right to use the context. A stream keeps it between its pieces, and may be given back from any thread."""

    def __init__(self, on_give: Callable[[], None] | None = None) -> None:
        """Start free; ``on_give`` is called by whoever gives the turn back, before the next one has it."""
        self._origin = Origin()
        self._on_give = on_give
        self._changed = threading.Condition()  # over a lock that may be taken again: freeing a stream gives its turn
        self._use: _Use = "free"
        self._owner: int | None = None
        self._depth = 0
        self._whose: object | None = None
        self._waiting: list[_Claim] = []
        self._keeps_stream = False
        self.number = 0
        """Tells one holder of the turn from the next."""
        self.n_claims = 0
        """Claims that are over: what was asked before one of them may speak of what is gone."""
        self.ending: Ending | None = None
        """Why the last claim was made."""

    def require_here(self) -> None:
        """Refuse to work in a process that was forked from the one that loaded the model.

        Raises:
            GenerationError: There.
        """
        refuse_inherited(self._origin)

    def require_outside(self) -> None:
        """Make sure that this thread is not inside an answer, as ``cancel`` is: it would wait for itself.

        Raises:
            GenerationError: Otherwise.
        """
        if self._use == "request" and self._owner == threading.get_ident() and self._origin.is_here:
            raise GenerationError(
                "this was asked from inside an answer, which waits for it", hint="ask when the answer has ended"
            )

    def is_claimed(self, whose: object | None = None) -> bool:
        """Whether somebody waits with a claim that ends an answer of this engine's, so that it should end."""
        return any(claim.ends(whose) for claim in tuple(self._waiting))

    def take(self, is_cancelled: Callable[[], bool] | None = None, *, whose: object | None = None) -> bool:
        """Wait for the turn; False if the request was cancelled meanwhile.

        Args:
            is_cancelled: Asked while waiting.
            whose: The engine that asks, of several who share the model.

        Raises:
            GenerationError: If waiting would never end, because this thread has an open stream, or might not, because
                it is changing the profile; or if the model was loaded before this process was forked.
        """
        self.require_here()
        if self._again():
            return True
        self._refuse_own()
        while True:
            with self._changed:
                if self._is_free():
                    self._begin("request", whose)
                    return True
                _refuse_to_wait()
                self._changed.wait(None if is_cancelled is None else _ASK_EVERY_S)
            if is_cancelled is not None and is_cancelled():
                return False

    def take_if_free(self) -> bool:
        """Take the turn if nobody else has it or wants it; say whether this thread has it now."""
        self.require_here()
        with self._changed:
            if self._use == "claim" and self._again():
                return True
            if self._is_free():
                self._begin("request")
                return True
            return False

    def give(self, number: int | None = None) -> None:
        """Let the next request in; a stream tells its turn's number, since the turn may have been taken from it."""
        if not self._origin.is_here:
            return
        with self._changed:
            if number is not None and number != self.number:
                return
            if number is not None and self._use == "between":
                self._keeps_stream = False
                return
            if self._depth > 1:
                self._depth -= 1
                return
        try:
            if self._on_give is not None:
                self._on_give()
        finally:
            with self._changed:
                self.n_claims += self._use == "claim"
                self._use, self._owner, self._depth = "free", None, 0
                self.number += 1
                self._changed.notify_all()

    def rest(self) -> bool:
        """Let a claim, or work between answers, have its way until :meth:`resume`; False if a claim waits already."""
        with self._changed:
            if self._use != "request":  # within a claim of this thread's own
                return True
            if self.is_claimed(self._whose):
                return False
            self._use = "resting"
            self._changed.notify_all()
            return True

    def resume(self, number: int) -> bool:
        """Go on with the turn of this number, in this thread: a stream may be passed on; False if it was claimed."""
        self.require_here()
        with self._changed:
            while self.number == number and self._use == "between":
                self._changed.wait()
            if self.number != number:
                return False
            if self._use == "resting":
                self._use, self._owner = "request", threading.get_ident()
            return True

    @contextmanager
    def claim(self, why: str, *, whose: object | None = None) -> Iterator[None]:
        """Hold the turn for the time of the block, and end what is under way; this thread may take it again inside.

        Where several share the model, the answer of another is waited for, but for :data:`PATIENCE_S` at most, and not
        if this thread itself is reading it.

        Args:
            why: What happened, as a clause: those whose answers it ends are told.
            whose: The engine whose answers it ends; ``None`` ends everybody's at once.

        Raises:
            GenerationError: If this thread is inside an answer itself, or is changing the profile and would wait.
        """
        if not self._origin.is_here:
            yield  # in a process that was forked nothing is evaluated, and what held the turn is not there
            return
        if not self._again():
            self.require_outside()
            with self._changed:
                claim = _Claim(whose, time.monotonic() + PATIENCE_S)
                if not self._lets_in(claim):
                    _refuse_to_wait()
                self._waiting.append(claim)
                self.ending = Ending(why, threading.get_ident())
                try:
                    while not self._lets_in(claim):
                        self._changed.wait(None if claim.ends(self._whose) else _ASK_EVERY_S)
                    self._begin("claim")
                finally:
                    self._waiting.remove(claim)
                    self._changed.notify_all()
        try:
            yield
        finally:
            self.give()

    @contextmanager
    def between(self) -> Iterator[None]:
        """Hold the turn for the time of the block, between two pieces where a stream has it, which then goes on.

        Nothing may be evaluated in the block, and no lock of :mod:`ondevice.safety.lock_order` waited for but those of
        reading. This thread may take the turn again inside.

        Raises:
            GenerationError: If this thread is inside an answer itself, or is changing the profile and would wait.
        """
        if not self._origin.is_here:
            yield
            return
        rested_owner: int | None = None
        is_own, is_again = True, self._again()
        if not is_again:
            self.require_outside()
            with self._changed:
                while self._waiting or self._use not in ("free", "resting"):
                    _refuse_to_wait()
                    self._changed.wait()
                is_own, rested_owner = self._use == "free", self._owner
                if is_own:
                    self._begin("between")
                else:
                    self._use, self._owner, self._depth = "between", threading.get_ident(), 1
                    self._keeps_stream = True
        try:
            yield
        finally:
            with self._changed:
                goes_on = not is_again and not is_own and self._keeps_stream
                if goes_on:
                    self._use, self._owner, self._depth = "resting", rested_owner, 0
                    self._changed.notify_all()
            if not goes_on:
                self.give()

    def __enter__(self) -> Self:
        """Wait for the turn."""
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the next request in."""
        self.give()

    def _is_free(self) -> bool:
        return self._use == "free" and not self._waiting

    def _lets_in(self, claim: _Claim) -> bool:
        if self._use != "resting":
            return self._use == "free"
        return claim.ends(self._whose) or self._owner == threading.get_ident()

    def _begin(self, use: _Use, whose: object | None = None) -> None:
        self._use, self._owner, self._depth, self._whose = use, threading.get_ident(), 1, whose
        self._keeps_stream = False
        self.number += 1

    def _again(self) -> bool:
        """Take the turn once more where this thread holds it for more than a request."""
        with self._changed:
            if self._owner != threading.get_ident() or self._use not in ("claim", "between"):
                return False
            self._depth += 1
            return True

    def _is_own(self) -> bool:
        return self._owner == threading.get_ident() and self._use in ("request", "resting")

    def _refuse_own(self) -> None:
        if self._is_own():
            gc.collect()  # the stream may be abandoned already, and merely caught in a cycle of references
        if self._is_own():
            raise GenerationError(
                "a stream of this thread is still open", hint="read it to its end, close it, or put it in a with block"
            )


def _refuse_to_wait() -> None:
    if is_changing():
        raise GenerationError(
            "the language model is answering, and this thread is changing the profile",
            hint="ask for answers outside of the functions that report progress",
        )
