"""The inventory counts what a profile holds, and says on what each learned thing rests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ondevice import Draft, ModelSet, Personalizer
from ondevice.learned.inventory import Inventory, take_inventory
from ondevice.vault import AppKey, Vault
from ondevice.vault.holdings import OTHER_ORIGIN, LeftBehind, WordsHeld
from tests.tiny_adapters import keep_adapter

NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """Yield an open profile of known content."""
    with Vault.create(tmp_path / "me.profile", AppKey(b"k" * 32)) as made:
        made.items.put_many(
            [
                Draft(text="Grüße", id="a", time=datetime(2020, 2, 29, tzinfo=UTC), metadata={"path": "x.txt"}),
                Draft(text="a mail", id="b", kind="email", fields={"title": "hi"}, metadata={"message_id": "<1>"}),
                Draft(text="both", id="c", kind="email", metadata={"message_id": "<2>", "path": "y"}),
                Draft(text="from an app", id="d", expires_at=NEXT_YEAR, time=datetime(2031, 1, 1, tzinfo=UTC)),
                Draft(text="over", id="e", expires_at=datetime(2026, 1, 2, tzinfo=UTC)),
            ]
        )
        yield made


def test_items_by_kind_origin_and_time(vault: Vault) -> None:
    held = take_inventory(vault).items
    assert [(each.kind, each.n_items, each.n_expiring) for each in held.by_kind] == [("email", 2, 0), ("note", 2, 1)]
    assert (held.n_items, held.n_expiring, held.n_expired) == (4, 1, 1)
    assert held.by_kind[1].n_bytes == len("Grüßefrom an app".encode()) + len('{}{"path":"x.txt"}{}{}')
    assert (held.oldest, held.newest) == (datetime(2020, 2, 29, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC))
    assert (held.next_expiry, held.expired_since) == (NEXT_YEAR, datetime(2026, 1, 2, tzinfo=UTC))
    assert dict(held.by_origin) == {"mail": 2, "note files": 1, OTHER_ORIGIN: 1}
    assert dict(held.field_names) == {"title": 1}
    assert dict(held.metadata_keys) == {"message_id": 2, "path": 2}


def test_versions_vectors_words_files_and_the_rest(vault: Vault) -> None:
    vault.items.update("a", text="Grüße")
    vault.vectors.put("tiny", [vault.items.row_of(item_id) for item_id in "ab"], np.ones((2, 4), np.float32))
    vault.sealed.write("index-tiny", b"graph", version=1)
    vault.derived.put("summary", "chat", b"short", item_ids=["a"])
    taken = take_inventory(vault)
    assert (taken.items.n_versions, taken.items.version_bytes) == (1, len('Grüße{}{"path":"x.txt"}'.encode()))
    assert [(each.encoder_id, each.n_vectors, each.n_bytes) for each in taken.vectors] == [("tiny", 2, 32)]
    assert taken.words == WordsHeld(n_words=9, n_places=9)
    assert [(each.kind, each.n_files) for each in taken.sealed] == [("index", 1), ("summary", 1)]
    assert sum(each.n_bytes for each in taken.sealed) == vault.sealed.total_bytes()
    assert taken.settings == ("derived/summary", "words/version")
    assert [each.kind for each in taken.slots] == ["app"]
    assert [(each.kind, each.n_events) for each in taken.events] == [("created", 1)]
    assert taken.left_behind == LeftBehind(n_versions=0, n_vectors=0, n_in_search=0, n_in_lineage=0)
    assert taken.event_flaw is None


def test_an_empty_profile(tmp_path: Path) -> None:
    with Vault.create(tmp_path / "empty", AppKey(b"k" * 32)) as vault:
        taken = take_inventory(vault)
    assert (taken.items.n_items, taken.items.oldest, taken.learned, taken.words.n_words) == (0, None, (), 0)


def test_an_unknown_kind_of_learned_thing_is_told_too(vault: Vault) -> None:
    vault.derived.put("habits", "mine", b"bytes", item_ids=["a", "b"])
    assert [(each.kind, each.name, each.n_items) for each in take_inventory(vault).learned] == [("habits", "mine", 2)]


def test_what_adapters_rest_on(tmp_path: Path, app_models: Path) -> None:
    models = ModelSet(app_models, encoder=None, generator="tiny-generator")
    with Personalizer.create(tmp_path / "me", app_key=b"k" * 32, models=models) as me:
        ids = me.add_many([Draft(text=f"note {number}") for number in range(6)]).item_ids
        keep_adapter(me, "style", ids[:3], on_forget="mark")
        keep_adapter(me, "later", ids[:2], stopped="paused")
        me.adapters.use("style", scale=0.5)
        me.add("one more")
        me.items.update(ids[1], text="another wording")
        first, second = me.inventory().learned
        assert (first.kind, first.name, first.task, first.base_name) == ("adapter", "style", "chat", "tiny-generator")
        assert (first.is_in_use, first.n_items, first.n_changed, first.n_newer, first.n_gone) == (True, 3, 1, 1, 0)
        assert (second.kind, second.name, second.n_items, second.is_in_use) == ("checkpoint", "later", 2, False)
        me.forget(ids[0])
        (left,) = me.inventory().learned
        assert (left.is_there, left.is_in_use, left.is_stale, left.n_bytes, left.n_gone) == (False, False, True, 0, 0)


def test_as_json(vault: Vault) -> None:
    document = json.loads(json.dumps(take_inventory(vault).to_json()))
    assert set(document) == set(Inventory.__dataclass_fields__)
    assert (document["items"]["n_items"], document["items"]["by_kind"][0]["kind"]) == (4, "email")
    assert document["items"]["next_expiry"] == NEXT_YEAR.isoformat()
    assert document["slots"][0]["kind"] == "app"
