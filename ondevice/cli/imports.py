"""``ondevice import``: bring in what other programs have kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.output import Output
from ondevice.records import Draft

PathArgument = Annotated[Path, typer.Argument(help="The file or folder.")]
KindOption = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="The items' kind, instead of the importer's own.")
]


def import_jsonl(output: Output, access: ProfileAccess, path: PathArgument, kind: KindOption = None) -> None:
    """Import JSON Lines: objects with `text` and the item's other fields (kind, time, title …)."""
    from ondevice.importers import read_jsonl

    _take_in(output, access, read_jsonl(path), kind)


def import_csv(
    output: Output,
    access: ProfileAccess,
    path: PathArgument,
    text_column: Annotated[
        str, typer.Option("--text-column", metavar="NAME", help="The column that is the text.")
    ] = "text",
    kind: KindOption = None,
) -> None:
    """Import a table with a header line; `kind`, `time` and `metadata.NAME` are known, other columns become fields."""
    from ondevice.importers import read_csv

    _take_in(output, access, read_csv(path, text_column=text_column), kind)


def import_text(output: Output, access: ProfileAccess, path: PathArgument, kind: KindOption = None) -> None:
    """Import a plain text or Markdown file, or every one in a folder."""
    from ondevice.importers import read_text

    _take_in(output, access, read_text(path), kind)


def import_mbox(
    output: Output,
    access: ProfileAccess,
    path: PathArgument,
    keep_quotes: Annotated[bool, typer.Option("--keep-quotes", help="Keep what replies quote.")] = False,
    kind: KindOption = None,
) -> None:
    """Import a mailbox in mbox format: subject, date and plain text of each mail; broken mails are named on stderr."""
    from ondevice.importers import read_mbox

    _take_in(output, access, read_mbox(path, keep_quotes=keep_quotes, on_broken=output.say), kind)


def import_lamp(
    output: Output,
    access: ProfileAccess,
    path: PathArgument,
    user: Annotated[str, typer.Option("--user", metavar="ID", help="Whose history.")],
    question: Annotated[
        str | None, typer.Option("--question", metavar="ID", help="Only the history that goes with this question.")
    ] = None,
    kind: KindOption = None,
) -> None:
    """Import one user's history from a LaMP question file (.json or .json.gz)."""
    from ondevice.importers import read_lamp

    _take_in(output, access, read_lamp(path, user=user, question=question), kind)


def import_locomo(
    output: Output,
    access: ProfileAccess,
    path: PathArgument,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help="Only this one; else all of the file.")
    ] = None,
    kind: KindOption = None,
) -> None:
    """Import the turns of LoCoMo conversations (.json or .json.gz), each with its date and turn id."""
    from ondevice.importers import read_locomo

    _take_in(output, access, read_locomo(path, conversation=conversation), kind)


def import_ondevice(output: Output, access: ProfileAccess, path: PathArgument) -> None:
    """Import what 'ondevice export' wrote, with its ids and times."""
    with access.open() as me, output.progress("importing") as on_progress:
        report = me.items.load(path, on_progress=on_progress)
    _show(output, report.n_added, report.n_known)


FORMATS: dict[str, Callable[..., None]] = {
    "jsonl": import_jsonl,
    "csv": import_csv,
    "text": import_text,
    "mbox": import_mbox,
    "lamp": import_lamp,
    "locomo": import_locomo,
    "ondevice": import_ondevice,
}


def _take_in(output: Output, access: ProfileAccess, drafts: Iterable[Draft], kind: str | None) -> None:
    """Read the whole source first, so that a faulty one adds nothing, then add its drafts."""
    with output.working("reading"):
        ready = [draft if kind is None else replace(draft, kind=kind) for draft in drafts]
    with access.open() as me, output.progress("adding") as on_progress:
        report = me.add_many(ready, on_progress=on_progress)
    _show(output, report.n_added, report.n_known)


def _show(output: Output, n_added: int, n_known: int) -> None:
    output.result({"n_added": n_added, "n_known": n_known}, f"{n_added} added, {n_known} known already")
