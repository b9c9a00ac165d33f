"""What an inventory shows that is not as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ondevice.privacy.findings import Finding

if TYPE_CHECKING:
    from ondevice.learned.inventory import Inventory, LearnedThing
    from ondevice.privacy.inventory.readback import Exported

_AGAIN = "make them again, or drop them: ondevice adapt, merged and summary"
_LOG = "the log was changed, or an older one was put back: restore a backup, and find out who could write the profile"


def judge(inventory: Inventory) -> Iterator[Finding]:
    """Yield what is wrong with what a profile holds."""
    if inventory.event_flaw is not None:
        yield Finding(code="inventory/event-chain", level="high", text=inventory.event_flaw, hint=_LOG)
    elif not inventory.n_events:
        text = "the event log is empty, and every profile's log begins with its creation"
        yield Finding(code="inventory/event-chain", level="high", text=text, hint=_LOG)
    yield from _judge_lineage(inventory)
    yield from _judge_rest(inventory)
    if inventory.items.n_expired:
        n_resting = sum(each.n_expired > 0 for each in inventory.learned)
        yield Finding(
            code="inventory/expired-kept",
            level="low",
            text=f"{inventory.items.n_expired} items have expired and are not erased yet; "
            f"{n_resting} learned things rest on some of them",
            hint="erase them: ondevice prune, or me.prune() now and then",
        )
    if stale := [each for each in inventory.learned if each.is_stale]:
        yield Finding(
            code="inventory/stale",
            level="note",
            text=f"{len(stale)} of {len(inventory.learned)} learned things are to be made again: {_why_stale(stale)}",
            hint=_AGAIN,
        )


def judge_export(inventory: Inventory, exported: Exported) -> Iterator[Finding]:
    """Yield what is missing in an export that was read back."""
    n_items, n_versions = inventory.items.n_items, inventory.items.n_versions
    if not (exported.n_said == exported.n_items == exported.n_same == n_items):
        yield Finding(
            code="inventory/export-differs",
            level="medium",
            text=f"of {n_items} items, {exported.n_items} stand in the portable export and {exported.n_same} come back "
            f"word for word; its first line says {exported.n_said}",
            hint="look for damage: ondevice doctor --unlock",
        )
    if not inventory.items.n_expired and exported.n_versions != n_versions - inventory.left_behind.n_versions:
        yield Finding(
            code="inventory/export-differs",
            level="medium",
            text=f"of {n_versions} earlier wordings, {exported.n_versions} stand in the portable export",
            hint="look for damage: ondevice doctor --unlock",
        )


def judge_files(*, n_loose: int, n_missing: int, was_unfinished: bool) -> Iterator[Finding]:
    """Yield what is wrong between the sealed files and what the database knows of them.

    Args:
        n_loose: Files that nothing speaks of, which the opening of a copy removed.
        n_missing: Files that a learned thing should have, and that are not there.
        was_unfinished: Whether an erasure waited to be finished.
    """
    if n_loose:
        yield Finding(
            code="inventory/unaccounted-file",
            level="medium",
            text=f"{n_loose} sealed files belong to nothing that the profile knows of",
            hint="open the profile once, which removes them; then find out who put them there",
        )
    if n_missing:
        yield Finding(
            code="inventory/missing-file",
            level="low",
            text=f"{n_missing} learned things have lost their sealed file",
            hint=_AGAIN,
        )
    if was_unfinished:
        yield Finding(
            code="inventory/unfinished-erasure",
            level="medium",
            text="an erasure was interrupted and waits for the next opening; what it was to delete may be there still",
            hint="open the profile once",
        )


def _judge_lineage(inventory: Inventory) -> Iterator[Finding]:
    resting = [each for each in inventory.learned if each.n_gone]
    if resting or inventory.left_behind.n_in_lineage:
        n_gone = max(sum(each.n_gone for each in resting), inventory.left_behind.n_in_lineage)
        yield Finding(
            code="inventory/rests-on-gone-items",
            level="medium",
            text=f"{len(resting)} of {len(inventory.learned)} learned things rest on items that are gone "
            f"({n_gone} items in all)",
            hint=_AGAIN,
        )
    if naming := [each for each in inventory.learned if each.n_gone_words]:
        yield Finding(
            code="inventory/note-names-gone-items",
            level="medium",
            text=f"the notes of {len(naming)} learned things hold {sum(each.n_gone_words for each in naming)} ids of "
            "items, or words of a filter, that no item has any more",
            hint="open the profile with its models once, or drop these: ondevice adapt drop",
        )


def _judge_rest(inventory: Inventory) -> Iterator[Finding]:
    left = inventory.left_behind
    if n_left := left.n_versions + left.n_vectors + left.n_in_search:
        yield Finding(
            code="inventory/left-of-gone-items",
            level="high",
            text=f"{n_left} rows belong to items that are gone: {left.n_versions} earlier wordings, "
            f"{left.n_vectors} vectors, {left.n_in_search} items in the search index",
            hint="move the items to a new profile (ondevice export, then import ondevice), and destroy this one",
        )


def _why_stale(stale: list[LearnedThing]) -> str:
    reasons = (
        (sum(not each.is_there for each in stale), "went with an item"),
        (sum(each.is_there and not each.is_current for each in stale), "have another adapter inside"),
        (sum(each.n_changed > 0 for each in stale), "learned from items that say something else now"),
    )
    return ", ".join(f"{n} {what}" for n, what in reasons if n)
