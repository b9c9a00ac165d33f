"""``ondevice-export adapter | merge | add-reader``: from a LoRA to an adapter, or to a model that has it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from export.cli.data_in import read_texts
from export.cli.options import (
    TEXT_KINDS,
    BoundOption,
    GeneratorArgument,
    JsonOption,
    LicenseOption,
    NameOption,
    OutOption,
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

PeftArgument = Annotated[Path, typer.Argument(metavar="PEFT", help="The adapter's folder, as PEFT saves it.")]
BaseOption = Annotated[
    Path, typer.Option("--base", metavar="BUNDLE", help="The model it was trained on: a bundle or a GGUF file.")
]
AnyBaseNameOption = Annotated[
    bool,
    typer.Option("--any-base-name", help="Accept an adapter that names another base, if every shape fits."),
]


def adapter(
    source: PeftArgument,
    base: BaseOption,
    out: OutOption,
    also_base: Annotated[
        list[Path] | None,
        typer.Option("--also-base", metavar="BUNDLE", help="Another quantization of the base; repeatable."),
    ] = None,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    training_data: TrainingDataOption = None,
    data: TextDataOption = None,
    limit: TextLimitOption = None,
    bound: BoundOption = None,
    any_base_name: AnyBaseNameOption = False,
    as_json: JsonOption = False,
) -> None:
    """Convert a LoRA to an adapter bundle for llama.cpp, bound to the hashes of its bases.

    The gate compares logits with PyTorch and PEFT on the same base.
    """
    from export.gate.bounds import ADAPTER_BOUNDS

    bounds, specs = parse_bounds(bound, ADAPTER_BOUNDS), parse_data(data, *TEXT_KINDS)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.gguf.adapter import convert_adapter

        texts = read_texts(specs, limit=limit)
        about = About(name=name or out.name, version=version, license=license, training_data=training_data)
        make = partial(
            convert_adapter,
            source,
            base,
            out,
            about,
            further_bases=also_base or (),
            texts=texts,
            bounds=bounds,
            is_base_name_checked=not any_base_name,
        )
        show_made(terminal, make, about, out)


def merge(
    source: PeftArgument,
    base: BaseOption,
    out: OutOption,
    quantization: Annotated[
        str, typer.Option("--quantization", metavar="NAME", help="How to quantize the result, such as q4_0 or f16.")
    ] = "q8_0",
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    training_data: TrainingDataOption = None,
    data: TextDataOption = None,
    limit: TextLimitOption = None,
    bound: BoundOption = None,
    any_base_name: AnyBaseNameOption = False,
    as_json: JsonOption = False,
) -> None:
    """Merge a LoRA into its base and quantize the result: a generator bundle that needs no adapter.

    The gate compares logits with PyTorch and PEFT.
    """
    from export.gate.bounds import MERGE_BOUNDS

    bounds, specs = parse_bounds(bound, MERGE_BOUNDS), parse_data(data, *TEXT_KINDS)
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.gguf.merge import merge_adapter
        from export.conversion.gguf.quantize import named_quantization

        texts = read_texts(specs, limit=limit)
        about = About(name=name or out.name, version=version, license=license, training_data=training_data)
        make = partial(
            merge_adapter,
            source,
            base,
            out,
            about,
            quantization=named_quantization(quantization),
            texts=texts,
            bounds=bounds,
            is_base_name_checked=not any_base_name,
        )
        show_made(terminal, make, about, out)


def add_reader(
    base: GeneratorArgument,
    reader: Annotated[Path, typer.Option("--reader", metavar="BUNDLE", help="The adapter that `train reader` wrote.")],
    out: OutOption,
    support: Annotated[
        Path | None,
        typer.Option("--support", metavar="FILE", help="How far its answers may be relied on: `train support`'s file."),
    ] = None,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    training_data: TrainingDataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put a reader into a generator's bundle: worn for questions over notes, and for nothing else."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.gguf import with_reader

        about = About(name=name or out.name, version=version, license=license, training_data=training_data)
        spec = None if support is None else with_reader.read_support(support)
        manifest = with_reader.add_reader(base, reader, out, about, support=spec)
        document = {"name": manifest.name, "id": manifest.id, "folder": str(out)}
        terminal.result(document, f"{manifest.id} in {out}")


def add_gains(
    base: GeneratorArgument,
    gains: Annotated[
        Path, typer.Option("--gains", metavar="FILE", help="What its users gain: the file that `train gains` wrote.")
    ],
    out: OutOption,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    license: LicenseOption = None,
    training_data: TrainingDataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a generator's bundle tell what each way of answering gains its users: plans on the device begin there."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.conversion.gguf import with_gains

        about = About(name=name or out.name, version=version, license=license, training_data=training_data)
        manifest = with_gains.add_gains(base, with_gains.read_gains(gains), out, about)
        terminal.result({"name": manifest.name, "id": manifest.id, "folder": str(out)}, f"{manifest.id} in {out}")
