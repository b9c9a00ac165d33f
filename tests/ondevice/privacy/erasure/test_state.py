"""What lies in a profile and belongs to no item is found, wherever it lies, and a sound profile has none of it."""

from __future__ import annotations

import json
import shutil
import zlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from ondevice.privacy.erasure.judgement import findings_of_state
from ondevice.privacy.erasure.state import state_of
from ondevice.privacy.subject import Copy
from ondevice.records import Draft
from ondevice.retrieval.index.snapshot import VERSION, Contents, pack
from ondevice.vault import AppKey, Vault
from ondevice.vault.settings import Json
from tests.ondevice.privacy.erasure.conftest import DIM, KEY, MARKER, Changing, drafts, save_index, vectors

PAST = datetime(2020, 1, 1, tzinfo=UTC)


def codes(copy: Copy) -> set[str]:
    """Return what is found, and make sure that nothing is shown."""
    findings = findings_of_state(state_of(copy))
    assert MARKER not in repr(findings)
    return {finding.code.removeprefix("erasure/") for finding in findings}


def test_a_sound_profile_has_nothing(copy: Copy) -> None:
    state = state_of(copy)
    assert findings_of_state(state) == []
    assert 1000 < state.words.n_read <= state.words.n_living  # words of earlier versions are in no index
    assert state.blobs.n_files == 2


@pytest.mark.parametrize("seed", range(3))
def test_nor_has_one_that_lived_long(tmp_path: Path, seed: int) -> None:
    with Vault.create(tmp_path / "p", AppKey(KEY)) as vault:
        for step in range(8):
            new = drafts(1000 * step, 150)
            vault.items.put_many(new, vectors={"e": vectors(100 * seed + step, 150)})
            vault.items.update(new[5].id or "", text="another text altogether " * (40 * step + 1))
            vault.derived.put("summary", "chat", b"s" * 9000 * (step + 1), item_ids=[new[7].id or ""])
            vault.settings.set("x/note", {"words": [f"word{n}" for n in range(80 * step)]})
            vault.forget([draft.id or "" for draft in new[seed :: 3 + seed]])
            if step % 3 == 0:
                save_index(vault)
    assert codes(Copy(tmp_path / "p", KEY)) == set()


def test_nor_one_whose_log_was_left(tmp_path: Path, lived: Path) -> None:
    shutil.copytree(lived, tmp_path / "p")
    with Vault.open(tmp_path / "p", AppKey(KEY)) as vault:
        vault.items.put_many(drafts(5000, 20), vectors={"e": vectors(5, 20)})
        vault.items.update("item-005003", text="said otherwise")
        shutil.copytree(tmp_path / "p", tmp_path / "left")
    copy = Copy(tmp_path / "left", KEY)
    assert state_of(copy).n_frames == 0 or codes(copy) == set()


def test_a_deleted_word_in_the_search_index(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('secure-delete', 0)")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM vectors WHERE row = 50")
        connection.execute("DELETE FROM items WHERE row = 50")
        connection.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('secure-delete', 1)")
    found = codes(copy)
    assert "search-words" in found
    assert "search-setting" not in found


