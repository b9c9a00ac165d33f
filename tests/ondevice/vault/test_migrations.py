from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database as Tables

from ondevice.errors import CorruptError, StorageError, VersionError
from ondevice.records import Draft, Filter
from ondevice.vault import AppKey, Vault
from ondevice.vault.database import Database
from ondevice.vault.migrations import STEPS, migrate, schema_version
from tests.ondevice.vault.earlier_schema import without_passages


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database.create(tmp_path / "x.db", b"k" * 32)


def applied(database: Database) -> list[str]:
    with database.reading() as connection:
        found = connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    return [name for (name,) in found]


def test_each_step_is_recorded_once(database: Database) -> None:
    assert migrate(database, is_new=True) == len(STEPS)
    assert migrate(database) == 0
    assert applied(database) == [name for name, _ in STEPS]
    assert schema_version(database) == len(STEPS)


def test_every_older_schema_comes_up_to_date(tmp_path: Path) -> None:
    def schema(database: Database) -> list[tuple[str, str]]:
        with database.reading() as connection:
            return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()

    whole = Database.create(tmp_path / "whole.db", b"k" * 32)
    migrate(whole, is_new=True)
    for n in range(1, len(STEPS)):
        old = Database.create(tmp_path / f"{n}.db", b"k" * 32)
        migrate(old, is_new=True, steps=STEPS[:n])
        assert migrate(old) == len(STEPS) - n
        assert schema(old) == schema(whole)


def test_rows_of_an_older_schema_are_found_afterwards(database: Database) -> None:
    """Items stored before there were search terms stay; a step that adds an index must fill it."""
    migrate(database, is_new=True, steps=STEPS[:2])
    with database.writing() as connection:
        connection.execute(
            "INSERT INTO items (id, kind, text, field_text, fields, metadata, time_us, is_time_given, added_us,"
            " version, digest) VALUES ('a', 'note', 'a text', '', '{}', '{}', 0, 1, 0, 1, x'00')"
        )
    migrate(database)
    with database.reading() as connection:
        found = connection.execute("SELECT rowid FROM items_fts WHERE items_fts MATCH 'text'").fetchall()
    assert found == [(1,)]


def test_step_that_fails_leaves_the_schema_before_it(database: Database) -> None:
    def half(db: Tables) -> None:
        db.execute("CREATE TABLE half (a)")
        db.execute("CREATE TABLE half (a)")

    migrate(database, is_new=True)
    with pytest.raises(StorageError):
        migrate(database, steps=(*STEPS, ("6 half", half)))
    assert schema_version(database) == len(STEPS)
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)


def test_newer_schema_is_a_version_error(profile_path: Path, app_key: AppKey) -> None:
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many([Draft(text="from the future")])
        with vault.database.writing() as connection:
            connection.execute("PRAGMA user_version = 99")
    with pytest.raises(VersionError, match="schema 99") as caught:
        Vault.open(profile_path, app_key)
    assert caught.value.hint == "update ondevice-sdk"


def test_database_without_schema_is_corrupt(database: Database) -> None:
    with pytest.raises(CorruptError, match="no schema"):
        migrate(database)


def test_opening_an_older_profile_logs_the_migration(profile_path: Path, app_key: AppKey) -> None:
    with Vault.create(profile_path, app_key) as vault:
        path, key = vault.database.path, vault.database.key
    path.unlink()
    path.with_name("profile.commits").unlink()
    old = Database.create(path, key)
    migrate(old, is_new=True, steps=STEPS[:4])
    with old.writing() as connection:
        connection.execute("INSERT INTO identity VALUES ('profile', ?)", (b"i" * 32,))
    old.close()
    with Vault.open(profile_path, app_key) as vault:
        assert [event.kind for event in vault.events.list()] == ["migrated"]
        assert vault.check() == []


def test_what_earlier_releases_cut_off_at_a_nul_is_found_and_forgotten(profile_path: Path, app_key: AppKey) -> None:
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many([Draft(text="plain words", id="plain")])
        path, key = vault.database.path, vault.database.key
    path.unlink()
    path.with_name("profile.commits").unlink()
    old = Database.create(path, key)
    migrate(old, is_new=True, steps=STEPS[:5])
    with old.writing() as connection:
        connection.execute("INSERT INTO identity VALUES ('profile', ?)", (b"i" * 32,))
        connection.execute(
            "INSERT INTO items (id, kind, text, field_text, fields, metadata, time_us, is_time_given, added_us,"
            " version, digest) VALUES ('a', 'note', ?, ?, ?, ?, 0, 1, 0, 2, x'00')",
            ("door\0code tail", "x\0y hidden", r'{"title":"x\u0000y hidden"}', r'{"path":"C:\\u0000","n":1}'),
        )
        connection.execute(
            "INSERT INTO versions (row, item_id, text, fields, metadata, version, replaced_us)"
            " VALUES (1, 'a', ?, '{}', ?, 1, 0)",
            ("an\0older one", r'{"k\u0000":"v"}'),
        )
    old.close()
    with Vault.open(profile_path, app_key) as vault:
        item = vault.items.get("a")
        assert (item.text, item.fields) == ("door\ufffdcode tail", {"title": "x\ufffdy hidden"})
        assert item.metadata == {"path": "C:\\u0000", "n": 1}
        assert vault.items.history("a")[0].metadata == {"k\ufffd": "v"}
        assert len(vault.lexical.match(["hidden"], filter=None, limit=3)) == 1
        assert len(vault.lexical.match(["tail"], filter=None, limit=3)) == 1
        assert vault.check() == []
        assert vault.forget(["a"]).verified


def test_an_earlier_release_does_not_open_what_may_hold_lists(profile_path: Path, app_key: AppKey) -> None:
    """It would find no item by a value in a list, and read a note's composed filter as one that lets more pass."""
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many([Draft(text="one", metadata={"tags": ["work"]})])
        with pytest.raises(VersionError, match=f"schema {len(STEPS)}, and this release knows up to 8"):
            migrate(vault.database, steps=STEPS[:8])


def test_items_of_the_schema_before_lists_are_filtered_as_ever(profile_path: Path, app_key: AppKey) -> None:
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many([Draft(text="one", metadata={"tags": "work"}), Draft(text="two")])
        without_passages(vault)
        with vault.database.writing() as connection:
            connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '9 %' OR name LIKE '10 %'")
            connection.execute("PRAGMA user_version = 8")
    with Vault.open(profile_path, app_key) as vault:
        assert schema_version(vault.database) == len(STEPS)
        assert [item.text for item in vault.items.list(Filter(metadata={"tags": "work"}))] == ["one"]
