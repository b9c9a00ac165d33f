"""An adapter in use: swapped while answers go on, and refused where it cannot be used."""

from __future__ import annotations

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ondevice.config import Contrast
from ondevice.errors import CorruptError, InputError, ModelMismatchError, StorageError
from tests.small_trainings import Open
from tests.tiny_adapters import filled, keep_adapter, random_adapter, spoken
from tests.tiny_generator import make_tiny_generator

STRONG = Contrast(alpha=1.0, threshold=1e-6)


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