def test_an_index_that_keeps_words(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("INSERT INTO items_fts (items_fts, rank) VALUES ('secure-delete', 0)")
    assert codes(copy) == {"search-setting"}


def test_an_entry_whose_item_went_past_the_index(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("DROP TRIGGER items_removed")
        connection.execute("DELETE FROM vectors WHERE row = 60")
        connection.execute("DELETE FROM items WHERE row = 60")
    assert "search-entries" in codes(copy)


def test_a_word_left_in_a_key(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        (segment, page) = connection.execute("SELECT segid, pgno FROM items_fts_idx WHERE pgno > 1 LIMIT 1").fetchone()
        connection.execute(
            "UPDATE items_fts_idx SET term = ? WHERE segid = ? AND pgno = ?", (b"0kangaroosecret", segment, page)
        )
    assert codes(copy) == {"search-keys"}


def test_text_and_vectors_in_free_pages(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        added = [Draft(text=f"secretive {MARKER} number {n} " * 30, id=f"x{n}") for n in range(40)]
        vault.items.put_many(added, vectors={"e": vectors(9, 40)})
        with vault.database.exclusive() as connection:
            connection.execute("PRAGMA secure_delete = OFF")
        with vault.database.writing() as connection:
            connection.execute("DELETE FROM vectors WHERE row > 600")
            connection.execute("DELETE FROM items WHERE row > 600")
    assert codes(copy) >= {"unused-text", "unused-vector"}


def test_one_short_text_in_a_gap(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        vault.settings.set("x/plain", "kangaroo secrets")
        with vault.database.exclusive() as connection:
            connection.execute("PRAGMA secure_delete = OFF")
        vault.settings.set("x/plain", None)
    assert codes(copy) == {"unused-text"}


@pytest.mark.parametrize("kind", ["<f2", "int8", "packed"])
def test_other_bytes_in_a_gap(changing: Changing, copy: Copy, kind: str) -> None:
    vector = vectors(4, 6).reshape(-1)
    data = zlib.compress(" ".join(f"secret{n * n}" for n in range(200)).encode())
    if kind != "packed":
        data = (vector * 127 if kind == "int8" else vector).astype(kind).tobytes()
    with changing() as vault:
        with vault.database.exclusive() as connection:
            connection.execute("PRAGMA secure_delete = OFF")
        with vault.database.writing() as connection:
            connection.execute("INSERT INTO identity VALUES ('x', ?)", (data,))
        with vault.database.writing() as connection:
            connection.execute("DELETE FROM identity WHERE name = 'x'")
    assert codes(copy) == {"unused-bytes"}


def test_text_in_the_log(tmp_path: Path, lived: Path) -> None:
    shutil.copytree(lived, tmp_path / "p")
    with Vault.open(tmp_path / "p", AppKey(KEY)) as vault:
        with vault.database.writing() as connection:
            connection.execute("INSERT INTO settings VALUES ('x', '\"kangaroos kept in secret places\"')")
        with vault.database.writing() as connection:
            connection.execute("DELETE FROM settings WHERE key = 'x'")
        shutil.copytree(tmp_path / "p", tmp_path / "left")
    assert "log-text" in codes(Copy(tmp_path / "left", KEY))


def test_a_vector_that_was_replaced_when_the_process_died_is_no_forgotten_one(tmp_path: Path, lived: Path) -> None:
    shutil.copytree(lived, tmp_path / "p")
    with Vault.open(tmp_path / "p", AppKey(KEY)) as vault:
        vault.items.update("item-000100", text="said otherwise", vectors={"e": vectors(8, 1)[0]})
        shutil.copytree(tmp_path / "p", tmp_path / "left")
    copy = Copy(tmp_path / "left", KEY)
    assert [(each.code, each.level) for each in findings_of_state(state_of(copy))] == [("erasure/log-vector", "low")]


def test_a_process_that_died_after_forgetting_left_nothing(tmp_path: Path, lived: Path) -> None:
    shutil.copytree(lived, tmp_path / "p")
    with Vault.open(tmp_path / "p", AppKey(KEY)) as vault:
        vault.items.put_many([Draft(text="soon gone", id="an-id-in-words-of-its-own")])
        vault.forget(["an-id-in-words-of-its-own"])
        vault.items.put_many(drafts(7000, 2))
        shutil.copytree(tmp_path / "p", tmp_path / "left")
    assert codes(Copy(tmp_path / "left", KEY)) == set()


def test_rows_without_an_item(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        with vault.database.exclusive() as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
        with vault.database.writing() as connection:
            connection.execute("UPDATE versions SET row = 4000")
            connection.execute("UPDATE vectors SET row = 4000 WHERE row = 70")
    assert {"vectors-without-item", "versions-without-item"} <= codes(copy)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("UPDATE versions SET row = 5", "versions-without-item"),
        ("UPDATE vectors SET encoder = 77 WHERE row = 70", "vectors-without-item"),
    ],
)
def test_rows_under_something_that_is_not_theirs(changing: Changing, copy: Copy, fault: str, code: str) -> None:
    with changing() as vault:
        with vault.database.exclusive() as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
        with vault.database.writing() as connection:
            connection.execute(fault)
    assert code in codes(copy)


@pytest.mark.parametrize("is_strange", [True, False])
def test_a_snapshot_of_an_earlier_state(changing: Changing, copy: Copy, is_strange: bool) -> None:
    with changing() as vault:
        rows, matrix, revision = vault.vectors.passages("e")
        matrix[17] = vectors(99, 1)[0] if is_strange else matrix[17]
        contents = Contents(revision=revision, dim=DIM, rows=rows, vectors=matrix, graph=None)
        vault.sealed.write("index-e", pack(contents), version=VERSION)
        vault.items.update("item-000100", text="said anew", vectors={"e": vectors(4, 1)[0]})
        vault.items.update("item-000101", text="said anew, and not encoded yet")
        vault.items.put_many(drafts(7000, 2), vectors={"e": vectors(8, 2)})
    assert state_of(copy).blobs.n_stale == 1
    assert codes(copy) == ({"index-snapshot"} if is_strange else set())


def test_a_row_left_in_an_index_snapshot(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("DELETE FROM vectors WHERE row = 80")
        connection.execute("DELETE FROM items WHERE row = 80")
    assert codes(copy) == {"index-snapshot"}


def test_a_strange_vector_under_a_living_row(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        rows, matrix, revision = vault.vectors.passages("e")
        matrix[17] = vectors(99, 1)[0]
        contents = Contents(revision=revision, dim=DIM, rows=rows, vectors=matrix, graph=None)
        vault.sealed.write("index-e", pack(contents), version=VERSION)
    assert codes(copy) == {"index-snapshot"}


def test_a_passage_left_in_an_index_snapshot(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        labels, matrix, revision = vault.vectors.passages("e")
        labels = np.append(labels, labels[-1] + 1)
        contents = Contents(
            revision=revision, dim=DIM, rows=labels, vectors=matrix[[*range(len(matrix)), 0]], graph=None
        )
        vault.sealed.write("index-e", pack(contents), version=VERSION)
    assert codes(copy) == {"index-snapshot"}


def test_a_snapshot_of_the_release_before_is_held_against_the_rows(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        rows, matrix, revision = vault.vectors.load("e")
        contents = Contents(revision=revision, dim=DIM, passage_bits=0, rows=rows, vectors=matrix, graph=None)
        vault.sealed.write("index-e", pack(contents), version=VERSION)
    assert codes(copy) == set()


def test_a_graph_that_erased_vectors_were_in(changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        rows, matrix, revision = vault.vectors.passages("e")
        from ondevice.config import IndexConfig
        from ondevice.retrieval.index.hnsw import Graph

        graph = Graph(DIM, IndexConfig())
        graph.add(rows, matrix)
        graph._index.mark_deleted(int(rows[3]))
        contents = Contents(revision=revision, dim=DIM, rows=None, vectors=None, graph=graph.state())
        vault.sealed.write("index-e", pack(contents), version=VERSION)
    assert codes(copy) == {"index-traces"}


def test_a_cache_from_before_the_last_erasure(profile: Path, changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        vault.sealed.cache_age = b""
        vault.sealed.write("cache-queries", b"kangaroo", version=1)
    assert codes(copy) == {"old-cache"}


def test_sealed_files_of_which_nothing_speaks(profile: Path, changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        vault.sealed.write("adapter-0123456789abcdef", b"weights", version=1)
    (profile / "epoch-1" / "sealed" / "summary-0123456789abcdef.sealed").write_bytes(b"no blob at all" * 20)
    assert codes(copy) == {"loose-blob", "closed-blob"}


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE lineage SET row = 4000 WHERE row = 2",
        "DELETE FROM lineage WHERE row = 2",
        "DELETE FROM lineage",
    ],
)
def test_an_adapter_that_rests_on_a_forgotten_item(changing: Changing, copy: Copy, fault: str) -> None:
    with changing() as vault:
        with vault.database.exclusive() as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
        with vault.database.writing() as connection:
            connection.execute(fault)
    assert codes(copy) == {"learned-from-gone"}


def test_a_paused_training_that_names_a_forgotten_item(changing: Changing, copy: Copy) -> None:
    text = json.dumps({"pairs": [[["item-000010"], ["item-000001"]]]}).encode()
    with changing() as vault:
        vault.derived.put("checkpoint", "style", len(text).to_bytes(4, "big") + text, item_ids=["item-000001"])
    assert codes(copy) == {"learned-from-gone"}


@pytest.mark.parametrize(
    ("chosen", "is_gone"),
    [
        ({"kinds": ["note"], "metadata": {"tag": ["tag1", "tag2"]}}, False),
        ("gone", False),
        ({"kinds": ["diary"]}, True),
        ({"metadata": {"client": None}}, True),
        ({"any_of": [{"metadata": {"tag": {"ne": "tag900"}}}]}, True),
    ],
)
def test_words_of_a_filter_that_no_item_has(changing: Changing, copy: Copy, chosen: Json, is_gone: bool) -> None:
    with changing() as vault:
        vault.derived.renote("summary", "chat", {"filter": chosen})
    assert codes(copy) == ({"gone-words"} if is_gone else set())


def test_a_table_of_somebody_elses(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("CREATE TABLE kept AS SELECT * FROM items WHERE row = 1")
    assert "foreign-tables" in codes(copy)


def test_what_has_expired_and_what_rests_on_it(changing: Changing, copy: Copy) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute("UPDATE items SET expires_us = 1 WHERE row = 2")
    assert codes(copy) == {"expired", "learned-from-expired"}


def test_ids_in_notes_unfinished_erasures_and_backups(tmp_path: Path, changing: Changing, copy: Copy) -> None:
    with changing() as vault:
        vault.derived.renote("summary", "chat", {"filter": {"any_of": [{"ids": ["item-000010"]}]}})
        vault.backup(tmp_path / "elsewhere")
        with vault.database.writing() as connection:
            connection.execute(
                "INSERT INTO pending_erasures (at_us, reason, item_ids, item_rows, blobs)"
                " VALUES (1, 'request', '[]', '[]', '[]')"
            )
    assert codes(copy) == {"gone-ids", "copies-elsewhere", "unfinished"}


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE items ADD COLUMN old TEXT",
        "CREATE INDEX more ON items (text)",
        "CREATE TRIGGER more AFTER DELETE ON items BEGIN INSERT INTO settings VALUES (old.id, old.text); END",
        "CREATE VIEW more AS SELECT text FROM items",
    ],
)
def test_a_part_that_no_release_makes(changing: Changing, copy: Copy, sql: str) -> None:
    with changing() as vault, vault.database.writing() as connection:
        connection.execute(sql)
    assert codes(copy) == {"foreign-tables"}
