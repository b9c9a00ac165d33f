"""The index of words, where an earlier release or another version of the stemmers made it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.records import Draft
from ondevice.retrieval.lexical import LexicalRetriever
from ondevice.vault import AppKey, Vault, word_index
from ondevice.vault.migrations import STEPS, migrate
from ondevice.vault.word_index import WORDS, refresh_words
from tests.ondevice.vault.earlier_schema import without_passages

GERMAN = "Wir haben die alten Häuser am See verkauft."


def found(vault: Vault, query: str) -> list[int]:
    return [row for row, _ in LexicalRetriever(vault.lexical, vault.items).retrieve(query, k=5)]


@pytest.fixture
def profile(profile_path: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a profile as a release made it that knew no stems: its index has the words as they stand."""
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many([Draft(text=GERMAN, id="a"), Draft(text="a plain note", id="b")])
        without_passages(vault)
        with vault.database.writing() as connection:
            connection.execute("DROP VIEW item_words")
            connection.execute("CREATE VIEW item_words AS SELECT row, text, field_text FROM items")
            connection.execute("INSERT INTO items_fts (items_fts) VALUES ('rebuild')")
            connection.execute("DROP VIEW item_words")
            connection.execute(
                "CREATE VIEW item_words AS SELECT row, fold(text) AS text, fold(field_text) AS field_text FROM items"
            )
            connection.execute("DELETE FROM settings WHERE key = ?", (WORDS,))
            connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '10 %'")
            connection.execute("PRAGMA user_version = 9")
        assert found(vault, "Haus") == []
    return profile_path


def test_its_words_are_made_anew_and_leave_with_their_item(profile: Path, app_key: AppKey) -> None:
    with Vault.open(profile, app_key) as vault:
        assert (found(vault, "Haus"), found(vault, "plain")) == ([1], [2])
        assert vault.check() == []
        assert vault.forget(["a"]).verified
        assert found(vault, "Haus") == []
        assert vault.check() == []


def test_an_interrupted_making_is_begun_again(profile: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(text: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ondevice.vault.word_index._version", lambda: stop(""))
        with pytest.raises(KeyboardInterrupt):
            Vault.open(profile, app_key)
    with Vault.open(profile, app_key) as vault:
        assert vault.schema_version == len(STEPS)
        assert found(vault, "Haus") == [1]


def test_other_stemmers_make_them_anew_too(profile: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch) -> None:
    with Vault.open(profile, app_key) as vault:
        assert not refresh_words(vault.database)
    monkeypatch.setattr(word_index, "stems_version", lambda: "another")
    with Vault.open(profile, app_key) as vault:
        assert not refresh_words(vault.database), "the opening did it"
        assert migrate(vault.database) == 0
        assert vault.check() == []
