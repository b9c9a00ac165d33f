"""An adapter in use: swapped while answers go on, taken away with any item it saw, and never another user's."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import EngineConfig, ModelSet, Personalizer, verify_receipt
from ondevice.config import Contrast
from ondevice.errors import CorruptError, InputError, ModelMismatchError, NotFoundError, StorageError
from ondevice.records import ArtifactOutcome
from tests.tiny_adapters import keep_adapter, random_adapter
from tests.tiny_generator import make_tiny_generator

KEY = b"k" * 32
STRONG = Contrast(alpha=1.0, threshold=1e-6)
Open = Callable[..., Personalizer]


def spoken(me: Personalizer) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return me.generator.engine().log_likelihood("the user likes", " roses in the rain")


@pytest.fixture
def open_one(tmp_path: Path, app_models: Path) -> Iterator[Open]:
    """Yield an opener of profiles by name; all are closed in the end."""
    opened: list[Personalizer] = []

    def open_it(name: str = "me", generator: str | None = "tiny-generator", models: Path = app_models) -> Personalizer:
        # Whole batches: then what was evaluated before changes no bit, and equal weights give equal numbers.
        engine = EngineConfig(threads=1, reuse_whole_batches=True)
        me = Personalizer.open(
            tmp_path / name, app_key=KEY, models=ModelSet(models, encoder=None, generator=generator, engine=engine)
        )
        opened.append(me)
        return me

    yield open_it
    for me in opened:
        me.close()


def filled(me: Personalizer, n_items: int = 3) -> list[str]:
    return [me.add(f"note {number} about roses").id for number in range(n_items)]


def test_using_changes_answers_and_using_none_restores_them_bit_for_bit(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    plain = spoken(me)
    keep_adapter(me, "style", ids)
    assert np.array_equal(spoken(me), plain), "kept is not used"
    me.adapters.use("style")
    adapted = spoken(me)
    assert not np.allclose(adapted, plain, atol=0.01)
    me.adapters.use(None)
    assert np.array_equal(spoken(me), plain)
    me.adapters.use("style", 0.5)
    assert not np.allclose(spoken(me), adapted, atol=0.01)
    me.adapters.drop("style")
    assert np.array_equal(spoken(me), plain)


def test_it_is_in_use_again_after_the_next_opening(open_one: Open) -> None:
    me = open_one()
    keep_adapter(me, "style", filled(me))
    me.adapters.use("style", 0.7)
    adapted = spoken(me)
    me.close()
    again = open_one()
    assert [(info.name, info.is_in_use, info.scale) for info in again.adapters.list()] == [("style", True, 0.7)]
    assert np.array_equal(spoken(again), adapted)


def test_what_is_not_remembered_ends_with_closing(open_one: Open) -> None:
    me = open_one()
    keep_adapter(me, "style", filled(me))
    plain = spoken(me)
    before = me.vault.database.version
    me.adapters.use("style", remember=False)
    assert me.vault.database.version == before
    assert me.adapters.status().in_use == "style"
    me.close()
    again = open_one()
    assert again.adapters.status().in_use is None
    assert np.array_equal(spoken(again), plain)


def test_contrast_keeps_answers_away_from_the_plain_model(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    adapted = spoken(me)
    me.adapters.use("style", contrast=STRONG)
    contrasted = spoken(me)
    assert not np.allclose(contrasted, adapted, atol=0.01)
    me.close()
    again = open_one()
    assert again.adapters.status().contrast == STRONG
    assert np.array_equal(spoken(again), contrasted)
    again.adapters.use("style")
    assert np.array_equal(spoken(again), adapted)
    again.adapters.use("style", contrast=Contrast())
    spoken(again)
    assert again.forget(ids[0]).verified
    assert again.adapters.status().contrast is None
    with pytest.raises(ValueError, match="threshold must be above 0"):
        again.adapters.use("style", contrast=Contrast(threshold=0.0))


def test_swapping_between_two_keeps_both_loaded(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "one", ids, seed=1)
    keep_adapter(me, "two", ids, seed=2)
    me.adapters.use("one")
    first = spoken(me)
    me.adapters.use("two")
    second = spoken(me)
    assert not np.allclose(first, second, atol=0.01)
    assert len(me.generator.engine()._adapters) == 2
    me.adapters.use("one")
    assert np.array_equal(spoken(me), first)


def test_weights_kept_anew_are_taken_up_at_once(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "style", ids, seed=1)
    me.adapters.use("style", 0.5)
    before = spoken(me)
    info = keep_adapter(me, "style", ids, seed=2)
    assert (info.is_in_use, info.scale) == (True, 0.5)
    assert not np.allclose(spoken(me), before, atol=0.001)
    assert len(me.generator.engine()._adapters) == 1


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


def test_another_base_is_a_mismatch_and_the_profile_goes_on(open_one: Open, tmp_path: Path) -> None:
    make_tiny_generator(tmp_path / "other-generator", seed=5, name="other-generator")
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    me.close()
    other = open_one(generator="other-generator", models=tmp_path)
    with pytest.raises(ModelMismatchError, match=r"'style' was trained on another .* 'other-generator'"):
        other.generate("roses")
    assert other.search("roses", retriever="bm25")
    other.adapters.use(None)
    assert other.generate("roses", max_tokens=2).n_tokens
    with pytest.raises(ModelMismatchError, match="trained on another"):
        other.adapters.use("style")
    assert other.adapters.status().in_use is None


def test_a_damaged_blob_is_corrupt_and_the_profile_goes_on(open_one: Open) -> None:
    me = open_one()
    keep_adapter(me, "style", filled(me))
    plain = spoken(me)
    (blob,) = me.vault.path.rglob("adapter-*.sealed")
    data = bytearray(blob.read_bytes())
    data[200] ^= 1
    blob.write_bytes(data)
    with pytest.raises(CorruptError, match="use no adapter"):
        me.adapters.use("style")
    assert me.adapters.status().in_use is None
    assert np.array_equal(spoken(me), plain)


def test_bytes_that_do_not_fit_the_base_change_nothing(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "good", ids)
    keep_adapter(me, "bad", ids, data=random_adapter(embedding=32))
    me.adapters.use("good")
    good = spoken(me)
    with pytest.raises(ModelMismatchError):
        me.adapters.use("bad")
    assert me.adapters.status().in_use == "good"
    assert np.array_equal(spoken(me), good)


def test_one_adapter_at_a_time(open_one: Open) -> None:
    me = open_one()
    keep_adapter(me, "style", filled(me))
    me.generator._folder.models = replace(me.generator._folder.models, adapter="some-bundle")
    with pytest.raises(ValueError, match=r"opened with the adapter 'some-bundle'.* one at a time"):
        me.adapters.use("style")


def test_a_full_disk_leaves_what_was_in_use(open_one: Open) -> None:
    me = open_one()
    ids = filled(me)
    keep_adapter(me, "style", ids)
    me.adapters.use("style")
    adapted = spoken(me)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(StorageError):
            keep_adapter(me, "style", ids, data=bytes(2_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert np.array_equal(spoken(me), adapted)
    (info,) = me.adapters.list()
    assert (info.is_ready, info.is_in_use) == (True, True)
    me.close()
    again = open_one()
    assert np.array_equal(spoken(again), adapted)


@pytest.mark.parametrize("scale", [float("nan"), float("inf")])
def test_the_scale_is_finite(open_one: Open, scale: float) -> None:
    me = open_one()
    keep_adapter(me, "style", filled(me))
    with pytest.raises(ValueError, match="finite"):
        me.adapters.use("style", scale)


def test_a_profile_without_a_language_model_uses_none(open_one: Open) -> None:
    me = open_one(generator=None)
    me.adapters.use(None)
    with pytest.raises(ValueError, match="generator=None"):
        me.adapters.use("style")


def test_a_choice_that_cannot_be_read_is_told_and_can_be_made_anew(open_one: Open) -> None:
    me = open_one()
    me.vault.settings.set("adapter/in-use", ["style"])
    me.close()
    me = open_one()
    with pytest.raises(InputError, match="which adapter is in use"):
        me.adapters.status()
    me.adapters.use(None)
    assert me.adapters.status().in_use is None


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
