"""A picture of the comparison of searches: mean regret against the time they trained, a panel for each set of users."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ondevice.evaluation.panels import COLORS, figure, legend, svg

_DRAWS = 1000


class Drawn(Protocol):
    """What is drawn of a search. Shapes: float64[n_users, budgets, seeds]."""

    @property
    def regrets(self) -> NDArray[np.float64]:
        """In nats per token."""

    @property
    def costs(self) -> NDArray[np.float64]:
        """In full trainings."""


def write_plot(path: Path, replays: Mapping[str, Mapping[str, Drawn]]) -> None:
    """Write the picture as SVG, by set of users and by search; bars are the 10th to the 90th percentile over users."""
    names = list(dict.fromkeys(name for of_set in replays.values() for name in of_set))
    colors = dict(zip(names, COLORS, strict=False))
    with figure(rows=1, columns=max(1, len(replays)), height=3.4) as (drawing, axes):
        for axis, (title, of_set) in zip(axes, replays.items(), strict=True):
            for name, replay in of_set.items():
                by_user = replay.regrets.mean(axis=2)
                random = np.random.default_rng(0)
                draws = by_user[random.integers(0, len(by_user), (_DRAWS, len(by_user)))].mean(axis=1)
                mean = by_user.mean(axis=0)
                bars = np.abs(np.quantile(draws, (0.1, 0.9), axis=0) - mean)
                costs = replay.costs.mean(axis=(0, 2))
                axis.errorbar(costs, mean, yerr=bars, color=colors[name], marker="o", markersize=3.5, linewidth=1)
            axis.set_title(title, fontsize=9)
            axis.set_xlabel("trained: full trainings' worth")
            axis.set_ylim(bottom=0)
        axes[0].set_ylabel("mean regret (nats per token)")
        legend(drawing, colors, {})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg(drawing) + "\n", "utf-8")
