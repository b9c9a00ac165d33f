"""``ondevice import``: bring in what other programs have kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ondevice.cli.access import ProfileAccess
from ondevice.cli.failing import UsageError
from ondevice.cli.import_views import NamedSkips, report_document, report_view
from ondevice.cli.interrupting import interrupt_asks
from ondevice.cli.output import Output
from ondevice.cli.receipt_file import ReceiptFile, ReceiptOption
from ondevice.cli.values import parse_time
from ondevice.errors import InputError, StorageError
from ondevice.safety.consoles import INTERRUPTED
from ondevice.safety.printable import one_line
from ondevice.safety.progress import BYTES

if TYPE_CHECKING:
    from ondevice.importers.found import Format
    from ondevice.personalizer.reports import IntakeReport

OF_DATA_SETS = "Data sets"

WordsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="[FORMAT] PATH",
        help="The file, folder or zip file; its format is found out, unless it is named before it.",
    ),
]
KindOption = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="The items' kind, instead of the format's own.")
]
SinceOption = Annotated[
    str | None, typer.Option("--since", metavar="TIME", help="Leave out what is older than this, or a span (30d).")
]
LimitOption = Annotated[int | None, typer.Option("--limit", metavar="N", min=1, help="Take at most so many things.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Store nothing; tell what would become of it.")]
SyncOption = Annotated[
    bool, typer.Option("--sync", help="Then forget what was taken from this source before and is gone from it.")
]
SkipOption = Annotated[
    bool,
    typer.Option(
        "--skip-broken/--no-skip-broken", help="Leave out what is broken and name it; or take nothing if anything is."
    ),
]
MeOption = Annotated[
    list[str] | None,
    typer.Option("--me", metavar="NAME", help="Your own name or address in the source; repeatable."),
]
OnlyMineOption = Annotated[bool, typer.Option("--only-mine", help="Leave out what others wrote.")]
SpamOption = Annotated[bool, typer.Option("--with-spam", help="Take spam and trash too.")]
QuotesOption = Annotated[bool, typer.Option("--keep-quotes", help="Keep what replies in mail quote.")]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="WHAT=NAME",
        help="What a table's column, or a name in JSON, is: text=body, time=date, title=, kind=, id=; repeatable.",
    ),
]
ColumnOption = Annotated[str | None, typer.Option("--text-column", metavar="NAME", help="The same as --map text=NAME.")]
ZoneOption = Annotated[
    str | None,
    typer.Option("--time-zone", metavar="ZONE", help="Of times that name none, as Europe/Berlin; else the device's."),
]
UserOption = Annotated[
    str | None,
    typer.Option("--user", metavar="ID", help="Of a LaMP file: whose history.", rich_help_panel=OF_DATA_SETS),
]
QuestionOption = Annotated[
    str | None,
    typer.Option(
        "--question",
        metavar="ID",
        help="Of a LaMP file: only the history that goes with this question.",
        rich_help_panel=OF_DATA_SETS,
    ),
]
ConversationOption = Annotated[
    str | None,
    typer.Option("--conversation", metavar="ID", help="Of a LoCoMo file: only this one.", rich_help_panel=OF_DATA_SETS),
]


def import_source(
    output: Output,
    access: ProfileAccess,
    words: WordsArgument,
    kind: KindOption = None,
    since: SinceOption = None,
    limit: LimitOption = None,
    dry_run: DryRunOption = False,
    sync: SyncOption = False,
    skip_broken: SkipOption = True,
    me: MeOption = None,
    only_mine: OnlyMineOption = False,
    with_spam: SpamOption = False,
    keep_quotes: QuotesOption = False,
    columns: MapOption = None,
    text_column: ColumnOption = None,
    time_zone: ZoneOption = None,
    receipt_file: ReceiptOption = None,
    user: UserOption = None,
    question: QuestionOption = None,
    conversation: ConversationOption = None,
) -> None:
    """Import mail, chats, notes, tables and more: a file, a folder or a zip file.

    What is broken is named on stderr, and the rest is taken. Importing again adds nothing twice, and updates what has
    changed. Ctrl-C ends it, and what was read stays.
    """
    form, path = _source(words, user, question, conversation)
    told = _columns(columns or (), text_column)
    earliest = None if since is None else parse_time(since, option="--since", spans_lie=-1)
    _require_whole(sync=sync, partly={"--limit": limit, "--since": since, "--dry-run": dry_run})
    skips = NamedSkips(output)
    with access.open() as profile, ReceiptFile(receipt_file) as file:
        with output.progress("importing", BYTES) as on_progress, interrupt_asks() as should_stop:
            report = profile.items.import_from(
                path,
                format=form,
                kind=kind,
                since=earliest,
                limit=limit,
                me=me or (),
                only_mine=only_mine,
                keep_quotes=keep_quotes,
                with_rejected=with_spam,
                columns=told,
                time_zone=time_zone,
                skip_broken=skip_broken,
                dry_run=dry_run,
                sync=sync,
                on_progress=on_progress,
                on_skipped=skips.take,
                should_stop=should_stop,
            )
        problem = None if report.receipt is None else file.write(report.receipt)
    skips.end()
    if report.n_read == report.skipped.get("broken", 0) > 0:
        raise InputError(
            f"nothing in {one_line(path.name)!r} could be read as {report.format}",
            hint="name another format: ondevice import FORMAT PATH",
        )
    output.result(report_document(report), *report_view(report))
    if report.n_tables_beside:
        output.say(f"not read: {report.n_tables_beside} tables or JSON Lines; name each of them by itself")
    _leave(output, report, problem)


def _source(
    words: list[str], user: str | None, question: str | None, conversation: str | None
) -> tuple[str | Format | None, Path]:
    """Return the format that was named, with what was said about data sets, and the path."""
    from ondevice.importers.formats import FORMATS, FORMER_NAMES
    from ondevice.importers.lamp import Lamp
    from ondevice.importers.locomo import Locomo
    from ondevice.personalizer.importing import EXPORT

    names = [*(each.name for each in FORMATS), EXPORT]
    if len(words) > 2:
        raise UsageError("import takes one source at a time: ondevice import [FORMAT] PATH")
    *before, path = words
    name = before[0] if before else None
    if name is not None and name not in (*names, *FORMER_NAMES):
        raise UsageError("there is no such format", hint=f"choose among {', '.join(names)}")
    if name is None and path in names and not Path(path).exists():
        raise UsageError(f"name the file or folder too: ondevice import {path} PATH")
    if user is not None or question is not None:
        return Lamp(user=user, question=question), Path(path)
    if conversation is not None:
        return Locomo(conversation=conversation), Path(path)
    return name, Path(path)


def _columns(pairs: tuple[str, ...] | list[str], text_column: str | None) -> dict[str, str]:
    told: dict[str, str] = {} if text_column is None else {"text": text_column}
    for pair in pairs:
        role, equals, name = pair.partition("=")
        if not equals or not role or not name:
            raise UsageError("--map needs what it is and its name, as text=body")
        if role in told:
            raise UsageError(f"--map says twice which column is the {role}")
        told[role] = name
    return told


def _require_whole(*, sync: bool, partly: dict[str, object]) -> None:
    for option, value in partly.items():
        if sync and value:
            raise UsageError(f"--sync forgets what is gone from the source, so it cannot be had with {option}")


def _leave(output: Output, report: IntakeReport, problem: str | None) -> None:
    """End with the code of what went wrong, after the report."""
    if problem:
        output.say(f"error: {problem}")
        raise typer.Exit(StorageError.exit_code)
    if report.end == "interrupted":
        output.say("interrupted: what was read is in the profile; importing again goes on")
        raise typer.Exit(INTERRUPTED)
    if report.end == "failed":
        output.say(f"error: {report.failure}")
        output.say("hint: what was read before that is in the profile")
        raise typer.Exit(InputError.exit_code)
    if report.receipt is not None and not report.receipt.verified:
        raise typer.Exit(1)
