"""What notes of adapters say of items that are forgotten: nothing, and the receipt tells so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from ondevice import Filter, Personalizer, Receipt
from ondevice.errors import NotFoundError
from ondevice.learned.adapter_notes import ADAPTER, CHECKPOINT, AdapterNote, OnForget
from ondevice.records import ArtifactOutcome, Draft
from ondevice.vault.vault import Vault
from tests.small_trainings import CONFIG, RECIPE, After, Open

VALUE = "Robin Vanderquist, 12 Elm Street, oncology"
WHO = Filter(metadata={"client": VALUE})


@pytest.fixture
def me(open_one: Open) -> Personalizer:
    opened: Personalizer = open_one()
    for client in (VALUE, "Ann"):
        opened.add_many(
            [Draft(text=f"letter {n} to {client[:3]} was grey", metadata={"client": client}) for n in range(10)]
        )
    return opened


def train(me: Personalizer, filter: Filter, on_forget: OnForget = "mark", **more: Any) -> None:
    me.adapters.train("style", filter=filter, recipe=RECIPE, config=CONFIG, on_forget=on_forget, **more)


def pages(me: Personalizer) -> Iterator[bytes]:
    """Yield the decrypted pages of the database, as whoever has the key could read them."""
    database = me.vault.database
    data = database.path.read_bytes()
    for start in range(0, len(data), 4096):
        page = data[start : start + 4096]
        decryptor = Cipher(algorithms.AES(database.key), modes.CBC(page[4016:4032])).decryptor()
        yield decryptor.update(page[16 if start == 0 else 0 : 4016])


def is_in_file(me: Personalizer, word: str) -> bool:
    me.vault.database.checkpoint()
    return any(word.encode() in page for page in pages(me))


def cleaned(receipt: Receipt) -> ArtifactOutcome:
    (found,) = (each for each in receipt.artifacts if each.name == "words in notes")
    return found


def filter_of(me: Personalizer, kind: str = ADAPTER) -> Filter | None:
    return AdapterNote.from_json(me.vault.derived.get(kind, "style").note).plan.filter


@pytest.mark.parametrize("value", [VALUE, "Robin"])
def test_a_marked_adapter_s_filter_goes_with_the_last_item_that_has_its_words(open_one: Open, value: str) -> None:
    me = open_one("other")
    who = Filter(metadata={"client": value})
    me.add_many([Draft(text=f"letter {n} was grey", metadata={"client": value}) for n in range(10)])
    train(me, who)
    assert is_in_file(me, value), "so the search of this test finds what there is"
    first = me.forget(me.items.list()[0].id)
    assert first.verified
    assert filter_of(me) == who, "the others say it still"
    receipt = me.forget(who)
    assert receipt.verified
    assert cleaned(receipt).outcome == "cleared"
    assert not is_in_file(me, value)
    assert me.adapters.status().to_train_again == ("style",)
    with pytest.raises(NotFoundError, match="filter of the adapter 'style' went with items") as caught:
        me.adapters.retrain("style")
    assert caught.value.hint == "train it, and say anew which items it learns from"
    me.close()
    again = open_one("other")
    assert not is_in_file(again, value)
    again.add_many([Draft(text=f"letter {n} was red") for n in range(10)])
    again.adapters.train("style", recipe=RECIPE, config=CONFIG)
    assert again.adapters.retrain("style") is not None


@pytest.mark.parametrize(
    "filter",
    [
        Filter(metadata={"client": {"ne": VALUE}}),
        Filter(metadata={"client": ["Ann", VALUE]}, until=datetime(2100, 1, 1, tzinfo=UTC)),
        Filter(kinds=("note", "therapy-session")),
        Filter(metadata={"diagnosis": None}),
        Filter(metadata={"client": {"gte": "A", "lt": "Robin Vanderquist"}}),
        Filter(kinds=("note",)) | Filter(metadata={"client": VALUE}),
        Filter(kinds=("note",)) & (Filter(metadata={"client": "Ann"}) | Filter(kinds=("therapy-session",))),
        Filter(metadata={"topics": "oncology: Vanderquist"}),
    ],
)
def test_words_that_a_living_adapter_was_told_of_go_too(me: Personalizer, filter: Filter) -> None:
    """It has not seen what is forgotten, and stays; what its filter says of that goes."""
    gone = [me.add("a session", kind="therapy-session", metadata={"diagnosis": "none"}).id]
    gone += [me.add("a list", metadata={"topics": ["work", "oncology: Vanderquist"]}).id]
    gone += [item.id for item in me.items.list(WHO)]
    ann = tuple(item.id for item in me.items.list(Filter(metadata={"client": "Ann"})))
    me.adapters.train("style", filter=Filter(ids=ann), recipe=RECIPE, config=CONFIG)
    note = AdapterNote.from_json(me.vault.derived.get(ADAPTER, "style").note)
    values: Mapping[str, Any] = note.to_json() | {"filter": _as_noted(filter)}
    me.vault.derived.renote(ADAPTER, "style", dict(values))
    me.adapters.use("style")
    receipt = me.forget(gone)
    assert receipt.verified
    assert cleaned(receipt) == ArtifactOutcome(kind="adapter", name="words in notes", outcome="cleared", count=1)
    assert not any(is_in_file(me, word) for word in ("Vanderquist", "therapy-session", "diagnosis"))
    assert me.adapters.status().in_use == "style"
    with pytest.raises(NotFoundError, match="went with items"):
        me.adapters.retrain("style")


def _as_noted(filter: Filter) -> dict[str, Any]:
    from ondevice.learned.adapter_notes import _filter_to_json

    return _filter_to_json(filter)


def test_what_items_still_say_and_what_is_no_word_stays(me: Personalizer) -> None:
    me.add_many([Draft(text=f"star {n} of the night", metadata={"stars": n, "client": "Ann"}) for n in range(4)])
    wanted = Filter(
        kinds=("note",),
        since=datetime(2020, 1, 1, tzinfo=UTC),
        metadata={"client": "Ann", "stars": {"gte": -0.5}},
    )
    train(me, Filter(metadata={"client": "Ann"}))
    note = AdapterNote.from_json(me.vault.derived.get(ADAPTER, "style").note)
    me.vault.derived.renote(ADAPTER, "style", dict(note.to_json() | {"filter": _as_noted(wanted)}))
    receipt = me.forget(WHO)
    assert cleaned(receipt).outcome == "absent"
    assert filter_of(me) == wanted


def test_ids_of_what_is_forgotten_go_and_the_filter_stays(me: Personalizer) -> None:
    ids = tuple(item.id for item in me.items.list())
    train(me, Filter(ids=ids[:-2]), leave_out=ids[:2])
    me.forget([ids[0], ids[5]])
    plan = AdapterNote.from_json(me.vault.derived.get(ADAPTER, "style").note).plan
    assert plan.filter == Filter(ids=(*ids[1:5], *ids[6:-2]))
    assert plan.leave_out == (ids[1],)
    again = me.adapters.retrain("style")
    assert again is not None
    assert again.n_items == len(ids) - 2 - 3


def test_ids_go_out_of_the_filters_inside_too(me: Personalizer) -> None:
    ids = tuple(item.id for item in me.items.list())
    train(me, Filter(ids=ids[:4]) | (Filter(ids=ids[4:8]) & Filter(kinds=("note",))) | Filter(ids=ids[8:]))
    me.forget([ids[0], ids[5]])
    assert filter_of(me) == Filter(ids=ids[1:4]) | (Filter(ids=(ids[4], *ids[6:8])) & Filter(kinds=("note",))) | Filter(
        ids=ids[8:]
    )


def test_a_value_that_a_list_still_holds_stays(me: Personalizer) -> None:
    wanted = Filter(metadata={"topics": "work"})
    items = [me.add(f"about work {n}, and more", metadata={"topics": ["work", f"{n}"]}) for n in range(10)]
    train(me, wanted)
    me.forget([item.id for item in items[1:]])
    assert filter_of(me) == wanted
    me.forget(items[0].id)
    assert filter_of(me) is None
    assert not is_in_file(me, '"topics"')


def test_a_paused_training_s_filter_goes_too(me: Personalizer) -> None:
    train(me, WHO, pause=After(2))
    receipt = me.forget(WHO)
    assert receipt.verified
    assert filter_of(me, CHECKPOINT) is None
    assert not is_in_file(me, "Vanderquist")


@pytest.mark.parametrize("ends", ["done", "paused"])
def test_what_is_forgotten_during_a_training_is_not_noted_at_its_end(me: Personalizer, ends: str) -> None:
    receipts: list[Receipt] = []

    def on_progress(done: int, total: int) -> None:
        if not receipts:
            receipts.append(me.forget(WHO))

    pause = After(3) if ends == "paused" else None
    train(me, Filter(metadata={"client": {"ne": VALUE}}), on_progress=on_progress, pause=pause)
    assert receipts[0].verified
    assert not is_in_file(me, "Vanderquist")
    if ends == "paused":
        info = me.adapters.resume("style")
        assert info is not None
        assert info.is_ready
    with pytest.raises(NotFoundError, match="went with items"):
        me.adapters.retrain("style")


@pytest.mark.parametrize(
    "forget",
    [lambda vault: vault.forget(WHO), lambda vault: vault.prune(now=datetime(2100, 1, 1, tzinfo=UTC))],
    ids=["forget", "prune"],
)
def test_an_erasure_that_nobody_was_told_of_is_made_good_at_the_next_opening(
    me: Personalizer, open_one: Open, forget: Callable[[Vault], object]
) -> None:
    for item in me.items.list(WHO):
        me.items.update(item.id, expires_at=datetime(2099, 1, 1, tzinfo=UTC))
    train(me, WHO)
    forget(me.vault)
    me.close()
    again = open_one()
    assert not is_in_file(again, "Vanderquist")


def test_a_note_that_cannot_be_read_does_not_keep_anybody_from_forgetting(me: Personalizer) -> None:
    train(me, WHO)
    me.vault.derived.renote(ADAPTER, "style", {"on_forget": "mark", "filter": 5})
    assert me.forget(me.items.list(Filter(metadata={"client": "Ann"}))[0].id).verified
