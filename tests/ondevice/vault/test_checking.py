from __future__ import annotations

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
