"""From outcomes to figures: one number a user, their mean, and its interval over users.

Source of the tests: see :mod:`ondevice.evaluation.statistics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ondevice.evaluation.harm.outcomes import Outcome, StaleOutcome
from ondevice.evaluation.harm.ways import HarmWay, Whose
from ondevice.evaluation.statistics.estimates import mean_of
from ondevice.evaluation.statistics.primary import holm_of_some
from ondevice.evaluation.statistics.sign_flips import sign_flip_p
from ondevice.evaluation.statistics.user_means import user_means

T = TypeVar("T", Outcome, StaleOutcome)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A mean over users of each one's mean, with its 95 % interval; without one for a single user, or no spread.

    Args:
        n_users: Users.
        n: Requests of all of them.
        p: Of a difference, the p-value of "there is none"; otherwise ``None``.
        p_holm: The same, adjusted for the number of ways.
    """

    value: float
    low: float | None
    high: float | None
    n_users: int
    n: int
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WayRow:
    """One way's figures.

    Args:
        way: How requests were answered.
        whose: Whose profile was attached.
        nats: How unlikely the right answer was, a token.
        lost: Nats a token that the way takes from the right answer; ``None`` without personalization.
        right: The share of answers that hold what is right.
        right_lost: How much of that share the way takes; ``None`` without personalization.
        refused: The share that says that the notes do not say.
        leaked: The share that holds something of the profile; without personalization, what it holds by chance.
        lost_by_kind: Nats lost by what a request takes, over all requests of the kind.
    """

    way: HarmWay
    whose: Whose
    nats: Figure
    lost: Figure | None
    right: Figure
    right_lost: Figure | None
    refused: Figure
    leaked: Figure
    lost_by_kind: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnAgainstOther:
    """Nats that a user's own profile takes beyond what another's takes of the same requests."""

    way: HarmWay
    more: Figure


@dataclass(frozen=True, kw_only=True, slots=True)
class StaleRow:
    """What one way makes of questions whose answer has changed.

    Args:
        way: How they were answered.
        right: The share of answers that say the newer.
        old: The share that says the outdated.
        refused: The share that says that the notes do not say.
        has_both: The share of prompts that held both items.
        old_of_both: The share that says the outdated, of those; ``None`` where there are none.
    """

    way: HarmWay
    right: Figure
    old: Figure
    refused: Figure
    has_both: Figure
    old_of_both: Figure | None


def rows_of(outcomes: Sequence[Outcome]) -> list[WayRow]:
    """Return one row for each way and profile, in the order in which they were asked.

    The p-values of what the own profile takes are adjusted for the number of ways, in each measure.
    """
    cells = dict.fromkeys((each.way, each.whose) for each in outcomes)
    rows = [_row(way, whose, _in(outcomes, way, whose)) for way, whose in cells]
    own = [row for row in rows if row.whose == "own" and row.way != "none"]
    lost = iter(_adjusted([row.lost for row in own]))
    right_lost = iter(_adjusted([row.right_lost for row in own]))
    return [replace(row, lost=next(lost), right_lost=next(right_lost)) if row in own else row for row in rows]


def own_against_other(outcomes: Sequence[Outcome]) -> list[OwnAgainstOther]:
    """Return, for each way that was asked with both profiles, how much more the own one takes."""
    found = []
    for way in dict.fromkeys(each.way for each in outcomes if each.whose == "other"):
        strange = {(each.user, each.request): each for each in _in(outcomes, way, "other")}
        pairs = [(each, strange[each.user, each.request]) for each in _in(outcomes, way, "own")]
        values = [own.nats - other.nats for own, other in pairs]
        users = [own.user for own, _ in pairs]
        found.append(OwnAgainstOther(way=way, more=_figure(values, users, is_difference=True)))
    return found


def stale_rows_of(outcomes: Sequence[StaleOutcome]) -> list[StaleRow]:
    """Return one row for each way."""
    rows = []
    for way in dict.fromkeys(each.way for each in outcomes):
        here = [each for each in outcomes if each.way == way]
        both = [each for each in here if each.has_both]
        rows.append(
            StaleRow(
                way=way,
                right=_share(here, lambda each: each.is_right),
                old=_share(here, lambda each: each.follows_old),
                refused=_share(here, lambda each: each.refuses),
                has_both=_share(here, lambda each: each.has_both),
                old_of_both=_share(both, lambda each: each.follows_old) if both else None,
            )
        )
    return rows


def _row(way: HarmWay, whose: Whose, here: Sequence[Outcome]) -> WayRow:
    users = [each.user for each in here]
    kinds = dict.fromkeys(each.kind for each in here)
    is_personal = way != "none"
    return WayRow(
        way=way,
        whose=whose,
        nats=_figure([each.nats for each in here], users),
        lost=_figure([each.lost for each in here], users, is_difference=True) if is_personal else None,
        right=_share(here, lambda each: each.is_right),
        right_lost=_figure([each.right_lost for each in here], users, is_difference=True) if is_personal else None,
        refused=_share(here, lambda each: each.refuses),
        leaked=_share(here, lambda each: bool(each.leaked)),
        lost_by_kind={kind: float(np.mean([each.lost for each in here if each.kind == kind])) for kind in sorted(kinds)}
        if is_personal
        else {},
    )


def _share(outcomes: Sequence[T], holds: Callable[[T], bool]) -> Figure:
    share = _figure([float(holds(each)) for each in outcomes], [each.user for each in outcomes])
    if share.low is None or share.high is None:
        return share
    return replace(share, low=max(0.0, share.low), high=min(1.0, share.high))  # no share lies beyond


def _figure(values: Sequence[float], users: Sequence[str], *, is_difference: bool = False) -> Figure:
    means = user_means(np.array(values, dtype=np.float64), users)
    mean = mean_of(means)
    low, high = mean.interval()
    return Figure(
        value=mean.value,
        low=low,
        high=high,
        n_users=len(means),
        n=len(values),
        p=sign_flip_p(means) if is_difference else None,
    )


def _in(outcomes: Sequence[Outcome], way: HarmWay, whose: Whose) -> list[Outcome]:
    return [each for each in outcomes if each.way == way and each.whose == whose]


def _adjusted(figures: Sequence[Figure | None]) -> list[Figure | None]:
    ps = holm_of_some([None if each is None else each.p for each in figures])
    return [None if each is None else replace(each, p_holm=p) for each, p in zip(figures, ps, strict=True)]
