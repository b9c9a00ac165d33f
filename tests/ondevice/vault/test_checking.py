from __future__ import annotations

import threading
from pathlib import Path

from ondevice.records import Draft
from ondevice.vault import Flaw, Vault


def parts(vault: Vault) -> set[str]:
    return {flaw.part for flaw in vault.check()}


def test_flaw_reads_as_one_line() -> None:
    assert str(Flaw(part="files", detail="one is gone")) == "files: one is gone"


def test_lost_search_term_is_seen(vault: Vault) -> None:
    vault.items.put_many([Draft(text="one"), Draft(text="two")])
    with vault.database.exclusive() as connection:
        connection.execute("DROP TRIGGER items_removed")
        connection.execute("DELETE FROM items WHERE row = 1")
    assert parts(vault) == {"search terms"}


def test_row_without_its_item_is_seen(vault: Vault) -> None:
    with vault.database.exclusive() as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO versions VALUES (99, 'x', 't', '{}', '{}', 1, 0)")
        connection.execute("PRAGMA foreign_keys = ON")
    assert parts(vault) == {"database references"}


def test_damaged_blob_is_seen(vault: Vault, profile_path: Path) -> None:
    vault.sealed.write("cache-x", b"x" * 100, version=1)
    blob = profile_path / "epoch-1" / "sealed" / "cache-x.sealed"
    blob.write_bytes(blob.read_bytes()[:-1])
    assert parts(vault) == {"sealed blob cache-x"}


def test_open_modes_are_seen(vault: Vault, profile_path: Path) -> None:
    (profile_path / "keys.json").chmod(0o644)
    assert parts(vault) == {"file modes"}
    assert "0644" in str(vault.check()[0])


def test_lost_key_file_is_seen(vault: Vault, profile_path: Path) -> None:
    (profile_path / "keys.json").unlink()
    assert parts(vault) == {"files"}


def test_what_was_added_since_the_last_look_is_no_damage(vault: Vault) -> None:
    for number in range(60):
        vault.items.put_many([Draft(text=f"note {number} about trains")])
        if number % 2:
            vault.forget([vault.items.list()[0].id])
        assert vault.check() == []


def test_what_other_threads_keep_drop_and_forget_meanwhile_is_no_damage(vault: Vault) -> None:
    vault.items.put_many([Draft(text="one"), Draft(text="two")])
    ids = [item.id for item in vault.items.list()]
    stopped = threading.Event()

    def keep_and_drop(name: str) -> None:
        while not stopped.is_set():
            vault.derived.put("adapter", name, b"x" * 100_000, item_ids=ids)
            vault.derived.drop("adapter", name)

    def forget() -> None:
        while not stopped.is_set():
            vault.items.put_many([Draft(text="forgotten at once")])
            vault.forget([item.id for item in vault.items.list() if item.id not in ids])

    def write_a_cache() -> None:
        while not stopped.is_set():
            vault.sealed.write("cache-x", b"x" * 1000, version=1)
            vault.sealed.delete("cache-x")

    workers = (lambda: keep_and_drop("a"), lambda: keep_and_drop("b"), forget, write_a_cache)
    threads = [threading.Thread(target=work) for work in workers]
    for thread in threads:
        thread.start()
    try:
        assert [flaw for _ in range(40) for flaw in vault.check()] == []
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def test_damage_is_still_seen_beside_a_thread_that_writes(vault: Vault, profile_path: Path) -> None:
    vault.items.put_many([Draft(text="one")])
    ids = [item.id for item in vault.items.list()]
    vault.derived.put("adapter", "lost", b"x", item_ids=ids)
    for blob in (profile_path / "epoch-1" / "sealed").iterdir():
        blob.unlink()
    stopped = threading.Event()

    def write() -> None:
        while not stopped.is_set():
            vault.derived.put("summary", "a", b"x", item_ids=ids)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert [flaw.detail for flaw in vault.check()] == ["it is gone"]
    finally:
        stopped.set()
        thread.join()
