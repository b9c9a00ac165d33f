"""An inventory as tables, for the audit's report, the terminal and the user's page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ondevice.generation.prompts.prompt import TASKS
from ondevice.privacy.findings import Table, Value
from ondevice.privacy.inventory.articles import ARTICLES
from ondevice.privacy.inventory.naming import EVENTS, FILES, KEYS, KINDS, Naming
from ondevice.safety.printable import one_line

if TYPE_CHECKING:
    from ondevice.learned.inventory import Inventory, LearnedThing
    from ondevice.vault.holdings import KindHeld

CALLED = {
    "adapter": "adapter",
    "checkpoint": "paused training",
    "summary": "summary",
    "merged": "merged model",
    "index": "saved search index",
    "cache": "saved cache",
}
"""How a kind of learned thing, or of sealed file, is called."""

UNLOCKS = {
    "passphrase": "passphrase",
    "recovery": "recovery code",
    "app": "a key that an app holds",
    "keystore": "this system's keystore",
}
"""How a kind of key slot is called."""

OTHER = "something of the app's"
NOTHING_KEPT = "computed when asked, never kept"


def held_table(inventory: Inventory, naming: Naming) -> Table:
    """Return a line for each kind of thing that a profile holds: how much, and since when."""
    items, when = inventory.items, naming.when
    rows: list[tuple[Value, ...]] = [
        ("items", items.n_items, items.n_bytes, when(items.first_added), when(items.last_added), ""),
        ("earlier wordings of items", items.n_versions, items.version_bytes, None, None, ""),
    ]
    if items.n_expired:
        rows.append(("expired items", items.n_expired, None, when(items.expired_since), None, "wait for pruning"))
    rows += [
        ("vectors", each.n_vectors, each.n_bytes, None, None, f"of {one_line(each.encoder_id)}, {each.dim} numbers")
        for each in inventory.vectors
    ]
    rows.append(("search words", inventory.words.n_words, None, None, None, f"in {inventory.words.n_places:,} places"))
    rows += [
        (
            CALLED.get(each.kind, OTHER) + ("" if each.kind in ("index", "cache") else ", sealed file"),
            each.n_files,
            each.n_bytes,
            None,
            None,
            "",
        )
        for each in inventory.sealed
    ]
    first = min((each.first for each in inventory.events if each.first), default=None)
    last = max((each.last for each in inventory.events if each.last), default=None)
    rows += [
        ("persona", 0, 0, None, None, NOTHING_KEPT),
        ("prompt state of the language model", 0, 0, None, None, "in memory only, never kept"),
        ("settings", len(inventory.settings), None, None, None, ""),
        ("entries of the event log", inventory.n_events, None, when(first), when(last), ""),
        ("receipts of what was forgotten", 0, 0, None, None, "given out, not kept; the log counts them"),
        ("key slots", len(inventory.slots), None, None, None, ""),
        ("the encrypted database", None, inventory.database_bytes, None, None, "all of these but the sealed files"),
    ]
    return Table(title="What is held", header=("what", "number", "bytes", "since", "until", "remark"), rows=tuple(rows))


def kinds_table(inventory: Inventory, naming: Naming) -> Table:
    """Return the items by kind; kinds that are not told are one line."""
    told = [each for each in inventory.items.by_kind if naming.tells_all or each.kind in KINDS]
    others = [each for each in inventory.items.by_kind if each not in told]
    rows = [_kind_row(one_line(each.kind), [each], naming) for each in told]
    if others:
        rows.append(_kind_row(f"({len(others)} more kinds)", others, naming))
    return Table(
        title="Items by kind", header=("kind", "items", "bytes", "oldest", "newest", "will expire"), rows=tuple(rows)
    )


def origins_table(inventory: Inventory) -> Table:
    """Return where the items came from, as far as their importers left a mark."""
    rows = tuple((origin, count) for origin, count in inventory.items.by_origin.items())
    return Table(title="Where the items came from", header=("from", "items"), rows=rows)


def names_table(inventory: Inventory, naming: Naming) -> Table:
    """Return how many items have each field and each metadata key; no values."""
    rows = [
        (where, *each)
        for where, counts in (("field", inventory.items.field_names), ("metadata", inventory.items.metadata_keys))
        for each in naming.counted(counts, KEYS)
    ]
    return Table(title="What is noted of items", header=("part", "name", "items"), rows=tuple(rows))


def learned_table(inventory: Inventory, naming: Naming) -> Table:
    """Return what was learned, and what it rests on."""
    numbers: Counter[str] = Counter()
    rows = []
    for each in inventory.learned:
        numbers[each.kind] += 1
        rows.append(_learned_row(each, numbers[each.kind], naming))
    header = (
        "what",
        "name",
        "for",
        "made",
        "bytes",
        "from items",
        "gone",
        "expired",
        "changed",
        "newer items",
        "epsilon",
        "delta",
        "state",
    )
    return Table(title="What was learned, and what it rests on", header=header, rows=tuple(rows))


def events_table(inventory: Inventory, naming: Naming) -> Table:
    """Return the event log by kind of entry; kinds that are not told are one line."""
    told = [each for each in inventory.events if naming.tells_all or each.kind in EVENTS]
    rows: list[tuple[Value, ...]] = [
        (one_line(each.kind), each.n_events, naming.when(each.first), naming.when(each.last)) for each in told
    ]
    if n_others := len(inventory.events) - len(told):
        n_events = inventory.n_events - sum(each.n_events for each in told)
        rows.append((f"({n_others} more kinds)", n_events, None, None))
    return Table(title="The event log", header=("entry", "number", "first", "last"), rows=tuple(rows))


def slots_table(inventory: Inventory, naming: Naming) -> Table:
    """Return what unlocks the profile."""
    rows = tuple((UNLOCKS[each.kind], naming.when(each.created_at)) for each in inventory.slots)
    return Table(title="What unlocks the profile", header=("kind", "since"), rows=rows)


def rights_table() -> Table:
    """Return the articles of the GDPR, what a profile offers for each, and the commands."""
    rows = tuple((f"{each.number} ({each.right})", each.offers, "; ".join(each.commands)) for each in ARTICLES)
    return Table(title="Rights under the GDPR", header=("article", "what the profile offers", "command"), rows=rows)


def without_empty_columns(table: Table) -> Table:
    """Return a table without the columns that hold nothing, or 0, in every row."""
    columns = [at for at in range(len(table.header)) if any(row[at] for row in table.rows)]
    return Table(
        title=table.title,
        header=tuple(table.header[at] for at in columns),
        rows=tuple(tuple(row[at] for at in columns) for row in table.rows),
    )


def state_of(thing: LearnedThing) -> str:
    """Return in a few words how a learned thing stands."""
    if not thing.is_there:
        return "its bytes went with an item; to be made again"
    if not thing.is_current:
        return "its adapter is another now"
    return "in use" if thing.is_in_use else "kept"


def _kind_row(name: str, held: Sequence[KindHeld], naming: Naming) -> tuple[Value, ...]:
    return (
        name,
        sum(each.n_items for each in held),
        sum(each.n_bytes for each in held),
        naming.when(min((each.oldest for each in held if each.oldest), default=None)),
        naming.when(max((each.newest for each in held if each.newest), default=None)),
        sum(each.n_expiring for each in held),
    )


def _learned_row(each: LearnedThing, number: int, naming: Naming) -> tuple[Value, ...]:
    is_known = naming.tells_all or each.kind in FILES
    return (
        CALLED.get(each.kind, one_line(each.kind) if naming.tells_all else OTHER),
        one_line(each.name) if naming.tells_all else f"no. {number}",
        naming.name(each.task, TASKS, "something else") if each.task and is_known else None,
        naming.when(each.made_at),
        each.n_bytes,
        each.n_items,
        each.n_gone,
        each.n_expired,
        each.n_changed,
        each.n_newer,
        each.epsilon if each.epsilon is None else round(each.epsilon, 3),
        each.delta,
        state_of(each),
    )
