"""The run without personalization at its best: a gain over a decoding that costs the baseline most is no gain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ondevice.evaluation.conditions import NO_PERSONALIZATION
from ondevice.evaluation.metrics import metrics_for

if TYPE_CHECKING:
    from ondevice.evaluation.lamp_data import LampSplit
    from ondevice.evaluation.table import CellOutcome


def best_none(split: LampSplit, outcomes: Sequence[CellOutcome]) -> CellOutcome:
    """Return the run without personalization in the decoding whose lead metric is best; of equal ones the first.

    Raises:
        ValueError: If there is none.
    """
    runs = [outcome for outcome in outcomes if outcome.condition.strategy == NO_PERSONALIZATION]
    if not runs:
        raise ValueError("there must be one run without personalization, not 0")
    metric = metrics_for(split.task)[0]
    sign = 1 if metric.higher_is_better else -1
    return max(runs, key=lambda run: sign * metric.value(run.answers, split.golds))
