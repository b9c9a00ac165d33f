"""Prompted extraction: how much of a learned text's second half comes out word for word when its first half is given.

The base model is asked the same: what it writes too, the adapter has not given away.
Source: Carlini et al. 2021, arXiv:2012.07805; the second half of a text by its first: Carlini et al. 2023,
arXiv:2202.07646.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.privacy.leakage.voice import Voice

MOST_ASKED = 20
"""So many texts are asked for: each is written twice, which takes a second or more."""
MOST_TOKENS = 64
"""So many tokens of a second half are compared, at most."""
VERBATIM_TOKENS = 20
"""So many tokens on end, about fifteen words, are a text and no turn of phrase."""

_LEAST_TOKENS = 4
_LEAST_WORDS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Extracted:
    """What came out of one text's second half, in tokens.

    Args:
        n_tokens: How many there were to come.
        adapted: The longest run of them that the adapter wrote.
        plain: The longest that the base wrote.
    """

    n_tokens: int
    adapted: int
    plain: int

    @property
    def is_verbatim(self) -> bool:
        """Whether the adapter wrote at least :data:`VERBATIM_TOKENS` on end, and that many more than the base."""
        return self.adapted - self.plain >= VERBATIM_TOKENS


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A text that is asked for by its first half, and the tokens of the second that are to come."""

    pair: Pair
    begun: str = field(repr=False)
    wanted: tuple[int, ...] = field(repr=False)


def asked_of(voice: Voice, pairs: Sequence[Pair]) -> list[Asked]:
    """Cut texts into halves; those that are too short to have a second are left out."""
    found = []
    for pair in pairs:
        words = pair.answer.split(" ")
        half = len(words) // 2
        begun, rest = " ".join(words[:half]), " ".join(["", *words[half:]])
        wanted = voice.tokens(rest)[:MOST_TOKENS]
        if len(words) >= _LEAST_WORDS and len(wanted) >= _LEAST_TOKENS:
            found.append(Asked(pair=pair, begun=begun, wanted=tuple(wanted)))
    return found


def runs_of(voice: Voice, asked: Sequence[Asked]) -> list[int | None]:
    """Return the longest run of each second half that a voice writes; ``None`` where the text is too long for it."""
    written = [voice.go_on(each.pair, each.begun, max_tokens=len(each.wanted)) for each in asked]
    return [
        None if text is None else longest_run(each.wanted, voice.tokens(text))
        for each, text in zip(asked, written, strict=True)
    ]


def extracted(asked: Sequence[Asked], adapted: Sequence[int | None], plain: Sequence[int | None]) -> list[Extracted]:
    """Return what came out of each text, by the runs of the adapter and of the base."""
    return [
        Extracted(n_tokens=len(each.wanted), adapted=with_it, plain=without)
        for each, with_it, without in zip(asked, adapted, plain, strict=True)
        if with_it is not None and without is not None
    ]


def mean_shares(found: Sequence[Extracted]) -> tuple[float, float]:
    """Return which part of the second halves came out on end, by the adapter and by the base, as means over texts."""
    shares = np.array([(each.adapted / each.n_tokens, each.plain / each.n_tokens) for each in found])
    adapted, plain = shares.mean(axis=0).tolist()
    return adapted, plain


def longest_run(first: Sequence[int], second: Sequence[int]) -> int:
    """Return the length of the longest run of tokens that stands in both."""
    longest, before = 0, [0] * (len(second) + 1)
    for token in first:
        runs = [0] * (len(second) + 1)
        for place, other in enumerate(second, 1):
            if token == other:
                runs[place] = before[place - 1] + 1
        longest, before = max(longest, *runs), runs
    return longest
