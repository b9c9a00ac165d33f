"""``ondevice adapt search``: try a dozen recipes on the profile's items, and keep the best adapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ondevice.adaptation.recipes.recipe import TrainingConfig
from ondevice.cli.access import ProfileAccess
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.interrupting import interrupt_asks
from ondevice.cli.learning_options import (
    ADAPTER,
    SETTINGS,
    EpochsOption,
    ItemsInPromptOption,
    JudgeOption,
    LearnedTaskOption,
    LearningRateOption,
    NameArgument,
    RefitOption,
    SelectOption,
    require_name,
    require_task,
)
from ondevice.cli.output import Output

if TYPE_CHECKING:
    from ondevice.adaptation.recipes.outcome import Evaluation
    from ondevice.learned.recipe_search import RecipeSearch

_ORIGINS = {"none": "always", "default": "always", "prior": "prior", "model": "expected"}


def search(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    name: NameArgument = ADAPTER,
    task: LearnedTaskOption = "chat",
    evaluations: Annotated[int, typer.Option("--evaluations", min=2, help="Trainings to spend, short ones too.")] = 12,
    max_parameters: Annotated[
        int | None, typer.Option("--max-parameters", min=1, help="Try no larger adapter.", show_default="no limit")
    ] = None,
    epochs: EpochsOption = SETTINGS.epochs,
    learning_rate: LearningRateOption = SETTINGS.learning_rate,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0.01, help="Decide by what is measured by then.", show_default="no limit"),
    ] = None,
    items_in_prompt: ItemsInPromptOption = 0,
    select: SelectOption = None,
    refit: RefitOption = False,
    judge: JudgeOption = False,
    use: Annotated[bool, typer.Option("--use", help="Use the adapter from then on, if one is kept.")] = False,
) -> None:
    """Find which layers to adapt and how much, for this user; keep the adapter if one is better than none.

    Ctrl-C ends the search and keeps nothing.
    """
    require_task(task)
    require_name(name)
    config = TrainingConfig(epochs=epochs, learning_rate=learning_rate)
    with access.open() as me:
        with output.progress("searching", unit="trainings") as on_progress, interrupt_asks() as cancel:
            found = me.adapters.search(
                name,
                task=task,
                filter=selection.filter,
                config=config,
                items_in_prompt=items_in_prompt,
                leave_out=me.planner.holdout(task=task) if judge else (),
                select=select,
                refit=refit,
                max_evaluations=evaluations,
                max_parameters=max_parameters,
                max_seconds=None if minutes is None else minutes * 60,
                on_progress=on_progress,
                cancel=cancel,
            )
        if use and found.adapter is not None:
            me.adapters.use(name)
    output.result({"search": found, "in_use": use and found.adapter is not None}, _view(found, is_used=use))


def _view(found: RecipeSearch, *, is_used: bool) -> RenderableType:
    table = Table("measured", "of the training", "loss", "parameters", "s", "why", box=None, pad_edge=False)
    for one in found.evaluations:
        loss = (one.failure or "failed") if one.nll is None else f"{one.nll:.4f}"
        cells = (_named(one), f"{one.fraction:.0%}", loss, f"{one.n_parameters:,}", f"{one.seconds:.1f}")
        is_winner = one.recipe == found.winner and one.fraction == 1
        table.add_row(*map(Text, (*cells, _ORIGINS[one.origin])), style="bold" if is_winner else None)
    sentences = [Text(f"- {reason}") for reason in found.why]
    return Group(table, Text(), *sentences, Text(), Text(_ending(found, is_used=is_used)))


def _named(one: Evaluation) -> str:
    from ondevice.adaptation.recipes.outcome import described

    return described(one.recipe)


def _ending(found: RecipeSearch, *, is_used: bool) -> str:
    if found.stopped == "cancelled":
        return "cancelled: nothing is kept"
    in_time = "" if found.stopped == "done" else "out of time; "
    if found.adapter is None:
        return f"{in_time}no adapter is best: nothing is kept, and what there was stays"
    then = "in use" if is_used else f"ondevice adapt use {found.adapter.name}"
    return f"{in_time}kept as {found.adapter.name}: {then}"
