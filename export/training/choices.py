"""What can be chosen in training retrievers and selectors, by name; the command line reads it without loading more."""

from __future__ import annotations

from typing import Literal

Objective = Literal["kd", "rl", "rl-sampled"]
"""Distillation; policy gradient by the exact expectation; the same by one draw, as in the paper."""
OBJECTIVES: tuple[Objective, ...] = ("kd", "rl", "rl-sampled")

Shape = Literal["full", "query"]
"""Whether queries and passages are moved, or queries alone."""
SHAPES: tuple[Shape, ...] = ("full", "query")

Signal = Literal["reward", "likelihood"]
"""The metric of the answer, as in the paper, or the likelihood of the right one, which has fewer ties."""
SIGNALS: tuple[Signal, ...] = ("reward", "likelihood")

Mode = Literal["pre", "post"]
"""What a selector judges: a candidate alone, or with the output it led to."""
MODES: tuple[Mode, ...] = ("pre", "post")
