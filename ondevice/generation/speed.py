"""How fast a language model reads and writes on this machine, measured for some seconds."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ondevice.generation.prompts.chat import Message

if TYPE_CHECKING:
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.stream import Generation

SECONDS = 10.0
ROUND_TOKENS = 48
_LEAST_TOKENS = 4
_LEAST_MS = 1e-3
_WORDS = (
    "The boiler in the cellar was repaired on Tuesday, and the invoice lies in the blue folder beside the door. " * 8
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """Tokens a second, of prompts that are read and of answers that are written, where nothing else takes the time."""

    read_tokens_s: float
    write_tokens_s: float
    seconds: float

    def seconds_for(self, n_read: int, n_written: int) -> float:
        """Return how long an answer takes of so many tokens, behind a prompt of so many."""
        return n_read / self.read_tokens_s + n_written / self.write_tokens_s


def measure_speed(engine: Engine, *, seconds: float = SECONDS) -> Speed:
    """Let the model answer made-up requests for about so many seconds, at least one; the fastest counts.

    What slows single answers down is other programs, which may be gone when the model is used.

    Raises:
        BundleError: If its chat template cannot be used.
        GenerationError: If the runtime fails.
    """
    started = time.perf_counter()
    reads: list[float] = []
    writes: list[float] = []
    while not reads or time.perf_counter() - started < seconds:
        # The number comes first, so that no round finds anything read.
        said = Message(role="user", content=f"{len(reads)}. {_WORDS}Count from one to a hundred.")
        with engine.stream(engine.render([said]), max_tokens=ROUND_TOKENS) as answer:
            _read_until(answer, started + seconds)
        n_read, n_written = answer.n_prompt_tokens - answer.n_reused_tokens, answer.n_tokens + answer.n_thinking_tokens
        reads.append(1000 * n_read / max(answer.timings_ms["read"], _LEAST_MS))
        writes.append(1000 * max(1, n_written) / max(answer.timings_ms["generate"], _LEAST_MS))
    return Speed(read_tokens_s=max(reads), write_tokens_s=max(writes), seconds=time.perf_counter() - started)


def _read_until(answer: Generation, deadline: float) -> None:
    answer.show_thinking()
    for _ in answer:
        if time.perf_counter() > deadline and answer.n_tokens + answer.n_thinking_tokens >= _LEAST_TOKENS:
            return
