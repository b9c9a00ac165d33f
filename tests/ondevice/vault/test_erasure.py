from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.errors import NotFoundError, StorageError
from ondevice.records import ArtifactOutcome, Draft, Filter
from ondevice.vault import AppKey, Vault, verify_receipt
from ondevice.vault.database import Database

Unit = Callable[[int], NDArray[np.float32]]
Notes = Callable[[int], list[Draft]]
Decrypted = Callable[[Vault], bytes]

CANARY = "xylophonist marmalade quagmire"


@pytest.fixture
def filled(vault: Vault, notes: Notes, unit: Unit) -> Vault:
    canary = Draft(text=f"{CANARY} in the text", fields={"title": f"{CANARY} title"}, metadata={"m": CANARY}, id="c")
    vault.items.put_many([*notes(20), canary], vectors={"e": unit(21), "f": unit(21)})
    vault.items.update("c", text=f"{CANARY} again", vectors={"e": unit(3)[0], "f": unit(3)[1]})
    return vault


def outcomes(receipt_artifacts: Sequence[ArtifactOutcome]) -> dict[tuple[str, str], tuple[str, int]]:
    return {(each.kind, each.name): (each.outcome, each.count) for each in receipt_artifacts}


class Index:
    """An eraser that remembers what it was told."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        self.rows += rows
        return ArtifactOutcome(kind="index", name="test", outcome="rebuilt", count=len(rows))


def test_nothing_of_a_forgotten_item_is_left(filled: Vault, decrypted: Decrypted) -> None:
    assert b"marmalade" in decrypted(filled)
    receipt = filled.forget(["c"])
    left = decrypted(filled)
    for word in (b"xylophon", b"marmalad", b"quagmir"):
        assert word not in left
    assert receipt.verified
    assert verify_receipt(receipt)
    assert filled.check() == []
    with pytest.raises(NotFoundError):
        filled.items.get("c")
    assert filled.vectors.encoders() == {"e": 20, "f": 20}
    assert filled.items.count_versions() == 0


def test_nor_is_its_id(filled: Vault, decrypted: Decrypted) -> None:
    filled.items.put_many([Draft(text="soon gone", id="marmalade-of-mine")])
    filled.forget(["marmalade-of-mine"])
    assert b"marmalade-of-mine" not in decrypted(filled)


def test_receipt_names_every_place(filled: Vault) -> None:
    index = Index()
    filled.erasers.enlist(index)
    receipt = filled.forget(["c"])
    assert index.rows == [21]
    assert outcomes(receipt.artifacts) == {
        ("index", "test"): ("rebuilt", 1),
        ("items", "items"): ("erased", 1),
        ("versions", "versions"): ("erased", 1),
        ("search terms", "items_fts"): ("erased", 5),
        ("vectors", "e"): ("erased", 1),
        ("vectors", "f"): ("erased", 1),
        ("write-ahead log", "profile.db-wal"): ("cleared", 0),
        ("database pages", "profile.db"): ("absent", 0),
    }


def test_unused_copies_in_pages_are_cleaned(vault: Vault, decrypted: Decrypted) -> None:
    """Rows that move between pages leave copies in unused space, which secure deletion does not know of."""
    rng = np.random.default_rng(5)
    ids = [f"i{n}" for n in range(120)]
    vault.items.put_many([Draft(text=f"start {n}", id=item_id) for n, item_id in enumerate(ids)])
    for turn in range(3):
        for item_id in rng.permutation(ids)[:60]:
            vault.items.update(item_id, text=f"canary{item_id}{turn} " * int(rng.integers(1, 60)))
    assert vault.forget(ids[:60]).verified
    left = decrypted(vault)
    assert not [item_id for item_id in ids[:60] if f"canary{item_id}0 ".encode() in left]
    assert vault.check() == []


def test_residue_makes_the_file_be_rewritten(filled: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without secure deletion the first look finds the text; the receipt is good only because of the rewriting."""
    with filled.database.exclusive() as connection:
        connection.execute("PRAGMA secure_delete = OFF")
    compacted: list[int] = []
    compact = Database.compact

    def counted(self: Database) -> None:
        compacted.append(1)
        compact(self)

    monkeypatch.setattr(Database, "compact", counted)
    assert filled.forget(["c"]).verified
    assert compacted == [1]


