"""A gate: whether personalization takes more from answers than it may, beyond what users differ by.

Both measures are looked at, because a model that answers in short sentences from notes finds right answers likelier,
and yet may refuse to give them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ondevice.evaluation.harm.outcomes import Outcome
from ondevice.evaluation.harm.ways import HarmWay
from ondevice.evaluation.statistics.estimates import Estimate, mean_of
from ondevice.evaluation.statistics.primary import holm_of_some
from ondevice.evaluation.statistics.user_means import user_means

ALPHA = 0.05

Measure = Literal["nats", "right answers"]
Standing = Literal["above", "not above", "cannot tell"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What the gate says of one way by one measure.

    Args:
        way: How requests were answered.
        measure: ``nats`` a token of the right answer, or the share of requests with ``right answers``.
        limit: So much may be lost.
        lost: So much was.
        p: One-sided p-value of "the limit or less is lost", by Student's t over users, adjusted by Holm for the number
            of verdicts; ``None`` where users have no spread that could be measured.
        standing: ``above`` the limit beyond noise; ``not above``; or ``cannot tell``, where there is no spread and more
            than the limit was lost.
    """

    way: HarmWay
    measure: Measure
    limit: float
    lost: float
    p: float | None
    standing: Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """All verdicts; it is open only if nothing is above its limit, and of nothing it cannot be told."""

    verdicts: Sequence[Verdict]

    @property
    def is_open(self) -> bool:
        """Whether nothing was found that takes too much."""
        return all(each.standing == "not above" for each in self.verdicts)


def gate_of(outcomes: Sequence[Outcome], limits: Mapping[Measure, float]) -> Gate:
    """Judge every way with the user's own profile.

    Args:
        outcomes: What came of the requests.
        limits: What may be lost by each measure that is to be judged.
    """
    ways = list(dict.fromkeys(each.way for each in outcomes if each.way != "none"))
    judged = [(way, measure, limit, _lost(outcomes, way, measure)) for way in ways for measure, limit in limits.items()]
    ps = holm_of_some([lost.chance_above(limit) for _, _, limit, lost in judged])
    return Gate(
        verdicts=[
            Verdict(
                way=way, measure=measure, limit=limit, lost=lost.value, p=p, standing=_standing(lost.value, p, limit)
            )
            for (way, measure, limit, lost), p in zip(judged, ps, strict=True)
        ]
    )


def _lost(outcomes: Sequence[Outcome], way: HarmWay, measure: Measure) -> Estimate:
    here = [each for each in outcomes if each.way == way and each.whose == "own"]
    values = [each.lost if measure == "nats" else each.right_lost for each in here]
    return mean_of(user_means(np.array(values, dtype=np.float64), [each.user for each in here]))


def _standing(lost: float, p: float | None, limit: float) -> Standing:
    if p is None:
        return "cannot tell" if lost > limit else "not above"
    return "above" if p < ALPHA else "not above"
