"""Membership inference: scores that are higher for a text which an adapter has learned, from its tokens' likelihoods.

Whoever has the adapter has the base model too, so that the base is the reference.
Source: Yeom et al. 2018, arXiv:1709.01604 (loss); Carlini et al. 2021, arXiv:2012.07805, and Watson et al. 2022,
arXiv:2111.08440 (calibrated by a reference); Shi et al. 2024, arXiv:2310.16789 (Min-K %).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ondevice.privacy.leakage.area import Area, area_of

RATIO = "calibrated"
"""The attack that decides; the others are told beside it. One is fixed beforehand: the best of several is chance too.
It is also the one which a difference of style between the groups deceives least."""

BASE_ALONE = "base alone"
"""No attack: how far the two groups differ for a model that has learned neither, by their dates for instance."""

ATTACKS = (RATIO, "loss", "Min-K %", BASE_ALONE)

_LOWEST_PART = 0.2

MOST_TRIES = 1000
"""A text that comes out once in so many tries, on average, is there for the asking."""
BASE_BITS = 20
"""And the adapter must have made it likelier by so much: labels and turns of phrase are likely anyway."""

TokenScores = Sequence[NDArray[np.float32]]
"""ln p of each token, for each text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """How likely the same texts are with an adapter and without.

    Shapes: float32[n_tokens] for each text in both.
    """

    adapted: TokenScores
    plain: TokenScores

    @classmethod
    def of(cls, adapted: Sequence[NDArray[np.float32] | None], plain: Sequence[NDArray[np.float32] | None]) -> Self:
        """Return what was heard of the same texts, without those that could not be."""
        both = [
            (with_it, without)
            for with_it, without in zip(adapted, plain, strict=True)
            if with_it is not None and without is not None
        ]
        return cls(adapted=[with_it for with_it, _ in both], plain=[without for _, without in both])

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.plain)

    def n_by_heart(self) -> int:
        """Return how many texts come out word for word within :data:`MOST_TRIES`, because of the adapter."""
        totals = [
            (float(with_it.sum(dtype=np.float64)), float(without.sum(dtype=np.float64)))
            for with_it, without in zip(self.adapted, self.plain, strict=True)
        ]
        return sum(adapted >= -log(MOST_TRIES) and adapted - plain >= BASE_BITS * log(2) for adapted, plain in totals)

    def scores(self) -> dict[str, NDArray[np.float64]]:
        """Return each attack's score of each text: float64[n]."""
        return {
            RATIO: _means(self.adapted) - _means(self.plain),
            "loss": _means(self.adapted),
            "Min-K %": np.array([_lowest(tokens) for tokens in self.adapted], dtype=np.float64),
            BASE_ALONE: _means(self.plain),
        }


def areas_of(members: Heard, others: Heard) -> Mapping[str, Area] | None:
    """Return how well each attack tells members from others; ``None`` with too few of either."""
    inside, outside = members.scores(), others.scores()
    areas = {attack: area_of(inside[attack], outside[attack]) for attack in ATTACKS}
    return {attack: area for attack, area in areas.items() if area is not None} or None


def likeliest(
    adapted: Sequence[NDArray[np.float32] | None], plain: Sequence[NDArray[np.float32] | None], n: int
) -> list[int]:
    """Return the places of so many texts that the adapter has made likelier most, in their order."""
    gains = {
        place: float(with_it.mean(dtype=np.float64) - without.mean(dtype=np.float64))
        for place, (with_it, without) in enumerate(zip(adapted, plain, strict=True))
        if with_it is not None and without is not None
    }
    return sorted(sorted(gains, key=lambda place: -gains[place])[:n])


def _means(texts: TokenScores) -> NDArray[np.float64]:
    return np.array([tokens.mean(dtype=np.float64) for tokens in texts], dtype=np.float64)


def _lowest(tokens: NDArray[np.float32]) -> float:
    n_lowest = ceil(_LOWEST_PART * len(tokens))
    return float(np.sort(tokens)[:n_lowest].mean(dtype=np.float64))
