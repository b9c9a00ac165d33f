"""How OpenMP's threads wait for one another, in llama.cpp as in PyTorch."""

from __future__ import annotations

import os

_ROUNDS = "300"


def spin_little() -> None:
    """Let GNU's OpenMP give the core away soon; before the first library loads that has one.

    It reads this once, when it loads, and llama.cpp and PyTorch mostly share it. Its threads wait for each other
    hundreds of times a token, spinning up to 300,000 rounds first. Where other programs want the cores too, that makes
    an answer, or a training, many times slower: the system puts off those who spin, and serves at once those who slept.

    So many rounds take some ten microseconds. With 1,000, answers beside many busy programs take three times as long as
    with one thread, in the place of hardly longer; a training in quiet would take 6 % less. What the environment says
    already is left.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _ROUNDS)
