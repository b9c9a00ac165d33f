"""``ondevice eval``: what personalization is worth, measured on data sets through the real device path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ondevice.cli.access import ModelChoice
from ondevice.cli.evaluate_folds import DataOption, FromHistoryOption, eval_lamp_folds, eval_lamp_report
from ondevice.cli.evaluate_harm import eval_harm
from ondevice.cli.evaluate_notes import eval_notes
from ondevice.cli.failing import UsageError
from ondevice.cli.learning_options import RefitOption
from ondevice.cli.output import Output
from ondevice.config import MOST_THREADS
from ondevice.evaluation import LESSON_ITEMS

PriorOption = Annotated[
    str,
    typer.Option(
        "--prior",
        metavar="NAME",
        help="The split whose other users tell what labels are worth anyway, which is taken off; or 'no'.",
    ),
]


def eval_lamp(
    output: Output,
    use: ModelChoice,
    data: DataOption,
    tasks: Annotated[
        str | None, typer.Option("--tasks", metavar="NAMES", help="Folders below DIR, with commas; all by default.")
    ] = None,
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="The files' prefix.")] = "dev",
    strategies: Annotated[
        str,
        typer.Option(
            "--strategies",
            metavar="NAMES",
            help="With commas; none is always measured; pag and bm25+pag have a summary; adapter, adapter-car, milp, "
            "each also behind bm25+, oppu, cope and auto train; rspg-pre and rspg-post need --selector, pplug, "
            "bm25+pplug, pplug-mean and pplug-task --persona; other names are encoders in the models' folder.",
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
    ask_fold: Annotated[
        int | None,
        typer.Option(
            "--ask-fold",
            min=1,
            max=2,
            metavar="N",
            help="Ask fold 1 or 2 of all train and dev users; the model must not have learned from it.",
        ),
    ] = None,
    from_history: FromHistoryOption = 0,
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
    threads: Annotated[int | None, typer.Option("--threads", min=1, max=MOST_THREADS, help="CPU threads.")] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            "--answers", metavar="FILE", resolve_path=True, help="Keep answers here (readable): a stopped run goes on."
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="DIR",
            resolve_path=True,
            help="Write lamp.json, lamp.md and lamp.html there; with --ask-fold fold.json.",
        ),
    ] = None,
) -> None:
    """Measure strategies on LaMP's tasks: every question through an encrypted profile of its own, with controls."""
    from ondevice.cli.lamp_tables import tables_of
    from ondevice.evaluation.lamp import evaluate_lamp
    from ondevice.evaluation.plan import RunConfig
    from ondevice.evaluation.wording import lesson_items_of_words, plan_of_words
    from ondevice.evaluation.writing import prepare_report, write_report

    with _usage():
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
            models=use.models,
            has_encoder=use.encoder is not None,
            has_selector=selector is not None,
            has_persona=persona is not None,
            ask_fold=ask_fold,
            from_history=from_history,
        )
        most_items = lesson_items_of_words(lesson_items)
    config = RunConfig(
        models=use.models,
        generator=use.generator,
        encoder=use.encoder,
        adapter=use.adapter,
        selector=selector,
        persona=persona,
        publishers=use.publishers,
        max_tokens=max_tokens,
        prompt_tokens=prompt_tokens,
        threads=threads,
        lesson_items=most_items,
        refit=refit,
        every_adapter=every_adapter,
    )
    if report is not None:
        prepare_report(report)
    with output.progress("measuring", unit="questions") as on_progress:
        measured = evaluate_lamp(
            plan,
            config,
            answers=answers,
            on_progress=on_progress,
            on_task=lambda name, n: output.say(f"{name}: {n} questions done"),
        )
    written = [] if report is None else write_report(report, measured)
    document = {**measured.document(), "written": [str(path) for path in written]}
    output.result(document, *tables_of(measured))


def eval_retrieval(
    output: Output,
    use: ModelChoice,
    data: DataOption,
    retrievers: Annotated[
        str,
        typer.Option("--retrievers", metavar="NAMES", help="With commas; names of encoders in the models' folder too."),
    ] = "recency,bm25,dense,hybrid",
    ks: Annotated[str, typer.Option("--k", metavar="NUMBERS", help="Cut-offs, with commas.")] = "1,5,10",
) -> None:
    """Measure how often each retriever finds the turns that answer LoCoMo's questions; no language model needed."""
    from ondevice.evaluation.retrieval import RetrievalPlan, evaluate_retrieval
    from ondevice.evaluation.wording import numbers_of_words, retrievers_of_words

    with _usage():
        cuts = numbers_of_words(ks)
        chosen = retrievers_of_words(retrievers, models=use.models, has_encoder=use.encoder is not None)
    names = [name for name in chosen if name != "none"]
    if not names:
        raise UsageError("--retrievers takes at least one retriever that finds something")
    plan = RetrievalPlan(data=data, models=use.models, encoder=use.encoder, retrievers=names, ks=cuts)
    with output.progress("searching", unit="conversations") as on_progress:
        rows = evaluate_retrieval(plan, on_progress=on_progress)
    table = Table("retriever", "metric", "value", "95 %", "ms a query", box=None, pad_edge=False)
    for row in rows:
        interval = f"{row.low:.3f} to {row.high:.3f}"
        table.add_row(row.retriever, row.metric, f"{row.value:.3f}", interval, f"{row.ms_per_query:.1f}")
    about = f"{rows[0].n} questions; {rows[0].n_left_out} without evidence left out"
    output.result({"rows": [asdict(row) for row in rows]}, table, about)


EVALUATIONS: dict[str, Callable[..., None]] = {
    "lamp": eval_lamp,
    "lamp-folds": eval_lamp_folds,
    "lamp-report": eval_lamp_report,
    "notes": eval_notes,
    "harm": eval_harm,
    "retrieval": eval_retrieval,
}


@contextmanager
def _usage() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise UsageError(str(error)) from None
