"""What a profile holds: all of it by kind, in counts, sizes and times, and what was learned rests on what.

For the user, and for whoever has to tell the user what is kept. It holds no word of an item. What it does hold are
names: of kinds, fields, metadata keys, and of learned things, as the app or the user gave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ondevice.errors import CorruptError, InputError, NotFoundError
from ondevice.learned.adapter_marks import count_gone_words
from ondevice.learned.adapter_notes import ADAPTER, CHECKPOINT, AdapterNote
from ondevice.learned.attachment import IN_USE
from ondevice.learned.merged_notes import MERGED, MERGED_IN_USE
from ondevice.learned.summaries import SUMMARY
from ondevice.vault.holdings import (
    EventsHeld,
    ItemsHeld,
    LeftBehind,
    VectorsHeld,
    WordsHeld,
    events_held,
    items_held,
    left_behind,
    vectors_held,
    words_held,
)
from ondevice.vault.lineage import Basis
from ondevice.vault.slots import SlotInfo
from ondevice.vault.times import to_micros

if TYPE_CHECKING:
    from ondevice.adaptation.recipes.privacy import PrivacySpent
    from ondevice.vault.derived import Derived
    from ondevice.vault.vault import Vault

LEARNED_KINDS = (ADAPTER, CHECKPOINT, SUMMARY, MERGED)
"""The kinds of learned things, in the order in which they are told of; an app's own come behind them."""

_NOTED = "derived/"
"""How the settings begin that note what was learned; the kind follows."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnedThing:
    """One thing that was learned from items.

    Args:
        kind: ``adapter``, ``checkpoint`` (a paused training), ``summary``, ``merged``, or an app's own.
        name: What the app calls it.
        task: What it is for, or ``None``.
        base_name: The language model that it was made on, or ``None``.
        made_at: When it was kept.
        n_bytes: Its size before sealing; 0 where its bytes went with an item.
        is_there: Whether its bytes are there; if not, only a note says that it is to be made again.
        is_in_use: Whether answers use it.
        n_items: From how many items it was made.
        n_gone: Of these, how many are gone while it is there; always 0 in a sound profile.
        n_expired: And how many have expired and wait for pruning.
        n_changed: And how many say something else since.
        n_newer: Items that came in after it was made.
        n_gone_words: Ids and words in its note that no item has any more.
        is_current: For a merged model, whether the adapter is still the one that is inside; otherwise true.
        epsilon: What its training told of any one pair at most, as ε with ``delta``; ``None`` where nothing bounds it.
        delta: See ``epsilon``.
    """

    kind: str
    name: str
    task: str | None
    base_name: str | None
    made_at: datetime
    n_bytes: int
    is_there: bool
    is_in_use: bool
    n_items: int
    n_gone: int
    n_expired: int
    n_changed: int
    n_newer: int
    n_gone_words: int
    is_current: bool
    epsilon: float | None = None
    delta: float | None = None

    @property
    def is_stale(self) -> bool:
        """Whether it is to be made again: its bytes went, its adapter is another now, or items say something else."""
        return not self.is_there or not self.is_current or self.n_changed > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesHeld:
    """The sealed files of one kind: saved indexes (``index``), and each kind of learned thing."""

    kind: str
    n_files: int
    n_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Inventory:
    """What a profile holds.

    Args:
        at: When this was counted.
        profile_id: The profile's random id.
        epoch: How often its key was replaced, plus one.
        schema_version: Its number of migrations.
        database_bytes: The encrypted database with its write-ahead log.
        items: The items.
        vectors: The vectors, by encoder.
        words: The search terms.
        sealed: The sealed files, by kind.
        learned: What was learned from items.
        settings: The keys of the settings.
        slots: Who may unlock it.
        events: The event log, by kind.
        event_flaw: Why the log cannot be trusted, or ``None`` where every entry follows from the one before.
        left_behind: What belongs to items that are gone.
    """

    at: datetime
    profile_id: str
    epoch: int
    schema_version: int
    database_bytes: int
    items: ItemsHeld
    vectors: tuple[VectorsHeld, ...]
    words: WordsHeld
    sealed: tuple[FilesHeld, ...]
    learned: tuple[LearnedThing, ...]
    settings: tuple[str, ...]
    slots: tuple[SlotInfo, ...]
    events: tuple[EventsHeld, ...]
    event_flaw: str | None
    left_behind: LeftBehind

    @property
    def n_events(self) -> int:
        """How many entries the event log has."""
        return sum(each.n_events for each in self.events)

    def events_of(self, kind: str) -> EventsHeld | None:
        """Return the entries of a kind; ``None`` if there are none."""
        return next((each for each in self.events if each.kind == kind), None)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, times in ISO 8601, with the sums of the items."""
        values: dict[str, Any] = _plain(asdict(self))
        values["items"] |= {"n_items": self.items.n_items, "n_bytes": self.items.n_bytes}
        return values


