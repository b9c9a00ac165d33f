"""An adapter in use is taken away with any item it saw, at whatever moment, and is never another user's."""

from __future__ import annotations

import threading
from contextlib import suppress

import numpy as np
import pytest

from ondevice import Personalizer, verify_receipt
from ondevice.errors import NotFoundError
from ondevice.records import ArtifactOutcome
from tests.small_trainings import Open
from tests.tiny_adapters import filled, keep_adapter, spoken


def test_forgetting_an_item_takes_the_adapter_out_of_answers_and_says_so(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    plain = spoken(me)
    keep_adapter(me, "style", ids[:2], seed=1)
    keep_adapter(me, "other", ids[2:], seed=2)
    me.adapters.use("other")
    me.adapters.use("style")
    spoken(me)
    receipt = me.forget(ids[0])
    assert receipt.verified
    assert verify_receipt(receipt)
    for line in (
        ArtifactOutcome(kind="adapter", name="style@1", outcome="dropped", count=1),
        ArtifactOutcome(kind="adapter", name="in memory", outcome="cleared", count=1),
        ArtifactOutcome(kind="adapter", name="to be trained again", outcome="absent"),
        ArtifactOutcome(kind="training", name="under way", outcome="absent"),
    ):
        assert line in receipt.artifacts
    assert np.array_equal(spoken(me), plain)
    assert [info.name for info in me.adapters.list()] == ["other"]
    assert me.adapters.status().in_use is None
    assert len(me.generator.engine()._adapters) == 1
    with pytest.raises(NotFoundError, match="no adapter 'style'"):
        me.adapters.use("style")
    me.adapters.use("other")


def test_an_open_answer_ends_when_its_adapter_goes(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    with me.stream("roses", retriever="none", max_tokens=200) as stream:
        next(iter(stream))
        me.forget(ids[0])
        assert len(list(stream)) == 0
    assert stream.completion.finish_reason == "cancelled"


def test_forgetting_before_the_model_is_loaded(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    me.close()
    again = open_one()
    receipt = again.forget(ids[1])
    assert receipt.verified
    assert ArtifactOutcome(kind="adapter", name="in memory", outcome="absent") in receipt.artifacts
    assert again.adapters.status().in_use is None
    spoken(again)
    assert not again.generator.engine()._adapters


def test_two_users_in_one_process_do_not_mix(open_one: Open) -> None:
    ann, bob = open_one("ann"), open_one("bob")
    plain = spoken(bob)
    keep_adapter(ann, "style", filled(ann), seed=1)
    ids = filled(bob)
    ann.adapters.use("style")
    ann_s = spoken(ann)
    assert np.array_equal(spoken(bob), plain)
    with pytest.raises(NotFoundError):
        bob.adapters.use("style")
    keep_adapter(bob, "style", ids, seed=2)
    bob.adapters.use("style")
    bob_s = spoken(bob)
    assert not np.allclose(ann_s, bob_s, atol=0.01)
    assert np.array_equal(spoken(ann), ann_s)
    bob.forget(ids[0])
    assert np.array_equal(spoken(bob), plain)
    assert np.array_equal(spoken(ann), ann_s)


def test_two_users_answering_at_once_do_not_mix(open_one: Open) -> None:
    ann, bob = open_one("ann"), open_one("bob")
    keep_adapter(ann, "style", filled(ann), seed=1)
    keep_adapter(bob, "style", filled(bob), seed=2)
    wanted = {}
    for me in (ann, bob):
        me.adapters.use("style")
        wanted[me] = me.generate("roses", retriever="none", max_tokens=8).text
    found: dict[Personalizer, list[str]] = {ann: [], bob: []}

    def answer(me: Personalizer) -> None:
        for _ in range(4):
            found[me].append(me.generate("roses", retriever="none", max_tokens=8).text)

    threads = [threading.Thread(target=answer, args=(me,)) for me in (ann, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {me: [wanted[me]] * 4 for me in (ann, bob)}
    assert wanted[ann] != wanted[bob]


def test_taking_up_new_weights_does_not_undo_a_choice_made_meanwhile(
    open_one: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = open_one()
    ids = filled(me)
    plain = spoken(me)
    keep_adapter(me, "style", ids, seed=1)
    me.adapters.use("style")
    attachment = me.adapters._attachment
    load = attachment._load

    def choose_none_meanwhile(*given: object) -> object:
        me.adapters.use(None)
        return load(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(attachment, "_load", choose_none_meanwhile)
    keep_adapter(me, "style", ids, seed=2)
    assert me.adapters.status().in_use is None
    assert np.array_equal(spoken(me), plain)


def test_an_adapter_that_is_loaded_while_it_is_forgotten_stays_in_no_memory(
    open_one: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An erasure waits for what is being loaded, and then frees it; what begins later finds it gone."""
    me = open_one()
    ids = filled(me)
    spoken(me)
    keep_adapter(me, "style", ids)
    read, threads = me.vault.derived.read, []

    def forget_meanwhile(kind: str, name: str) -> bytes:
        data = read(kind, name)
        threads.append(threading.Thread(target=me.forget, args=(ids[0],)))
        threads[0].start()
        while threads[0].is_alive() and not me.generator.engine()._desk.turn.is_claimed():
            threads[0].join(0.001)
        return data

    monkeypatch.setattr(me.vault.derived, "read", forget_meanwhile)
    with suppress(NotFoundError):  # or it was in use for a moment
        me.adapters.use("style")
    threads[0].join()
    assert me.generator.engine()._adapters == set()
    assert me.adapters._attachment._loaded == {}


def test_closing_frees_an_adapter_that_is_being_loaded(open_one: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    me = open_one()
    ids = filled(me)
    spoken(me)
    keep_adapter(me, "style", ids)
    engine, read, threads = me.generator.engine(), me.vault.derived.read, []

    def close_meanwhile(kind: str, name: str) -> bytes:
        data = read(kind, name)
        threads.append(threading.Thread(target=me.adapters._attachment.close))
        threads[0].start()
        while threads[0].is_alive() and not engine._desk.turn.is_claimed():
            threads[0].join(0.001)
        return data

    monkeypatch.setattr(me.vault.derived, "read", close_meanwhile)
    with suppress(ValueError):  # or it was in use for a moment
        me.adapters.use("style")
    threads[0].join()
    assert engine._adapters == set()
