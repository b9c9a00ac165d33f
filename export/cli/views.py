"""How a bundle is shown: as a JSON document, and as tables for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import RenderableType
from rich.table import Column, Table

from ondevice.bundle import GateResult, Manifest


def bundle_document(manifest: Manifest, folder: Path) -> dict[str, Any]:
    """Return what a conversion reports with ``--json``."""
    return {
        "folder": folder,
        "id": manifest.id,
        "bytes": sum(entry.bytes for entry in manifest.files.values()),
        "manifest": manifest.to_json(),
    }


def bundle_views(manifest: Manifest, folder: Path) -> list[RenderableType]:
    """Return what a conversion shows."""
    size = sum(entry.bytes for entry in manifest.files.values())
    made = f"{manifest.name} {manifest.version}: {size / 1e6:,.1f} MB, {manifest.recipe or 'converted'}, in {folder}"
    return [made, gate_table(manifest.gate)] if manifest.gate else [made]


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
