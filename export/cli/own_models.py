"""``ondevice-models add``, ``use``, ``measure`` and ``remove``: models of the user's own choice."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from export.adding.adding import UNKNOWN_LICENSE, AddOptions, add_model
from export.adding.references import FORM, parse_reference
from export.adding.removing import remove_model
from export.cli.connecting import connection, megabytes
from export.cli.options import JsonOption
from export.cli.places import HubOption, ModelsOption, models_place
from export.cli.terminal import Terminal
from export.models import load_registry
from ondevice.bundle import Bundle
from ondevice.bundle.chosen import read_chosen, write_chosen
from ondevice.bundle.listing import kind_of
from ondevice.errors import BundleError, NotFoundError
from ondevice.generation.measured import measure as measure_model
from ondevice.generation.speed import SECONDS, Speed
from ondevice.trial import trial

ADD_SECONDS = 3.0


class PoolingChoice(StrEnum):
    """How an encoder's token states become one vector."""

    MEAN = "mean"
    CLS = "cls"
    NONE = "none"


NameArgument = Annotated[str, typer.Argument(help="A model that is here.", show_default=False)]


def add(
    model: Annotated[
        str,
        typer.Argument(help=f"A GGUF file, a folder with one or with an ONNX encoder, or {FORM}.", show_default=False),
    ],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What it is called here.", show_default="as its file")
    ] = None,
    license: Annotated[
        str | None, typer.Option("--license", metavar="SPDX", help="Its licence, where neither file nor hub says it.")
    ] = None,
    pooling: Annotated[
        PoolingChoice | None, typer.Option("--pooling", help="Of an encoder, where no file beside it says it.")
    ] = None,
    hub_url: HubOption = None,
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a model of your own: look at it, pin its bytes, try it, and write its manifest.

    A broken download goes on. What cannot be used is refused, with the reason.
    """
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        place = models_place(models)
        options = AddOptions(
            name=name,
            license=license,
            pooling=None if pooling is None else pooling.value,
            connection=connection(hub_url),
        )
        with terminal.progress("adding") as on_progress:
            added = add_model(
                parse_reference(model),
                place,
                load_registry(),
                options=options,
                on_progress=on_progress,
                on_note=terminal.say,
            )
        bundle, generator = added.bundle, added.bundle.generator
        size = sum(entry.bytes for entry in bundle.files.values())
        is_generator = generator is not None
        speed = measure_model(place, bundle, seconds=ADD_SECONDS) if is_generator else None
        if bundle.license == UNKNOWN_LICENSE:
            terminal.say("nothing says under which licence it is: look at its card, and tell it with --license")
        document = {
            "name": bundle.name,
            "kind": bundle.kind,
            "folder": bundle.folder,
            "was_here": added.was_here,
            "license": bundle.license,
            "bytes": size,
            "n_parameters": added.n_parameters,
            "context_tokens": None if generator is None else generator.context_tokens,
            "write_tokens_s": None if speed is None else round(speed.write_tokens_s, 1),
            "files": {entry.path: entry.sha256 for entry in bundle.files.values()},
        }
        about = [megabytes(size), bundle.license]
        if added.n_parameters is not None:
            about.insert(0, f"{added.n_parameters / 1e6:,.0f} million parameters")
        if generator is not None and speed is not None:
            about += [f"{generator.context_tokens:,} tokens of context", shown_speed(speed)]
        elif bundle.encoder is not None:
            about += [f"vectors of {bundle.encoder.dim}", f"pooling {bundle.encoder.pooling}"]
        there = "here already" if added.was_here else "added, tried"
        lines = [f"{bundle.name}: {there}, {', '.join(about)}", f"use it: ondevice-models use {bundle.name}"]
        terminal.result(document, *lines)


def use(name: NameArgument, models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """Take a language model or an encoder for all commands of ondevice that name no other; apps name their own."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        place = models_place(models)
        kind = kind_of(place, name)
        if kind is None:
            raise NotFoundError(f"there is no model {name!r} in {place}", hint=f"run: ondevice-models fetch {name}")
        if kind not in ("generator", "encoder"):
            raise BundleError(f"the model {name!r} is of kind {kind!r}: only a generator or an encoder can be taken")
        chosen = replace(read_chosen(place), **{kind: name})
        write_chosen(place, chosen)
        lines = [f"{name} is the {kind} of all commands now that name no other"]
        if kind == "encoder":
            lines.append("items that another one encoded need new vectors: ondevice reencode")
        terminal.result({"generator": chosen.generator, "encoder": chosen.encoder}, *lines)


def measure(name: NameArgument, models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """Measure how fast a language model reads and writes here, for ten seconds."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        place = models_place(models)
        speed = measure_here(place, name)
        document = {"name": name, "read_tokens_s": speed.read_tokens_s, "write_tokens_s": speed.write_tokens_s}
        terminal.result(document, f"{name}: {shown_speed(speed)}")


def remove(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Delete a model from this machine; what profiles hold stays, adapters that were trained on it too."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        if not yes:
            typer.confirm(f"Delete the model {name}?", abort=True, err=True)
        n_bytes = remove_model(models_place(models), name)
        terminal.result({"name": name, "n_bytes": n_bytes}, f"{name}: removed, {megabytes(n_bytes)}")


def measure_here(place: Path, name: str) -> Speed:
    """Measure a language model once it is sure that it does not end this process."""
    bundle = Bundle.open(place / name, kind="generator")
    trial(place)(bundle)
    return measure_model(place, bundle, seconds=SECONDS)


def shown_speed(speed: Speed) -> str:
    """Return a speed for people."""
    return f"reads {speed.read_tokens_s:,.0f} and writes {speed.write_tokens_s:,.1f} tokens/s here"
