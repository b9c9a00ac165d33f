"""How fast language models read a prompt and write an answer, beside each other in interleaved rounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from export.gate.cpu import cpu_class
from ondevice.bundle import GateResult
from ondevice.generation.llama.engine import Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenSpeed:
    """How fast one model was, in the same rounds as its baseline.

    Args:
        name: Which model.
        baseline: Which model it is compared with.
        read_per_s: Prompt tokens read in a second, by the median round.
        write_per_s: Tokens of an answer written in a second, by the median round.
        read_ratio: Times as fast as the baseline reads: the median of the rounds' own ratios.
        write_ratio: The same for writing.
        n_rounds: Rounds that counted.
        n_prompt_tokens: Length of the prompt.
    """

    name: str
    baseline: str
    read_per_s: float
    write_per_s: float
    read_ratio: float
    write_ratio: float
    n_rounds: int
    n_prompt_tokens: int

    def results(self, *, data: str) -> tuple[GateResult, ...]:
        """Return the numbers as a manifest holds them; n is the number of rounds."""
        values = {
            "read_tokens_per_s": self.read_per_s,
            "write_tokens_per_s": self.write_per_s,
            f"read_ratio_to_{self.baseline}": self.read_ratio,
            f"write_ratio_to_{self.baseline}": self.write_ratio,
        }
        return tuple(
            GateResult(measure=name, value=value, bound=None, data=data, n=self.n_rounds, cpu=cpu_class())
            for name, value in values.items()
        )


def measure_token_speed(
    engines: Mapping[str, Engine],
    prompt: str,
    *,
    baseline: str,
    n_written: int = 48,
    n_rounds: int = 5,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[TokenSpeed, ...]:
    """Let every engine read ``prompt`` and go on from there, in turn, after one round that does not count.

    Each round begins with another engine, and each answer from an empty prompt state. A model that ends its answer at
    once has a writing speed of 0.

    Args:
        engines: By name, open, with contexts that hold the prompt and the answer.
        prompt: A long text.
        baseline: The name that ratios refer to.
        n_written: Tokens asked for.
        n_rounds: Rounds that count.
        on_progress: Answers done, and answers in all.

    Raises:
        ContextOverflowError: If the prompt is too long.
        ValueError: If the baseline is none of the engines, or there is no round.
    """
    if baseline not in engines or n_rounds < 1:
        raise ValueError(f"the baseline {baseline!r} must be one of the engines, and rounds ({n_rounds}) 1 or more")
    names = list(engines)
    read = np.zeros((n_rounds + 1, len(names)))
    written = np.zeros_like(read)
    n_tokens = 0
    for number in range(n_rounds + 1):
        for step in range(len(names)):
            index = (number + step) % len(names)
            engine = engines[names[index]]
            engine.forget_cache()
            answer = engine.generate(prompt, max_tokens=n_written)
            n_tokens = answer.n_prompt_tokens
            read[number, index] = 1000 * n_tokens / max(answer.timings_ms["read"], 1e-6)
            written[number, index] = 1000 * answer.n_tokens / max(answer.timings_ms["generate"], 1e-6)
            if on_progress is not None:
                on_progress(number * len(names) + step + 1, read.size)
    base = names.index(baseline)
    reads, writes = read[1:], written[1:]
    return tuple(
        TokenSpeed(
            name=name,
            baseline=baseline,
            read_per_s=float(np.median(reads[:, index])),
            write_per_s=float(np.median(writes[:, index])),
            read_ratio=float(np.median(reads[:, index] / reads[:, base])),
            write_ratio=float(np.median(writes[:, index] / np.maximum(writes[:, base], 1e-9))),
            n_rounds=n_rounds,
            n_prompt_tokens=n_tokens,
        )
        for index, name in enumerate(names)
    )
