"""``ondevice-export persona``: from a trained persona's folder to a measured bundle."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from export.cli.options import (
    BoundOption,
    JsonOption,
    LicenseOption,
    NameOption,
    OutOption,
    TrainingDataOption,
    VersionOption,
    parse_bounds,
)
from export.cli.terminal import Terminal
from export.cli.views import show_made
from export.conversion.about import About

PAPER = "Liu et al. 2024, arXiv:2409.11901 (Persona-Plug)"


def persona(
    source: Annotated[Path, typer.Argument(metavar="TRAINED", help="The folder that `train persona` wrote.")],
    base: Annotated[Path, typer.Option("--base", metavar="BUNDLE", help="The generator that it was trained on.")],
    encoder: Annotated[Path, typer.Option("--encoder", metavar="BUNDLE", help="The encoder it was trained with.")],
    out: OutOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    recipe: Annotated[
        str, typer.Option("--recipe", metavar="NAME", help="int8, fp16 or fp32; auto takes the smallest that passes.")
    ] = "auto",
    training_data: TrainingDataOption = None,
    bound: BoundOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert a trained persona to a bundle, bound to the hash of its language model and to its encoder.

    The gate compares what the language model expects next behind the rows with what it does behind PyTorch's.
    """
    from export.gate.bounds import PERSONA_BOUNDS

    bounds = parse_bounds(bound, PERSONA_BOUNDS)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.onnx.persona import convert_persona
        from ondevice.bundle import Bundle

        about = About(name=name or out.name, version=version, license=license, training_data=training_data, paper=PAPER)
        make = partial(
            convert_persona,
            source,
            Bundle.open(base, kind="generator"),
            Bundle.open(encoder, kind="encoder"),
            out,
            about,
            recipe=recipe,
            bounds=bounds,
        )
        show_made(terminal, make, about, out)
