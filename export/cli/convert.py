"""``ondevice-export encoder | selector | projector | llm``: from a trained model's folder to a measured bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from export.cli.data_in import names_of, read_groups, read_retrieval, read_texts
from export.cli.options import (
    TEXT_KINDS,
    ActivationOption,
    BoundOption,
    JsonOption,
    LicenseOption,
    LimitOption,
    NameOption,
    OutOption,
    PairsDataOption,
    PaperOption,
    ReportOption,
    RequiredLicenseOption,
    RetrievalDataOption,
    TextDataOption,
    TextLimitOption,
    TrainingDataOption,
    VersionOption,
    name_of,
    parse_bounds,
    parse_data,
)
from export.cli.terminal import Terminal
from export.cli.views import bundle_document, bundle_views

SourceArgument = Annotated[Path, typer.Argument(metavar="SOURCE", help="The trained model's folder.")]
RecipeOption = Annotated[
    str, typer.Option("--recipe", metavar="NAME", help="How to quantize; auto tries the recipes and takes the best.")
]


class Preference(StrEnum):
    """What counts among recipes that keep to the bounds."""

    SPEED = "speed"
    SIZE = "size"


PREFERENCES: Mapping[Preference, Literal["speed", "size"]] = {Preference.SPEED: "speed", Preference.SIZE: "size"}


def encoder(
    source: SourceArgument,
    out: OutOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    recipe: RecipeOption = "auto",
    prefer: Annotated[
        Preference, typer.Option("--prefer", help="What auto takes among the recipes within the bounds.")
    ] = Preference.SPEED,
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

        tasks = read_retrieval(specs, limit=limit)
        if tasks and all(each.relevant is None for each in tasks) and not _names(bound, "ndcg_drop_max"):
            terminal.say("no data has judgements, so the bound ndcg_drop_max is left out")
            bounds = replace(bounds, ndcg_drop_max=None)
        with terminal.progress(name_of(name, out), is_bytes=False) as on_progress:
            manifest = convert_encoder(
                source,
                out,
                name=name_of(name, out),
                version=version,
                license=license,
                recipe=recipe,
                data=tasks,
                bounds=bounds,
                prefer=PREFERENCES[prefer],
                training_data=training_data,
                paper=paper,
                report=report,
                on_progress=on_progress,
            )
        terminal.result(bundle_document(manifest, out), *bundle_views(manifest, out))


def selector(
    source: SourceArgument,
    out: OutOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    recipe: RecipeOption = "auto",
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
    """Convert a cross-encoder with one output to a small ONNX model that chooses as the original does."""
    from export.gate.bounds import SELECTOR_BOUNDS

    bounds, specs = parse_bounds(bound, SELECTOR_BOUNDS), parse_data(data, "pairs")
    _check_recipe(recipe)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.onnx.selector import convert_selector

        with terminal.progress(name_of(name, out), is_bytes=False) as on_progress:
            manifest = convert_selector(
                source,
                out,
                name=name_of(name, out),
                version=version,
                license=license,
                recipe=recipe,
                data=read_groups(specs),
                bounds=bounds,
                max_tokens=max_tokens,
                paper=paper,
                training_data=training_data,
                report=report,
                on_progress=on_progress,
            )
        terminal.result(bundle_document(manifest, out), *bundle_views(manifest, out))


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

        with terminal.progress(name_of(name, out), is_bytes=False) as on_progress:
            manifest = convert_projector(
                source,
                out,
                name=name_of(name, out),
                version=version,
                license=license,
                activation=activation,
                recipe=recipe,
                bounds=bounds,
                paper=paper,
                training_data=training_data,
                on_progress=on_progress,
            )
        terminal.result(bundle_document(manifest, out), *bundle_views(manifest, out))


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
        with terminal.progress(name_of(name, out), is_bytes=False) as on_progress:
            manifest = convert_llm(
                source,
                out,
                name=name_of(name, out),
                version=version,
                license=license,
                quantization=quantization,
                base=base_name,
                texts=texts,
                calibration=important,
                data=names_of(specs),
                bounds=bounds,
                report=report,
                training_data=training_data,
                on_progress=on_progress,
            )
        terminal.result(bundle_document(manifest, out), *bundle_views(manifest, out))


def _names(bounds: Sequence[str] | None, name: str) -> bool:
    return any(text.startswith(f"{name}=") for text in bounds or ())


def _check_recipe(name: str) -> None:
    from export.conversion.onnx.recipes import recipe_named

    try:
        if name != "auto":
            recipe_named(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--recipe") from None
