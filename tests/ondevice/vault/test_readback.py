from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ondevice.records import Draft
from ondevice.vault import Vault
from ondevice.vault.identity import load_identity
from ondevice.vault.pages import database_pages
from ondevice.vault.readback import Findings, read_back, unused_space
from ondevice.vault.traces import Traces, take_traces

Unit = Callable[[int], NDArray[np.float32]]


def traces_of(vault: Vault, *rows: int) -> Traces:
    with vault.database.exclusive() as connection:
        return take_traces(connection, rows)


def look(vault: Vault, traces: Traces) -> Findings:
    return read_back(vault.database, traces, load_identity(vault.database).secret)


def test_what_lives_is_no_finding(vault: Vault, unit: Unit) -> None:
    vault.items.put_many([Draft(text="an ordinary sentence that stays")], vectors={"e": unit(1)})
    traces = traces_of(vault, 1)
    findings = look(vault, traces)
    assert (findings.n_texts, findings.n_vectors, findings.n_in_log) == (0, 0, 0)
    assert findings.n_terms == 5, "the terms should be gone, and are not"
    assert findings.is_control_found


def remove_without_care(vault: Vault, row: int) -> None:
    """Delete as a program would that has never heard of secure deletion."""
    with vault.database.exclusive() as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM vectors WHERE row = ?", (row,))
        connection.execute("DELETE FROM versions WHERE row = ?", (row,))
        connection.execute("DELETE FROM items WHERE row = ?", (row,))
        connection.execute("PRAGMA secure_delete = ON")


def test_careless_deletion_is_found(vault: Vault) -> None:
    vectors = np.random.default_rng(0).standard_normal((3, 384)).astype(np.float32)
    drafts = [Draft(text=f"sentence {os.urandom(30).hex()} that should go") for _ in range(3)]
    vault.items.put_many(drafts, vectors={"e": vectors})
    traces = traces_of(vault, 2)
    remove_without_care(vault, 2)
    assert look(vault, traces).n_in_log > 0
    assert vault.database.checkpoint()
    findings = look(vault, traces)
    assert findings.n_texts > 0
    assert findings.n_vectors > 0
    assert not findings.is_clean
    vault.database.compact()
    assert vault.database.checkpoint()
    assert look(vault, traces).is_clean


def test_short_text_is_found_by_its_row(vault: Vault) -> None:
    vault.items.put_many([Draft(text="hi", id="a"), Draft(text="ho", id="b")])
    traces = traces_of(vault, 2)
    remove_without_care(vault, 2)
    assert vault.database.checkpoint()
    assert look(vault, traces).n_texts == 1


def test_text_that_another_item_shares_is_no_finding(vault: Vault) -> None:
    shared = "these very words stand in both of the two items"
    vault.items.put_many([Draft(text=f"{shared} one"), Draft(text=f"{shared} two")])
    traces = traces_of(vault, 1)
    receipt = vault.forget([vault.items.get_rows([1])[1].id])
    assert receipt.verified
    assert look(vault, traces).is_clean


def test_vector_that_another_item_shares_is_no_finding(vault: Vault) -> None:
    same = np.tile(np.random.default_rng(1).standard_normal((1, 384)), (2, 1)).astype(np.float32)
    vault.items.put_many([Draft(text="one"), Draft(text="two")], vectors={"e": same})
    assert vault.forget([vault.items.get_rows([1])[1].id]).verified


def test_term_that_stays_behind_is_found(vault: Vault) -> None:
    vault.items.put_many([Draft(text="zyxwvut stays behind"), Draft(text="stays")])
    traces = traces_of(vault, 1)
    assert traces.terms == {b"behind": 0, b"stai": 1, b"zyxwvut": 0}
    with vault.database.exclusive() as connection:
        connection.execute("DROP TRIGGER items_removed")
        connection.execute("DELETE FROM items WHERE row = 1")
    assert look(vault, traces).n_terms == 3


def test_wrong_key_cannot_pass_for_clean(vault: Vault) -> None:
    vault.items.put_many([Draft(text="something")])
    traces = traces_of(vault, 1)
    findings = read_back(vault.database, traces, os.urandom(32))
    assert not findings.is_control_found
    assert not findings.is_clean


def test_long_texts_over_many_pages_are_found_and_erased(vault: Vault) -> None:
    text = " ".join(os.urandom(8).hex() for _ in range(3000))
    vault.items.put_many([Draft(text=text, time=datetime(2026, 1, 1, tzinfo=UTC)), Draft(text="other")])
    traces = traces_of(vault, 1)
    assert vault.forget([vault.items.get_rows([1])[1].id]).verified
    assert look(vault, traces).is_clean


def test_unused_space_is_looked_at(vault: Vault, tmp_path: Path) -> None:
    vault.items.put_many([Draft(text=f"text {i}") for i in range(30)])
    assert vault.database.checkpoint()
    pages = next(database_pages(vault.database.path, vault.database.key)).copy()
    before = sum(map(len, unused_space(pages, is_start=True)))
    leaf = int(np.flatnonzero(pages[:, 0] == 13)[0])
    cells_start = int.from_bytes(pages[leaf, 5:7].tobytes(), "big")
    pages[leaf, cells_start - 20 : cells_start - 14] = list(b"secret")
    found = list(unused_space(pages, is_start=True))
    assert sum(map(len, found)) > before
    assert any(b"secret" in gap for gap in found)
