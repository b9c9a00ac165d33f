"""``ondevice eval notes``: how well questions are answered from notes, and refused where these do not say."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ondevice.cli.access import ModelChoice
from ondevice.cli.ask import Unsupported
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR, MOST_THREADS, RetrievalConfig
from ondevice.retrieval.protocol import MOST_HITS

if TYPE_CHECKING:
    from ondevice.evaluation.note_reading.report import NotesReport
    from ondevice.evaluation.note_reading.run import NotesPlan

K, MAX_TOKENS = RetrievalConfig().k, 64
ALL = "none,retrieval,evidence,evidence+"


def eval_notes(
    output: Output,
    use: ModelChoice,
    people: Annotated[int, typer.Option("--people", min=1, metavar="N", help="Invented people who are asked.")] = 8,
    questions: Annotated[
        int,
        typer.Option(
            "--questions", min=1, metavar="N", help="Questions of each, as many of each category as there are."
        ),
    ] = 24,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="N", help="Which people, and which questions.")] = 0,
    k: Annotated[
        int, typer.Option("--k", min=1, max=MOST_HITS, metavar="N", help="Notes that the retriever looks for.")
    ] = K,
    notes: Annotated[
        str,
        typer.Option(
            "--notes",
            metavar="NAMES",
            help="Which notes stand in the prompt, with commas: none; what the retriever finds (retrieval); those that "
            "answer and no others (evidence); those with others beside them (evidence+).",
        ),
    ] = ALL,
    talks: Annotated[
        int,
        typer.Option(
            "--talks",
            min=0,
            metavar="N",
            help="So many of each person's 26 stories are told in talks with friends.",
        ),
    ] = 0,
    locomo: Annotated[
        Path | None,
        typer.Option("--locomo", metavar="FILE", help="Ask about this file's conversations in place of people."),
    ] = None,
    on_unsupported: Annotated[
        Unsupported | None,
        typer.Option(
            "--on-unsupported",
            help="Give answers all the same that stand in no note, or withhold them; by default as `generate` does.",
        ),
    ] = None,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, metavar="N", help="Longest answer.")] = MAX_TOKENS,
    threads: Annotated[int | None, typer.Option("--threads", min=1, max=MOST_THREADS, help="CPU threads.")] = None,
    transcript: Annotated[
        int, typer.Option("--transcript", min=0, metavar="N", help="Show N questions with notes and answers.")
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Write questions.jsonl, notes.json and notes.md there (readable); a stopped run goes on from it.",
        ),
    ] = None,
) -> None:
    """Ask invented people's questions of their notes, through an encrypted profile each, and grade without a judge."""
    from ondevice.evaluation.note_reading.conditions import conditions_of
    from ondevice.evaluation.note_reading.report import write_notes_report
    from ondevice.evaluation.note_reading.run import NotesPlan, evaluate_notes
    from ondevice.evaluation.note_reading.transcript import transcript_lines, transcript_of
    from ondevice.evaluation.plan import RunConfig
    from ondevice.evaluation.wording import words_of

    try:
        plan = NotesPlan(
            conditions=conditions_of(words_of(notes)),
            people=people,
            questions=questions,
            seed=seed,
            talks=talks,
            k=k,
            locomo=locomo,
            on_unsupported=None if on_unsupported is None else on_unsupported.value,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None
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
        report = evaluate_notes(plan, config, out=out, on_progress=on_progress)
    shown = transcript_of(report, transcript, seed=seed)
    command = _command(plan, use, max_tokens, threads, transcript)
    written = [] if out is None else write_notes_report(out, report, command, transcript=shown)
    document = {
        **report.document(),
        **({"transcript": shown} if shown else {}),
        "written": [str(path) for path in written],
    }
    output.result(document, *transcript_lines(shown), *_tables(report))


def _command(plan: NotesPlan, use: ModelChoice, max_tokens: int, threads: int | None, transcript: int) -> str:
    """Return the command that makes the same report elsewhere: without the places of this machine."""
    asked = [] if plan.locomo is None else ["--locomo", plan.locomo.name]
    asked += ["--people", str(plan.people)] if plan.locomo is None else []
    asked += ["--talks", str(plan.talks)] if plan.talks else []
    asked += ["--questions", str(plan.questions), "--seed", str(plan.seed), "--k", str(plan.k)]
    asked += ["--notes", ",".join(plan.conditions), "--max-tokens", str(max_tokens)]
    asked += [] if plan.on_unsupported is None else ["--on-unsupported", plan.on_unsupported]
    asked += ["--threads", str(threads)] if threads is not None else []
    asked += ["--transcript", str(transcript)] if transcript else []
    asked += ["--generator", use.generator] if use.generator != DEFAULT_GENERATOR else []
    asked += ["--encoder", use.encoder or "none"] if use.encoder != DEFAULT_ENCODER else []
    asked += ["--adapter", use.adapter] if use.adapter is not None else []
    return shlex.join(["ondevice", "eval", "notes", *asked])


def _tables(report: NotesReport) -> list[Table]:
    from ondevice.evaluation.note_reading.report import category_lines, figure_lines

    conditions = [row.condition for row in report.rows]
    figures = Table("figure", "questions", *conditions, box=None, pad_edge=False)
    for line in figure_lines(report):
        figures.add_row(*line)
    categories = Table("category", *conditions, box=None, pad_edge=False)
    for line in category_lines(report):
        categories.add_row(*line)
    return [figures, categories]
