"""What the page shows, as JSON values taken from the open profile."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ondevice import Filter
from ondevice.errors import InputError

if TYPE_CHECKING:
    from ondevice import Item, Personalizer

PER_PAGE = 25
_EXCERPT_CHARS = 200
_MOST_BASES = 100
_MAX_REPORT_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """Which items are asked for; without a query the newest, from ``offset`` on."""

    query: str
    filter: Filter
    offset: int


def listing_view(me: Personalizer, asked: Listing) -> dict[str, Any]:
    """Return the beginnings of items, whether there are more, and how many of which kind there are in all."""
    if asked.query:
        hits = me.search(asked.query, k=asked.offset + PER_PAGE + 1, filter=asked.filter)
        items = [hit.item for hit in hits[asked.offset :]]
    else:
        items = me.items.list(asked.filter, limit=PER_PAGE + 1, offset=asked.offset)
    return {
        "items": [_line(item) for item in items[:PER_PAGE]],
        "has_more": len(items) > PER_PAGE,
        "kinds": dict(me.stats().items_by_kind),
    }


def item_view(me: Personalizer, item_id: str) -> dict[str, Any]:
    """Return one item whole, and what it said before, the newest first."""
    item = me.items.get(item_id)
    before = [
        {"version": each.version, "text": each.text, "replaced_at": each.replaced_at.isoformat()}
        for each in reversed(me.items.history(item_id))
    ]
    more = {"text": item.text, "fields": dict(item.fields), "metadata": _plain(item.metadata)}
    return _line(item) | more | {"added_at": item.added_at.isoformat(), "version": item.version, "history": before}


def forgotten(me: Personalizer, item_id: str) -> dict[str, Any]:
    """Erase an item, and return the receipt as JSON that can be kept, with the key that checks it."""
    from ondevice import receipt_to_json

    receipt = me.forget(item_id)
    told = {"verified": receipt.verified, "receipt": receipt_to_json(receipt), "key": me.stats().receipt_key}
    dropped = [f"{each.kind} {each.name}" for each in receipt.artifacts if each.outcome == "dropped"]
    return told | {"dropped": dropped, "caveats": list(receipt.caveats)}


def learned_view(me: Personalizer) -> dict[str, Any]:
    """Return what was learned, and the items that each thing rests on."""
    return {
        "learned": [
            {
                "kind": each.kind,
                "name": each.name,
                "task": each.task,
                "made_at": each.made_at.isoformat(),
                "is_there": each.is_there,
                "is_in_use": each.is_in_use,
                "is_stale": each.is_stale,
                "n_items": each.n_items,
                "n_newer": each.n_newer,
                "items": _bases(me, each.kind, each.name),
            }
            for each in me.inventory().learned
        ]
    }


def audit_view(me: Personalizer, report_file: Path | None) -> dict[str, Any]:
    """Return what is damaged, and what the last audit's report says, if it is this profile's own."""
    return {"flaws": [str(flaw) for flaw in me.vault.check()], "report": _report(me, report_file)}


def _report(me: Personalizer, file: Path | None) -> dict[str, Any] | None:
    if file is None:
        return None
    from ondevice.privacy import report_from_json, verify_report

    try:
        with file.open("rb") as opened:
            report = report_from_json(opened.read(_MAX_REPORT_BYTES).decode("ascii"))
    except (OSError, UnicodeDecodeError):
        raise InputError("the audit's report cannot be read", hint="name another with --audit-report") from None
    if not verify_report(report, public_key=me.stats().receipt_key):
        raise InputError("the audit's report is not this profile's", hint="run ondevice audit again")
    sections = [{"check": each.title, "verdict": each.verdict} for each in report.sections]
    return {"verdict": report.verdict, "made_at": report.made_at.isoformat(), "sections": sections}


def _bases(me: Personalizer, kind: str, name: str) -> list[dict[str, Any]]:
    """Return the items that a learned thing was made from, as far as they are still there."""
    artifacts = [each.artifact for each in me.vault.derived.list(kind) if each.name == name]
    ids = [item_id for artifact in artifacts for item_id in me.vault.lineage.items_of(kind, artifact)]
    return [_line(item) for item in me.items.list(Filter(ids=tuple(ids)), limit=_MOST_BASES)] if ids else []


def _line(item: Item) -> dict[str, Any]:
    excerpt = " ".join(item.text[: 2 * _EXCERPT_CHARS].split())
    cut = excerpt[:_EXCERPT_CHARS]
    mark = "…" if len(item.text) > len(cut) and len(excerpt) > len(cut) else ""
    return {"id": item.id, "kind": item.kind, "time": item.time.isoformat(), "excerpt": cut + mark}


def _plain(metadata: Any) -> Any:  # noqa: ANN401 - values of JSON
    return json.loads(json.dumps(dict(metadata), default=list))
