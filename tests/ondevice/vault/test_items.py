from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.records import Draft, Filter
from ondevice.vault import Vault

Unit = Callable[[int], NDArray[np.float32]]
Notes = Callable[[int], list[Draft]]
LATER = datetime.now(UTC) + timedelta(days=1)
BEFORE = datetime.now(UTC) - timedelta(days=1)


def put(vault: Vault, **values: object) -> str:
    return vault.items.put_many([Draft(**values)])[0].item.id  # type: ignore[arg-type]


def test_item_comes_back_as_it_was_put(vault: Vault) -> None:
    draft = Draft(
        text="Über den Dächern \x01 🏠",
        kind="mail",
        fields={"title": "Wohnung", "score": 4.5, "read": True, "nothing": None},
        time=datetime(1969, 7, 20, 20, 17, 40, 123457, tzinfo=UTC),
        metadata={"thread": 12, "from": "Ada"},
        expires_at=LATER,
    )
    stored = vault.items.put_many([draft])[0]
    item = vault.items.get(stored.item.id)
    assert item == stored.item
    for name in ("text", "kind", "fields", "time", "metadata", "expires_at"):
        assert getattr(item, name) == getattr(draft, name), name
    assert item.version == 1
    assert datetime.now(UTC) - item.added_at < timedelta(minutes=1)
    assert "Dächern" not in repr(item)


def test_time_defaults_to_the_moment_it_is_added(vault: Vault) -> None:
    item = vault.items.get(put(vault, text="now"))
    assert item.time == item.added_at


def test_same_content_is_stored_once(vault: Vault) -> None:
    draft = Draft(text="twice", fields={"a": 1, "b": 2})
    other_order = Draft(text="twice", fields={"b": 2, "a": 1}, metadata={"ignored": True})
    first, second = vault.items.put_many([draft, other_order])
    third = vault.items.put_many([draft])[0]
    assert (first.is_new, second.is_new, third.is_new) == (True, False, False)
    assert first.item == second.item == third.item
    assert vault.items.count() == 1


def test_other_kind_field_or_time_is_other_content(vault: Vault) -> None:
    drafts = [
        Draft(text="x"),
        Draft(text="x", kind="mail"),
        Draft(text="x", fields={"a": 1}),
        Draft(text="x", fields={"a": "1"}),
        Draft(text="x", time=BEFORE),
        Draft(text="x", time=LATER),
    ]
    assert all(stored.is_new for stored in vault.items.put_many(drafts))
    assert vault.items.is_known([*drafts, Draft(text="y")]) == [True] * 6 + [False]


def test_id_may_be_given_but_not_taken(vault: Vault) -> None:
    assert put(vault, text="a", id="app-1") == "app-1"
    with pytest.raises(ValueError, match="belongs to another"):
        put(vault, text="b", id="app-1")
    with pytest.raises(ValueError, match="belongs to another"):
        vault.items.put_many([Draft(text="c", id="z"), Draft(text="d", id="z")])
    assert vault.items.count() == 1


def test_batch_is_kept_whole_or_not_at_all(vault: Vault, unit: Unit) -> None:
    with pytest.raises(ValueError, match="text is empty"):
        vault.items.put_many([Draft(text="good"), Draft(text=" ")])
    vault.items.put_many([Draft(text="one")], vectors={"e": unit(1)})
    with pytest.raises(ModelMismatchError, match="have 8 numbers, and these have 3"):
        vault.items.put_many([Draft(text="two")], vectors={"e": np.ones((1, 3), np.float32)})
    with pytest.raises(ValueError, match="1 drafts came with 2 vectors"):
        vault.items.put_many([Draft(text="two")], vectors={"e": unit(2)})
    assert [item.text for item in vault.items.list()] == ["one"]


def test_only_new_items_get_vectors(vault: Vault, unit: Unit) -> None:
    vault.items.put_many([Draft(text="a")], vectors={"e": unit(3)[:1]})
    vault.items.put_many([Draft(text="a"), Draft(text="b"), Draft(text="c")], vectors={"e": unit(3)})
    rows, matrix, _ = vault.vectors.load("e")
    assert rows.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(matrix, unit(3))


def test_unknown_id_is_not_found(vault: Vault) -> None:
    for call in (vault.items.get, vault.items.row_of, vault.items.history):
        with pytest.raises(NotFoundError, match="no item with this id"):
            call("nothing")
    with pytest.raises(NotFoundError):
        vault.items.update("nothing", text="x")


def test_list_goes_by_time(vault: Vault, notes: Notes) -> None:
    vault.items.put_many(notes(5))
    texts = [draft.text for draft in notes(5)]
    assert [item.text for item in vault.items.list()] == texts[::-1]
    assert [item.text for item in vault.items.list(newest_first=False, limit=2, offset=1)] == texts[1:3]
    assert [item.text for item in vault.items.list(limit=None)] == texts[::-1]
    assert vault.items.list(limit=0) == []
    with pytest.raises(ValueError, match="negative"):
        vault.items.list(limit=-1)


