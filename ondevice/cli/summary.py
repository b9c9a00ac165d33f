"""``ondevice summary``: what the prompt says about the user as a whole."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ondevice.cli.access import ProfileAccess
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.learning_options import TASK_NAMES, require_task
from ondevice.cli.output import Output
from ondevice.safety.printable import printable

if TYPE_CHECKING:
    from ondevice.generation.prompts.summary import ProfileSummary


TaskOption = Annotated[str, typer.Option("--task", help=f"What it is for: {TASK_NAMES}")]
_MADE = {"count": "counted", "model": "written by the model"}


class ByChoice(StrEnum):
    """Who says what the user is like."""

    by_count = "count"
    by_model = "model"


def make(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    task: TaskOption = "chat",
    by: Annotated[
        ByChoice,
        typer.Option("--by", help="count: labels and habits, always true; model: the language model, may be wrong."),
    ] = ByChoice.by_count,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", min=1, help="Longest text of the language model.", show_default="96"),
    ] = None,
) -> None:
    """Describe the user in one line, from the profile's items, and keep it in place of the one for this task.

    It lies sealed, and goes with any item it came from. `ask --summary` and `chat --summary` put it into the prompt.
    """
    from ondevice.generation.prompts.summary import SummaryConfig

    require_task(task)
    config = None if max_tokens is None else SummaryConfig(max_tokens=max_tokens)
    with access.open() as me:
        with output.working("describing"):
            me.summaries.make(task, by=by.value, filter=selection.filter, config=config)
        made = me.summaries.get(task)
    output.result({"summary": _document(made)}, _view(made))


def show(output: Output, access: ProfileAccess) -> None:
    """Show the summaries there are, with how they were made."""
    with access.open() as me:
        found = me.summaries.list()
    views = [_view(each) for each in found] or ["no summaries: ondevice summary make makes one"]
    output.result({"summaries": [_document(each) for each in found]}, *views)


def drop(output: Output, access: ProfileAccess, task: TaskOption = "chat") -> None:
    """Delete the summary for a task."""
    require_task(task)
    with access.open() as me:
        me.summaries.drop(task)
    output.result({"dropped": task}, f"dropped: the summary for {task}")


SUMMARIES: dict[str, Callable[..., None]] = {"make": make, "show": show, "drop": drop}


def _document(summary: ProfileSummary) -> dict[str, Any]:
    return {
        "task": summary.task,
        "made_by": summary.made_by,
        "text": summary.text,
        "item_ids": list(summary.item_ids),
    }


def _view(summary: ProfileSummary) -> RenderableType:
    about = f"{summary.task}, {_MADE[summary.made_by]} from {len(summary.item_ids)} items"
    return Group(Text(about, style="dim"), Padding(Text(printable(summary.text)), (0, 0, 0, 3), expand=False))
