"""A profile whose vectors are of an earlier release's default encoder: it keeps that one until it is re-encoded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ondevice import Draft, ModelSet, Personalizer, SharedModels
from ondevice.config import DEFAULT_ENCODER, FORMER_ENCODERS
from ondevice.errors import ModelMismatchError
from tests.tiny_models import make_tiny_encoder

(FORMER,) = FORMER_ENCODERS
KEY = b"k" * 32
TEXTS = ("the cat and the rain", "a train ticket to rome", "coffee and cake in paris")


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Return a folder with both encoders, tiny ones under their names."""
    make_tiny_encoder(tmp_path / "models" / FORMER, name=FORMER)
    make_tiny_encoder(tmp_path / "models" / DEFAULT_ENCODER, name=DEFAULT_ENCODER, dim=16, seed=11)
    return tmp_path / "models"


def opened(profile: Path, models: Path, encoder: str | None = DEFAULT_ENCODER) -> Personalizer:
    return Personalizer.open(profile, app_key=KEY, models=ModelSet(models, encoder=encoder, generator=None))


@pytest.fixture
def profile(profile_path: Path, models: Path) -> Path:
    """Return a profile that an earlier release filled."""
    with opened(profile_path, models, FORMER) as me:
        me.add_many([Draft(text=text) for text in TEXTS])
    return profile_path


def vectors_of(me: Personalizer) -> dict[str, int]:
    """Return how many vectors there are of each encoder, by its name."""
    return {encoder_id.rpartition("-")[0]: count for encoder_id, count in me.vault.vectors.encoders().items()}


def found(me: Personalizer) -> str:
    return me.search("ticket to rome", k=1, retriever="dense")[0].item.text


def test_it_opens_searches_and_takes_new_items_with_the_former_one(profile: Path, models: Path) -> None:
    with opened(profile, models) as me:
        assert (me.encoders.base, me.encoders.is_former) == (FORMER, True)
        assert found(me) == TEXTS[1]
        me.add("one more tree")
        assert vectors_of(me) == {FORMER: 4}


def test_it_moves_on_when_it_is_reencoded(profile: Path, models: Path) -> None:
    with opened(profile, models) as me:
        assert found(me) == TEXTS[1]
        report = me.items.reencode()
        assert (report.n_encoded, report.n_dropped) == (3, 3)
        assert (me.encoders.base, me.encoders.is_former) == (DEFAULT_ENCODER, False)
        assert found(me) == TEXTS[1], "the same process goes on with the new one"
        me.add("one more tree")
        assert vectors_of(me) == {DEFAULT_ENCODER: 4}
        names = me.vault.sealed.names()
    with opened(profile, models) as me:
        assert found(me) == TEXTS[1]
        assert not [name for name in (*names, *me.vault.sealed.names()) if FORMER in name]


def test_an_interrupted_move_changes_nothing_of_how_it_is_searched(profile: Path, models: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with opened(profile, models) as me:
        with pytest.raises(KeyboardInterrupt):
            me.items.reencode(batch=1, on_progress=stop)
        assert vectors_of(me) == {FORMER: 3, DEFAULT_ENCODER: 1}
        assert found(me) == TEXTS[1]
        me.add("one more tree")
    with opened(profile, models) as me:
        assert me.encoders.is_former
        assert found(me) == TEXTS[1]
        assert me.items.reencode().n_encoded == 3
        assert vectors_of(me) == {DEFAULT_ENCODER: 4}


def test_where_the_former_one_is_gone_the_search_says_what_to_do(profile: Path, models: Path) -> None:
    shutil.rmtree(models / FORMER)
    with opened(profile, models) as me:
        with pytest.raises(ModelMismatchError, match="3 of 3 items have no vector") as caught:
            found(me)
        assert caught.value.hint == "run: ondevice reencode"
        me.items.reencode()
        assert found(me) == TEXTS[1]


def test_whoever_names_an_encoder_gets_it_and_a_new_profile_the_default(profile: Path, models: Path) -> None:
    make_tiny_encoder(models / "mine", name="mine", seed=3)
    with opened(profile, models, "mine") as me:
        assert (me.encoders.base, me.encoders.is_former) == ("mine", False)
    with opened(profile, models, None) as me:
        assert me.encoders.base is None
    with opened(profile.with_name("new.profile"), models) as me:
        me.add(TEXTS[0])
        assert vectors_of(me) == {DEFAULT_ENCODER: 1}


def test_profiles_that_share_models_each_keep_their_own(profile: Path, models: Path) -> None:
    with SharedModels(ModelSet(models, generator=None)) as shared:
        old = Personalizer.open(profile, app_key=KEY, models=shared)
        new = Personalizer.open(profile.with_name("new.profile"), app_key=KEY, models=shared)
        with old, new:
            new.add_many([Draft(text=text) for text in TEXTS])
            assert found(old) == found(new) == TEXTS[1]
            assert (vectors_of(old), vectors_of(new)) == ({FORMER: 3}, {DEFAULT_ENCODER: 3})
            old.items.reencode()
            assert found(old) == TEXTS[1]
