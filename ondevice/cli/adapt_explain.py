"""``ondevice adapt explain``: which way of answering suits this user best, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ondevice.cli.access import ProfileAccess
from ondevice.cli.learning_options import TASK_NAMES, require_task
from ondevice.cli.output import Output
from ondevice.retrieval.protocol import MOST_HITS

if TYPE_CHECKING:
    from ondevice.adaptation.gate.standing import Standing
    from ondevice.learned.plans import PersonalizationPlan

_MEANINGS = {
    "none": "the model alone",
    "rag": "with the items found",
    "adapter": "with the adapter",
    "both": "with both",
    "contrast": "with both, away from the plain model",
}


def explain(
    output: Output,
    access: ProfileAccess,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The adapter to compare.", show_default="the one in use, else mine"),
    ] = None,
    task: Annotated[str, typer.Option("--task", help=f"What is asked: {TASK_NAMES}")] = "chat",
    retriever: Annotated[
        str | None, typer.Option("--retriever", help="How items are found.", show_default="the profile's")
    ] = None,
    k: Annotated[
        int | None, typer.Option("--k", min=1, max=MOST_HITS, help="Items to look for.", show_default="4")
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Judge by at most so many items.")] = 24,
    part: Annotated[
        float, typer.Option("--part", min=0.01, max=1.0, help="Judge by this part of the task's items, the newest.")
    ] = 0.2,
    apply: Annotated[bool, typer.Option("--apply", help="Use the adapter as chosen from then on, or none.")] = False,
) -> None:
    """Ask for the user's newest items again, in every way there is, and tell which way suits this user best.

    Items that the adapter has seen do not count: `adapt train --judge` leaves the newest out. Retrieval stays
    unless another way is better beyond luck; where the model's bundle tells what each way gained other users, the
    way is taken that surely gains this one.
    """
    require_task(task)
    with access.open() as me, output.progress("judging", unit="prompts") as on_progress:
        plan = me.planner.plan(
            task,
            adapter=... if name is None else name,
            retriever=retriever,
            k=k,
            held_out=part,
            max_held_out=most,
            apply=apply,
            on_progress=on_progress,
        )
    output.result({"plan": plan, "settings": plan.settings()}, _view(plan))


def _view(plan: PersonalizationPlan) -> RenderableType:
    told = any(row.posterior is not None for row in plan.table)
    heads = ("over none", "gains") if told else ("over rag", "luck alone")
    table = Table("", "way", "nats", *heads, "verdict", box=None, pad_edge=False)
    for row in plan.table:
        is_chosen = row.strategy == plan.strategy
        numbers = _expected(row) if told else _numbers(row)
        cells = ("→" if is_chosen else "", f"{row.strategy}: {_MEANINGS[row.strategy]}", *numbers, row.verdict)
        table.add_row(*(Text(cell) for cell in cells), style="bold" if is_chosen else None)
    heard = f"{plan.n_held_out} newest of {plan.profile_size} items, k={plan.k}, {plan.retriever}"
    why = [Text(f"· {sentence}") for sentence in plan.why]
    return Group(Text(f"{plan.task}: {heard}", style="dim"), table, *why, Text(_next_step(plan), style="dim"))


def _numbers(row: Standing) -> tuple[str, str, str]:
    return f"{row.score:.3f}", f"{row.gain:+.3f}", "" if row.p is None else f"{row.p:.1%}"


def _expected(row: Standing) -> tuple[str, str, str]:
    """Return the gain over none that is expected with other users' taken in, and how likely there is one."""
    if row.posterior is None:
        return f"{row.score:.3f}", "", ""
    return f"{row.score:.3f}", f"{row.posterior.mean:+.3f}", f"{row.posterior.chance:.0%}"


def _next_step(plan: PersonalizationPlan) -> str:
    wanted = plan.in_use()
    if plan.is_applied:
        return (
            "applied: the adapter is out of use" if wanted is None else f"applied: the adapter {wanted.name} is in use"
        )
    return "--apply answers like this from then on"
