"""How a bundle is shown: as a JSON document, and as tables for people; and what is told of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.table import Column, Table

from export.cli.terminal import Terminal
from export.conversion.about import About
from ondevice.bundle import GateResult, Manifest

if TYPE_CHECKING:
    from export.training.task_adapter import Stage

STAGES: Mapping[Stage, str] = {
    "loading": "loading the base",
    "tokenizing": "tokenizing",
    "evaluating": "asking the untrained base what is held out",
    "training": "training",
    "converting": "making a bundle of it",
}
"""What is told where a stage of a training begins."""


def show_made(terminal: Terminal, make: Callable[..., Manifest], about: About, out: Path) -> None:
    """Make a bundle at ``out`` while its progress is drawn, and show what it is and what the gate measured."""
    with terminal.progress(about.name, is_bytes=False) as on_progress:
        manifest = make(on_progress=on_progress)
    size = sum(entry.bytes for entry in manifest.files.values())
    document = {"folder": out, "id": manifest.id, "bytes": size, "manifest": manifest.to_json()}
    made = f"{manifest.name} {manifest.version}: {size / 1e6:,.1f} MB, {manifest.recipe or 'converted'}, in {out}"
    terminal.result(document, made, *([gate_table(manifest.gate)] if manifest.gate else []))


def gate_table(gate: Sequence[GateResult]) -> Table:
    """Return the gate's results as a table, one row each."""
    number = Column("value", justify="right"), Column("bound", justify="right")
    table = Table(
        Column("measure", no_wrap=True),
        *number,
        "data",
        Column("n", justify="right"),
        "CPU class",
        box=SIMPLE,
        pad_edge=False,
    )
    for each in gate:
        bound = "" if each.bound is None else f"{each.bound:.6g}"
        table.add_row(each.measure, f"{each.value:.6g}", bound, each.data, f"{each.n:,}", each.cpu)
    return table


def files_table(manifest: Manifest) -> Table:
    """Return the files with their sizes and the beginnings of their hashes."""
    table = Table("role", "file", Column("bytes", justify="right"), "SHA-256", box=SIMPLE, pad_edge=False)
    for role, entry in sorted(manifest.files.items()):
        table.add_row(role, entry.path, f"{entry.bytes:,}", f"{entry.sha256[:16]}…")
    return table
