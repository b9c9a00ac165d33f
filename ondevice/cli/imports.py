"""``ondevice import``: bring in what other programs have kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ondevice.cli.access import Access
from ondevice.cli.output import Output
from ondevice.records import Draft
from ondevice.reports import AddReport

PathArgument = Annotated[Path, typer.Argument(help="The file or folder.")]
KindOption = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="The items' kind, instead of the importer's own.")
]


def import_jsonl(output: Output, access: Access, path: PathArgument, kind: KindOption = None) -> None:
    """Import JSON Lines: objects with `text` and the item's other fields (kind, time, title …)."""
    from ondevice.importers import read_jsonl

    _take_in(output, access, read_jsonl(path), kind)


def import_csv(output: Output, access: Access, path: PathArgument, kind: KindOption = None) -> None:
    """Import a table with a header line; the column `text` is the text, the others are fields."""
    from ondevice.importers import read_csv

    _take_in(output, access, read_csv(path), kind)


def import_text(output: Output, access: Access, path: PathArgument, kind: KindOption = None) -> None:
    """Import a plain text or Markdown file, or every one in a folder."""
    from ondevice.importers import read_text

    _take_in(output, access, read_text(path), kind)


def import_mbox(output: Output, access: Access, path: PathArgument, kind: KindOption = None) -> None:
    """Import a mailbox in mbox format: subject, date and plain text of each mail."""
    from ondevice.importers import read_mbox

    _take_in(output, access, read_mbox(path), kind)


def import_lamp(
    output: Output,
    access: Access,
    path: PathArgument,
    user: Annotated[str, typer.Option("--user", metavar="ID", help="Whose history.")],
    kind: KindOption = None,
) -> None:
    """Import one user's history from a LaMP question file (.json or .json.gz)."""
    from ondevice.importers import read_lamp

    _take_in(output, access, read_lamp(path, user=user), kind)


def import_ondevice(output: Output, access: Access, path: PathArgument) -> None:
    """Import what 'ondevice export' wrote, with its ids and times."""
    with access.open() as me, output.progress("importing") as on_progress:
        report = me.import_items(path, on_progress=on_progress)
    _show(output, report)


FORMATS: dict[str, Callable[..., None]] = {
    "jsonl": import_jsonl,
    "csv": import_csv,
    "text": import_text,
    "mbox": import_mbox,
    "lamp": import_lamp,
    "ondevice": import_ondevice,
}


def _take_in(output: Output, access: Access, drafts: Iterable[Draft], kind: str | None) -> None:
    """Read the whole source first, so that a faulty one adds nothing, then add its drafts."""
    with output.working("reading"):
        ready = [draft if kind is None else replace(draft, kind=kind) for draft in drafts]
    with access.open() as me, output.progress("adding") as on_progress:
        report = me.add_many(ready, on_progress=on_progress)
    _show(output, report)


def _show(output: Output, report: AddReport) -> None:
    document = {"n_added": report.n_added, "n_known": report.n_known, "item_ids": report.item_ids}
    output.result(document, f"{report.n_added} added, {report.n_known} known already")
