"""Answers that are given only where they may be relied on.

Everything in them stands in the notes that they name, the request or the calendar, and they are as likely right as the
model's bundle demands.
"""

from __future__ import annotations

from collections.abc import Callable
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
probabilities. It keeps 16 of the 22 right answers among 70 plain ones of the default model, and 5 of 59 answers to
questions about the user that seemed to be about no note."""


def is_sure(completion: Completion) -> bool:
    """Say whether an answer that rests on no note may be given: the model was sure of its words."""
    is_said = completion.finish_reason != "cancelled" and not refuses(completion.text)
    return is_said and completion.support is not None and completion.support >= LEAST_SURE


def checked(request: Request, first: Completion, again: Callable[[Sampling], Completion] | None) -> Completion:
    """Return an answer as the request wants it where it is not supported (``Completion.is_supported``).

    Where something in it is made up, or stands in other notes than it names, it is asked for once more. Where that one
    is supported, it is the answer; otherwise no answer is given. One that was cancelled is withheld without a word,
    because nobody knows what the notes say. The numbers of tokens and the times are those of both.

    Args:
        request: Says what becomes of such an answer.
        first: What the model answered.
        again: Answers once more, its tokens chosen in another way; ``None`` where the answer was stopped.
    """
    if request.on_unsupported == "answer" or first.is_supported is not False:
        return first
    last = first
    if again is not None and first.finish_reason != "cancelled" and not _is_borne_out(first):
        last = _with_both(first, again(_another(request.sampling)))
        if last.finish_reason != "cancelled" and last.is_supported is not False:
            return last
    is_cancelled = last.finish_reason == "cancelled"
    return replace(
        last,
        text=REFUSAL if request.on_unsupported == "say" and not is_cancelled else "",
        finish_reason="cancelled" if is_cancelled else "stop",
        citations=(),
        support=0.0,
        is_supported=True,
    )


def _is_borne_out(completion: Completion) -> bool:
    return all(citation.is_borne_out for citation in completion.citations)


def _another(sampling: Sampling) -> Sampling:
    return replace(
        sampling, temperature=sampling.temperature or AGAIN_TEMPERATURE, seed=(sampling.seed + 1) % (MOST_SEED + 1)
    )


def _with_both(first: Completion, second: Completion) -> Completion:
    """Return the second answer with what both took."""
    both = {part: first.timings_ms.get(part, 0.0) + second.timings_ms.get(part, 0.0) for part in ("read", "generate")}
    return replace(
        second,
        n_tokens=first.n_tokens + second.n_tokens,
        n_reused_tokens=first.n_reused_tokens,
        timings_ms={**second.timings_ms, **both},
    )
