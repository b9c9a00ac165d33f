"""A picture of what a bound costs and buys: the gain, and how well learned texts are told, against ε."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.measure import Row
from benchmarks.private_cases import AREA, GAIN, condition_of
from benchmarks.private_recording import EPSILONS
from ondevice.evaluation.panels import COLORS, figure, svg

_PANELS = ((GAIN, "gain on unseen texts (nats per token)", 0.0), (AREA, "area of the membership attack", 0.5))


def privacy_plot(rows: Sequence[Row]) -> str:
    """Draw the table's rows as SVG; bars are the 10th to the 90th percentile over users."""
    conditions = [condition_of(epsilon) for epsilon in EPSILONS]
    with figure(rows=1, columns=len(_PANELS), height=3.2) as (drawing, axes):
        for axis, (case, label, nothing) in zip(axes, _PANELS, strict=True):
            found = {row.condition: row for row in rows if row.case == case}
            drawn = [found[condition] for condition in conditions if condition in found]
            medians = [row.median for row in drawn]
            bars = [[row.median - row.low for row in drawn], [row.high - row.median for row in drawn]]
            axis.errorbar(range(len(drawn)), medians, yerr=bars, color=COLORS[0], marker="o", markersize=4, linewidth=1)
            axis.axhline(nothing, color="grey", linewidth=0.8, linestyle="--")
            axis.set_xticks(range(len(drawn)), [row.condition for row in drawn])
            axis.set_title(label, fontsize=9)
        return svg(drawing) + "\n"
