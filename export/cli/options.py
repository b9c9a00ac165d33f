"""The options that several of the builder's commands share, and what their texts mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ondevice.config import MOST_SEED, MOST_THREADS

if TYPE_CHECKING:
    from export.gate.bounds import Bounds

RefitOption = Annotated[
    bool,
    typer.Option(
        "--refit/--no-refit", help="In the end learn the newest items too, for as long as they told; if time allows."
    ),
]
PriorOption = Annotated[
    str,
    typer.Option(
        "--prior",
        metavar="NAME",
        help="The split whose other users tell what labels are worth anyway, which is taken off; or 'no'.",
    ),
]
DataKind = Literal["lamp", "locomo", "retrieval", "text", "pairs"]

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
RequiredLicenseOption = Annotated[str, typer.Option("--license", metavar="SPDX", help="The weights' licence.")]
PaperOption = Annotated[
    str | None, typer.Option("--paper", metavar="TEXT", help="Where the method is described, for the card.")
]
ActivationOption = Annotated[
    str | None,
    typer.Option("--activation", metavar="NAME", help="Between two layers: gelu, gelu_tanh, relu, silu, tanh, none."),
]
RetrievalDataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="KIND:PATH",
        help="Rank on these: lamp:DIR, locomo:DIR or retrieval:DIR; repeatable.",
    ),
]
TextDataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--data",
        metavar="KIND:PATH",
        help="Measure on the texts of these: text:FILE, lamp:DIR, locomo:DIR or retrieval:DIR; repeatable.",
    ),
]
TextLimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="Take at most N texts of each, evenly.")
]
PairsDataOption = Annotated[
    list[str] | None,
    typer.Option("--data", metavar="pairs:FILE", help="Requests with their candidates, JSON Lines, to measure on."),
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
TrainingDataOption = Annotated[
    str | None,
    typer.Option("--training-data", metavar="TEXT", help="What it was trained on, in one line, for the card."),
]
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
GeneratorArgument = Annotated[Path, typer.Argument(metavar="BUNDLE", help="The generator that is served, as a bundle.")]
LampOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="LaMP's folder, with a train split below.")]
TasksOption = Annotated[
    str | None, typer.Option("--tasks", metavar="NAMES", help="Folders below DIR, with commas; all by default.")
]
SplitOption = Annotated[str, typer.Option("--split", metavar="NAME", help="The files' prefix.")]
RateOption = Annotated[float, typer.Option("--learning-rate", metavar="X", help="AdamW's.")]
EpochsOption = Annotated[int, typer.Option("--epochs", metavar="N", min=1, help="Passes over the data, at most.")]
HeldOutOption = Annotated[
    float, typer.Option("--held-out", metavar="PART", help="The part of the users that only judge.")
]
MinutesOption = Annotated[float | None, typer.Option("--minutes", metavar="X", help="Stop after so long.")]
BatchTokensOption = Annotated[int, typer.Option("--batch-tokens", metavar="N", min=1, help="Tokens of a step.")]
DeviceOption = Annotated[str, typer.Option("--device", metavar="NAME", help="Where PyTorch computes, such as cuda.")]
ThreadsOption = Annotated[
    int | None, typer.Option("--threads", metavar="N", min=1, max=MOST_THREADS, help="CPU threads.")
]
CheckpointOption = Annotated[
    Path | None,
    typer.Option("--checkpoint", metavar="FILE", help="Keep the training here: a stopped one goes on."),
]
NotesEncoderOption = Annotated[
    Path, typer.Option("--encoder", metavar="BUNDLE", help="The encoder whose search finds the notes.")
]
SeedOption = Annotated[
    int, typer.Option("--seed", metavar="N", min=0, max=MOST_SEED, help="Decides all that chance decides.")
]

ApartFromOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--apart-from",
        metavar="FILE",
        help="LaMP questions to be measured on: what asks about a text of theirs is not learned; repeatable.",
    ),
]
LearnFromFoldOption = Annotated[
    int | None,
    typer.Option(
        "--learn-from-fold",
        metavar="N",
        min=1,
        max=2,
        help="Learn from fold 1 or 2 of all train and dev users; `eval lamp --ask-fold` asks the other.",
    ),
]
PrecisionOption = Annotated[
    str, typer.Option("--precision", metavar="NAME", help="float32, bfloat16, or auto for what is faster.")
]

TEXT_KINDS: tuple[DataKind, ...] = ("text", "lamp", "locomo", "retrieval")


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSpec:
    """One ``--data``: what lies at the path, and the path."""

    kind: DataKind
    path: Path


def parse_data(texts: Sequence[str] | None, *kinds: DataKind) -> tuple[DataSpec, ...]:
    """Read every ``KIND:PATH``.

    Args:
        texts: As they were given.
        kinds: What the command can measure on.
    """
    specs = []
    for text in texts or ():
        kind, found, path = text.partition(":")
        if kind not in kinds or not found or not path:
            known = " or ".join(f"{each}:PATH" for each in kinds)
            raise typer.BadParameter(f"{text!r} must be {known}", param_hint="--data")
        specs.append(DataSpec(kind=kind, path=Path(path)))
    return tuple(specs)


def parse_bounds(texts: Sequence[str] | None, usual: Bounds) -> Bounds:
    """Return the usual bounds with those of every ``NAME=VALUE``."""
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


def seconds_of(minutes: float | None) -> float | None:
    """Return what ``--minutes`` says in seconds; ``None`` where it was not given."""
    return None if minutes is None else 60 * minutes


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise typer.BadParameter(f"the value of {name} must be a number, or none", param_hint="--bound")
    return value
