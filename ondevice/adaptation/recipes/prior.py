"""Where the search for a base model starts: points that did well for other people, shipped as a resource by model.

A prior never decides anything: its points are measured first, and what is measured on this user counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from ondevice.adaptation.recipes.space import N_GROUPS, Point
from ondevice.errors import InputError, NotFoundError, VersionError

Basis = Literal["design", "population"]
"""Where the points come from: reasoning about the model and published results, or measurements on other users."""

_FORMAT = 1
_FIELDS: Mapping[str, type] = {
    "format": int,
    "base": str,
    "n_blocks": int,
    "basis": str,
    "n_users": int,
    "note": str,
    "points": list,
}
_POINT_FIELDS: Mapping[str, type] = {"groups": list, "feed_forward": int, "attention": int, "rank": int, "n_loras": int}


@dataclass(frozen=True, kw_only=True, slots=True)
class Prior:
    """Points to measure first on a base model.

    Args:
        base: The generator's name in the registry.
        n_blocks: Its transformer blocks.
        basis: Where the points come from.
        n_users: People they were measured on; 0 for a design.
        note: How they were found.
        points: The most promising first.
    """

    base: str
    n_blocks: int
    basis: Basis
    n_users: int
    note: str
    points: tuple[Point, ...]


def priors() -> tuple[str, ...]:
    """Return the names of the base models that have a prior."""
    folder = files("ondevice.adaptation.recipes") / "priors"
    return tuple(sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")))


def load_prior(base: str) -> Prior:
    """Return the prior of a base model.

    Raises:
        NotFoundError: If there is none.
        InputError: If the resource has the wrong form.
    """
    if base not in priors():
        raise NotFoundError(f"there is no prior for the base model {base!r}", hint=f"known: {', '.join(priors())}")
    resource = files("ondevice.adaptation.recipes") / "priors" / f"{base}.json"
    prior = read_prior(resource.read_text(encoding="utf-8"))
    if prior.base != base:
        raise InputError(f"the prior for {base!r} says that it is for {prior.base!r}")
    return prior


def read_prior(text: str) -> Prior:
    """Return the prior that a JSON text describes, every field checked.

    Raises:
        InputError: If it is no JSON, a field is missing, unknown or ill-typed, or a point lies outside the space.
        VersionError: If it was written in a newer format.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("a prior is not valid JSON") from None
    if isinstance(values, dict) and type(values.get("format")) is int and values["format"] > _FORMAT:
        raise VersionError(f"the prior has format {values['format']}, this release knows {_FORMAT}")
    _check(values, _FIELDS, "prior")
    basis = values["basis"]
    if values["format"] != _FORMAT or basis not in get_args(Basis):
        raise InputError(f"a prior's format must be {_FORMAT} and its basis one of {', '.join(get_args(Basis))}")
    if (basis == "population") != (values["n_users"] > 0) or values["n_users"] < 0:
        raise InputError(f"a prior with the basis {basis!r} cannot come from {values['n_users']} users")
    if values["n_blocks"] < 1 or not values["base"] or not values["points"]:
        raise InputError("a prior needs a base, at least one block and at least one point")
    points = tuple(_point(point, values["n_blocks"]) for point in values["points"])
    if len(set(points)) != len(points):
        raise InputError(f"a prior names {len(points)} points, but only {len(set(points))} different ones")
    return Prior(
        base=values["base"],
        n_blocks=values["n_blocks"],
        basis=cast(Basis, basis),
        n_users=values["n_users"],
        note=values["note"],
        points=points,
    )


def _point(values: object, n_blocks: int) -> Point:
    fields = _check(values, _POINT_FIELDS, "point of a prior")
    groups = fields["groups"]
    if len(groups) != min(N_GROUPS, n_blocks) or not all(isinstance(group, bool) for group in groups):
        raise InputError(f"a point's groups must be {min(N_GROUPS, n_blocks)} times true or false")
    try:
        return Point(**{**fields, "groups": tuple(groups)})
    except ValueError as error:
        raise InputError(f"a prior cannot be used: {error}") from None


def _check(values: object, fields: Mapping[str, type], what: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise InputError(f"a {what} must be an object")
    astray = sorted(map(str, set(values) ^ set(fields)))
    if astray:
        raise InputError(f"a {what} has missing or unknown fields: {', '.join(astray)}")
    for name, kind in fields.items():
        if type(values[name]) is not kind:
            raise InputError(f"the field {name!r} of a {what} must be of the type {kind.__name__}")
    return values
