"""Tests of ondevice.vault.vectors (test_vectors.py is about the known-answer files)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.errors import ModelMismatchError, StorageError
from ondevice.passages import label_of
from ondevice.records import Draft, Filter
from ondevice.vault import AppKey, Vault

Unit = Callable[[int], NDArray[np.float32]]
Notes = Callable[[int], list[Draft]]


def test_vectors_come_back_bit_for_bit(vault: Vault, notes: Notes, unit: Unit) -> None:
    vault.items.put_many(notes(5), vectors={"e": unit(5)})
    rows, matrix, revision = vault.vectors.load("e")
    assert rows.tolist() == [1, 2, 3, 4, 5]
    assert matrix.dtype == np.float32
    assert matrix.tobytes() == unit(5).tobytes()
    assert revision == vault.vectors.revision("e") == 1


def test_unknown_encoder_has_nothing(vault: Vault) -> None:
    rows, matrix, revision = vault.vectors.load("none")
    assert (len(rows), len(matrix), revision, vault.vectors.count("none")) == (0, 0, 0, 0)
    assert vault.vectors.encoders() == {}
    assert vault.vectors.drop("none") == 0


def test_changes_since_a_revision(vault: Vault, notes: Notes, unit: Unit) -> None:
    vault.items.put_many(notes(3), vectors={"e": unit(3)})
    seen = vault.vectors.revision("e")
    vault.vectors.put("e", [2], unit(4)[3:])
    labels, matrix, revision = vault.vectors.passages("e", since=seen)
    assert labels.tolist() == [label_of(2, 0)]
    np.testing.assert_array_equal(matrix, unit(4)[3:])
    assert revision == seen + 1
    assert len(vault.vectors.passages("e", since=revision)[0]) == 0


def test_every_change_moves_the_revision(vault: Vault, notes: Notes, unit: Unit) -> None:
    seen = [vault.vectors.revision("e")]
    stored = vault.items.put_many(notes(3), vectors={"e": unit(3), "f": unit(3)})
    seen.append(vault.vectors.revision("e"))
    vault.vectors.put("e", [1], unit(1))
    seen.append(vault.vectors.revision("e"))
    vault.forget([stored[0].item.id])
    seen.append(vault.vectors.revision("e"))
    vault.vectors.put("f", [2], unit(1))
    assert seen == [0, 1, 2, 3]
    assert vault.vectors.revision("e") == 3


def test_the_newest_items_come_by_their_time_and_in_the_order_of_their_rows(vault: Vault, unit: Unit) -> None:
    days = (3, 1, 4, 2)
    drafts = [Draft(text=f"day {day}", time=datetime(2024, 1, day, tzinfo=UTC)) for day in days]
    ids = [each.item.id for each in vault.items.put_many(drafts, vectors={"e": unit(4)})]
    rows, matrix, n_missing = vault.vectors.newest("e", 2)
    assert (rows.tolist(), n_missing) == ([1, 3], 0)
    assert matrix.tobytes() == unit(4)[[0, 2]].tobytes()
    rows, matrix, _ = vault.vectors.newest("e", 9, Filter(ids=(ids[1], ids[3])))
    assert rows.tolist() == [2, 4]
    vault.items.update(ids[2], expires_at=datetime.now(UTC) - timedelta(hours=1))
    assert vault.vectors.newest("e", 2)[0].tolist() == [1, 4]
    vault.items.put_many([Draft(text="without", time=datetime(2024, 1, 9, tzinfo=UTC))])
    rows, matrix, n_missing = vault.vectors.newest("e", 2)
    assert (rows.tolist(), n_missing) == ([1], 1), "one of the two newest has none"
    assert [len(part) for part in vault.vectors.newest("e", 0)[:2]] == [0, 0]
    rows, matrix, n_missing = vault.vectors.newest("none", 9)
    assert (len(rows), matrix.shape, n_missing) == (0, (0, 0), 4)


def test_rows_that_are_gone_are_not_counted(vault: Vault, notes: Notes) -> None:
    ids = [each.item.id for each in vault.items.put_many(notes(4))]
    assert vault.items.count_rows([1, 2, 3, 4]) == 4
    vault.forget([ids[0]])
    vault.items.update(ids[1], expires_at=datetime.now(UTC) - timedelta(hours=1))
    vault.items.put_many(notes(6)[5:])
    assert (vault.items.count_rows([1, 2, 3, 4]), vault.items.count_rows([])) == (2, 0), "no row is given again"


def test_what_was_seen_just_before_a_vector_was_taken_is_not_kept(
    vault: Vault, notes: Notes, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = vault.items.put_many(notes(3), vectors={"e": unit(3)})
    database, reading = vault.database, vault.database.reading

    @contextmanager
    def updated_meanwhile() -> Iterator[Connection]:
        with reading() as connection:
            yield connection
        monkeypatch.setattr(database, "reading", reading)
        vault.items.update(stored[0].item.id, text="another thread says something else")

    monkeypatch.setattr(database, "reading", updated_meanwhile)
    assert vault.vectors.missing("e", 9).tolist() == [], "as it was when it was looked at"
    assert vault.vectors.missing("e", 9).tolist() == [stored[0].row]


def test_missing_follows_every_change(vault: Vault, notes: Notes, unit: Unit) -> None:
    vault.items.put_many(notes(4), vectors={"e": unit(4)})
    assert vault.vectors.missing("e", 10).tolist() == []
    assert vault.vectors.missing("f", 3).tolist() == [1, 2, 3]
    vault.vectors.put("f", [1, 3], unit(2))
    assert vault.vectors.missing("f", np.iinfo(np.int64).max).tolist() == [2, 4]
    vault.items.put_many([Draft(text="new")])
    assert vault.vectors.missing("e", 10).tolist() == [5]
    vault.items.update(vault.items.get_rows([2])[2].id, text="other")
    assert vault.vectors.missing("e", 10).tolist() == [2, 5]
    assert vault.vectors.drop("e") == 3
    assert vault.vectors.missing("e", 1).tolist() == [1]


def test_counts_follow_every_change(vault: Vault, notes: Notes, unit: Unit) -> None:
    vault.items.put_many(notes(4), vectors={"e": unit(4)})
    vault.vectors.put("f", [1, 2], unit(2))
    assert vault.vectors.encoders() == {"e": 4, "f": 2}
    assert vault.vectors.drop("e") == 4
    assert vault.vectors.encoders() == {"f": 2}


@pytest.mark.parametrize(
    "matrix",
    [
        np.ones((2, 8), np.float64),
        np.ones((1, 8), np.float32),
        np.ones(8, np.float32),
        np.ones((2, 0), np.float32),
        np.full((2, 8), np.nan, np.float32),
    ],
    ids=["float64", "too few", "flat", "no numbers", "nan"],
)
def test_wrong_matrices_are_refused(vault: Vault, notes: Notes, matrix: NDArray[np.float32]) -> None:
    vault.items.put_many(notes(2))
    with pytest.raises(ValueError, match="vector"):
        vault.vectors.put("e", [1, 2], matrix)
    assert vault.vectors.encoders() == {}


def test_other_dimension_is_a_mismatch(vault: Vault, notes: Notes, unit: Unit) -> None:
    vault.items.put_many(notes(2), vectors={"e": unit(2)})
    with pytest.raises(ModelMismatchError):
        vault.vectors.put("e", [1], np.ones((1, 5), np.float32))


def test_vector_needs_an_item(vault: Vault, unit: Unit) -> None:
    with pytest.raises(StorageError):
        vault.vectors.put("e", [7], unit(1))


def test_vectors_outlive_the_process(profile_path: Path, app_key: AppKey, notes: Notes, unit: Unit) -> None:
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many(notes(2), vectors={"e": unit(2)})
    with Vault.open(profile_path, app_key) as vault:
        assert vault.vectors.load("e")[1].tobytes() == unit(2).tobytes()
        assert vault.vectors.revision("e") == 1
