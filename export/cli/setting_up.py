"""``ondevice-models setup``: look at the machine, measure, recommend, fetch, and say what to expect."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Column, Table

from export.cli.connecting import connection, megabytes
from export.cli.options import JsonOption
from export.cli.own_models import measure_here
from export.cli.places import HubOption, ModelsOption, models_place
from export.cli.terminal import Terminal
from export.models import FetchOptions, PipOptions, Registry, fetch_model, load_registry
from export.models.registry import RegisteredModel
from ondevice.bundle.chosen import read_chosen, write_chosen
from ondevice.bundle.specs import READER_ROLE
from ondevice.config import DEFAULT_GENERATOR
from ondevice.generation.outlooks import EXPECTED, Candidate, Outlook, candidates_here, outlooks, recommended
from ondevice.safety.machine import Machine, this_machine


def setup(
    larger: Annotated[
        bool,
        typer.Option("--larger", help="Take the largest that is fluent here, even if it never learned to read notes."),
    ] = False,
    hub_url: HubOption = None,
    models: ModelsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at this machine, fetch the default models, measure for ten seconds, and take the model that suits it."""
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        registry, place, machine = load_registry(), models_place(models), this_machine()
        options = FetchOptions(connection=connection(hub_url), pip=PipOptions(environment=dict(os.environ)))

        def fetch(name: str) -> None:
            with terminal.progress(name) as on_progress:
                fetch_model(registry.get(name), place, options=options, on_progress=on_progress, on_note=terminal.say)

        for name in registry.defaults:
            fetch(name)
        terminal.say(f"measuring {DEFAULT_GENERATOR} for ten seconds")
        speed = measure_here(place, DEFAULT_GENERATOR)
        candidates = _candidates(registry, place)
        base = next(each for each in candidates if each.name == DEFAULT_GENERATOR)
        found = outlooks(candidates, base, speed, machine)
        best = recommended(found, larger=larger)
        if best is not None:
            if not best.candidate.is_here:
                fetch(best.candidate.name)
            write_chosen(place, replace(read_chosen(place), generator=best.candidate.name))
        terminal.result(_document(machine, found, best), _about(machine), _table(found), _advice(best))


def _candidates(registry: Registry, place: Path) -> list[Candidate]:
    """Return the language models that are here, and those of the registry that are not."""
    here = candidates_here(place)
    names = {each.name for each in here}
    return here + [_absent(each) for each in registry.models.values() if each.generator and each.name not in names]


def _absent(model: RegisteredModel) -> Candidate:
    sizes = {file.role: file.bytes for file in model.files}
    reads_notes = READER_ROLE in sizes or (model.generator is not None and model.generator.reads_notes)
    return Candidate(name=model.name, n_bytes=sizes["model"], reads_notes=reads_notes, is_here=False)


def _about(machine: Machine) -> str:
    memory = "memory unknown" if machine.memory_bytes is None else f"{machine.memory_bytes / 1e9:.1f} GB of memory"
    free = "" if machine.free_bytes is None else f", {machine.free_bytes / 1e9:.1f} GB of it free"
    return f"this machine: {machine.cores} cores, {memory}{free}"


def _table(found: Sequence[Outlook]) -> Table:
    number = Column("size", justify="right"), Column("tokens/s", justify="right"), Column("an answer", justify="right")
    table = Table(Column("language model", no_wrap=True), *number, "", box=SIMPLE, pad_edge=False)
    for each in found:
        size = megabytes(each.candidate.n_bytes)
        table.add_row(each.candidate.name, size, each.written, f"{each.answer_s:.1f} s", each.about)
    return table


def _advice(best: Outlook | None) -> str:
    if best is None:
        return "no language model fits the free memory: end other programs, and run this again"
    slow = "" if best.is_fluent else "; if other programs are busy, end them and run this again"
    return f"{best.candidate.name} is in use now; expect {best.answer_s:.1f} s for {EXPECTED}{slow}"


def _document(machine: Machine, found: Sequence[Outlook], best: Outlook | None) -> dict[str, Any]:
    return {
        "machine": asdict(machine),
        "models": [
            {
                "name": each.candidate.name,
                "bytes": each.candidate.n_bytes,
                "is_measured": each.candidate.measured is not None,
                "read_tokens_s": round(each.speed.read_tokens_s, 1),
                "write_tokens_s": round(each.speed.write_tokens_s, 1),
                "answer_s": round(each.answer_s, 2),
                "fits": each.fits,
                "is_fluent": each.is_fluent,
                "reads_notes": each.candidate.reads_notes,
            }
            for each in found
        ],
        "in_use": None if best is None else best.candidate.name,
    }
