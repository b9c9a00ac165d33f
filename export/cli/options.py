"""The options that several of the builder's commands share, and what their texts mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast, get_args

import typer

if TYPE_CHECKING:
    from export.gate.bounds import Bounds

DataKind = Literal["lamp", "locomo", "retrieval", "text"]

OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="The bundle's folder; must be new.")]
NameOption = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="The model's name, instead of the last part of --out."),
]
VersionOption = Annotated[str, typer.Option("--version", metavar="N.N.N", help="The bundle's version, dotted numbers.")]
LicenseOption = Annotated[
    str | None,
    typer.Option("--license", metavar="SPDX", help="The weights' licence, instead of what the source declares."),
]
DataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="KIND:PATH",
        help="What to measure on: lamp:DIR, locomo:DIR, retrieval:DIR or text:FILE; repeatable.",
    ),
]
LimitOption = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, help="Take at most N queries of each retrieval data set."),
]
BoundOption = Annotated[
    list[str] | None,
    typer.Option(
        "--bound", metavar="NAME=VALUE", help="A bound instead of the usual one; NAME=none takes it away; repeatable."
    ),
]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        "--report", metavar="DIR", help="Write the table and the plots of what was measured into this folder."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout, and nothing else there.")]
PassphraseFileOption = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", metavar="FILE", help="Take the passphrase from this file's first line, instead of asking."
    ),
]
PublisherOption = Annotated[
    list[str] | None,
    typer.Option("--publisher", metavar="KEY", help="A trusted public key: its text, or its .pub file; repeatable."),
]


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSpec:
    """One ``--data``: what lies at the path, and the path."""

    kind: DataKind
    path: Path


def parse_data(texts: Sequence[str] | None) -> tuple[DataSpec, ...]:
    """Read every ``KIND:PATH``.

    Raises:
        typer.BadParameter: If one has another form.
    """
    specs = []
    for text in texts or ():
        kind, found, path = text.partition(":")
        if kind not in get_args(DataKind) or not found or not path:
            raise typer.BadParameter(
                f"{text!r} must be lamp:DIR, locomo:DIR, retrieval:DIR or text:FILE", param_hint="--data"
            )
        specs.append(DataSpec(kind=cast("DataKind", kind), path=Path(path)))
    return tuple(specs)


def parse_bounds(texts: Sequence[str] | None, usual: Bounds) -> Bounds:
    """Return the usual bounds with those of every ``NAME=VALUE``.

    Raises:
        typer.BadParameter: If one has another form, an unknown name, or a value that is no finite number.
    """
    names = [field.name for field in fields(usual)]
    given: dict[str, float | None] = {}
    for text in texts or ():
        name, found, value = text.partition("=")
        if not found or name not in names:
            raise typer.BadParameter(
                f"{text!r} must be NAME=VALUE; the names are: {', '.join(names)}", param_hint="--bound"
            )
        given[name] = None if value == "none" else _number(name, value)
    return replace(usual, **given)


def name_of(name: str | None, out: Path) -> str:
    """Return the model's name: the option, else the folder's."""
    return name or out.name


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise typer.BadParameter(f"the value of {name} must be a number, or none", param_hint="--bound")
    return value
