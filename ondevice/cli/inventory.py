"""``ondevice inventory``: what the profile holds, for its user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ondevice.cli.access import Unlocking
from ondevice.cli.failing import UsageError
from ondevice.cli.output import Output
from ondevice.errors import StorageError

if TYPE_CHECKING:
    from ondevice.learned.inventory import Inventory
    from ondevice.privacy import findings
    from ondevice.vault.vault import Vault


def inventory(
    output: Output,
    unlocking: Unlocking,
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE", help="Also write a page that a browser opens, as this new file."),
    ] = None,
    with_texts: Annotated[
        bool,
        typer.Option("--with-texts", help="Put every item and summary on the page, word for word and NOT encrypted."),
    ] = False,
) -> None:
    """Show what the profile holds about its user: by kind, since when, what was learned, and what it rests on.

    No text of an item is shown; with --json the articles of the GDPR that this serves are named too. The page of --page
    has numbers alone too, unless --with-texts puts every item and summary on it, word for word: for the user who wants
    to see, or to hand on, all that is held.
    """
    from ondevice.learned.inventory import take_inventory
    from ondevice.privacy.inventory.articles import ARTICLES

    if with_texts and page is None:
        raise UsageError("--with-texts puts the items on a page: name its file with --page")
    if page is not None and (page.exists() or page.is_symlink()):
        raise StorageError(f"there is something at {page} already", hint="choose a new file")
    with unlocking.open_vault() as vault:
        taken = take_inventory(vault)
        if page is not None:
            _write(vault, taken, page, with_texts=with_texts)
    document = {"inventory": taken.to_json(), "rights": ARTICLES, "page": None if page is None else str(page)}
    output.result(document, _view(taken))
    if page is not None:
        output.say(f"the page is {page}")
    if with_texts:
        output.say("this page is not encrypted: keep it safe, and delete it when it has served")


def _write(vault: Vault, taken: Inventory, page: Path, *, with_texts: bool) -> None:
    from ondevice.privacy.inventory.page import page_of
    from ondevice.privacy.inventory.texts import texts_of
    from ondevice.vault.files import write_atomic

    with vault.database.exclusive():
        n_items = vault.items.count()
        write_atomic(page, page_of(taken, texts_of(vault) if with_texts else None))
        if with_texts:
            vault.events.append("exported", items=n_items, vectors=False)


def _view(taken: Inventory) -> RenderableType:
    from ondevice.privacy.inventory import tables
    from ondevice.privacy.inventory.naming import FOR_THE_USER

    log = "the event log is intact" if taken.event_flaw is None else f"the event log is NOT intact: {taken.event_flaw}"
    shown = (
        tables.held_table(taken, FOR_THE_USER),
        tables.kinds_table(taken, FOR_THE_USER),
        tables.origins_table(taken),
        tables.names_table(taken, FOR_THE_USER),
        tables.learned_table(taken, FOR_THE_USER),
        tables.events_table(taken, FOR_THE_USER),
        tables.slots_table(taken, FOR_THE_USER),
    )
    return Group(*(_drawn(tables.without_empty_columns(each)) for each in shown if each.rows), Text(log))


def _drawn(shown: findings.Table) -> RenderableType:
    drawn = Table(*shown.header, box=None, pad_edge=False)
    for row in shown.rows:
        drawn.add_row(*(Text("" if value is None else _told(value)) for value in row))
    return Group(Text(shown.title, style="bold"), drawn, Text())


def _told(value: findings.Value) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
