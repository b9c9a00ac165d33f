"""A picture of the comparison of searches: mean regret against what they trained, a panel for each set of users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.measure import Row
from ondevice.evaluation.panels import COLORS, figure, legend, svg

REGRET = "mean regret after "
COST = "cost after "


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One search on one set of users: its regrets, with their bars, and the full trainings they took."""

    kind: str
    search: str
    regrets: Sequence[Row]
    costs: Sequence[float]


def regret_plot(rows: Sequence[Row]) -> str:
    """Draw the table's rows as SVG; bars are the 10th to the 90th percentile over users."""
    lines = _lines(rows)
    kinds = list(dict.fromkeys(line.kind for line in lines))
    colors = dict(zip(dict.fromkeys(line.search for line in lines), COLORS, strict=False))
    with figure(rows=1, columns=max(1, len(kinds)), height=3.4) as (drawing, axes):
        for axis, kind in zip(axes, kinds, strict=False):
            drawn = [line for line in lines if line.kind == kind]
            for line in drawn:
                means = [row.median for row in line.regrets]
                bars = [
                    [max(0.0, row.median - row.low) for row in line.regrets],
                    [max(0.0, row.high - row.median) for row in line.regrets],
                ]
                color = colors[line.search]
                axis.errorbar(line.costs, means, yerr=bars, color=color, marker="o", markersize=3.5, linewidth=1)
            axis.set_title(f"{drawn[0].regrets[0].n} {kind} users", fontsize=9)
            axis.set_xlabel("trained: full trainings' worth")
            axis.set_ylim(bottom=0)
        axes[0].set_ylabel("mean regret (nats per token)")
        legend(drawing, colors, {})
        return svg(drawing) + "\n"


def _lines(rows: Sequence[Row]) -> list[_Line]:
    costs = {(row.condition, row.case.removeprefix(COST)): row.median for row in rows if row.case.startswith(COST)}
    found = []
    for condition, group in groupby(
        (row for row in rows if row.case.startswith(REGRET)), key=lambda row: row.condition
    ):
        regrets = list(group)
        kind, _, search = condition.partition(" · ")
        spent = [costs[condition, row.case.removeprefix(REGRET)] for row in regrets]
        found.append(_Line(kind=kind, search=search, regrets=regrets, costs=spent))
    return found
