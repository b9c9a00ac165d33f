"""``ondevice-export train gains``: measuring what each way of answering gains the users of a model."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from export.cli.options import GeneratorArgument, JsonOption, LampOption, SplitOption, TasksOption, ThreadsOption
from export.cli.terminal import Terminal
from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.config import RetrievalConfig
from ondevice.evaluation import LESSON_ITEMS


def gains(
    generator: GeneratorArgument,
    data: LampOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The gains, as JSON; must be new.")],
    tasks: TasksOption = None,
    split: SplitOption = "train",
    users: Annotated[int | None, typer.Option("--users", metavar="N", min=8, help="Users a task, the first.")] = None,
    k: Annotated[int, typer.Option("--k", metavar="N", min=1, help="Items in the prompt.")] = RetrievalConfig().k,
    lesson_items: Annotated[
        int, typer.Option("--lesson-items", metavar="N", min=MIN_PAIRS, help="Adapters learn from the newest N items.")
    ] = LESSON_ITEMS,
    threads: ThreadsOption = None,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FILE", help="Keep each user's gains here: a stopped run goes on.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn what retrieval, an adapter of one's own and both gain users over none: for add-gains.

    Every user gets an adapter that has not seen the newest items, and is judged by these. Take users whom the model
    was not trained on, and others than those it is to be measured on.
    """
    if keep is not None and keep.resolve() == out.resolve():
        raise typer.BadParameter("--out and --keep are two files: one would replace the other")
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.publishing.writing import new_file
        from export.training.gains import fit_gains, gains_lines
        from ondevice.bundle import Bundle
        from ondevice.evaluation.lamp_data import lamp_tasks, read_lamp_split
        from ondevice.evaluation.measured_gains import GainsConfig, measure_gains
        from ondevice.evaluation.user_gains import gains_ledger
        from ondevice.evaluation.wording import words_of

        bundle = Bundle.open(generator, kind="generator")
        names = dict.fromkeys(words_of(tasks or "")) or lamp_tasks(data, split)
        splits = [read_lamp_split(data / name, split).first(users, per_user=1) for name in names]
        with new_file(out, mode=0o644) as file:  # a place that cannot be written is told before hours of training
            with gains_ledger(keep) as kept, terminal.progress("measuring", is_bytes=False) as on_progress:
                config = GainsConfig(k=k, lesson_items=lesson_items)
                measured = list(measure_gains(bundle, splits, config, kept, threads=threads, on_progress=on_progress))
            fitted = fit_gains(measured)
            document = {task: {way: asdict(gain) for way, gain in ways.items()} for task, ways in fitted.items()}
            file.write(json.dumps(document, indent=2).encode() + b"\n")
        terminal.result(
            {"file": str(out), "users": len(measured), "gains": document}, *gains_lines(fitted), f"in {out}"
        )
