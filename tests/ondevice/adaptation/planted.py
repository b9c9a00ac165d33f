"""Users with a preference that can be learned: which of two things they say depends on how the request ends."""

from __future__ import annotations

import numpy as np

from ondevice.adaptation.lessons.examples import Example
from tests.tiny_generator import CONTROL

END = CONTROL.index("<|im_end|>")
ONE, OTHER, HAPPY, SAD = 70, 71, 100, 101
"""Tokens: the two ways a request ends, and the two answers."""


def user_examples(n: int, *, seed: int, answers: tuple[int, int] = (HAPPY, SAD)) -> list[Example]:
    """Return ``n`` requests of different lengths with the answers of a user who gives ``answers`` to the two ends."""
    random = np.random.default_rng(seed)
    out = []
    for index in range(n):
        ending, answer = ((ONE, answers[0]), (OTHER, answers[1]))[index % 2]
        words = random.integers(120, 250, size=random.integers(3, 20))
        prompt = np.array([1, *words, ending], dtype=np.int32)
        out.append(Example(prompt=prompt, answer=np.array([answer, END], dtype=np.int32)))
    return out
