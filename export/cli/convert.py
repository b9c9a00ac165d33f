"""``ondevice-export projector | llm``: from a trained model's folder to a measured bundle."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from export.cli.data_in import names_of, read_texts
from export.cli.options import (
    TEXT_KINDS,
    ActivationOption,
    BoundOption,
    JsonOption,
    NameOption,
    OutOption,
    PaperOption,
    ReportOption,
    RequiredLicenseOption,
    TextDataOption,
    TextLimitOption,
    TrainingDataOption,
    VersionOption,
    parse_bounds,
    parse_data,
)
from export.cli.terminal import Terminal
from export.cli.views import show_made
from export.conversion.about import About


def projector(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="A safetensors file of linear layers, or its folder.")],
    out: OutOption,
    license: RequiredLicenseOption,
    activation: ActivationOption = None,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    recipe: Annotated[
        str, typer.Option("--recipe", metavar="NAME", help="int8, fp16 or fp32; auto takes the smallest that passes.")
    ] = "auto",
    training_data: TrainingDataOption = None,
    paper: PaperOption = None,
    bound: BoundOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert linear layers, such as a projector between two models' vectors, to a small ONNX model."""
    from export.gate.bounds import PROJECTOR_BOUNDS

    bounds = parse_bounds(bound, PROJECTOR_BOUNDS)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.onnx.projector import convert_projector

        about = About(name=name or out.name, version=version, license=license, training_data=training_data, paper=paper)
        make = partial(convert_projector, source, out, about, activation=activation, recipe=recipe, bounds=bounds)
        show_made(terminal, make, about, out)


def llm(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="The trained model's folder, or a GGUF file.")],
    out: OutOption,
    license: RequiredLicenseOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    quantization: Annotated[
        str,
        typer.Option("--quantization", metavar="NAME", help="How to quantize, such as q8_0; auto tries the recipes."),
    ] = "auto",
    base_name: Annotated[
        str | None, typer.Option("--base-name", metavar="NAME", help="The base model as people know it.")
    ] = None,
    data: TextDataOption = None,
    calibration: Annotated[
        list[str] | None,
        typer.Option("--calibration", metavar="KIND:PATH", help="Other texts, to measure the columns' importance on."),
    ] = None,
    limit: TextLimitOption = None,
    training_data: TrainingDataOption = None,
    bound: BoundOption = None,
    report: ReportOption = None,
    as_json: JsonOption = False,
) -> None:
    """Convert a causal language model to a quantized GGUF file that predicts text like the original.

    auto takes the smallest quantization within the bounds; those that need importance are tried with --calibration.
    """
    from export.gate.bounds import GENERATOR_BOUNDS

    bounds, specs = parse_bounds(bound, GENERATOR_BOUNDS), parse_data(data, *TEXT_KINDS)
    others = parse_data(calibration, *TEXT_KINDS)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.gguf.llm import convert_llm

        texts, important = read_texts(specs, limit=limit), read_texts(others, limit=limit)
        about = About(name=name or out.name, version=version, license=license, training_data=training_data)
        make = partial(
            convert_llm,
            source,
            out,
            about,
            quantization=quantization,
            base=base_name,
            texts=texts,
            calibration=important,
            data=names_of(specs),
            bounds=bounds,
            report=report,
        )
        show_made(terminal, make, about, out)
