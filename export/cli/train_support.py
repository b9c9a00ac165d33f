"""``ondevice-export train support``: measuring how far a model's answers from notes may be relied on."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from export.cli.options import GeneratorArgument, JsonOption, NotesEncoderOption, SeedOption, ThreadsOption
from export.cli.terminal import Terminal
from export.training.support import MOST_LOST
from ondevice.config import RetrievalConfig


def support(
    generator: GeneratorArgument,
    encoder: NotesEncoderOption,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The numbers, as JSON; must be new.")],
    people: Annotated[int, typer.Option("--people", metavar="N", min=1, help="Invented people who are asked.")] = 16,
    k: Annotated[int, typer.Option("--k", metavar="N", min=1, help="Notes that are looked for.")] = RetrievalConfig().k,
    most_lost: Annotated[
        float,
        typer.Option(
            "--most-lost", metavar="PART", help="So many of the right answers may be withheld with the others."
        ),
    ] = MOST_LOST,
    threads: ThreadsOption = None,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Learn how often answers of a kind are right, and from which support on they are given: for add-reader --support.

    It asks invented people of the half of all words that no reader has learned from; `ondevice eval notes` asks others
    of them, as long as its seed is another.
    """
    if not 0 < most_lost < 1:
        raise typer.BadParameter(f"--most-lost must be between 0 and 1, not {most_lost}")
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.publishing.writing import new_file
        from export.training.support import fit_support
        from ondevice.evaluation.graded_answers import graded_answers
        from ondevice.evaluation.people import make_people

        with new_file(out, mode=0o644) as file:  # a place that cannot be written is told before hours of asking
            with terminal.progress("asking", is_bytes=False) as on_progress:
                asked = make_people(people, split="held_out", seed=seed)
                answers = list(
                    graded_answers(
                        generator,
                        encoder,
                        asked,
                        k=k,
                        threads=threads,
                        on_person=lambda done: on_progress(done, people),
                    )
                )
            fitted = fit_support(answers, most_lost=most_lost)
            file.write(json.dumps(asdict(fitted.spec), indent=2).encode() + b"\n")
        terminal.result(
            {"file": str(out), **asdict(fitted)},
            f"{fitted.n_answers:,} answers, mean squared error {fitted.brier:.3f}",
            f"least support {fitted.spec.least:.2f}: of what the notes answer {fitted.right:.0%} is answered rightly "
            f"and {fitted.refused_wrongly:.0%} refused, of the rest {fitted.refused_rightly:.0%} is refused",
            f"in {out}",
        )