def take_inventory(vault: Vault) -> Inventory:
    """Count what an open profile holds; nobody writes meanwhile.

    Raises:
        CorruptError: If what was noted of learned things cannot be read.
    """
    with vault.changing, vault.database.exclusive():
        at = datetime.now(UTC)
        with vault.database.reading() as connection:
            items = items_held(connection, to_micros(at, "now"))
            vectors, words, events = vectors_held(connection), words_held(connection), events_held(connection)
            left = left_behind(connection)
            settings = tuple(key for (key,) in connection.execute("SELECT key FROM settings ORDER BY key").fetchall())
        return Inventory(
            at=at,
            profile_id=vault.profile_id,
            epoch=vault.epoch,
            schema_version=vault.schema_version,
            database_bytes=vault.size_bytes(),
            items=items,
            vectors=vectors,
            words=words,
            sealed=_files(vault),
            learned=_learned(vault, settings),
            settings=settings,
            slots=vault.slots(),
            events=events,
            event_flaw=_flaw(vault),
            left_behind=left,
        )


def _learned(vault: Vault, settings: Sequence[str]) -> tuple[LearnedThing, ...]:
    noted = [key.removeprefix(_NOTED) for key in settings if key.startswith(_NOTED)]
    kinds = [kind for kind in (*LEARNED_KINDS, *noted) if kind in noted]
    bases = {(basis.kind, basis.name): basis for basis in vault.lineage.bases()}
    in_use = {(kind, _name_in(vault.settings.get(key))) for kind, key in ((ADAPTER, IN_USE), (MERGED, MERGED_IN_USE))}
    adapters = {each.name: each for each in vault.derived.list(ADAPTER)}
    return tuple(
        _thing(vault, each, bases.get((kind, each.artifact)), (kind, each.name) in in_use, adapters)
        for kind in dict.fromkeys(kinds)
        for each in vault.derived.list(kind)
    )


def _thing(
    vault: Vault, each: Derived, basis: Basis | None, is_in_use: bool, adapters: Mapping[str, Derived]
) -> LearnedThing:
    is_current = each.kind != MERGED or _is_current(each, adapters.get(each.name))
    # What is merged tells what its adapter tells.
    spent = _spent(each if each.kind != MERGED else adapters[each.name] if is_current else None)
    known = basis or Basis(kind=each.kind, name=each.artifact, n_items=0, n_gone=0, n_expired=0, n_changed=0)
    return LearnedThing(
        kind=each.kind,
        name=each.name,
        task=_word(each.note, "task"),
        base_name=_word(each.note, "base_name"),
        made_at=each.made_at,
        n_bytes=each.n_bytes if each.is_there else 0,
        is_there=each.is_there,
        is_in_use=is_in_use and each.is_there,
        n_items=each.n_items,
        # An item that was taken out of the table alone takes its line of the lineage along: what is missing counts too.
        n_gone=max(known.n_gone, each.n_items - known.n_items) if each.is_there else 0,
        n_expired=known.n_expired,
        n_changed=known.n_changed,
        n_newer=_count_newer(vault, each.made_at),
        n_gone_words=_gone_words(vault, each),
        is_current=is_current,
        epsilon=None if spent is None else spent.epsilon,
        delta=None if spent is None else spent.delta,
    )


def _is_current(merged: Derived, adapter: Derived | None) -> bool:
    return (
        adapter is not None and adapter.is_there and adapter.made_at.isoformat() == merged.note.get("adapter_made_at")
    )


def _spent(each: Derived | None) -> PrivacySpent | None:
    if each is None or each.kind not in (ADAPTER, CHECKPOINT):
        return None
    try:
        report = AdapterNote.from_json(each.note).report
    except InputError:  # whoever asks for it is told
        return None
    return None if report is None else report.privacy


def _gone_words(vault: Vault, each: Derived) -> int:
    if each.kind not in (ADAPTER, CHECKPOINT):
        return 0
    try:
        return count_gone_words(AdapterNote.from_json(each.note), vault.items)
    except InputError:  # whoever asks for it is told
        return 0


def _count_newer(vault: Vault, made_at: datetime) -> int:
    with vault.database.reading() as connection:
        sql = "SELECT count(*) FROM items WHERE added_us > ?"
        return int(connection.execute(sql, (to_micros(made_at, "made_at"),)).fetchone()[0])


def _files(vault: Vault) -> tuple[FilesHeld, ...]:
    by_kind: dict[str, list[int]] = {}
    for name in vault.sealed.names():
        with suppress(NotFoundError):  # dropped since it was listed
            by_kind.setdefault(name.partition("-")[0], []).append(vault.sealed.size_bytes(name))
    return tuple(
        FilesHeld(kind=kind, n_files=len(sizes), n_bytes=sum(sizes)) for kind, sizes in sorted(by_kind.items())
    )


def _flaw(vault: Vault) -> str | None:
    try:
        vault.events.verify()
    except CorruptError as error:
        return error.message
    return None


def _name_in(choice: object) -> str | None:
    match choice:
        case {"name": str() as name}:
            return name
    return None


def _word(note: Mapping[str, Any], name: str) -> str | None:
    value = note.get(name)
    return value if isinstance(value, str) else None


def _plain(value: object) -> Any:  # noqa: ANN401 - what JSON can hold
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
