"""Where the search for a base model starts: points that did well for other people, shipped as a resource by model.

A prior never decides anything: its points are measured first, and what is measured on this user counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast, get_args

from ondevice.adaptation.recipes.space import N_GROUPS, Point
from ondevice.errors import InputError, NotFoundError, VersionError
from ondevice.safety.strict_json import Section, parse_json, read_record

Basis = Literal["design", "population"]
"""Where the points come from: reasoning about the model and published results, or measurements on other users."""

_FORMAT = 1


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
        fields = Section(parse_json(text), "a prior", InputError)
    except ValueError:
        raise InputError("a prior is not valid JSON") from None
    version = fields.take("format", int)
    if version > _FORMAT:
        raise VersionError(f"the prior has format {version}, this release knows {_FORMAT}")
    basis, n_users, n_blocks = fields.take("basis", str), fields.take("n_users", int), fields.take("n_blocks", int)
    base, note, given = fields.take("base", str), fields.take("note", str), fields.take("points", list)
    fields.end()
    if version != _FORMAT or basis not in get_args(Basis):
        raise InputError(f"a prior's format must be {_FORMAT} and its basis one of {', '.join(get_args(Basis))}")
    if (basis == "population") != (n_users > 0) or n_users < 0:
        raise InputError(f"a prior with the basis {basis!r} cannot come from {n_users} users")
    if n_blocks < 1 or not base or not given:
        raise InputError("a prior needs a base, at least one block and at least one point")
    points = tuple(_point(point, min(N_GROUPS, n_blocks)) for point in given)
    if len(set(points)) != len(points):
        raise InputError(f"a prior names {len(points)} points, but only {len(set(points))} different ones")
    return Prior(base=base, n_blocks=n_blocks, basis=cast(Basis, basis), n_users=n_users, note=note, points=points)


def _point(value: object, n_groups: int) -> Point:
    point = read_record(Point, value, "a point of a prior", InputError)
    if len(point.groups) != n_groups:
        raise InputError(f"a point's groups must be {n_groups} times true or false")
    return point
