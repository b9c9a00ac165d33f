"""``ondevice setup``: what this machine is, how fast the language model is on it, and what to expect of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Column, Table

from ondevice.bundle import Bundle
from ondevice.cli.access import ModelChoice
from ondevice.cli.checks_machine import check_memory
from ondevice.cli.output import Output
from ondevice.errors import NotFoundError
from ondevice.generation.measured import measure
from ondevice.generation.outlooks import EXPECTED, candidates_here, outlooks, recommended
from ondevice.generation.speed import SECONDS
from ondevice.safety.machine import this_machine

FETCH = "ondevice-models setup"


def setup(
    output: Output,
    use: ModelChoice,
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=600.0, help="How long to measure.")] = SECONDS,
) -> None:
    """Look at this machine, measure the language model for ten seconds, and say what to expect.

    Models that are here and were not measured are reckoned by their size. This command has no road to the network:
    ondevice-models setup does the same, and fetches the model that suits the machine.
    """
    from ondevice.trial import trial

    machine, candidates = this_machine(), candidates_here(use.models)
    base = next((each for each in candidates if each.name == use.generator), None)
    if base is None:
        raise NotFoundError(f"there is no language model {use.generator!r} in {use.models}", hint=f"run: {FETCH}")
    bundle = Bundle.open(use.models / use.generator, kind="generator", publishers=use.publishers)
    with output.working(f"measuring {use.generator}"):
        trial(use.models)(bundle)
        speed = measure(use.models, bundle, seconds=seconds)
    found = outlooks(candidates_here(use.models), base, speed, machine)
    mine = next(each for each in found if each.candidate.name == use.generator)
    best = recommended(found, larger=False)
    numbers = (Column(name, justify="right") for name in ("tokens/s", "an answer"))
    table = Table("language model", *numbers, "", box=None, header_style="bold", pad_edge=False)
    for each in found:
        table.add_row(each.candidate.name, each.written, f"{each.answer_s:.1f} s", each.about)
    lines = [f"{use.generator}: expect {mine.answer_s:.1f} s for {EXPECTED}"]
    if best is None or not best.is_fluent:
        lines.append("that is slow: if other programs are busy, end them and run this again")
    elif best is not mine:
        lines.append(f"{best.candidate.name} suits this machine better: ondevice-models use {best.candidate.name}")
    lines.append(f"other models: {FETCH}")
    document = {
        "machine": asdict(machine),
        "generator": use.generator,
        "read_tokens_s": speed.read_tokens_s,
        "write_tokens_s": speed.write_tokens_s,
        "answer_s": mine.answer_s,
        "recommended": None if best is None else best.candidate.name,
    }
    output.result(document, f"this machine: {check_memory().detail}", table, *lines)
