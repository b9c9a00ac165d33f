"""Items, hits and receipts, as JSON objects and as tables for people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from ondevice.records import Completion, Hit, Item, Receipt, Version, scalars_of
from ondevice.safety.printable import one_line, printable

SHORT_CHARS = 150
_TO_THE_DAY = len("2024-05-31")
_TO_THE_MINUTE = len("2024-05-31 18:30")
DONE = ("erased", "rebuilt", "dropped", "cleared", "absent")


def item_document(item: Item) -> dict[str, Any]:
    """Return an item as a JSON object."""
    return {
        "id": item.id,
        "kind": item.kind,
        "text": item.text,
        "fields": dict(item.fields),
        "metadata": dict(item.metadata),
        "time": item.time.isoformat(),
        "added_at": item.added_at.isoformat(),
        "expires_at": item.expires_at.isoformat() if item.expires_at else None,
        "version": item.version,
    }


def version_document(version: Version) -> dict[str, Any]:
    """Return an earlier version as a JSON object."""
    return {
        "version": version.version,
        "text": version.text,
        "fields": dict(version.fields),
        "metadata": dict(version.metadata),
        "replaced_at": version.replaced_at.isoformat(),
    }


def hit_document(hit: Hit) -> dict[str, Any]:
    """Return a hit as a JSON object."""
    passage = None if hit.passage is None else asdict(hit.passage)
    return {"rank": hit.rank, "score": hit.score, "item": item_document(hit.item), "passage": passage}


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as the JSON object of docs/reference/format.md: what is signed, and the signature."""
    from ondevice.vault.receipts import receipt_to_json

    document: dict[str, Any] = json.loads(receipt_to_json(receipt))
    return document


def items_view(items: Sequence[Item], *, full: bool = False) -> RenderableType:
    """Return items as two lines each: where to find it, and what it says, shortened unless ``full``."""
    return Group(*(part for item in items for part in _entry("", item, full=full)))


def hits_view(hits: Sequence[Hit]) -> RenderableType:
    """Return hits as two lines each, best first; of a long item, the second is the passage that fits."""
    return Group(*(part for hit in hits for part in _hit(hit)))


def resting_lines(completion: Completion) -> list[str]:
    """Return a line for each sentence of an answer that names items, and one for what stands in none of those shown.

    What stands in several others of those alone gets a line of its own. Where the answer has too little support
    although all of it stands where it says, a line says how little; where no note was shown, it says that.
    """
    items = {hit.item.id: hit.item for hit in completion.sources}
    rests = ("; ".join(_named(items[item_id]) for item_id in each.item_ids) for each in completion.citations)
    lines = [f"rests on: {named}" for named in dict.fromkeys(rests) if named]
    made_up = dict.fromkeys(part for each in completion.citations for part in each.made_up)
    elsewhere = dict.fromkeys(part for each in completion.citations for part in each.elsewhere)
    looked_up = (("not in the notes shown", made_up), ("in other notes only", elsewhere))
    missing = [f"{where}: {', '.join(parts)}" for where, parts in looked_up if parts and items]
    if not missing and completion.is_supported is False:
        missing = [
            f"little support: {completion.support:.2f}" if items else "not from the notes: no note is about this"
        ]
    return lines + missing


def item_panel(item: Item, versions: Sequence[Version] = ()) -> RenderableType:
    """Return one item in full, with what it said before."""
    about = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("kind", item.kind),
        ("time", local(item.time)),
        ("added", local(item.added_at)),
        *((("expires", local(item.expires_at)),) if item.expires_at else ()),
        ("version", str(item.version)),
        *((name, str(value)) for name, value in item.fields.items()),
        *((f"{name} (metadata)", ", ".join(map(str, scalars_of(value)))) for name, value in item.metadata.items()),
    ):
        about.add_row(Text(one_line(name), style="dim"), Text(printable(value)))
    parts: list[RenderableType] = [Panel(Text(printable(item.text)), title=Text(item.id), title_align="left"), about]
    for version in versions:
        title = f"version {version.version}, until {local(version.replaced_at)}"
        parts.append(Panel(Text(printable(version.text)), title=Text(title), title_align="left", style="dim"))
    return Group(*parts)


def receipt_panel(receipt: Receipt) -> RenderableType:
    """Return a receipt: each place, what became of it, and what the receipt does not cover."""
    table = Table("place", "name", "outcome", "count", box=None, header_style="bold", pad_edge=False)
    for artifact in receipt.artifacts:
        style = "green" if artifact.outcome in DONE else "bold red"
        table.add_row(
            Text(artifact.kind), Text(artifact.name), Text(artifact.outcome, style=style), str(artifact.count)
        )
    verdict = (
        Text("verified: every page and file was read back", style="green")
        if receipt.verified
        else Text("NOT complete: see the outcomes above", style="bold red")
    )
    caveats = [Text(f"not covered: {caveat}", style="dim") for caveat in receipt.caveats]
    signed = Text(f"signed {receipt.signature[:16]}… by {receipt.public_key[:16]}…", style="dim")
    title = f"receipt: {len(receipt.item_ids)} forgotten at {local(receipt.at)}"
    return Panel(Group(table, verdict, *caveats, signed), title=title, title_align="left")


def pairs_table(pairs: Mapping[str, object]) -> RenderableType:
    """Return names and values, one a line."""
    table = Table(Column(no_wrap=True), Column(overflow="fold"), box=None, show_header=False, pad_edge=False)
    for name, value in pairs.items():
        table.add_row(Text(name, style="bold"), Text(printable(str(value))))
    return table


def headline(item: Item, *, full: bool = False) -> str:
    """Return an item's title and text in one line."""
    title = item.fields.get("title")
    text = one_line(" ".join((f"{title}: {item.text}" if title else item.text).split()))
    return text if full or len(text) <= SHORT_CHARS else text[: SHORT_CHARS - 1] + "…"


def local(moment: datetime) -> str:
    """Return a time in the user's zone, to the minute; in UTC at the calendar's ends, which not every zone can name."""
    try:
        there = moment.astimezone()
    except (OverflowError, ValueError, OSError):
        there = moment.astimezone(UTC)
    return there.isoformat(" ", "minutes")[:_TO_THE_MINUTE]


def _named(item: Item) -> str:
    title = item.fields.get("title")
    return f"{item.kind}, {local(item.time)[:_TO_THE_DAY]}, {title or headline(item)}"


def _hit(hit: Hit) -> tuple[RenderableType, RenderableType]:
    before = f"{hit.rank}. {hit.score:.3f}  "
    if hit.passage is None:
        return _entry(before, hit.item)
    said = f"… {hit.passage.text}" if hit.passage.start else hit.passage.text
    return _entry(before, replace(hit.item, text=said), full=True)


def _entry(before: str, item: Item, *, full: bool = False) -> tuple[RenderableType, RenderableType]:
    about = Text(f"{before}{item.id}  {local(item.time)}  {one_line(item.kind)}", style="dim")
    return about, Padding(Text(headline(item, full=full)), (0, 0, 0, 3), expand=False)