def test_rows_and_recent_agree_with_list(vault: Vault, notes: Notes) -> None:
    stored = vault.items.put_many(notes(5))
    assert vault.items.rows().tolist() == [1, 2, 3, 4, 5]
    assert vault.items.rows().dtype == np.int64
    recent = vault.items.recent(None, 2)
    assert [ranked.row for ranked in recent] == [5, 4]
    assert recent[0].score > recent[1].score
    assert vault.items.get_rows([2, 99]) == {2: stored[1].item}
    assert vault.items.row_of(stored[2].item.id) == 3


def test_iterate_reads_in_batches(vault: Vault, notes: Notes) -> None:
    vault.items.put_many(notes(25))
    assert [item.text for item in vault.items.iterate(batch=10)] == [draft.text for draft in notes(25)]
    assert len(list(vault.items.iterate(Filter(since=datetime(2026, 1, 2, tzinfo=UTC)), batch=10))) == 1


def test_texts_are_what_the_encoder_sees(vault: Vault) -> None:
    vault.items.put_many([Draft(text="body", fields={"title": "Head", "n": 1}), Draft(text="plain")])
    assert vault.items.texts_for([2, 1]) == [("plain", 0), ("Head\nbody", 4)]
    with pytest.raises(NotFoundError, match="1 of 2"):
        vault.items.texts_for([1, 77])


def test_expired_items_are_gone_at_once(vault: Vault, unit: Unit) -> None:
    item_id = put(vault, text="soon gone", expires_at=BEFORE)
    put(vault, text="stays gone-less", expires_at=LATER)
    assert vault.items.count() == 1
    assert vault.items.rows().tolist() == [2]
    assert [ranked.row for ranked in vault.items.recent(None, 5)] == [2]
    assert [ranked.row for ranked in vault.lexical.match(["gone"], filter=None, limit=5)] == [2]
    assert [ranked.row for ranked in vault.lexical.match(["gone"], filter=Filter(kinds=("note",)), limit=5)] == [2]
    assert vault.items.get_rows([1]) == {}
    assert vault.vectors.missing("e", 10).tolist() == [2]
    assert not vault.items.is_known([Draft(text="soon gone")])[0]
    with pytest.raises(NotFoundError):
        vault.items.get(item_id)


def test_update_keeps_what_was_said(vault: Vault) -> None:
    item_id = put(vault, text="first", fields={"title": "One"}, metadata={"a": 1})
    before = vault.items.get(item_id)
    after = vault.items.update(item_id, text="second", metadata={"a": 2}, expires_at=LATER)
    assert (after.text, after.fields, after.metadata, after.version) == ("second", {"title": "One"}, {"a": 2}, 2)
    assert (after.id, after.time, after.added_at) == (before.id, before.time, before.added_at)
    vault.items.update(item_id, fields={"title": "Two"}, expires_at=None)
    versions = vault.items.history(item_id)
    assert [(v.version, v.text, v.fields, v.metadata) for v in versions] == [
        (1, "first", {"title": "One"}, {"a": 1}),
        (2, "second", {"title": "One"}, {"a": 2}),
    ]
    assert vault.items.get(item_id).expires_at is None
    assert vault.items.count_versions() == 2


def test_update_moves_the_search_terms(vault: Vault) -> None:
    item_id = put(vault, text="oranges", fields={"title": "fruit"})
    vault.items.update(item_id, text="lemons")
    assert vault.lexical.document_frequency(["oranges", "lemons", "fruit"]) == {"oranges": 0, "lemons": 1, "fruit": 1}
    assert vault.check() == []


def test_update_leaves_no_vector_of_the_old_text(vault: Vault, unit: Unit) -> None:
    vault.items.put_many([Draft(text="a", id="a")], vectors={"old": unit(1), "new": unit(1)})
    vault.items.update("a", metadata={"only": "this"})
    assert vault.vectors.encoders() == {"new": 1, "old": 1}
    vault.items.update("a", text="b", vectors={"new": unit(2)[1]})
    assert vault.vectors.encoders() == {"new": 1, "old": 0}
    np.testing.assert_array_equal(vault.vectors.load("new")[1], unit(2)[1:])
    assert vault.vectors.missing("old", 5).tolist() == [1]


def test_update_that_fails_changes_nothing(vault: Vault, unit: Unit) -> None:
    vault.items.put_many([Draft(text="a", id="a")], vectors={"e": unit(1)})
    with pytest.raises(ModelMismatchError):
        vault.items.update("a", text="b", vectors={"e": np.ones(3, np.float32)})
    assert vault.items.get("a").text == "a"
    assert vault.items.history("a") == []


def test_updated_content_is_known_and_the_old_is_not(vault: Vault) -> None:
    item_id = put(vault, text="a")
    vault.items.update(item_id, text="b")
    assert vault.items.is_known([Draft(text="a"), Draft(text="b")]) == [False, True]


def test_rows_are_never_used_again(vault: Vault) -> None:
    put(vault, text="a", id="a")
    vault.forget(["a"])
    put(vault, text="b")
    assert vault.items.rows().tolist() == [2]


def test_counts_by_kind(vault: Vault) -> None:
    vault.items.put_many([Draft(text="a"), Draft(text="b", kind="mail"), Draft(text="c", kind="mail")])
    assert vault.items.count_by_kind() == {"mail": 2, "note": 1}
    assert vault.items.count(Filter(kinds=("mail",))) == 2
