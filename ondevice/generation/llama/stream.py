"""An answer in the making: a stream of text pieces, then what it took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

from ondevice.errors import GenerationError
from ondevice.generation.llama.adapters import Adapter
from ondevice.generation.llama.conditioning import Conditioning
from ondevice.generation.llama.decoding import TextPieces
from ondevice.generation.llama.desk import Check, Desk
from ondevice.generation.llama.sampling import TokenChooser
from ondevice.generation.llama.turns import Ending
from ondevice.generation.prompts.thoughts import Thought
from ondevice.records import FinishReason

CLOSING_TOKENS = 16
"""The end of thoughts takes so many at most, whatever the vocabulary."""


class _Closable(Protocol):
    @property
    def is_closed(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """A finished answer. ``timings_ms`` has ``read`` (the prompt) and ``generate`` (the answer).

    ``log_likelihood`` is the mean ln p of its tokens (nats), where that was wanted.
    """

    text: str = field(repr=False)
    finish_reason: FinishReason
    n_prompt_tokens: int
    n_reused_tokens: int
    n_tokens: int
    timings_ms: Mapping[str, float]
    log_likelihood: float | None = None
    thinking: str = field(default="", repr=False)
    n_thinking_tokens: int = 0


class Generation:
    """An answer that arrives in pieces of text; iterate over it once.

    The engine's turn is taken with the first piece and given back at the end, on :meth:`close`, or
    when an abandoned stream is freed. ``close`` may be called from any thread and any number of times.

    Whoever erases, or frees the model, ends the answer: iterating then raises :class:`GenerationError`, except in the
    thread that did so. :attr:`was_ended` tells.
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
    def was_ended(self) -> bool:
        """Whether something else than the caller ended it before its time."""
        return self._work.ending is not None

    @property
    def n_prompt_tokens(self) -> int:
        """Positions that the prompt takes, rows before and behind it included."""
        return len(self._work.tokens) + self._work.conditioning.n_rows

    @property
    def n_reused_tokens(self) -> int:
        """Prompt tokens that an earlier request had left evaluated."""
        return self._work.n_reused_tokens

    @property
    def n_tokens(self) -> int:
        """Tokens of the answer so far."""
        return self._work.n_tokens

    @property
    def n_thinking_tokens(self) -> int:
        """Tokens of the thoughts so far."""
        return self._work.n_thinking_tokens

    @property
    def thinking(self) -> str:
        """What the model has thought so far, before it answers."""
        return "".join(self._work.text.thinking.thoughts).strip()

    def show_thinking(self) -> None:
        """Yield thoughts too from now on, each as a :class:`Thought`."""
        self._work.shows_thinking = True

    @property
    def log_likelihood(self) -> float | None:
        """The mean ln p of the answer's tokens so far (nats); ``None`` where that was not wanted."""
        return self._work.chooser.log_likelihood

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
            GenerationError: If the runtime fails, or another thread has ended the answer.
        """
        try:
            return next(self._pieces)
        except StopIteration:
            ending = self._work.ending
            if ending is None or ending.thread == threading.get_ident():
                raise
            raise GenerationError(f"the answer was ended: {ending.why}", hint="ask again") from None

    def collect(self) -> Generated:
        """Read the rest and return the answer as a whole; call it instead of iterating.

        Raises:
            GenerationError: If the runtime fails, or another thread has ended the answer.
        """
        self._work.rests = False
        text = "".join(self)
        return Generated(
            text=text,
            finish_reason=self.finish_reason,
            n_prompt_tokens=self.n_prompt_tokens,
            n_reused_tokens=self.n_reused_tokens,
            n_tokens=self.n_tokens,
            timings_ms=self.timings_ms,
            log_likelihood=self.log_likelihood,
            thinking=self.thinking,
            n_thinking_tokens=self.n_thinking_tokens,
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
    """One request and how far it has come.

    Args:
        desk: Where it is done.
        tokens: The prompt.
        conditioning: What shapes the answer.
        chooser: How the next token is chosen.
        text: Where tokens become text.
        max_tokens: Longest answer.
        max_thinking_tokens: Longest thoughts; then they are ended, and the answer begins.
        adapters: Those that are loaded, now and whenever it is looked at.
        engine: Whose answer it is.
        cancel: Signal between tokens and between batches of the prompt.
        check: Raises where the prompt may not be read any more; asked when nothing can be erased before it is read.
        yields: Whether a claim on the turn ends it; otherwise the claim waits until it is done.
        rests: Whether others may have the turn between two pieces.
    """

    desk: Desk
    tokens: Sequence[int] = field(repr=False)
    conditioning: Conditioning
    chooser: TokenChooser
    text: TextPieces = field(repr=False)
    max_tokens: int
    max_thinking_tokens: int
    adapters: Collection[Adapter]
    engine: _Closable
    cancel: Callable[[], bool] | None
    check: Check | None = None
    yields: bool = True
    rests: bool = True
    n_claims: int = field(init=False)
    is_closed: bool = False
    ending: Ending | None = None
    reason: FinishReason | None = None
    n_reused_tokens: int = 0
    n_tokens: int = 0
    n_thinking_tokens: int = 0
    shows_thinking: bool = False
    read_s: float = 0.0
    generate_s: float = 0.0

    def __post_init__(self) -> None:
        """Remember which erasures the prompt may know of."""
        self.n_claims = self.desk.turn.n_claims

    def run(self) -> Generator[str, None, None]:
        """Yield the answer's pieces, holding the engine's turn."""
        last: tuple[str, ...] = ()
        reason: FinishReason | None = "cancelled"
        with self.chooser:
            turn = self.desk.turn
            if turn.take(self._is_stopped, whose=self.engine):
                number = turn.number
                try:
                    if self._may_begin() and self._read():
                        reason, last = yield from self._write(number)
                finally:
                    turn.give(number)
        yield from last
        self.reason = reason

    def _may_begin(self) -> bool:
        if self.engine.is_closed:
            return self._end()
        adapter = self.conditioning.adapter
        if adapter is not None and adapter not in self.adapters:
            self.ending = Ending("its adapter was taken out of use", thread=0)
            return False
        if self.check is not None:
            self.check()
        elif self.n_claims != self.desk.turn.n_claims:
            return self._end()  # nobody vouches for a prompt from before an erasure
        return True

    def _end(self) -> bool:
        self.ending = self.desk.turn.ending
        return False

    def _is_stopped(self) -> bool:
        return self.is_closed or (self.cancel is not None and self.cancel())

    def _must_end(self) -> bool:
        if self.yields and self.desk.turn.is_claimed(self.engine):
            self._end()
            return True
        return self._is_stopped()

    def _read(self) -> bool:
        started = time.perf_counter()
        reading = self.desk.state.read(self.tokens, self.conditioning, self._must_end)
        self.n_reused_tokens = reading.n_reused
        self.read_s = time.perf_counter() - started
        return reading.is_complete

    def _write(self, number: int) -> Generator[str, None, tuple[FinishReason, tuple[str, ...]]]:
        """Yield all pieces but the last; return why the answer ended, and those."""
        desk, started = self.desk, time.perf_counter()
        while True:
            token = self.chooser.choose(desk.context.logits(-1))
            piece = ""
            reason: FinishReason | None = "stop"
            if not desk.vocabulary.ends_turn(token):
                piece = self._hear(token)
                reason = self._reason_to_end()
            if reason is not None:
                piece += self.text.finish()
            thought = self.text.take_thought() if self.shows_thinking else ""
            pieces = tuple(each for each in (Thought(thought), piece) if each)
            self.generate_s += time.perf_counter() - started
            if reason is not None:
                return reason, pieces
            for each in pieces:
                if not (yield from self._show(each, number)):
                    self._end()
                    return "cancelled", ()
            started = time.perf_counter()
            desk.state.extend([token])
            if self._must_answer():
                self._end_thinking()

    def _hear(self, token: int) -> str:
        """Take a token for the answer or the thoughts, and return what is sure to be answer."""
        thinking = self.text.thinking
        was_thinking = thinking.is_thinking
        piece = self.text.push(self.desk.vocabulary.written_piece(token))
        if was_thinking or thinking.is_thinking or thinking.is_between:
            # Until then the beginning of a tag counted as answer.
            self.n_thinking_tokens += 1 + self.n_tokens
            self.n_tokens = 0
            self.chooser.forget_likelihoods()
        else:
            self.n_tokens += 1
        return piece

    def _must_answer(self) -> bool:
        """Say whether the thoughts are so long that the answer has to begin, and can."""
        is_too_long = self.text.thinking.is_thinking and self.n_thinking_tokens >= self.max_thinking_tokens
        return is_too_long and not self.chooser.follows_grammar and self._room > CLOSING_TOKENS

    def _end_thinking(self) -> None:
        """End the thoughts in the model's stead."""
        written = f"\n{self.text.thinking.end_tag}\n\n"
        tokens = self.desk.vocabulary.tokenize_written(written)
        self.text.push(written.encode())
        self.n_thinking_tokens += len(tokens)
        for token in tokens:
            self.desk.state.extend([token])

    def _show(self, piece: str, number: int) -> Generator[str, None, bool]:
        """Yield a piece, and say whether the turn was kept meanwhile."""
        turn = self.desk.turn
        if self.rests and not turn.rest():
            return False
        yield piece
        return not self.rests or turn.resume(number)

    def _reason_to_end(self) -> FinishReason | None:
        if self.text.is_stopped:
            return "stop"
        is_long = self.n_tokens >= self.max_tokens and not self.text.thinking.is_undecided
        if is_long or self._room < 1:
            return "length"
        return "cancelled" if self._must_end() else None

    @property
    def _room(self) -> int:
        """How many tokens still fit the context."""
        n_prompt = len(self.tokens) + self.conditioning.n_rows
        return self.desk.context.n_tokens - n_prompt - self.n_thinking_tokens - self.n_tokens
