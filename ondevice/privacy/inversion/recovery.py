"""How much of texts was guessed: the share of their words that stands among the first guesses, and what chance gives.

Chance is the better of two: the same guesses held against another text (what this user's texts have in common with
each other), and the words that are frequent everywhere. Random vectors must give no more than chance, or the measure
itself is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.intervals import Interval, draw, ends
from ondevice.privacy.inversion.decoder import Matrix, Numbers, Wide, WordDecoder

SIZES = (1, 2, 5, 10, 20, 50)
"""Numbers of guesses at which it is measured."""
SIZE = 10
"""The one that stands for all where there is room for one."""
MIN_TEXTS = 5
"""With fewer an interval says nothing, and a share might tell of a single text."""
_SEED = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What so many guesses recovered, as means over texts.

    Args:
        n_guesses: Guesses for each text.
        own: Share of a text's words among its own guesses.
        precision: Share of the guesses that stand in the text.
        other: Share of a text's words among the guesses for the others.
        frequent: Share of them among the words that are frequent in learned texts.
        random: Share of them among guesses for random vectors.
    """

    n_guesses: int
    own: Interval
    precision: float
    other: Interval
    frequent: Interval
    random: Interval

    @property
    def chance(self) -> Interval:
        """The better of the two ways to guess without the vector."""
        return max(self.other, self.frequent, key=lambda each: each.value)

    @property
    def is_above_chance(self) -> bool:
        """Whether the vectors tell something: the intervals do not touch."""
        return self.own.low > self.chance.high

    @property
    def is_sound(self) -> bool:
        """Whether random vectors tell nothing."""
        return self.random.low <= self.chance.high


class Truth:
    """Which words texts hold, to hold guesses against; words that cannot be guessed count as missed."""

    def __init__(self, decoder: WordDecoder, texts: Sequence[frozenset[str]]) -> None:
        """Take at least one text; each has a word."""
        self._holds = np.zeros((len(texts), len(decoder.words)), np.float32)
        for row, words in zip(self._holds, texts, strict=True):
            row[decoder.numbers_of(words)] = 1
        self.n_words = np.array([len(words) for words in texts], np.int64)

    def shares(self, guesses: Numbers) -> NDArray[np.float64]:
        """Return which share of each text's words stands in each row of guesses: float64[rows of guesses, texts]."""
        guessed = np.zeros((len(guesses), self._holds.shape[1]), np.float32)
        np.put_along_axis(guessed, guesses, 1, axis=1)
        hits: NDArray[np.float64] = (guessed @ self._holds.T).astype(np.float64)
        return hits / self.n_words


def own_shares(decoder: WordDecoder, vectors: Matrix | Wide, truth: Truth, n_guesses: int = SIZE) -> Wide:
    """Return which share of each text's words its own vector gives away: float64[texts]."""
    return np.diagonal(truth.shares(decoder.guesses(vectors, n_guesses))).copy()


def recovered(decoder: WordDecoder, vectors: Matrix | Wide, truth: Truth) -> tuple[Recovered, ...]:
    """Measure at all :data:`SIZES`.

    Shapes: vectors float[texts, dim], in the order of the truth's texts; two at least.
    """
    noise = np.random.default_rng(_SEED).standard_normal(vectors.shape)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    guesses, of_noise = (decoder.guesses(each, max(SIZES)) for each in (vectors, noise))
    frequent = decoder.most_frequent(max(SIZES))[None]
    columns = [_shares_at(size, truth, guesses, frequent, of_noise) for size in SIZES]
    found = iter(_intervals(np.concatenate(columns)))
    n_guesses = [guesses[:, :size].shape[1] for size in SIZES]
    precisions = [float((own * truth.n_words).mean() / n) for (own, *_), n in zip(columns, n_guesses, strict=True)]
    return tuple(
        Recovered(
            n_guesses=size,
            own=next(found),
            other=next(found),
            frequent=next(found),
            random=next(found),
            precision=precision,
        )
        for size, precision in zip(SIZES, precisions, strict=True)
    )


def _shares_at(size: int, truth: Truth, guesses: Numbers, frequent: Numbers, of_noise: Numbers) -> Wide:
    """Return what of each text is found by its own guesses, by others', by frequent words, by noise: float64[4, n]."""
    shares = truth.shares(guesses[:, :size])
    own = np.diagonal(shares)
    others = (shares.sum(axis=0) - own) / (len(shares) - 1)
    by_noise = truth.shares(of_noise[:, :size]).mean(axis=0)
    return np.stack([own, others, truth.shares(frequent[:, :size])[0], by_noise])


def _intervals(rows: Wide) -> list[Interval]:
    """Return the mean of each row with its percentile interval; texts are drawn once for all of them."""
    drawn = draw(rows.shape[1]) @ rows.T / rows.shape[1]
    return [
        Interval(value=float(row.mean()), low=low, high=high)
        for row, (low, high) in zip(rows, map(ends, drawn.T), strict=True)
    ]