def test_residue_that_stays_is_told(filled: Vault, profile_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with filled.database.exclusive() as connection:
        connection.execute("PRAGMA secure_delete = OFF")
    monkeypatch.setattr(Database, "compact", lambda self: None)
    receipt = filled.forget(["c"])
    assert not receipt.verified
    assert outcomes(receipt.artifacts)["database pages", "profile.db"][0] == "found"
    assert verify_receipt(receipt)
    assert [flaw.part for flaw in filled.check()] == ["erasures"]


def test_reader_in_the_way_is_told_and_the_next_opening_finishes(
    filled: Vault, profile_path: Path, app_key: AppKey, decrypted: Decrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ondevice.vault.log.BUSY_TIMEOUT_S", 0.1)
    with filled.database.reading() as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM items").fetchall()
        receipt = filled.forget(["c"])
        reader.execute("COMMIT")
    assert not receipt.verified
    assert outcomes(receipt.artifacts)["write-ahead log", "profile.db-wal"] == ("pending", 0)
    filled.close()
    with Vault.open(profile_path, app_key) as vault:
        assert vault.events.list()[-1].kind == "erasure-finished"
        assert b"marmalad" not in decrypted(vault)
        assert vault.check() == []


def test_unknown_id_changes_nothing(filled: Vault) -> None:
    with pytest.raises(NotFoundError, match="1 of 2"):
        filled.forget(["c", "nothing"])
    assert filled.items.count() == 21
    assert filled.items.get("c").version == 2


def test_filter_chooses(filled: Vault) -> None:
    receipt = filled.forget(Filter(metadata={"m": CANARY}))
    assert receipt.item_ids == ("c",)


@pytest.mark.parametrize("selection", [Filter(kinds=("none such",)), [], Filter(ids=("c", "missing"), kinds=("x",))])
def test_a_selection_that_nothing_fits_is_no_erasure(filled: Vault, selection: Filter | list[str]) -> None:
    """A receipt for nothing would look like a proof, where it was a typing error."""
    before = filled.events.count(), filled.items.count()
    with pytest.raises(NotFoundError, match="nothing was forgotten"):
        filled.forget(selection)
    assert (filled.events.count(), filled.items.count()) == before


def test_everything_goes_only_when_said(filled: Vault) -> None:
    with pytest.raises(ValueError, match="everything=True"):
        filled.forget(Filter())
    assert len(filled.forget(Filter(), everything=True).item_ids) == 21
    assert filled.items.count() == 0
    assert filled.vectors.encoders() == {"e": 0, "f": 0}


def test_one_id_as_str_is_misuse(filled: Vault) -> None:
    with pytest.raises(TypeError, match="not one str"):
        filled.forget("c")


def test_caches_go_with_the_item(filled: Vault) -> None:
    for name in ("index-e", "cache-prompt", "adapter-x"):
        filled.sealed.write(name, b"made from items", version=1)
    receipt = filled.forget(["c"])
    assert filled.sealed.names() == ["adapter-x"]
    assert outcomes(receipt.artifacts)["sealed blob", "index-e"] == ("erased", 1)


def test_eraser_that_fails_leaves_the_erasure_pending(filled: Vault, profile_path: Path, app_key: AppKey) -> None:
    class Broken(Index):
        def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
            raise StorageError("cannot")

    working = Index()
    filled.erasers.enlist(Broken())
    filled.erasers.enlist(working)
    with pytest.raises(StorageError, match="cannot"):
        filled.forget(["c"])
    assert working.rows == [21]
    assert filled.items.count() == 20
    filled.close()
    with Vault.open(profile_path, app_key) as vault:
        assert vault.check() == []


def test_prune_forgets_what_has_expired(vault: Vault) -> None:
    now = datetime.now(UTC)
    times = [now - timedelta(days=1), now + timedelta(days=1), None]
    vault.items.put_many([Draft(text=f"t{i}", expires_at=time, id=f"t{i}") for i, time in enumerate(times)])
    receipt = vault.prune()
    assert receipt is not None
    assert receipt.item_ids == ("t0",)
    assert vault.prune() is None
    later = vault.prune(now=now + timedelta(days=2))
    assert later is not None
    assert later.item_ids == ("t1",)
    assert [event.details["reason"] for event in vault.events.list()[1:]] == ["expired", "expired"]
    with pytest.raises(ValueError, match="time zone"):
        vault.prune(now=datetime(2026, 1, 1))


def test_search_goes_on_while_items_are_forgotten(vault: Vault, notes: Notes) -> None:
    ids = [stored.item.id for stored in vault.items.put_many(notes(60))]
    failures: list[BaseException] = []
    done = threading.Event()

    def search() -> None:
        try:
            while not done.is_set():
                found = vault.items.get_rows([r.row for r in vault.lexical.match(["note"], filter=None, limit=99)])
                assert len(found) <= 60
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=search)
    thread.start()
    receipts = [vault.forget(ids[start : start + 10]) for start in range(0, 60, 10)]
    done.set()
    thread.join()
    assert not failures
    assert all(receipt.verified for receipt in receipts)


def test_event_log_has_counts_and_no_ids(filled: Vault) -> None:
    filled.forget(["c"], reason="request")
    assert filled.events.list()[-1].details == {"items": 1, "reason": "request", "verified": True}
