"""``ondevice-export lamp``: what ``ondevice eval lamp`` measures, for many users on several processes or machines."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from export.cli.options import JsonOption, PriorOption, PublisherOption, RefitOption, SplitOption, TasksOption
from export.cli.places import ModelsOption, models_place
from export.cli.terminal import Terminal
from ondevice.config import DEFAULT_ENCODER, DEFAULT_GENERATOR, MOST_THREADS
from ondevice.evaluation import LESSON_ITEMS


def lamp(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The data set's folder, on this machine.")],
    workers: Annotated[int, typer.Option("--workers", min=1, metavar="N", help="Processes that answer at once.")] = 2,
    address: Annotated[
        str | None,
        typer.Option(
            "--address", metavar="HOST:PORT", help="A Ray cluster that this machine is part of; else this machine."
        ),
    ] = None,
    tasks: TasksOption = None,
    split: SplitOption = "dev",
    strategies: Annotated[
        str,
        typer.Option(
            "--strategies",
            metavar="NAMES",
            help="With commas; none is always measured; rspg-pre and rspg-post need --selector, pplug, bm25+pplug, "
            "pplug-mean and pplug-task --persona; names of encoders in the models' folder too.",
        ),
    ] = "none,recency,bm25,dense,hybrid",
    selector: Annotated[
        str | None, typer.Option("--selector", metavar="NAME", help="The selector of rspg-pre and rspg-post.")
    ] = None,
    persona: Annotated[
        str | None,
        typer.Option("--persona", metavar="NAME", help="The persona of strategies with pplug; it must know the tasks."),
    ] = None,
    ks: Annotated[str, typer.Option("--k", metavar="NUMBERS", help="Items in the prompt, with commas.")] = "1,2,4",
    decodings: Annotated[
        str, typer.Option("--decoding", metavar="NAMES", help="free, labels (the likeliest label), or both.")
    ] = "free,labels",
    control: Annotated[
        str | None,
        typer.Option(
            "--control", metavar="NAMES", help="Strategies also run with wrong histories, else the first; or 'no'."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, metavar="N", help="Questions a task, the users in turn.")
    ] = None,
    per_user: Annotated[
        int | None, typer.Option("--per-user", min=1, metavar="N", help="Questions a user: more users for a limit.")
    ] = None,
    prior: PriorOption = "train",
    lesson_items: Annotated[
        str, typer.Option("--lesson-items", metavar="N", help="Adapters learn from N items at most, or from 'all'.")
    ] = str(LESSON_ITEMS),
    refit: RefitOption = False,
    every_adapter: Annotated[
        bool, typer.Option("--every-adapter", help="Use those too that made their held-out items no likelier.")
    ] = False,
    max_tokens: Annotated[int, typer.Option("--max-tokens", min=1, help="Longest free answer.")] = 32,
    prompt_tokens: Annotated[
        int | None,
        typer.Option(
            "--prompt-tokens", min=1, metavar="N", help="Longest prompt with items; else what the model's bundle says."
        ),
    ] = None,
    threads: Annotated[
        int,
        typer.Option(
            "--threads",
            min=1,
            max=MOST_THREADS,
            help="CPU threads a worker; answers may differ between numbers of them.",
        ),
    ] = 1,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", metavar="FILE", help="Keep answers here (readable): a stopped run goes on."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Write lamp.json, lamp.md and lamp.html there.")
    ] = None,
    models: ModelsOption = None,
    encoder: Annotated[
        str, typer.Option("--encoder", metavar="NAME", help="The encoder; 'none' works without vectors.")
    ] = DEFAULT_ENCODER,
    generator: Annotated[
        str, typer.Option("--generator", metavar="NAME", help="The language model.")
    ] = DEFAULT_GENERATOR,
    adapter: Annotated[
        str | None, typer.Option("--adapter", metavar="NAME", help="An adapter for the language model.")
    ] = None,
    publisher: PublisherOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure strategies on LaMP's tasks as ondevice eval lamp does, each user on the next free worker, by Ray.

    Every machine needs the same release of this package, and the models in the same folder; the data comes from here.
    """
    from ondevice.evaluation.wording import lesson_items_of_words, plan_of_words

    has_encoder = encoder != "none"
    try:
        plan = plan_of_words(
            data=data,
            split=split,
            tasks=tasks or "",
            strategies=strategies,
            ks=ks,
            decodings=decodings,
            control=control,
            limit=limit,
            per_user=per_user,
            prior=prior,
            models=models_place(models).absolute(),
            has_encoder=has_encoder,
            has_selector=selector is not None,
            has_persona=persona is not None,
        )
        most_items = lesson_items_of_words(lesson_items)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    terminal = Terminal(as_json=as_json)
    with terminal.reporting():
        from export.evaluation.ray_runner import evaluate_lamp_on_workers
        from export.publishing import read_publisher_key
        from ondevice.evaluation.plan import RunConfig
        from ondevice.evaluation.report import markdown_of
        from ondevice.evaluation.writing import prepare_report, write_report

        config = RunConfig(
            models=models_place(models).absolute(),
            generator=generator,
            encoder=encoder if has_encoder else None,
            adapter=adapter,
            selector=selector,
            persona=persona,
            publishers=[read_publisher_key(text) for text in publisher] if publisher else None,
            max_tokens=max_tokens,
            prompt_tokens=prompt_tokens,
            threads=threads,
            lesson_items=most_items,
            refit=refit,
            every_adapter=every_adapter,
        )
        if report is not None:
            prepare_report(report)
        # Ray tells of lost workers on stdout, which belongs to the result.
        with redirect_stdout(sys.stderr), terminal.progress("measuring", is_bytes=False) as on_progress:
            measured = evaluate_lamp_on_workers(
                plan,
                config,
                workers=workers,
                address=address,
                answers=answers,
                on_progress=on_progress,
                on_task=lambda name, n: terminal.say(f"{name}: {n} questions done"),
            )
        written = [] if report is None else write_report(report, measured)
        document = {**measured.document(), "written": [str(path) for path in written]}
        terminal.result(document, markdown_of(measured))
