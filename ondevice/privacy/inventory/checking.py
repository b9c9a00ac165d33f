"""The check ``inventory``: what the profile holds, and whether all of it is accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ondevice.errors import InputError
from ondevice.privacy.findings import Fact, Finding, Section, Table
from ondevice.privacy.inventory.judging import judge, judge_export, judge_files
from ondevice.privacy.inventory.naming import FOR_OTHERS
from ondevice.privacy.inventory.tables import (
    events_table,
    held_table,
    kinds_table,
    learned_table,
    names_table,
    origins_table,
    rights_table,
    slots_table,
)
from ondevice.vault.blobs import is_cache
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import BLOB_SUFFIX, KEYS_FILE, SEALED_FOLDER, epochs, is_blob_file

if TYPE_CHECKING:
    from ondevice.learned.inventory import Inventory
    from ondevice.privacy.inventory.readback import Exported
    from ondevice.privacy.subject import Copy, Subject

QUESTION = (
    "What does the profile hold about its user, since when and for how long, and does all that was learned rest on "
    "items that are still there?"
)
NOT_TESTED = (
    "What items say was not judged: whether they speak of other people, or of health, belief and the like.",
    "Backups, exports and receipts that lie outside the profile were not looked for; the event log only says how many "
    "were made.",
    "What the app keeps besides the profile was not looked at: logs, answers it stored, files it imported from.",
    "Newest entries of the event log that somebody with the key cut off, together with the counter beside them, would "
    "not be missed.",
    "Where items came from is told by the mark that an importer leaves; an app that adds items leaves none.",
    "Names that the app or the user gave (of kinds, fields, metadata keys, learned things) are counted and not shown.",
    "That another program reads the portable export was not tried; it was read back by this package.",
    "Purposes, legal basis, recipients and the risks to people are for the controller to state and to assess.",
)


def check(subject: Subject) -> Section:
    """Count what a copy of the profile holds, verify its event log, and try its portable export in memory.

    Codes: ``inventory/event-chain`` (high), ``inventory/left-of-gone-items`` (high: earlier wordings, vectors or search
    rows of items that are gone), ``inventory/rests-on-gone-items``, ``inventory/note-names-gone-items``,
    ``inventory/unaccounted-file``, ``inventory/unfinished-erasure``, ``inventory/export-differs`` (medium),
    ``inventory/missing-file``, ``inventory/expired-kept`` (low), ``inventory/stale`` (note: learned things to
    be made again).
    """
    from ondevice.learned.inventory import take_inventory
    from ondevice.privacy.inventory.readback import read_back

    with subject.copied() as copy:
        before, started = _blobs(copy), datetime.now(UTC)
        with copy.open() as vault:
            n_loose = len(before - set(vault.sealed.names()))
            # The copy has a slot of its own; the profile's say who may unlock it.
            slots = KeyFile.load(subject.profile / KEYS_FILE, accepts_weak=True).slots
            inventory = replace(take_inventory(vault), slots=slots)
            finished = inventory.events_of("erasure-finished")
            was_unfinished = finished is not None and finished.last is not None and finished.last >= started
            n_missing = len(vault.derived.missing())
            findings = [
                *judge(inventory),
                *judge_files(n_loose=n_loose, n_missing=n_missing, was_unfinished=was_unfinished),
            ]
            exported = None
            try:
                exported = read_back(vault, lambda done: subject.on_progress(done, inventory.items.n_items))
            except InputError:  # its words name a place in a file that there is not
                findings.append(_unreadable())
    if exported is not None:
        findings += judge_export(inventory, exported)
    return Section(
        name="inventory",
        title="Inventory",
        question=QUESTION,
        findings=tuple(findings),
        facts=_facts(inventory, exported),
        tables=_tables(inventory),
        not_tested=NOT_TESTED,
    )


def _blobs(copy: Copy) -> set[str]:
    """Return the sealed files as they lie there before an opening clears what belongs to nothing; caches may go."""
    folders = [folder / SEALED_FOLDER for folder in epochs(copy.path).values()]
    files = [file.name for folder in folders if folder.is_dir() for file in folder.iterdir()]
    names = {name.removesuffix(BLOB_SUFFIX) for name in files if is_blob_file(name)}
    return {name for name in names if not is_cache(name)}


def _unreadable() -> Finding:
    return Finding(
        code="inventory/export-differs",
        level="medium",
        text="the portable export of the profile cannot be read back",
        hint="look for damage: ondevice doctor --unlock",
    )


def _facts(inventory: Inventory, exported: Exported | None) -> tuple[Fact, ...]:
    items = inventory.items
    backups, exports = inventory.events_of("backed-up"), inventory.events_of("exported")
    facts = [
        Fact(name="items", value=items.n_items),
        Fact(name="items without an expiry", value=items.n_items - items.n_expiring),
        Fact(name="items that will expire", value=items.n_expiring),
        Fact(name="next expiry", value=FOR_OTHERS.when(items.next_expiry)),
        Fact(name="expired items that wait for pruning", value=items.n_expired),
        Fact(name="oldest item", value=FOR_OTHERS.when(items.oldest)),
        Fact(name="newest item", value=FOR_OTHERS.when(items.newest)),
        Fact(name="learned things", value=len(inventory.learned)),
        Fact(name="rows that belong to items that are gone", value=inventory.left_behind.n_in_all),
        Fact(name="entries of the event log", value=inventory.n_events),
        Fact(name="event log intact", value=inventory.event_flaw is None),
        Fact(name="backups made, by the event log", value=0 if backups is None else backups.n_events),
        Fact(name="portable exports made, by the event log", value=0 if exports is None else exports.n_events),
    ]
    if exported is not None:
        facts += [
            Fact(name="items in a portable export, read back", value=exported.n_items),
            Fact(name="of these word for word the same", value=exported.n_same),
            Fact(name="size of the portable export", value=exported.n_bytes, unit="bytes"),
        ]
    return tuple(facts)


def _tables(inventory: Inventory) -> tuple[Table, ...]:
    tables: Sequence[Table] = (
        held_table(inventory, FOR_OTHERS),
        kinds_table(inventory, FOR_OTHERS),
        origins_table(inventory),
        names_table(inventory, FOR_OTHERS),
        learned_table(inventory, FOR_OTHERS),
        events_table(inventory, FOR_OTHERS),
        slots_table(inventory, FOR_OTHERS),
        rights_table(),
    )
    return tuple(table for table in tables if table.rows)
