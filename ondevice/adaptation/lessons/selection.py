"""Which of the user's items to learn from: few, good ones, and of every kind the user has.

After Ge et al. 2024, arXiv:2402.18191 (clustering and ranking): rank by quality, and take the best of every cluster
besides the best of all. Quality here is not an expert's: the user's own way of writing is what is to be learned, so
an item counts for being new and long enough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ondevice.adaptation.lessons.clusters import k_means, principal_rows

Reason = Literal["cluster", "quality", "short", "duplicate", "surplus"]
"""Chosen as the best of a cluster or for quality; or left out: short, a newer item's double, or not as good as
others."""

_CHOSEN: tuple[Reason, ...] = ("cluster", "quality")


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectionConfig:
    """What may be learned from, and how much.

    Args:
        max_items: Items chosen, at most.
        min_characters: Shorter texts are left out.
        max_cosine: Of two items at least this similar only the newer one stays.
        variance: The part of the vectors' variance in which clusters are looked for.
        seed: Decides where the clusters start.
    """

    max_items: int = 100
    min_characters: int = 12
    max_cosine: float = 0.95
    variance: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that have no meaning."""
        if self.max_items < 1 or self.min_characters < 1:
            raise ValueError(f"max_items {self.max_items} and min_characters {self.min_characters} must be 1 or more")
        if not 0 < self.max_cosine <= 1 or not 0 < self.variance <= 1:
            raise ValueError(f"max_cosine {self.max_cosine} and variance {self.variance} must be above 0 and at most 1")


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What became of one item, and why.

    Args:
        reason: See :data:`Reason`.
        quality: How new and how long it is, 0 to 1; ``None`` where it was left out before.
        cluster: Which cluster it belongs to; ``None`` likewise.
        double_of: The newer item it is left out for.
    """

    reason: Reason
    quality: float | None = None
    cluster: int | None = None
    double_of: int | None = None

    @property
    def is_chosen(self) -> bool:
        """Whether the item is one to learn from."""
        return self.reason in _CHOSEN


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenItems:
    """One verdict per item, in the items' order."""

    verdicts: tuple[Verdict, ...]

    @property
    def chosen(self) -> tuple[int, ...]:
        """The chosen items' indices, rising: the oldest first."""
        return tuple(index for index, verdict in enumerate(self.verdicts) if verdict.is_chosen)

    def explain(self) -> list[str]:
        """Return in a few lines how many items were chosen and left out, and why."""
        n = Counter(verdict.reason for verdict in self.verdicts)
        lines = [
            f"{len(self.chosen)} of {len(self.verdicts)} items are learned from: "
            f"{n['cluster']} as the best of their kind, {n['quality']} for quality"
        ]
        left_out: dict[Reason, str] = {
            "short": "too short",
            "duplicate": "doubles of a newer one",
            "surplus": "not needed, others are better",
        }
        return lines + [f"{n[reason]} left out: {why}" for reason, why in left_out.items() if n[reason]]


def select_items(texts: Sequence[str], vectors: ArrayLike, *, config: SelectionConfig | None = None) -> ChosenItems:
    """Choose what to learn from; the same items give the same choice.

    Args:
        texts: The items' texts, oldest first.
        vectors: Their embeddings, float32[n, d].
        config: The limits.

    Raises:
        ValueError: If there are not as many vectors as texts, or they are not finite.
    """
    config = config or SelectionConfig()
    rows = _unit_rows(vectors, len(texts))
    lines = [" ".join(text.split()) for text in texts]
    verdicts = {i: Verdict(reason="short") for i, line in enumerate(lines) if len(line) < config.min_characters}
    newer = _doubles([i for i in range(len(lines)) if i not in verdicts], lines, rows, config.max_cosine)
    verdicts |= {i: Verdict(reason="duplicate", double_of=other) for i, other in newer.items()}

    left = [i for i in range(len(lines)) if i not in verdicts]
    if left:
        quality = _quality([len(lines[i]) for i in left])
        clusters = _clusters(rows[left], config)
        reasons = _choose(quality, clusters, config.max_items)
        for i, reason, value, cluster in zip(left, reasons, quality.tolist(), clusters.tolist(), strict=True):
            verdicts[i] = Verdict(reason=reason, quality=value, cluster=cluster)
    return ChosenItems(verdicts=tuple(verdicts[i] for i in range(len(lines))))


def _unit_rows(vectors: ArrayLike, n: int) -> NDArray[np.float32]:
    rows: NDArray[np.float32] = np.array(vectors, dtype=np.float32)
    if n == 0:
        return np.zeros((0, 1), dtype=np.float32)
    if rows.ndim != 2 or len(rows) != n or not np.isfinite(rows).all():
        raise ValueError(f"{n} texts need {n} rows of finite numbers, not an array of shape {rows.shape}")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    rows /= lengths
    return rows


def _doubles(
    indices: Sequence[int], lines: Sequence[str], rows: NDArray[np.float32], max_cosine: float
) -> dict[int, int]:
    """Return each item that says what a newer one says, with that newer one."""
    kept: list[int] = []
    held = np.empty((len(indices), rows.shape[1]), dtype=np.float32)
    seen: dict[str, int] = {}
    doubles: dict[int, int] = {}
    for i in reversed(indices):
        words = lines[i].casefold()
        cosines = held[: len(kept)] @ rows[i]
        nearest = int(cosines.argmax()) if kept else -1
        if words in seen:
            doubles[i] = seen[words]
        elif kept and cosines[nearest] >= max_cosine:
            doubles[i] = kept[nearest]
        else:
            held[len(kept)] = rows[i]
            kept.append(i)
            seen[words] = i
    return doubles


def _quality(lengths: Sequence[int]) -> NDArray[np.float64]:
    """Return the mean of what speaks for each item: new, as long as the user's usual."""
    n = len(lengths)
    parts = [(np.arange(n) + 1) / n, np.minimum(1.0, np.array(lengths) / np.median(lengths))]
    quality: NDArray[np.float64] = np.mean(parts, axis=0)
    return quality


def _clusters(rows: NDArray[np.float32], config: SelectionConfig) -> NDArray[np.intp]:
    k = max(1, round((len(rows) / 2) ** 0.5))
    return k_means(principal_rows(rows, config.variance), k, seed=config.seed)


def _choose(quality: NDArray[np.float64], clusters: NDArray[np.intp], max_items: int) -> list[Reason]:
    ranking = np.argsort(-quality, kind="stable")
    sizes = Counter(clusters.tolist())
    best = {cluster: int(next(i for i in ranking if clusters[i] == cluster)) for cluster in sizes}
    # Where there is no room for every cluster, the user's commonest kinds come first.
    of_clusters = [best[cluster] for cluster in sorted(sizes, key=lambda cluster: (-sizes[cluster], cluster))]
    reasons: list[Reason] = ["surplus"] * len(quality)
    for i in of_clusters[:max_items]:
        reasons[i] = "cluster"
    rest = [int(i) for i in ranking if reasons[i] == "surplus"]
    for i in rest[: max(0, max_items - len(of_clusters))]:
        reasons[i] = "quality"
    return reasons
