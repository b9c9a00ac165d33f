"""Whether a converted encoder ranks as the original does: by judgements, and by the original's own ranking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from export.gate.cpu import cpu_class
from export.gate.retrieval_data import RetrievalData
from export.gate.vectors import TextEncoder, encode, unit
from ondevice.bundle import GateResult
from ondevice.evaluation.ranking import ndcg, rank, recall

N_RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingInterval:
    """A number and the 95 % interval of resampled queries around it."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """Both models against judgements: means over queries, and the relative drops from reference to candidate."""

    ndcg_reference: float
    ndcg_candidate: float
    ndcg_drop: RankingInterval
    recall_reference: float
    recall_candidate: float
    recall_drop: RankingInterval


@dataclass(frozen=True, kw_only=True, slots=True)
class RankingParity:
    """How alike two encoders rank.

    Args:
        data: The name of the retrieval data.
        n: Queries.
        k: Places that count.
        judged: Both against judgements; ``None`` where there are none.
        ndcg_to_reference: ndcg@k of the candidate where the reference's first place is worth k, its second k - 1, and
            so on.
        overlap: Share of the reference's first k that are among the candidate's first k, over the queries that search
            more than k passages; ``None`` where no query does, because there all are found in any case.
        n_overlap: How many queries those are.
    """

    data: str
    n: int
    k: int
    judged: Judged | None
    ndcg_to_reference: RankingInterval
    overlap: float | None
    n_overlap: int

    def results(self, *, cpu: str | None = None) -> tuple[GateResult, ...]:
        """Return the numbers as a manifest holds them, for this CPU's class unless another is named."""
        k, found = self.k, list[tuple[str, float, int]]()
        if self.judged is not None:
            found += [
                (f"ndcg@{k}", self.judged.ndcg_candidate, self.n),
                (f"ndcg@{k}_drop", self.judged.ndcg_drop.value, self.n),
                (f"recall@{k}", self.judged.recall_candidate, self.n),
                (f"recall@{k}_drop", self.judged.recall_drop.value, self.n),
            ]
        found.append((f"ndcg@{k}_to_reference", self.ndcg_to_reference.value, self.n))
        if self.overlap is not None:
            found.append((f"overlap@{k}", self.overlap, self.n_overlap))
        return tuple(
            GateResult(measure=name, value=value, bound=None, data=self.data, n=n, cpu=cpu or cpu_class())
            for name, value, n in found
        )


def measure_ranking(
    reference: TextEncoder,
    candidate: TextEncoder,
    data: RetrievalData,
    *,
    k: int = 10,
    on_progress: Callable[[int, int], None] | None = None,
) -> RankingParity:
    """Let both rank every query's candidates by the dot product of unit vectors, and compare.

    Raises:
        ConversionError: If a vector of either is not finite or all zero.
    """
    truth = _rankings(reference, data, "the reference", None)
    found = _rankings(candidate, data, "the converted model", on_progress)
    random = np.random.default_rng(0)
    sample = random.integers(0, len(truth), size=(N_RESAMPLES, len(truth)))
    graded = np.array([_graded(wanted[:k], got, k) for wanted, got in zip(truth, found, strict=True)])
    overlaps = [
        len(set(wanted[:k]) & set(got[:k])) / k for wanted, got in zip(truth, found, strict=True) if len(wanted) > k
    ]
    return RankingParity(
        data=data.name,
        n=len(truth),
        k=k,
        judged=None if data.relevant is None else _judged(truth, found, data.relevant, k, sample),
        ndcg_to_reference=_interval(float(graded.mean()), graded[sample].mean(axis=1)),
        overlap=float(np.mean(overlaps)) if overlaps else None,
        n_overlap=len(overlaps),
    )


def relative_drop(
    reference: NDArray[np.float64], candidate: NDArray[np.float64], sample: NDArray[np.int64]
) -> RankingInterval:
    """Return 1 - mean(candidate) / mean(reference), with an interval from resampling whole queries.

    Each resampled query brings both models' values, so what the two have in common (some queries are harder) cancels.

    Shapes: float64[n], float64[n], int64[resamples, n].
    """
    bases = np.maximum(reference[sample].mean(axis=1), 1e-12)
    return _interval(
        1 - float(candidate.mean()) / max(float(reference.mean()), 1e-12), 1 - candidate[sample].mean(axis=1) / bases
    )


def _rankings(
    encoder: TextEncoder, data: RetrievalData, who: str, on_progress: Callable[[int, int], None] | None
) -> list[tuple[int, ...]]:
    passages = unit(encode(encoder.encode_passages, data.passages, who, on_progress=on_progress))
    queries = unit(encode(encoder.encode_queries, data.queries, who, on_progress=None))
    return [
        rank(passages[list(chosen)] @ query, chosen, len(chosen))
        for query, chosen in zip(queries, data.candidates, strict=True)
    ]


def _graded(wanted: Sequence[int], got: Sequence[int], k: int) -> float:
    return ndcg(got, {passage: float(len(wanted) - place) for place, passage in enumerate(wanted)}, k)


def _judged(
    truth: Sequence[Sequence[int]],
    found: Sequence[Sequence[int]],
    relevant: Sequence[frozenset[int]],
    k: int,
    sample: NDArray[np.int64],
) -> Judged:
    def over(metric: Callable[[Sequence[int], frozenset[int]], float], rankings: Sequence[Sequence[int]]) -> np.ndarray:
        return np.array([metric(ranking, judged) for ranking, judged in zip(rankings, relevant, strict=True)])

    def binary(ranking: Sequence[int], judged: frozenset[int]) -> float:
        return ndcg(ranking, dict.fromkeys(judged, 1.0), k)

    ndcgs = over(binary, truth), over(binary, found)

    def share(ranking: Sequence[int], judged: frozenset[int]) -> float:
        return recall(ranking, judged, k)

    recalls = over(share, truth), over(share, found)
    return Judged(
        ndcg_reference=float(ndcgs[0].mean()),
        ndcg_candidate=float(ndcgs[1].mean()),
        ndcg_drop=relative_drop(*ndcgs, sample),
        recall_reference=float(recalls[0].mean()),
        recall_candidate=float(recalls[1].mean()),
        recall_drop=relative_drop(*recalls, sample),
    )


def _interval(value: float, resampled: NDArray[np.float64]) -> RankingInterval:
    low, high = np.quantile(resampled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return RankingInterval(value=value, low=float(low), high=float(high))
