"""``ondevice list``, ``show`` and ``search``: look at what a profile holds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ondevice.cli.access import ProfileAccess, Unlocking
from ondevice.cli.filtering import ItemOptions
from ondevice.cli.output import Output
from ondevice.cli.texts_in import VISIBLE, read_text
from ondevice.cli.views import (
    hit_document,
    hits_view,
    item_document,
    item_panel,
    items_view,
    version_document,
)
from ondevice.retrieval.protocol import MOST_HITS

RetrieverOption = Annotated[
    str | None,
    typer.Option(
        "--retriever",
        metavar="NAME",
        help="How items are found: none, recency, bm25, dense, hybrid, or the name of an encoder in the models' "
        "folder; by default hybrid, or bm25 without an encoder.",
        show_default=False,
    ),
]


def list_items(
    output: Output,
    unlocking: Unlocking,
    selection: ItemOptions,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many.")] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Leave out this many first.")] = 0,
    full: Annotated[bool, typer.Option("--full", help="Show whole texts.")] = False,
) -> None:
    """List items, newest first."""
    with unlocking.open_vault() as vault:
        items = vault.items.list(selection.filter, limit=limit, offset=offset)
        total = vault.items.count(selection.filter)
    document = {"items": [item_document(item) for item in items], "n_items": total}
    output.result(document, items_view(items, full=full))
    if not output.as_json and len(items) < total:
        output.say(f"{len(items)} of {total}")


def show(
    output: Output, unlocking: Unlocking, item_id: Annotated[str, typer.Argument(metavar="ID", help="The item's id.")]
) -> None:
    """Show one item in full, with its earlier versions."""
    with unlocking.open_vault() as vault:
        item = vault.items.get(item_id)
        versions = vault.items.history(item_id)
    document = {"item": item_document(item), "versions": [version_document(version) for version in versions]}
    output.result(document, item_panel(item, versions))


def search(
    output: Output,
    access: ProfileAccess,
    selection: ItemOptions,
    query: Annotated[str | None, typer.Argument(help=f"What to look for. {VISIBLE}", show_default=False)] = None,
    file: Annotated[Path | None, typer.Option("--file", metavar="PATH", help="Read the query from this file.")] = None,
    k: Annotated[int, typer.Option("--k", "-k", min=1, max=MOST_HITS, help="How many.")] = 10,
    retriever: RetrieverOption = None,
) -> None:
    """Find the items that fit a query."""
    asked = read_text(query, file, "query", output)
    with access.open(retriever=retriever) as me:
        hits = me.search(asked, k=k, retriever=retriever, filter=selection.filter)
    output.result({"hits": [hit_document(hit) for hit in hits]}, hits_view(hits))
    if not hits:
        output.say("nothing found")
