"""How OpenMP's threads wait for one another, in llama.cpp as in PyTorch."""

from __future__ import annotations

import os


def spin_little() -> None:
    """Let GNU's OpenMP give the core away soon; before the first library loads that has one.

    Each reads it once, when it loads. Its threads wait for each other hundreds of times a token, spinning up to 300,000
    rounds first; where other programs want the cores too, that makes an answer, or a training, many times slower. With
    3,000 a training on an idle machine takes about a twentieth longer. What the environment says already is left.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "300")
