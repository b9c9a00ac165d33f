"""How intervals and p-values are written in tables, and what is written where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

IntervalMethod = Literal["t", "bootstrap"]
METHOD_WORDS: Mapping[IntervalMethod, str] = {
    "t": "95 % intervals by Student's t over users",
    "bootstrap": "95 % intervals by resampling users",
}
"""How a report's intervals were made. Reports that do not say it drew users anew, and were narrower for few users."""
ONE_USER = "one user: no interval"
NO_SPREAD = "no spread: no interval"


def interval_words(low: float | None, high: float | None, *, n_users: int, form: str = ".3f") -> str:
    """Return an interval such as ``0.210 to 0.340``, or why there is none."""
    if low is None or high is None:
        return ONE_USER if n_users == 1 else NO_SPREAD
    return f"{low:{form}} to {high:{form}}"


def p_words(p: float | None) -> str:
    """Return a p-value, or nothing where there is none; a small one is not told as 0."""
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def with_honest_intervals(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of a report without intervals of no width, and without p-values of one user.

    Older reports have them where they drew the same user, or users who are all alike, again and again.
    """
    is_alone = record.get("n_users") == 1
    gone = {"p", "p_holm"} if is_alone else set()
    for pair in ({"low", "high"}, {"gain_low", "gain_high"}):
        if is_alone or len({record.get(name) for name in pair}) == 1:
            gone |= pair
    return {name: None if name in gone else value for name, value in record.items()}
