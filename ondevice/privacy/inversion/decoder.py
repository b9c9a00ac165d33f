"""A decoder: vectors in, guesses of words out; learned from public words and invented texts in one linear solve.

For each word, ridge regression tells from a vector whether the text had that word. The vectors of single words teach
words that no invented text holds; the texts teach how words mix.

It is the weakest attacker worth naming. Trained networks that write a text, encode it and correct it read more:
Morris et al. 2023, arXiv:2310.06816.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float32]
Wide: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]

PENALTY = 0.1
"""Of the regression, as a part of the vectors' mean variance."""


class WordDecoder:
    """Guesses which of its words stand in a text, from the text's vector alone."""

    def __init__(self, words: Sequence[str], mean: Wide, columns: Wide, counts: NDArray[np.int64]) -> None:
        """Take what :meth:`learn` found."""
        self.words = tuple(words)
        self._number_of = {word: number for number, word in enumerate(self.words)}
        self._mean = mean
        self._columns = columns
        self._counts = counts

    @classmethod
    def learn(
        cls, words: Sequence[str], word_vectors: Matrix, texts: Sequence[frozenset[str]], text_vectors: Matrix
    ) -> WordDecoder:
        """Learn from single words and from texts, of which each is given as its set of words.

        Shapes: word_vectors float32[words, dim]; text_vectors float32[texts, dim].

        Args:
            words: All that can be guessed, each once; words of texts that are not among them teach nothing.
            word_vectors: Their vectors, each encoded as a text of its own.
            texts: What is in each text.
            text_vectors: The texts' vectors.
        """
        vectors = np.concatenate([word_vectors, text_vectors]).astype(np.float64)
        mean = vectors.mean(axis=0)
        vectors -= mean
        number_of = {word: number for number, word in enumerate(words)}
        sums = vectors[: len(words)].copy()  # of the texts that hold a word; the first is the word alone
        counts = np.zeros(len(words), np.int64)
        for held, vector in zip(texts, vectors[len(words) :], strict=True):
            numbers = [number_of[word] for word in held if word in number_of]
            sums[numbers] += vector
            counts[numbers] += 1
        dim = vectors.shape[1]
        spread = vectors.T @ vectors / len(vectors)
        # Every variance 0 is one text over and over, from which nothing is learned but which is no error.
        floor = PENALTY * max(np.trace(spread) / dim, np.finfo(np.float64).tiny)
        columns = np.linalg.solve(spread + floor * np.eye(dim), sums.T)
        lengths = np.linalg.norm(columns, axis=0)
        # A word that stood in many texts has a long column: at one length each, none is guessed for being frequent.
        return cls(words, mean, columns / np.where(lengths > 0, lengths, 1.0), counts)

    def guesses(self, vectors: Matrix | Wide, n: int) -> Numbers:
        """Return the numbers of the words that most likely stand in each text, the likeliest first.

        Shapes: float[texts, dim] → int64[texts, at most n].
        """
        scores = (vectors - self._mean) @ self._columns
        return np.argsort(-scores, axis=1, kind="stable")[:, :n].astype(np.int64)

    def most_frequent(self, n: int) -> Numbers:
        """Return the numbers of the words that most of the learned texts held: int64[at most n]."""
        return np.argsort(-self._counts, kind="stable")[:n].astype(np.int64)

    def numbers_of(self, words: frozenset[str]) -> list[int]:
        """Return the numbers of those words that can be guessed at all."""
        return [self._number_of[word] for word in words if word in self._number_of]
