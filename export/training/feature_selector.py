"""A selector that reads no text: a linear score over a candidate's numbers. It says what a cross-encoder is worth.

Its inputs are the features of :mod:`~export.training.features` and which retriever it is in which task, so that
without any feature it learns the best retriever of each task. Same objective as the cross-encoder's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from export.errors import DatasetError
from export.training.losses import distillation_loss
from export.training.pools import PoolCandidate, PoolFeedback
from ondevice.retrieval.encoding.selector import shares_of


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureConfig:
    """How it is fitted.

    Args:
        temperature: Of the target, in units of the reward.
        ridge: How strongly weights are kept small.
        knows_retrievers: Whether the retriever and the task are inputs.
        knows_features: Whether the features are.
    """

    temperature: float = 0.2
    ridge: float = 1e-2
    knows_retrievers: bool = True
    knows_features: bool = True

    def __post_init__(self) -> None:
        """Refuse a selector that knows nothing."""
        if not (self.knows_retrievers or self.knows_features) or not self.temperature > 0 or self.ridge < 0:
            raise ValueError(
                "a selector needs retrievers or features to go by, a temperature above 0, and ridge 0 or more"
            )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FeatureSelector:
    """The fitted score; ``weights`` float64[n] belong to ``inputs``."""

    inputs: tuple[str, ...]
    means: NDArray[np.float64] = field(repr=False)
    spreads: NDArray[np.float64] = field(repr=False)
    weights: NDArray[np.float64] = field(repr=False)
    config: FeatureConfig

    @classmethod
    def fit(cls, records: Sequence[PoolFeedback], config: FeatureConfig | None = None) -> FeatureSelector:
        """Fit the weights to all of the records; deterministic.

        Raises:
            DatasetError: If there are no records.
        """
        import torch

        if not records:
            raise DatasetError("there is no feedback to fit a selector to")
        known = config or FeatureConfig()
        values = [_inputs(record, candidate, known) for record in records for candidate in record.candidates]
        names = tuple(sorted({name for each in values for name in each}))
        matrix = np.array([[each.get(name, 0.0) for name in names] for each in values]).reshape(len(values), -1)
        means, spreads = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-6)
        rows = torch.from_numpy((matrix - means) / spreads)
        sizes = [len(record.candidates) for record in records]
        pad = torch.nn.utils.rnn.pad_sequence
        rewards = pad(
            [torch.tensor([each.reward for each in record.candidates], dtype=torch.float64) for record in records],
            batch_first=True,
        )
        mask = pad([torch.ones(size, dtype=torch.bool) for size in sizes], batch_first=True)
        weights = torch.zeros(len(names), dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.LBFGS([weights], max_iter=200, line_search_fn="strong_wolfe")

        def objective() -> torch.Tensor:
            optimizer.zero_grad()
            scores = pad(list((rows @ weights).split(sizes)), batch_first=True)
            loss = distillation_loss(scores, rewards, mask, temperature=known.temperature)
            loss = loss + known.ridge * weights.square().sum()
            loss.backward()
            return loss

        optimizer.step(objective)
        return cls(inputs=names, means=means, spreads=spreads, weights=weights.detach().numpy(), config=known)

    def shares(self, record: PoolFeedback) -> list[float]:
        """Return each candidate's share of the choice; inputs that were never seen count nothing."""
        values = [_inputs(record, candidate, self.config) for candidate in record.candidates]
        matrix = np.array([[each.get(name, 0.0) for name in self.inputs] for each in values]).reshape(len(values), -1)
        scores = ((matrix - self.means) / self.spreads) @ self.weights
        return shares_of(scores.tolist())


def _inputs(record: PoolFeedback, candidate: PoolCandidate, config: FeatureConfig) -> dict[str, float]:
    task = record.user.split("/")[0]
    found: dict[str, float] = {}
    if config.knows_features:
        found |= {name: float(value) for name, value in candidate.features.items()}
        found |= {f"{name} in {task}": float(value) for name, value in candidate.features.items()}
    if config.knows_retrievers:
        found |= {f"is {name}": 1.0 for name in candidate.names}
        found |= {f"is {name} in {task}": 1.0 for name in candidate.names}
    return found
