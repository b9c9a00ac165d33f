"""``ondevice-export train persona``: learning how a user's item vectors become rows that a language model reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from export.cli.options import (
    ApartFromOption,
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
    ThreadsOption,
    seconds_of,
)
from export.cli.terminal import Terminal
from export.cli.views import STAGES

if TYPE_CHECKING:
    from ondevice.adaptation.lora.precision import Precision


def persona(
    base: GeneratorArgument,
    data: LampOption,
    encoder: Annotated[
        Path, typer.Option("--encoder", metavar="BUNDLE", help="The encoder of the devices' item vectors.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The persona's folder; must be new.")],
    tasks: TasksOption = None,
    limit: Annotated[int | None, typer.Option("--limit", metavar="N", min=2, help="Questions a task.")] = None,
    history_pairs: Annotated[
        int,
        typer.Option("--history-pairs", metavar="N", min=0, help="Items of each user that become questions too."),
    ] = 3,
    history_only: Annotated[
        bool,
        typer.Option("--history-only", help="Leave out the data's own questions: the generator was trained on them."),
    ] = False,
    with_items: Annotated[
        float, typer.Option("--with-items", metavar="PART", help="The part of the prompts that hold retrieved items.")
    ] = 0.3,
    max_items: Annotated[
        int, typer.Option("--max-items", metavar="N", min=1, help="Then 1 to N of them, by chance.")
    ] = 3,
    max_history: Annotated[
        int, typer.Option("--max-history", metavar="N", min=1, help="Items of a history that count, the newest.")
    ] = 512,
    apart_from: ApartFromOption = None,
    learn_from_fold: LearnFromFoldOption = None,
    held_out: HeldOutOption = 0.1,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, help="Rows made of a history.")] = 1,
    task_rows: Annotated[int, typer.Option("--task-rows", metavar="N", min=1, help="Rows of each task.")] = 2,
    centred: Annotated[
        bool,
        typer.Option(
            "--centred", help="Take out what all users' items have in common; one task, or tasks of like items."
        ),
    ] = False,
    rank: Annotated[
        int, typer.Option("--rank", metavar="N", min=0, help="Rank of the map of requests; 0 leaves them.")
    ] = 16,
    replicas: Annotated[
        int, typer.Option("--replicas", metavar="N", min=1, help="Parts of a history that a question is read with.")
    ] = 2,
    contrast: Annotated[
        float,
        typer.Option("--contrast", metavar="X", help="How much it counts that another's history must do worse."),
    ] = 0.0,
    learning_rate: RateOption = 1e-3,
    projector_rate: Annotated[
        float, typer.Option("--projector-rate", metavar="X", help="AdamW's, of the projector.")
    ] = 3e-4,
    epochs: EpochsOption = 6,
    batch: Annotated[int, typer.Option("--batch", metavar="N", min=1, help="Questions of a step.")] = 32,
    max_tokens: Annotated[
        int, typer.Option("--max-tokens", metavar="N", min=2, help="Tokens of a question and its answer, at most.")
    ] = 512,
    minutes: MinutesOption = None,
    seed: SeedOption = 0,
    precision: PrecisionOption = "float32",
    device: DeviceOption = "cpu",
    threads: ThreadsOption = None,
    checkpoint: CheckpointOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train what turns a user's items into rows behind the prompt (Persona-Plug).

    The generator and the encoder stay as they are. Make a bundle of the result with `persona`.
    """
    from export.training.persona.config import PersonaConfig
    from export.training.persona.questions import QuestionConfig, read_questions
    from ondevice.bundle import Bundle

    try:
        wanted = QuestionConfig(
            tasks=None if tasks is None else tuple(tasks.split(",")),
            learn_from_fold=learn_from_fold,
            limit=limit,
            history_pairs=history_pairs,
            history_only=history_only,
            with_items=with_items,
            max_items=max_items,
            max_history=max_history,
            held_out=held_out,
            apart_from=tuple(apart_from or ()),
            seed=seed,
        )
        config = PersonaConfig(
            n_rows=rows,
            n_task_rows=task_rows,
            centred=centred,
            rank=rank,
            learning_rate=learning_rate,
            projector_rate=projector_rate,
            epochs=epochs,
            batch=batch,
            replicas=replicas,
            contrast=contrast,
            max_history=max_history,
            max_tokens=max_tokens,
            max_seconds=seconds_of(minutes),
            threads=threads,
            precision=cast("Precision", precision),
            seed=seed,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.drafting import check_place
        from export.training.persona.training import train_persona
        from export.training.persona.vectors import HistoryVectors
        from ondevice.retrieval.encoding.encoder import Encoder

        check_place(out)
        generator, encoding = Bundle.open(base, kind="generator"), Bundle.open(encoder, kind="encoder")
        terminal.say(f"reading {data.name}")
        questions = read_questions(data, wanted)
        n_train, n_held_out = len(questions.train), len(questions.held_out)
        terminal.say(f"{n_train:,} questions to learn from, {n_held_out:,} of other users held out")
        if apart_from:
            terminal.say(f"{questions.n_apart:,} questions left out: files to keep apart from have their texts")
        if learn_from_fold is not None:
            terminal.say(f"{questions.n_shared:,} questions of fold {learn_from_fold} are known to the other fold too")
        terminal.say("encoding requests and histories")
        with (
            Encoder.open(encoding, threads=threads) as opened,
            terminal.progress("encoding", is_bytes=False) as on_progress,
        ):
            vectors = HistoryVectors(opened, questions.all, on_progress=on_progress)
        with terminal.progress(out.name, is_bytes=False) as on_progress:
            report = train_persona(
                generator,
                vectors,
                questions,
                out,
                config,
                device=device,
                checkpoint=checkpoint,
                on_stage=lambda stage: terminal.say(STAGES[stage]),
                on_progress=on_progress,
            )
        terminal.result(
            {"folder": out, "n_apart": questions.n_apart, **report.to_json()},
            f"{report.n_questions:,} questions of {report.n_users:,} users, {report.n_steps:,} steps, "
            f"{report.stopped}; epoch {report.best_epoch} is kept",
            *report.lines(),
            f"{report.seconds:,.0f} s, {report.peak_bytes / 1e6:,.0f} MB, in {out}",
        )
