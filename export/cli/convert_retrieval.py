"""``ondevice-export encoder | selector``: from a trained model that finds or chooses to a measured bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from export.cli.data_in import read_groups, read_retrieval
from export.cli.options import (
    BoundOption,
    JsonOption,
    LicenseOption,
    LimitOption,
    NameOption,
    OutOption,
    PairsDataOption,
    PaperOption,
    ReportOption,
    RetrievalDataOption,
    TrainingDataOption,
    VersionOption,
    parse_bounds,
    parse_data,
)
from export.cli.terminal import Terminal
from export.cli.views import show_made
from export.conversion.about import About
from export.errors import ConversionError

if TYPE_CHECKING:
    from export.training.notes import RetrieverNote

SourceArgument = Annotated[Path, typer.Argument(metavar="SOURCE", help="The trained model's folder.")]
RecipeOption = Annotated[
    str, typer.Option("--recipe", metavar="NAME", help="How to quantize; auto tries the recipes and takes the best.")
]


class Preference(StrEnum):
    """What counts among recipes that keep to the bounds."""

    SPEED = "speed"
    SIZE = "size"


PREFERENCES: Mapping[Preference, Literal["speed", "size"]] = {Preference.SPEED: "speed", Preference.SIZE: "size"}


PreferOption = Annotated[
    Preference, typer.Option("--prefer", help="What auto takes among the recipes within the bounds.")
]


def encoder(
    source: SourceArgument,
    out: OutOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    recipe: RecipeOption = "auto",
    prefer: PreferOption = Preference.SPEED,
    passages: Annotated[
        Path | None,
        typer.Option(
            "--passages", metavar="BUNDLE", help="The encoder whose vectors it searches, for one trained query-side."
        ),
    ] = None,
    data: RetrievalDataOption = None,
    limit: LimitOption = None,
    training_data: TrainingDataOption = None,
    paper: PaperOption = None,
    bound: BoundOption = None,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert a sentence encoder to a small ONNX model that ranks like the original.

    The folder is laid out as sentence-transformers or transformers saves it, with safetensors. Nothing is written where
    a bound is missed.
    """
    from export.gate.bounds import ENCODER_BOUNDS

    bounds, specs = parse_bounds(bound, ENCODER_BOUNDS), parse_data(data, "lamp", "locomo", "retrieval")
    _check_recipe(recipe)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.onnx.encoder import convert_encoder
        from export.training.notes import PAPER, read_retriever_note

        note = read_retriever_note(source)
        searched = _searched(note, passages)
        tasks = read_retrieval(specs, limit=limit)
        if tasks and all(each.relevant is None for each in tasks) and not _names(bound, "ndcg_drop_max"):
            terminal.say("no data has judgements, so the bound ndcg_drop_max is left out")
            bounds = replace(bounds, ndcg_drop_max=None)
        about = About(
            name=name or out.name,
            version=version,
            license=license,
            training_data=training_data or (None if note is None else note.training_data),
            paper=paper or (None if note is None else PAPER),
            learned_fold=None if note is None else note.learned_fold,
        )
        make = partial(
            convert_encoder,
            source,
            out,
            about,
            recipe=recipe,
            data=tasks,
            bounds=bounds,
            prefer=PREFERENCES[prefer],
            passages=searched,
            report=report,
        )
        show_made(terminal, make, about, out)


def selector(
    source: SourceArgument,
    out: OutOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    recipe: RecipeOption = "auto",
    prefer: PreferOption = Preference.SPEED,
    max_tokens: Annotated[
        int | None, typer.Option("--max-tokens", metavar="N", min=5, help="Cut longer pairs here.")
    ] = None,
    data: PairsDataOption = None,
    training_data: TrainingDataOption = None,
    paper: PaperOption = None,
    bound: BoundOption = None,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert a cross-encoder with one output to a small ONNX model that chooses as the original does.

    Of one that `train rspg` made it knows the pool, and measures it on the candidates of users held out there.
    """
    from export.gate.bounds import SELECTOR_BOUNDS

    bounds, specs = parse_bounds(bound, SELECTOR_BOUNDS), parse_data(data, "pairs")
    _check_recipe(recipe)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.onnx.selector import convert_selector
        from export.gate.candidate_groups import read_candidate_groups
        from export.training.notes import PAPER, read_selector_note

        note, groups, choice = read_selector_note(source), list(read_groups(specs)), None
        if note is not None:
            groups = groups or [read_candidate_groups(note.groups)]
            choice = note.spec()
        about = About(
            name=name or out.name,
            version=version,
            license=license,
            training_data=training_data or (None if note is None else note.training_data),
            paper=paper or (None if note is None else PAPER),
            learned_fold=None if note is None else note.learned_fold,
        )
        make = partial(
            convert_selector,
            source,
            out,
            about,
            recipe=recipe,
            data=groups,
            bounds=bounds,
            max_tokens=max_tokens,
            choice=choice,
            prefer=PREFERENCES[prefer],
            report=report,
        )
        show_made(terminal, make, about, out)


def _names(bounds: Sequence[str] | None, name: str) -> bool:
    return any(text.startswith(f"{name}=") for text in bounds or ())


def _searched(note: RetrieverNote | None, passages: Path | None) -> str | None:
    """Return the id of the encoder whose vectors a query-side one searches, after comparing it with its training."""
    from ondevice.bundle import Bundle

    wanted = None if note is None else note.passages
    found = None if passages is None else Bundle.open(passages, kind="encoder").id
    if found == wanted or (note is None and found is not None):
        return found
    if wanted is None:
        raise ConversionError("this encoder was trained with its passages", hint="leave out --passages")
    raise ConversionError(
        f"this encoder was trained to search the vectors of {wanted!r}", hint="name that bundle with --passages"
    )


def _check_recipe(name: str) -> None:
    from export.conversion.onnx.recipes import recipe_named

    try:
        if name != "auto":
            recipe_named(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from None
