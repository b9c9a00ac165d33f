"""``ondevice eval harm``: whether personalization hurts requests that need no history."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ondevice.cli.access import ModelChoice
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR, MOST_THREADS

if TYPE_CHECKING:
    from ondevice.evaluation.harm.gate import Measure
    from ondevice.evaluation.harm.report import HarmReport
    from ondevice.evaluation.harm.run import HarmPlan

WAYS, MAX_TOKENS, THREADS = "retrieval", 48, 1
_GATES: Mapping[str, Measure] = {"--gate": "nats", "--gate-right": "right answers"}


def eval_harm(
    output: Output,
    use: ModelChoice,
    people: Annotated[int, typer.Option("--people", min=1, metavar="N", help="Users whose profiles are attached.")] = 8,
    requests: Annotated[
        int, typer.Option("--requests", min=1, metavar="N", help="Requests of each that need no history.")
    ] = 20,
    stale: Annotated[
        int, typer.Option("--stale", min=0, metavar="N", help="Questions of each whose answer has changed, at most.")
    ] = 8,
    ways: Annotated[
        str,
        typer.Option(
            "--ways",
            metavar="NAMES",
            help="With commas: retrieval; adapter and both train an adapter on each profile.",
        ),
    ] = WAYS,
    other: Annotated[
        bool, typer.Option("--other/--no-other", help="Attach each profile to another user's requests too.")
    ] = True,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Which users, and which requests.")] = 0,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            resolve_path=True,
            help="Attach histories of this LaMP folder in place of invented people.",
        ),
    ] = None,
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="The prefix of its files.")] = "dev",
    tasks: Annotated[
        str | None, typer.Option("--tasks", metavar="NAMES", help="Folders below DIR, with commas; all by default.")
    ] = None,
    gate: Annotated[
        float | None,
        typer.Option(
            "--gate", metavar="X", help="Exit with 1 if a way loses more than X nats a token, beyond noise over users."
        ),
    ] = None,
    gate_right: Annotated[
        float | None,
        typer.Option("--gate-right", metavar="X", help="The same for right answers: a share X of the requests."),
    ] = None,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, metavar="N", help="Longest answer.")] = MAX_TOKENS,
    threads: Annotated[
        int,
        typer.Option(
            "--threads", min=1, max=MOST_THREADS, help="CPU threads; with another number some answers differ in a word."
        ),
    ] = THREADS,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write answers.jsonl, harm.json and harm.md there (readable); a stopped run goes on from it.",
        ),
    ] = None,
) -> None:
    """Ask what needs no history with a profile attached and without: likelihood lost, leaks, stale items."""
    from ondevice.evaluation.harm.report import write_harm_report
    from ondevice.evaluation.harm.run import HarmPlan, evaluate_harm
    from ondevice.evaluation.harm.ways import ways_of
    from ondevice.evaluation.plan import RunConfig
    from ondevice.evaluation.wording import words_of

    if data is None and (tasks is not None or split != "dev"):
        raise UsageError("--tasks and --split tell which histories of --data DIR are meant: name it too")
    try:
        plan = HarmPlan(
            ways=ways_of(words_of(ways)),
            people=people,
            requests=requests,
            stale=stale,
            seed=seed,
            other=other,
            data=data,
            split=split,
            tasks=words_of(tasks or ""),
            gate=_limits(gate, gate_right),
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
    if plan.learns and use.adapter is not None:
        raise UsageError("--ways adapter and both train adapters of the plain model: leave out --adapter")
    config = RunConfig(
        models=use.models,
        generator=use.generator,
        encoder=use.encoder,
        adapter=use.adapter,
        publishers=use.publishers,
        max_tokens=max_tokens,
        threads=threads,
    )
    with output.progress("asking", unit="answers") as on_progress:
        report = evaluate_harm(plan, config, out=out, on_progress=on_progress)
    written = [] if out is None else write_harm_report(out, report, _command(plan, use, max_tokens, threads))
    output.result({**report.document(), "written": [str(path) for path in written]}, *_tables(report))
    if report.gate is not None and not report.gate.is_open:
        raise typer.Exit(1)


def _limits(nats: float | None, right: float | None) -> dict[Measure, float]:
    given = zip(_GATES.values(), (nats, right), strict=True)
    return {measure: limit for measure, limit in given if limit is not None}


def _command(plan: HarmPlan, use: ModelChoice, max_tokens: int, threads: int) -> str:
    """Return the command that makes the same report elsewhere: without the places of this machine."""
    asked = [] if plan.data is None else ["--data", plan.data.name, "--split", plan.split]
    asked += ["--tasks", ",".join(plan.tasks)] if plan.tasks else []
    asked += ["--people", str(plan.people), "--requests", str(plan.requests), "--seed", str(plan.seed)]
    asked += ["--stale", str(plan.stale)] if plan.data is None else []
    asked += ["--ways", ",".join(plan.ways), *([] if plan.other else ["--no-other"])]
    for option, measure in _GATES.items():
        asked += [option, f"{plan.gate[measure]:g}"] if measure in plan.gate else []
    asked += ["--max-tokens", str(max_tokens), "--threads", str(threads)]
    asked += ["--generator", use.generator] if use.generator != DEFAULT_GENERATOR else []
    asked += ["--encoder", use.encoder or "none"] if use.encoder != DEFAULT_ENCODER else []
    asked += ["--adapter", use.adapter] if use.adapter is not None else []
    return shlex.join(["ondevice", "eval", "harm", *asked])


def _tables(report: HarmReport) -> list[Table]:
    from ondevice.evaluation.harm import tables

    shown = [_table("", tables.WAY_HEAD, tables.way_lines(report.rows))]
    shown.append(_table("nats lost", tables.kind_head(report.rows), tables.kind_lines(report.rows)))
    if report.others:
        shown.append(_table("own against another's", tables.OTHER_HEAD, tables.other_lines(report.others)))
    if report.stale:
        shown.append(_table("answers that have changed", tables.STALE_HEAD, tables.stale_lines(report.stale)))
    if report.gate is not None:
        title = f"the gate is {'open' if report.gate.is_open else 'closed'}"
        shown.append(_table(title, tables.GATE_HEAD, tables.gate_lines(report.gate)))
    return shown


def _table(title: str, head: Iterable[str], lines: Iterable[list[str]]) -> Table:
    table = Table(*head, title=title or None, title_justify="left", box=None, pad_edge=False)
    for line in lines:
        table.add_row(*line)
    return table
