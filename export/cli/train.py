"""``ondevice-export train``: learning from a population what all users of a model get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from export.cli.options import (
    ApartFromOption,
    BatchTokensOption,
    CheckpointOption,
    DeviceOption,
    EpochsOption,
    GeneratorArgument,
    HeldOutOption,
    JsonOption,
    LampOption,
    LearnFromFoldOption,
    MinutesOption,
    PrecisionOption,
    RateOption,
    SeedOption,
    TasksOption,
    seconds_of,
)
from export.cli.terminal import Terminal
from export.cli.train_gains import gains
from export.cli.train_persona import persona
from export.cli.train_reader import reader
from export.cli.train_retrieval import ropg, rspg
from export.cli.train_support import support
from export.cli.views import STAGES
from ondevice.config import MOST_THREADS

if TYPE_CHECKING:
    from ondevice.adaptation.lora.precision import Precision


def task_adapter(
    base: GeneratorArgument,
    data: LampOption,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The adapter's folder; must be new.")],
    tasks: TasksOption = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=2, help="Questions a task.")] = None,
    max_items: Annotated[
        int, typer.Option("--max-items", metavar="N", min=0, help="Retrieved items in a prompt: 0 to N, by chance.")
    ] = 3,
    summary_share: Annotated[
        float,
        typer.Option("--summary-share", metavar="PART", help="The part of the prompts that hold a counted summary."),
    ] = 0.5,
    history_pairs: Annotated[
        int,
        typer.Option("--history-pairs", metavar="N", min=0, help="Items of each user that become questions too."),
    ] = 0,
    apart_from: ApartFromOption = None,
    learn_from_fold: LearnFromFoldOption = None,
    held_out: HeldOutOption = 0.1,
    rank: Annotated[
        int, typer.Option("--rank", metavar="N", min=1, help="Rank of the matrices; alpha is twice it.")
    ] = 16,
    learning_rate: RateOption = 4e-4,
    epochs: EpochsOption = 2,
    batch_tokens: BatchTokensOption = 2048,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", metavar="N", min=2, help="Tokens of a question and its answer, at most.")
    ] = 768,
    minutes: MinutesOption = None,
    seed: SeedOption = 0,
    precision: PrecisionOption = "auto",
    device: DeviceOption = "cpu",
    threads: Annotated[
        int | None,
        typer.Option("--threads", metavar="N", min=1, max=MOST_THREADS, help="CPU threads of the tokenizer's model."),
    ] = None,
    checkpoint: CheckpointOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a LoRA that teaches the model LaMP's tasks, with items and summaries of each user's own in the prompt.

    The result is a folder as PEFT saves it: make an adapter of it with `adapter`, or a model with `merge`.
    """
    from export.training.population import PopulationConfig, read_population
    from export.training.task_adapter import TASK_RECIPE, TASK_TRAINING, train_task_adapter
    from ondevice.bundle import Bundle

    try:
        wanted = PopulationConfig(
            tasks=None if tasks is None else tuple(tasks.split(",")),
            limit=limit,
            max_items=max_items,
            summary_share=summary_share,
            history_pairs=history_pairs,
            held_out=held_out,
            seed=seed,
            apart_from=tuple(apart_from or ()),
            learn_from_fold=learn_from_fold,
        )
        config = replace(
            TASK_TRAINING,
            learning_rate=learning_rate,
            epochs=epochs,
            batch_tokens=batch_tokens,
            max_tokens=max_tokens,
            max_seconds=seconds_of(minutes),
            seed=seed,
            precision=cast("Precision", precision),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        bundle = Bundle.open(base, kind="generator")
        terminal.say(f"reading {data.name}")
        population = read_population(data, wanted)
        n_train, n_held_out = len(population.train), len(population.held_out)
        terminal.say(f"{n_train:,} questions to learn from, {n_held_out:,} of other users held out")
        terminal.say(f"{population.n_summaries:,} of their prompts have a summary of the user")
        if apart_from:
            terminal.say(f"{population.n_apart:,} questions left out: files to keep apart from have their texts")
        if learn_from_fold is not None:
            terminal.say(f"{population.n_shared:,} questions of fold {learn_from_fold} are known to the other fold too")
        with terminal.progress(out.name, is_bytes=False) as on_progress:
            made = train_task_adapter(
                bundle,
                population,
                out,
                recipe=replace(TASK_RECIPE, rank=rank, alpha=2.0 * rank),
                config=config,
                device=device,
                threads=threads,
                checkpoint=checkpoint,
                on_stage=lambda stage: terminal.say(STAGES[stage]),
                on_progress=on_progress,
            )
        report = made.report
        terminal.result(
            {"folder": out, **made.to_json()},
            f"{report.n_examples:,} questions of {made.n_users:,} users, {report.n_steps:,} steps, {report.stopped}",
            f"other users' answers: {report.loss_before:.3f} nats per token before, {report.loss_after:.3f} after",
            f"{report.seconds:,.0f} s, {report.peak_bytes / 1e6:,.0f} MB, in {out}",
        )


TRAININGS: Mapping[str, Callable[..., None]] = {
    "task-adapter": task_adapter,
    "reader": reader,
    "support": support,
    "gains": gains,
    "persona": persona,
    "ropg": ropg,
    "rspg": rspg,
}
