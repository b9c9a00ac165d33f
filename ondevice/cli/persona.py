"""``ondevice persona``: what the language model is told of the whole history behind a prompt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ondevice.cli.access import ProfileAccess
from ondevice.cli.failing import UsageError
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.learning_options import TASK_NAMES, require_task
from ondevice.cli.output import Output
from ondevice.cli.texts_in import VISIBLE, read_text
from ondevice.cli.views import headline, pairs_table
from ondevice.retrieval.protocol import MOST_HITS

if TYPE_CHECKING:
    from ondevice.learned.persona_notes import PersonaExplanation
    from ondevice.personalizer import Personalizer

_NEEDED = "name the persona with --persona: no profile remembers one"


def status(output: Output, access: ProfileAccess) -> None:
    """Show what the persona knows, and how many items have a part in it. No model is run."""
    _require_persona(access)
    with access.open() as me:
        found = me.persona.status()
    lines = {
        "persona": found.in_use or "none",
        "tasks": ", ".join(found.tasks),
        "rows": str(found.n_rows),
        "items": f"{found.n_items}, the newest {found.max_items} at most",
    }
    output.result({"persona": asdict(found)}, pairs_table(lines))


def explain(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    request: Annotated[str | None, typer.Argument(help=f"The request. {VISIBLE}", show_default=False)] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="PATH", help="Read the request from this file.")
    ] = None,
    task: Annotated[str, typer.Option("--task", help=TASK_NAMES)] = "chat",
    k: Annotated[int, typer.Option("--k", "-k", min=1, max=MOST_HITS, help="How many items to show.")] = 5,
) -> None:
    """Show which items have the largest parts in what the language model is told for a request."""
    _require_persona(access)
    require_task(task)
    asked = read_text(request, file, "request", output)
    with access.open() as me:
        require_task_known(me, task)
        found = me.persona.explain(asked, task=task, filter=selection.filter, k=k)
    shares = [{"id": share.item.id, "weight": share.weight, "text": share.item.text} for share in found.shares]
    document = {"task": found.task, "n_items": found.n_items, "null": found.null, "shares": shares}
    output.result(document, _view(found))


PERSONAS: dict[str, Callable[..., None]] = {"status": status, "explain": explain}


def require_task_known(me: Personalizer, task: str) -> None:
    """Refuse a task that the persona in use, if there is one, does not know.

    Raises:
        UsageError: Then.
    """
    found = me.persona.status()
    if found.in_use is not None and task not in found.tasks:
        raise UsageError(
            f"the persona {found.in_use!r} does not know the task {task!r}: it knows {', '.join(found.tasks)}"
        )


def _require_persona(access: ProfileAccess) -> None:
    if access.use.persona is None:
        raise UsageError(_NEEDED)


def _view(found: PersonaExplanation) -> Table:
    table = Table("part", "item", box=None, header_style="bold", pad_edge=False)
    for share in found.shares:
        table.add_row(f"{share.weight:.1%}", Text(headline(share.item)))
    table.add_row(f"{found.null:.1%}", Text("of nobody: what the history says nothing about", style="dim"))
    return table
