"""One prompt's answer, and how likely the right one was.

The likelihood is that of what the user would see. A model that reads numbered notes begins with the number of one,
which no user sees; so it is summed over all numbers that the prompt has, and over none.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from ondevice.evaluation.harm.answers import HarmAnswer

if TYPE_CHECKING:
    from ondevice.generation.prepared import Prepared
    from ondevice.personalizer import Personalizer

MARK_TOKENS = 8
"""What a note's number before an answer and the end of the turn take, at most."""


def answered(me: Personalizer, prepared: Prepared, text: str, right: str) -> HarmAnswer:
    """Answer a prompt, and find how likely the right answer was.

    Args:
        me: The profile.
        prepared: The prompt.
        text: What is asked.
        right: The right answer.

    Raises:
        ContextOverflowError: If the prompt and the answer do not fit the context.
        GenerationError: If the runtime fails.
    """
    started = time.perf_counter()
    completion = me.answer(prepared)
    seconds = time.perf_counter() - started
    # The prompt that the answer came from: without notes, where it seemed to be about none and the model was sure.
    read = prepared.alone if prepared.alone is not None and not completion.sources else prepared
    return HarmAnswer(
        request=text,
        text=completion.text,
        nats=nats_of(me, read, right),
        n_prompt_tokens=completion.n_prompt_tokens,
        seconds=seconds,
    )


def nats_of(me: Personalizer, prepared: Prepared, right: str) -> float:
    """Return the mean of -ln p over a right answer's tokens and the end of the turn, however notes are named before it.

    Raises:
        ContextOverflowError: If the prompt and the answer do not fit the context.
    """
    engine = me.generator.engine()
    shaped = engine.shape_for(prepared.reading)
    numbers = range(1, len(prepared.numbered) + 1) if prepared.is_cited else ()
    written = [right, *(f"[{number}] {right}" for number in numbers)]
    suffix = prepared.suffix
    scores = [
        engine.log_likelihood(prepared.prompt, each, shaped=shaped, ends_turn=True, suffix=suffix) for each in written
    ]
    total = float(np.logaddexp.reduce([each.sum(dtype=np.float64) for each in scores]))
    return -total / len(scores[0]) + 0.0
