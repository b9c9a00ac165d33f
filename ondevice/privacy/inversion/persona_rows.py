"""The attack on a persona's rows: which items count for them, and what do these say?

The attacker has the persona and its encoder, and knows the request, which stands in the same prompt. They make rows of
invented histories, and learn by ridge regression what the items' vectors were on average. What they read from the
user's rows is then ranked against items, and read by the decoder of words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.intervals import Interval, mean_interval
from ondevice.generation.prompts.prompt import query_for
from ondevice.privacy.inversion.attack import Attacker
from ondevice.privacy.inversion.decoder import Matrix, Wide, WordDecoder
from ondevice.privacy.inversion.recovery import MIN_TEXTS, Recovered, Truth, recovered
from ondevice.privacy.inversion.stored import StoredVectors

if TYPE_CHECKING:
    from ondevice.retrieval.encoding.encoder import Encoder
    from ondevice.retrieval.encoding.persona_model import PersonaModel

Mask: TypeAlias = NDArray[np.bool_]

N_IN_HISTORY = 8
N_LEARNED = 800
MIN_ITEMS = MIN_TEXTS * N_IN_HISTORY
_REQUEST = "What do you know about me?"
_CHANCE = 0.5
_PENALTY, _LEAST = 1e-3, 1e-12
_SEED = 13


@dataclass(frozen=True, kw_only=True, slots=True)
class RowsRead:
    """What was read from the rows of some histories.

    Args:
        n_histories: Histories, of :data:`N_IN_HISTORY` items each, none in two.
        told: How often an item of the history ranks before one of another: 0.5 is chance, 1 tells all of them.
        told_by_others: The same from another history's rows.
        words: What was recovered of all words of a history.
    """

    n_histories: int
    told: Interval
    told_by_others: Interval
    words: tuple[Recovered, ...]

    @property
    def is_told(self) -> bool:
        """Whether the rows tell which items count: better than chance, and than another history's rows."""
        return self.told.low > max(_CHANCE, self.told_by_others.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaAttacked:
    """What the attack read from rows: of invented histories that it has never seen, and of the user's."""

    persona: str
    n_rows: int
    tried: RowsRead
    own: RowsRead


@dataclass(frozen=True, kw_only=True, slots=True)
class _Maker:
    """Makes the rows of histories for one request."""

    model: PersonaModel
    query: Matrix
    task: str

    def rows(self, history: Matrix) -> tuple[Wide, Wide]:
        """Return a history's rows as one vector, and the mean of its vectors by their weights in them."""
        made = self.model.rows(self.query, history, self.task)
        parts = made.weights / made.weights.sum() if made.weights.sum() > 0 else np.full(len(history), 1 / len(history))
        return made.rows.astype(np.float64).ravel(), parts @ history


def attack_rows(
    name: str, model: PersonaModel, encoder: Encoder, attacker: Attacker, stored: StoredVectors
) -> PersonaAttacked:
    """Learn to read a persona's rows, and read those of the user's items, in groups.

    Args:
        name: The persona's.
        model: The persona, of this encoder's vectors.
        encoder: What made the vectors.
        attacker: Who reads its vectors.
        stored: At least :data:`MIN_ITEMS` of the user's.

    Raises:
        BundleError: If a model fails.
    """
    task = "chat" if "chat" in model.spec.tasks else model.spec.tasks[0]
    maker = _Maker(model=model, query=encoder.encode_queries([query_for(task, _REQUEST)])[0], task=task)
    random = np.random.default_rng(_SEED)
    drawn = [random.choice(len(attacker.learned), N_IN_HISTORY, replace=False) for _ in range(N_LEARNED)]
    reader = _Reader(maker, [attacker.learned[places] for places in drawn])
    return PersonaAttacked(
        persona=name,
        n_rows=model.spec.n_rows,
        tried=reader.read(attacker.decoder, attacker.trial, attacker.trial_words),
        own=reader.read(attacker.decoder, stored.vectors, stored.words),
    )


class _Reader:
    """Tells from rows what the vectors behind them were on average."""

    def __init__(self, maker: _Maker, histories: Sequence[Matrix]) -> None:
        """Learn it from these histories."""
        self._maker = maker
        rows, means = _stacked([maker.rows(history) for history in histories])
        self._rows_mean, self._mean = rows.mean(axis=0), means.mean(axis=0)
        self._rows = rows - self._rows_mean
        alike = self._rows @ self._rows.T
        penalty = _PENALTY * max(np.trace(alike) / len(alike), _LEAST)  # where all rows are alike
        self._shares = np.linalg.solve(alike + penalty * np.eye(len(alike)), means - self._mean)

    def read(self, decoder: WordDecoder, vectors: Matrix, words: Sequence[frozenset[str]]) -> RowsRead:
        """Read the rows of these vectors, in groups that are neighbours in no way."""
        places = np.random.default_rng(_SEED).permutation(len(vectors))
        groups = places[: len(places) // N_IN_HISTORY * N_IN_HISTORY].reshape(-1, N_IN_HISTORY)
        rows, _ = _stacked([self._maker.rows(vectors[group]) for group in groups])
        means = (rows - self._rows_mean) @ self._rows.T @ self._shares + self._mean
        ranked = (means - self._mean) @ (vectors.astype(np.float64) - self._mean).T
        belongs = np.zeros(ranked.shape, bool)
        np.put_along_axis(belongs, groups, True, axis=1)
        truth = Truth(decoder, [frozenset().union(*(words[place] for place in group)) for group in groups])
        return RowsRead(
            n_histories=len(groups),
            told=mean_interval(_before_others(ranked, belongs, ~belongs)),
            # The items of those other rows rank first there, which says nothing of this history's.
            told_by_others=mean_interval(
                _before_others(np.roll(ranked, 1, axis=0), belongs, ~belongs & ~np.roll(belongs, 1, axis=0))
            ),
            words=recovered(decoder, means, truth),
        )


def _before_others(scores: Wide, belongs: Mask, others: Mask) -> Wide:
    """Return for each row how often one that belongs scores above one of the others, ties counted half."""
    found = []
    for row, mask, against in zip(scores, belongs, others, strict=True):
        gaps = row[mask][:, None] - row[against][None, :]
        found.append(float((gaps > 0).mean() + 0.5 * (gaps == 0).mean()))
    return np.array(found)


def _stacked(made: Sequence[tuple[Wide, Wide]]) -> tuple[Wide, Wide]:
    return np.stack([rows for rows, _ in made]), np.stack([mean for _, mean in made])
