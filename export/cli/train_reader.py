"""``ondevice-export train reader``: teaching a model to answer from numbered notes, and to say when they do not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from export.cli.options import (
    BatchTokensOption,
    CheckpointOption,
    DeviceOption,
    EpochsOption,
    GeneratorArgument,
    JsonOption,
    MinutesOption,
    NameOption,
    NotesEncoderOption,
    OutOption,
    PrecisionOption,
    RateOption,
    SeedOption,
    ThreadsOption,
    VersionOption,
    seconds_of,
)
from export.cli.terminal import Terminal
from export.cli.views import STAGES

if TYPE_CHECKING:
    from export.training.reading import Lesson, ReadingConfig
    from ondevice.adaptation.lora.precision import Precision

LICENSE = "Apache-2.0"


def reader(
    base: GeneratorArgument,
    encoder: NotesEncoderOption,
    out: OutOption,
    people: Annotated[int, typer.Option("--people", metavar="N", min=2, help="Invented people to learn from.")] = 130,
    held_out: Annotated[
        float, typer.Option("--held-out", metavar="PART", help="The part of the people that only judge.")
    ] = 0.03,
    talks: Annotated[
        int,
        typer.Option(
            "--talks", metavar="N", min=0, help="So many of a person's 26 stories are told in talks with friends."
        ),
    ] = 8,
    k: Annotated[int, typer.Option("--k", metavar="N", min=1, help="Notes in a prompt, on average.")] = 4,
    sets: Annotated[int, typer.Option("--sets", metavar="N", min=1, help="Sets of notes of a person, at most.")] = 16,
    branches: Annotated[
        int, typer.Option("--branches", metavar="N", min=1, help="Requests over the same notes, at most.")
    ] = 12,
    refused: Annotated[
        float, typer.Option("--refused", metavar="PART", help="The part of the answers that the notes do not say.")
    ] = 0.28,
    rank: Annotated[int, typer.Option("--rank", metavar="N", min=1, help="Rank of the matrices.")] = 16,
    alpha: Annotated[
        float | None, typer.Option("--alpha", metavar="X", help="How strong they count; twice the rank by default.")
    ] = None,
    projections: Annotated[
        str, typer.Option("--projections", metavar="NAMES", help="Which layers get them, with commas, or all.")
    ] = "all",
    learning_rate: RateOption = 1e-3,
    epochs: EpochsOption = 1,
    batch_tokens: BatchTokensOption = 2048,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", metavar="N", min=2, help="Tokens that are learned together, at most.")
    ] = 1280,
    minutes: MinutesOption = None,
    seed: SeedOption = 0,
    precision: PrecisionOption = "float32",
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    checkpoint: CheckpointOption = None,
    peft: Annotated[
        Path | None,
        typer.Option("--peft", metavar="DIR", help="Keep the adapter as PEFT saves it too, for `merge`."),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Go on from an adapter of the same recipe that --peft kept."),
    ] = None,
    name: NameOption = None,
    version: VersionOption = "1.0.0",
    as_json: JsonOption = False,
) -> None:
    """Train an adapter with which the model answers from numbered notes, or says that they do not say.

    It learns from invented people, whose notes the encoder's search finds. What it writes is an adapter bundle.
    """
    from export.conversion.about import About
    from export.training.reader import READER_TRAINING, check_reader, hold_out_people, train_reader
    from export.training.reading import ReadingConfig
    from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe
    from ondevice.bundle import Bundle
    from ondevice.evaluation.people import check_talks

    try:
        check_talks(talks)
        reading = ReadingConfig(k=k, spread=min(2, k - 1), sets=sets, branches=branches, refused=refused, seed=seed)
        recipe = LoraRecipe(
            projections=PROJECTIONS if projections == "all" else tuple(projections.split(",")),
            rank=rank,
            alpha=2.0 * rank if alpha is None else alpha,
        )
        config = replace(
            READER_TRAINING,
            learning_rate=learning_rate,
            epochs=epochs,
            batch_tokens=batch_tokens,
            max_tokens=max_tokens,
            max_seconds=seconds_of(minutes),
            threads=threads,
            precision=cast("Precision", precision),
            seed=seed,
        )
        if not 0 < held_out < 1:
            raise ValueError(f"held_out must be between 0 and 1, not {held_out}")
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        bundle = Bundle.open(base, kind="generator")
        check_reader(
            bundle, out, peft=peft, start=start, recipe=recipe, config=config, device=device, checkpoint=checkpoint
        )
        about = About(
            name=name or out.name,
            version=version,
            license=LICENSE,
            training_data=f"requests, notes and talks of {people} invented people, seed {seed}",
        )
        lessons = _lessons(terminal, encoder, people, talks, reading)
        learned, judged = hold_out_people(lessons, held_out)
        n_requests, n_judged = (sum(len(lesson.pairs) for lesson in part) for part in (learned, judged))
        terminal.say(
            f"{n_requests:,} requests over {len(learned):,} sets of notes to learn from, "
            f"{n_judged:,} of other people held out"
        )
        with terminal.progress("training", is_bytes=False) as on_progress:
            made = train_reader(
                bundle,
                learned,
                judged,
                out,
                about,
                peft=peft,
                start=start,
                recipe=recipe,
                config=config,
                device=device,
                checkpoint=checkpoint,
                on_stage=lambda stage: terminal.say(STAGES[stage]),
                on_progress=on_progress,
                on_curve=lambda step, loss: terminal.say(f"step {step:,}: {loss:.3f} nats per token"),
            )
        report = made.report
        terminal.result(
            {"folder": out, **made.to_json(), "tokens_per_second": made.tokens_per_second},
            f"{made.n_requests:,} requests of {made.n_people:,} people, {made.refused:.0%} refused, "
            f"{report.n_steps:,} steps, {report.stopped}",
            f"other people's answers: {report.loss_before:.3f} nats per token before, {report.loss_after:.3f} after",
            f"{report.seconds / 60:,.0f} minutes, {made.tokens_per_second:,.0f} tokens/s, "
            f"{report.peak_bytes / 1e6:,.0f} MB, in {out}",
        )


def _lessons(terminal: Terminal, encoder: Path, n_people: int, talks: int, config: ReadingConfig) -> list[Lesson]:
    from export.training.reading import reading_lessons
    from ondevice.evaluation.note_search import NoteSearch
    from ondevice.evaluation.people import make_people

    terminal.say("inventing people and searching their notes")
    with NoteSearch(encoder) as search, terminal.progress("searching", is_bytes=False) as on_progress:
        people = make_people(n_people, split="train", seed=config.seed, talks=talks, thorough=True)
        return list(reading_lessons(people, search.over, config, on_person=lambda done: on_progress(done, n_people)))
