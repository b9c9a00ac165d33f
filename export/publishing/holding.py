"""Holding gate results to the bounds that are in a manifest already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

from export.errors import ParityError
from export.gate.bounds import Bounds, check
from ondevice.bundle import GateResult


def hold_to_recorded(results: Sequence[GateResult], recorded: Sequence[GateResult] = ()) -> tuple[GateResult, ...]:
    """Return the results, each held to its own bound or, where it has none, to that of the same measure and data.

    Args:
        results: What was measured.
        recorded: What the manifest says of this or of other classes of CPU.

    Raises:
        ParityError: If a result is outside its bound, or this release does not know what the bound means.
    """
    known = {(each.measure, each.data): each.bound for each in recorded if each.bound is not None}
    held: list[GateResult] = []
    for result in results:
        bound = known.get((result.measure, result.data)) if result.bound is None else result.bound
        held += [result] if bound is None else check((result,), _bounds_of(result.measure, bound))
    return tuple(held)


def _bounds_of(measure: str, bound: float) -> Bounds:
    """Return the one bound of a measure; its field says whether it is a least or a most."""
    for field in fields(Bounds):
        held = replace(Bounds(), **{field.name: bound})
        if held.of(measure) is not None:
            return held
    raise ParityError(
        f"the bundle says that {measure!r} was held to {bound:g}, but this release knows no such bound",
        hint="run: ondevice-export parity --write",
    )
