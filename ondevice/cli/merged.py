"""``ondevice merged``: whole models with an adapter inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ondevice.cli.access import ProfileAccess
from ondevice.cli.learning_options import ADAPTER, NameArgument, require_name
from ondevice.cli.output import Output
from ondevice.cli.views import local

if TYPE_CHECKING:
    from ondevice.learned.merged_notes import MergedInfo


def make(
    output: Output,
    access: ProfileAccess,
    name: NameArgument = ADAPTER,
    scale: Annotated[float, typer.Option("--scale", help="How strongly the adapter counts.")] = 1.0,
) -> None:
    """Add an adapter to the language model's weights and keep the sum sealed: as large as the model itself.

    It answers as the model with the adapter beside it does, a little faster. An adapter alone is nearly always the
    better choice: small, and swapped at once.
    """
    require_name(name)
    with access.open() as me, output.progress("merging", unit="tensors") as on_progress:
        info = me.merged.make(name, scale=scale, on_progress=on_progress)
    output.result({"merged": info}, _table([info]))


def list_merged(output: Output, access: ProfileAccess) -> None:
    """List the profile's merged models."""
    with access.open() as me:
        infos = me.merged.list()
    output.result({"merged": infos}, _table(infos) if infos else "no merged models: ondevice merged make makes one")


def use(
    output: Output,
    access: ProfileAccess,
    name: NameArgument = ADAPTER,
    none: Annotated[bool, typer.Option("--none", help="Use the language model itself again.")] = False,
    allow_plaintext_file: Annotated[
        bool,
        typer.Option(
            "--allow-plaintext-file",
            help="Where the system has no files in memory (any but Linux), load it from a readable temporary file.",
        ),
    ] = False,
) -> None:
    """Answer with a merged model in place of the language model from now on, or with --none no more."""
    require_name(name)
    with access.open() as me:
        me.merged.use(None if none else name, allow_plaintext_file=allow_plaintext_file)
    output.result({"in_use": None if none else name}, f"in use: {'no merged model' if none else name}")


def drop(output: Output, access: ProfileAccess, name: NameArgument = ADAPTER) -> None:
    """Delete a merged model; its adapter stays."""
    require_name(name)
    with access.open() as me:
        me.merged.drop(name)
    output.result({"dropped": name}, f"dropped: {name}")


MERGING: dict[str, Callable[..., None]] = {"make": make, "list": list_merged, "use": use, "drop": drop}


def _table(infos: list[MergedInfo]) -> Table:
    table = Table("name", "state", "adapter", "scale", "items", "MB", "base", "since", box=None, pad_edge=False)
    for info in infos:
        cells = (
            info.name,
            "in use" if info.is_in_use else "ready",
            "the same" if info.is_current else "another now",
            f"{info.scale:g}",
            str(info.n_items),
            f"{info.n_bytes / 1e6:.1f}",
            info.base_name,
            local(info.made_at),
        )
        table.add_row(*map(Text, cells))
    return table
