"""Answers that are given only where they may be relied on.

Everything in them stands in the notes that they name, the request or the calendar, and they are as likely right as the
model's bundle demands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.config import MOST_SEED, Sampling
from ondevice.generation.prompts.refusal import REFUSAL, refuses
from ondevice.records import Completion

if TYPE_CHECKING:
    from ondevice.generation.request import Request

AGAIN_TEMPERATURE = 0.5
"""With it a model that always takes the likeliest token says something else the second time."""

LEAST_SURE = 0.5
"""A plain answer whose words the model gave less than this is mostly made up: the geometric mean of their
probabilities. Of 36 general questions that seem so, the default model answers 15 rightly; of the 21 answers that it is
so sure of, 11 are right, and a higher limit finds no better ones (``benchmarks.general_questions``)."""


def is_sure(completion: Completion) -> bool:
    """Say whether an answer that rests on no note may be given: the model was sure of its words."""
    is_said = completion.finish_reason != "cancelled" and not refuses(completion.text)
    return is_said and completion.support is not None and completion.support >= LEAST_SURE


def another(sampling: Sampling) -> Sampling:
    """Return how the tokens are chosen the second time."""
    return replace(
        sampling, temperature=sampling.temperature or AGAIN_TEMPERATURE, seed=(sampling.seed + 1) % (MOST_SEED + 1)
    )


def with_both(first: Completion, second: Completion) -> Completion:
    """Return the second answer with what both took."""
    both = {part: first.timings_ms.get(part, 0.0) + second.timings_ms.get(part, 0.0) for part in ("read", "generate")}
    return replace(
        second,
        n_tokens=first.n_tokens + second.n_tokens,
        n_thinking_tokens=first.n_thinking_tokens + second.n_thinking_tokens,
        n_reused_tokens=first.n_reused_tokens,
        timings_ms={**second.timings_ms, **both},
    )


def withheld(completion: Completion, request: Request) -> Completion:
    """Return what is given in place of an answer: that nothing is known, or, where it was cancelled, nothing."""
    is_cancelled = completion.finish_reason == "cancelled"
    return replace(
        completion,
        text=REFUSAL if request.on_unsupported == "say" and not is_cancelled else "",
        finish_reason="cancelled" if is_cancelled else "stop",
        citations=(),
        thinking="",
        support=0.0,
        is_supported=True,
    )
