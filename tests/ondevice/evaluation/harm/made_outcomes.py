"""Outcomes made by hand."""

from __future__ import annotations

from ondevice.evaluation.harm.outcomes import Outcome
from ondevice.evaluation.harm.ways import HarmWay, Whose


def outcome(
    user: str,
    request: str,
    way: HarmWay,
    lost: float,
    *,
    whose: Whose = "own",
    is_right: bool = True,
    leaked: tuple[str, ...] = (),
    kind: str = "words",
) -> Outcome:
    return Outcome(
        user=user,
        kind=kind,
        request=request,
        way=way,
        whose=whose,
        text="",
        nats=2.0 + lost,
        plain_nats=2.0,
        is_right=is_right,
        plain_is_right=True,
        refuses=not is_right,
        leaked=leaked,
    )
