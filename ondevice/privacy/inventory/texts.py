"""The user's own words for the page, where they are asked for: items, their earlier wordings, summaries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ondevice.learned.summaries import SUMMARY
from ondevice.privacy.inventory.markup import escaped
from ondevice.records import Item, MetadataValue, Version, scalars_of

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault

SECTIONS = (("summaries", "What was written about you"), ("items", "Your items, word for word"))

_BATCH = 500


def texts_of(vault: Vault) -> Iterator[str]:
    """Yield the sections of :data:`SECTIONS`, piece by piece: every item that has not expired, the newest first.

    Raises:
        CorruptError: If a summary was altered.
    """
    for (identity, title), articles in zip(SECTIONS, (_summaries(vault), _items(vault)), strict=True):
        yield f'<section aria-labelledby="{identity}">\n<h2 id="{identity}">{title}</h2>\n'
        first = next(articles, "<p>There is nothing.</p>\n")
        yield first
        yield from articles
        yield "</section>\n"


def _summaries(vault: Vault) -> Iterator[str]:
    for kept in vault.derived.list(SUMMARY):
        if kept.is_there:
            text = vault.derived.read(SUMMARY, kept.name).decode("utf-8", "replace")
            title = f"summary for {escaped(kept.name)}, {_minute(kept.made_at)}"
            yield f"<article>\n<h3>{title}</h3>\n{_said(text)}</article>\n"


def _items(vault: Vault) -> Iterator[str]:
    at = 0
    while batch := vault.items.list(limit=_BATCH, offset=at):
        for item in batch:
            yield _article(item, vault.items.history(item.id) if item.version > 1 else ())
        at += len(batch)


def _article(item: Item, versions: Sequence[Version]) -> str:
    expiry = "" if item.expires_at is None else f", expires {_minute(item.expires_at)}"
    before = "".join(
        f"<h4>Until {_minute(each.replaced_at)} it said</h4>\n{_said(each.text, each.fields, each.metadata)}"
        for each in versions
    )
    return (
        f"<article>\n<h3>{escaped(item.kind)}, {_minute(item.time)}{expiry}</h3>\n"
        f'{_said(item.text, item.fields, item.metadata)}{before}<p class="soft"><code>{escaped(item.id)}</code></p>\n'
        "</article>\n"
    )


def _said(text: str, *details: Mapping[str, MetadataValue]) -> str:
    pairs = [pair for each in details for pair in each.items()]
    about = "; ".join(f"{name}: {', '.join(map(str, scalars_of(value)))}" for name, value in pairs)
    more = f'<p class="soft" dir="auto">{escaped(about)}</p>\n' if about else ""
    return f'<div class="text" dir="auto">{escaped(text)}</div>\n{more}'


def _minute(moment: datetime) -> str:
    return moment.isoformat()[: len("2024-05-31T18:30")].replace("T", " ")
