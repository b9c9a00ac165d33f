"""An answer in the making: a stream of text pieces, then what it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from ondevice.generation.conditioning import Conditioning
from ondevice.generation.decoding import TextPieces
from ondevice.generation.desk import Desk
from ondevice.generation.sampling import TokenChooser
from ondevice.records import FinishReason


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """A finished answer. ``timings_ms`` has ``read`` (the prompt) and ``generate`` (the answer)."""

    text: str = field(repr=False)
    finish_reason: FinishReason
    n_prompt_tokens: int
    n_reused_tokens: int
    n_tokens: int
    timings_ms: Mapping[str, float]


class Generation:
    """An answer that arrives in pieces of text; iterate over it once.

    The engine's turn is taken with the first piece and given back at the end, on :meth:`close`, or
    when an abandoned stream is freed. ``close`` may be called from any thread and any number of times.
    """

    def __init__(self, work: Work) -> None:
        """Wrap ``work``; nothing is done before the first piece is asked for."""
        self._work = work
        # The generator knows the work but not this object: no cycle, so dropping the stream frees it at once.
        self._pieces = work.run()

    @property
    def finish_reason(self) -> FinishReason:
        """Why the answer ended.

        Raises:
            ValueError: If it has not ended.
        """
        if self._work.reason is None:
            raise ValueError("the answer has not ended: iterate over it first")
        return self._work.reason

    @property
    def n_prompt_tokens(self) -> int:
        """Positions that the prompt takes, a soft prompt included."""
        return len(self._work.tokens) + self._work.conditioning.n_soft

    @property
    def n_reused_tokens(self) -> int:
        """Prompt tokens that an earlier request had left evaluated."""
        return self._work.n_reused_tokens

    @property
    def n_tokens(self) -> int:
        """Tokens of the answer so far."""
        return self._work.n_tokens

    @property
    def timings_ms(self) -> Mapping[str, float]:
        """Time spent so far, without the time the caller took between pieces."""
        return {"read": self._work.read_s * 1000, "generate": self._work.generate_s * 1000}

    def __iter__(self) -> Iterator[str]:
        """Return the stream itself."""
        return self

    def __next__(self) -> str:
        """Return the next piece of text.

        Raises:
            GenerationError: If the runtime fails.
        """
        return next(self._pieces)

    def collect(self) -> Generated:
        """Read the rest and return the answer as a whole; call it instead of iterating."""
        text = "".join(self)
        return Generated(
            text=text,
            finish_reason=self.finish_reason,
            n_prompt_tokens=self.n_prompt_tokens,
            n_reused_tokens=self.n_reused_tokens,
            n_tokens=self.n_tokens,
            timings_ms=self.timings_ms,
        )

    def close(self) -> None:
        """Stop: at once between two pieces, at its next token where another thread is waiting for one."""
        self._work.is_closed = True
        try:
            self._pieces.close()
        except ValueError:  # the generator is running in another thread, and will see the flag
            return
        self._work.reason = self._work.reason or "cancelled"

    def __enter__(self) -> Self:
        """Return the stream itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.close()


@dataclass(kw_only=True, slots=True)
class Work:
    """One request and how far it has come."""

    desk: Desk
    tokens: Sequence[int] = field(repr=False)
    conditioning: Conditioning
    chooser: TokenChooser
    text: TextPieces = field(repr=False)
    max_tokens: int
    cancel: Callable[[], bool] | None
    is_closed: bool = False
    reason: FinishReason | None = None
    n_reused_tokens: int = 0
    n_tokens: int = 0
    read_s: float = 0.0
    generate_s: float = 0.0

    def run(self) -> Generator[str, None, None]:
        """Yield the answer's pieces, holding the engine's turn."""
        with self.chooser:
            if not self.desk.turn.take(self._is_cancelled):
                self.reason = "cancelled"
                return
            try:
                if self._read():
                    yield from self._write()
                else:
                    self.reason = "cancelled"
            finally:
                self.desk.turn.give()

    def _is_cancelled(self) -> bool:
        return self.is_closed or (self.cancel is not None and self.cancel())

    def _read(self) -> bool:
        started = time.perf_counter()
        reading = self.desk.state.read(self.tokens, self.conditioning, self._is_cancelled)
        self.n_reused_tokens = reading.n_reused
        self.read_s = time.perf_counter() - started
        return reading.is_complete

    def _write(self) -> Iterator[str]:
        desk = self.desk
        reason: FinishReason | None = None
        started = time.perf_counter()
        while reason is None:
            token = self.chooser.choose(desk.context.logits(-1))
            piece = ""
            if desk.vocabulary.ends_turn(token):
                reason = "stop"
            else:
                self.n_tokens += 1
                piece = self.text.push(desk.vocabulary.piece(token))
                reason = self._reason_to_end()
            if reason is not None:
                piece += self.text.finish()
            self.generate_s += time.perf_counter() - started
            if piece:
                yield piece
                desk.turn.keep()
            started = time.perf_counter()
            if reason is None:
                desk.state.extend([token])
        self.reason = reason

    def _reason_to_end(self) -> FinishReason | None:
        if self.text.is_stopped:
            return "stop"
        if self.n_tokens >= self.max_tokens:
            return "length"
        return "cancelled" if self._is_cancelled() else None
