"""``ondevice eval lamp-folds`` and ``lamp-report``: all users of a task in two folds, and two runs in one report."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output

DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", resolve_path=True, help="The data set's folder.")]
FromHistoryOption = Annotated[
    int,
    typer.Option(
        "--from-history", min=0, metavar="N", help="The newest N items of each user are asked too, from those before."
    ),
]
_HEADS = ("task", "users", "in fold 1", "in fold 2", "questions", "of fold 1", "of fold 2", "share no item")


def eval_lamp_folds(output: Output, data: DataOption, from_history: FromHistoryOption = 0) -> None:
    """Show how the train and dev users of LaMP's tasks are divided into two folds; no model is needed."""
    from ondevice.evaluation.folds import fold_counts, fold_tasks, read_folds
    from ondevice.evaluation.history_questions import with_history_questions

    counted = []
    for name in fold_tasks(data):
        everyone = read_folds(data / name)
        counted.append(fold_counts(with_history_questions(everyone, from_history), everyone))
    table = Table(*_HEADS, box=None, pad_edge=False)
    for each in counted:
        halves = (sum(each.users), *each.users, sum(each.questions), *each.questions, sum(each.disjoint))
        table.add_row(each.task, *map(str, halves))
    output.result({"tasks": [asdict(each) for each in counted]}, table)


def eval_lamp_report(
    output: Output,
    first: Annotated[
        Path, typer.Argument(metavar="A", resolve_path=True, help="The report's folder of a run with --ask-fold 1.")
    ],
    second: Annotated[Path, typer.Argument(metavar="B", resolve_path=True, help="That of a run with --ask-fold 2.")],
    data: DataOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Write lamp.json, lamp.md and lamp.html there.")],
) -> None:
    """Put the answers of two runs into one report: both folds' users, each asked by a model that learned from others.

    The runs may differ in the fold and the model, and in nothing else. No model is needed.
    """
    from ondevice.cli.lamp_tables import tables_of
    from ondevice.evaluation.both_folds import report_of_both
    from ondevice.evaluation.writing import write_report

    if out.resolve() in (first.resolve(), second.resolve()):
        raise UsageError(f"--out {out.name} holds the report of a single fold", hint="name another folder")
    measured = report_of_both(first, second, data)
    written = write_report(out, measured)
    output.result({**measured.document(), "written": [str(path) for path in written]}, *tables_of(measured))
