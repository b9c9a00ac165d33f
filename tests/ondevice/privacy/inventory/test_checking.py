"""The check finds what a profile does not account for, and says nothing of what its user wrote."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.bundle.model_set import ModelSet
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan
from ondevice.learned.shelf import adapter_shelf
from ondevice.privacy.findings import Section
from ondevice.privacy.inventory import check
from ondevice.privacy.inventory.readback import read_back
from ondevice.privacy.subject import subject_of
from ondevice.records import Draft, Filter
from ondevice.vault import Vault
from tests.ondevice.privacy.inventory.conftest import KEY, Checked
from tests.ondevice.privacy.sections import sections_of


def codes(section: Section) -> list[tuple[str, str]]:
    """Return what was found, and how grave it is."""
    return [(finding.code.removeprefix("inventory/"), finding.level) for finding in section.findings]


def fact(section: Section, name: str) -> object:
    return next(each.value for each in section.facts if each.name == name)


def spoil(vault: Vault, *statements: str) -> None:
    """Change the database as somebody with its key would, past all that keeps it whole."""
    with vault.database.exclusive() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            connection.execute(statement)
        connection.execute("PRAGMA foreign_keys = ON")


def test_a_sound_profile_passes_and_is_told_in_full(vault: Vault, checked: Checked) -> None:
    vault.items.update("i1", text="something else")
    vault.derived.put("summary", "chat", b"short", item_ids=["i1", "i2"], note={"task": "chat"})
    section = checked()
    assert (section.verdict, section.findings) == ("passed", ())
    assert (fact(section, "items"), fact(section, "event log intact")) == (5, True)
    assert fact(section, "items in a portable export, read back") == 5
    assert fact(section, "of these word for word the same") == 5
    tables = {table.title: table.rows for table in section.tables}
    assert tables["What was learned, and what it rests on"][0][:6] == (
        *("summary", "no. 1", "chat", datetime.now(UTC).isoformat()[:7]),
        *(5, 2),
    )
    assert [row[0] for row in tables["What unlocks the profile"]] == ["a key that an app holds"]
    assert [str(row[0])[:2] for row in tables["Rights under the GDPR"]] == ["15", "16", "17", "20", "30", "35"]
    assert section.not_tested


def test_the_slots_are_the_profiles_and_not_the_copys(vault: Vault, checked: Checked) -> None:
    from ondevice.vault import RecoveryCode

    vault.add_slot(RecoveryCode.generate())
    tables = {table.title: table.rows for table in checked().tables}
    assert [row[0] for row in tables["What unlocks the profile"]] == ["a key that an app holds", "recovery code"]


@pytest.mark.parametrize(
    "statements",
    [
        ("UPDATE events SET details = '{\"items\": 9}' WHERE seq = 2",),
        ("UPDATE events SET at_us = at_us + 1 WHERE seq = 2",),
        ("UPDATE events SET at_us = 9000000000000000000 WHERE seq = 2",),
        ("DELETE FROM events WHERE seq = 2",),
        ("DELETE FROM events WHERE seq = 3",),
        ("UPDATE events SET seq = -seq WHERE seq > 1", "UPDATE events SET seq = seq + 5 WHERE seq < 1"),
        ("INSERT INTO events (at_us, kind, details, mac) VALUES (1, 'forgot', '{}', x'00')",),
        ("DELETE FROM events", "DELETE FROM sqlite_sequence WHERE name = 'events'"),
    ],
    ids=["details", "time", "no time", "one taken out", "cut off", "swapped", "put in", "emptied"],
)
def test_a_broken_event_chain_is_grave(vault: Vault, checked: Checked, statements: tuple[str, ...]) -> None:
    vault.events.append("exported", items=1, vectors=False)
    vault.events.append("exported", items=2, vectors=False)
    spoil(vault, *statements)
    assert codes(checked()) == [("event-chain", "high")]


def test_lineage_that_names_gone_items(vault: Vault, checked: Checked) -> None:
    vault.derived.put("adapter", "style", b"weights", item_ids=["i0", "i1", "i2"])
    spoil(vault, "DELETE FROM items WHERE id = 'i1'")
    section = checked()
    assert codes(section) == [("rests-on-gone-items", "medium")]
    assert "1 of 1 learned things" in section.findings[0].text


def test_an_item_that_was_deleted_with_its_lineage_but_not_with_its_adapter(vault: Vault, checked: Checked) -> None:
    vault.derived.put("merged", "style", b"weights", item_ids=["i0", "i1"], note={"adapter_made_at": None})
    vault.derived.put("adapter", "style", b"weights", item_ids=["i0", "i1"])
    with vault.database.writing() as connection:
        connection.execute("DELETE FROM items WHERE id = 'i1'")
    assert ("rests-on-gone-items", "medium") in codes(checked())


def test_lineage_of_an_apps_own_artifact(vault: Vault, checked: Checked) -> None:
    vault.lineage.record("export", "mine", ["i3"])
    spoil(vault, "DELETE FROM items WHERE id = 'i3'")
    assert codes(checked()) == [("rests-on-gone-items", "medium")]


def test_what_is_left_of_gone_items(vault: Vault, checked: Checked) -> None:
    vault.items.update("i1", text="something else")
    row = vault.items.row_of("i2")
    vault.vectors.put("tiny", [row], np.ones((1, 4), np.float32))
    spoil(
        vault,
        "DROP TRIGGER items_removed",
        "DELETE FROM items WHERE id IN ('i1', 'i2')",
    )
    section = checked()
    assert codes(section) == [("left-of-gone-items", "high")]
    assert "1 earlier wordings, 1 vectors, 2 items in the search index" in section.findings[0].text


def plan(filter: Filter | None = None, leave_out: tuple[str, ...] = ()) -> AdapterPlan:
    return AdapterPlan(
        task="chat",
        filter=filter,
        recipe=LoraRecipe(rank=4, alpha=8.0),
        config=TrainingConfig(),
        on_forget="mark",
        leave_out=leave_out,
    )


@pytest.mark.parametrize(
    ("asked", "n_gone"),
    [
        (plan(leave_out=("i3", "i4")), 1),
        (plan(Filter(ids=("i0", "i4"))), 1),
        (plan(Filter(any_of=(Filter(ids=("i4",)), Filter(kinds=("note",))))), 1),
        (plan(Filter(metadata={"who": "Ada"})), 2),
        (plan(leave_out=("i3",)), 0),
        (plan(), 0),
    ],
)
def test_notes_that_name_gone_items(vault: Vault, checked: Checked, asked: AdapterPlan, n_gone: int) -> None:
    note = AdapterNote(base="0" * 64, base_name="tiny", plan=asked, report=None)
    adapter_shelf(vault).keep("style", b"weights", ["i0"], note.to_json())
    vault.forget(["i4"])  # a vault alone: nobody who looks after notes is told
    found = [each for each in checked().findings if each.code == "inventory/note-names-gone-items"]
    assert [each.level for each in found] == ["medium"] * (n_gone > 0)
    assert all(f"hold {n_gone} ids" in each.text for each in found)


def test_an_id_of_an_expired_item_is_not_gone(vault: Vault, checked: Checked) -> None:
    note = AdapterNote(base="0" * 64, base_name="tiny", plan=plan(leave_out=("i4",)), report=None)
    adapter_shelf(vault).keep("style", b"weights", ["i0"], note.to_json())
    vault.items.update("i4", expires_at=datetime.now(UTC) - timedelta(days=1))
    assert codes(checked()) == [("expired-kept", "low")]


def test_expired_items_and_what_rests_on_them(vault: Vault, checked: Checked) -> None:
    vault.derived.put("summary", "chat", b"short", item_ids=["i1", "i2"])
    vault.items.update("i1", expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    section = checked()
    assert codes(section) == [("expired-kept", "low")]
    assert "1 items have expired" in section.findings[0].text
    assert "1 learned things" in section.findings[0].text


def test_stale_things(vault: Vault, checked: Checked) -> None:
    adapter = vault.derived.put("adapter", "style", b"weights", item_ids=["i0"])
    vault.derived.put("merged", "style", b"w", item_ids=["i0"], note={"adapter_made_at": adapter.made_at.isoformat()})
    vault.derived.put("summary", "chat", b"short", item_ids=["i1"])
    vault.derived.put("adapter", "gone", b"weights", item_ids=["i4"])
    vault.items.update("i1", text="another thing")
    vault.items.update("i0", metadata={"seen": True})  # its words are as they were
    vault.forget(["i4"])
    vault.derived.put("adapter", "style", b"others", item_ids=["i0"])
    section = checked()
    assert codes(section) == [("stale", "note")]
    text = section.findings[0].text
    assert "3 of 4 learned things" in text
    for reason in ("1 went with an item", "1 have another adapter inside", "1 learned from items that say something"):
        assert reason in text


def test_sealed_files_that_nothing_speaks_of_and_files_that_are_gone(vault: Vault, checked: Checked) -> None:
    vault.sealed.write(f"adapter-{secrets.token_hex(8)}", b"put back", version=1)
    vault.derived.put("summary", "chat", b"short", item_ids=["i1"])
    name = next(name for name in vault.sealed.names() if name.startswith("summary-"))
    vault.close()
    next(vault.path.rglob(f"{name}.sealed")).unlink()
    assert codes(checked()) == [("unaccounted-file", "medium"), ("missing-file", "low")]


def test_an_erasure_that_was_interrupted(vault: Vault, checked: Checked) -> None:
    spoil(
        vault,
        "INSERT INTO pending_erasures (at_us, reason, item_ids, item_rows, blobs)"
        " VALUES (1, 'request', '[\"x\"]', '[99]', '[]')",
    )
    assert codes(checked()) == [("unfinished-erasure", "medium")]


def test_an_export_that_does_not_bring_every_item_back(vault: Vault, checked: Checked) -> None:
    spoil(vault, "UPDATE items SET text = 'slipped in' WHERE id = 'i2'")
    section = checked()
    assert codes(section) == [("export-differs", "medium")]
    assert "of 5 items, 5 stand in the portable export and 4 come back" in section.findings[0].text


def test_an_export_without_an_items_earlier_wording(vault: Vault, checked: Checked) -> None:
    vault.items.update("i1", text="something else")
    spoil(vault, "UPDATE versions SET version = 7")
    assert codes(checked()) == [("export-differs", "medium")]


def test_nothing_of_the_users_is_told(vault: Vault) -> None:
    word = "heliotrope"
    vault.items.put_many(
        [Draft(text=f"{word} {i}", kind=word, fields={word: word}, metadata={word: word}, id=word) for i in (0,)]
    )
    vault.items.update(word, text=f"{word} again")
    vault.derived.put("adapter", word, b"weights", item_ids=[word], note={"task": word, "base_name": word})
    vault.derived.put(word, word, b"weights", item_ids=[word], note={"task": word})
    vault.settings.set(word, word)
    vault.events.append(word)
    vault.items.update(word, text=f"{word} for the third time", expires_at=datetime.now(UTC) + timedelta(days=1))
    spoil(vault, "UPDATE events SET kind = 'heliotrope heliotrope' WHERE seq = 2")
    path = vault.path
    vault.close()
    section = next(each for each in sections_of(path, KEY, checks=["inventory"]) if each.name == "inventory")
    assert {"event-chain", "stale"} <= {code for code, _ in codes(section)}
    assert word not in repr(replace(section, seconds=0.0)).lower()


def test_nothing_readable_reaches_the_disk(vault: Vault) -> None:
    vault.items.put_many([Draft(text=f"heliotrope {number}") for number in range(600)])
    path = vault.path
    seen: list[tuple[int, int, int, bool]] = []
    vault.close()

    def look(done: int, total: int) -> None:
        files = [file.read_bytes() for file in subject.scratch.rglob("*") if file.is_file()]
        seen.append((done, total, len(files), any(b"heliotrope" in data for data in files)))

    with subject_of(path, KEY, ModelSet(), on_progress=look) as subject:
        check(subject)
    assert [(done, total, is_readable) for done, total, _, is_readable in seen] == [
        (500, 605, False),
        (605, 605, False),
    ]
    assert all(n_files for _, _, n_files, _ in seen)


def test_reading_an_export_back_logs_nothing(vault: Vault) -> None:
    before = vault.events.count()
    assert read_back(vault, lambda _: None).n_same == 5
    assert vault.events.count() == before
