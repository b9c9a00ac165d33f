"""ROUGE-1 and ROUGE-L F-measures without a stemmer, as LaMP's evaluation computes them.

Source: Lin 2004, "ROUGE: A Package for Automatic Evaluation of Summaries". The numbers equal those of the
``rouge-score`` package (a test compares them); that package itself stays outside the device, because it brings a
downloader along.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")


def tokenize(text: str) -> list[str]:
    """Split a text into the lowercase runs of a to z and 0 to 9 that ROUGE counts."""
    return _WORD.findall(text.lower())


def rouge_1(answer: str, gold: str) -> float:
    """Return the F-measure of the words that answer and gold share, each counted as often as in both."""
    said, wanted = tokenize(answer), tokenize(gold)
    shared = sum((Counter(said) & Counter(wanted)).values())
    return _f_measure(shared, len(said), len(wanted))


def rouge_l(answer: str, gold: str) -> float:
    """Return the F-measure of the longest common subsequence of words."""
    said, wanted = tokenize(answer), tokenize(gold)
    return _f_measure(_longest_common(said, wanted), len(said), len(wanted))


def _longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    row = [0] * (len(second) + 1)
    for word in first:
        diagonal = 0
        for place, other in enumerate(second, start=1):
            above = row[place]
            row[place] = diagonal + 1 if word == other else max(above, row[place - 1])
            diagonal = above
    return row[-1]


def _f_measure(n_shared: int, n_said: int, n_wanted: int) -> float:
    # 2PR / (P + R) with P = shared / said and R = shared / wanted; no shared word gives 0 on either side.
    return 2 * n_shared / (n_said + n_wanted) if n_shared else 0.0
