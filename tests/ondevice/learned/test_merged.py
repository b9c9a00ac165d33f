"""A merged model answers in place of the base: sealed, loaded from memory, gone with any item its adapter saw."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest

from ondevice import Filter, Personalizer
from ondevice.errors import CorruptError, GenerationError, InputError, ModelMismatchError, NotFoundError, StorageError
from ondevice.generation.prompts.summary import SummaryConfig
from ondevice.learned.merged_notes import MERGED_IN_USE
from ondevice.records import ArtifactOutcome
from tests.small_trainings import Open
from tests.tiny_adapters import keep_adapter, spoken
from tests.tiny_generator import make_tiny_generator


@pytest.fixture
def me(open_one: Open) -> Personalizer:
    it = open_one()
    keep_adapter(it, "style", [it.add(f"note {number} about roses").id for number in range(3)])
    return it


def test_it_answers_as_the_base_with_the_adapter_does(me: Personalizer) -> None:
    plain = spoken(me)
    me.adapters.use("style")
    beside = spoken(me)
    made = me.merged.make("style")
    assert (made.name, made.n_items, made.scale, made.is_in_use, made.is_current) == ("style", 3, 1.0, False, True)
    assert np.array_equal(spoken(me), beside), "made is not used"
    me.merged.use("style")
    assert me.adapters.status().in_use is None
    merged = spoken(me)
    assert np.abs(merged - beside).max() < 0.1
    assert np.abs(merged - plain).max() > 0.5
    assert [info.is_in_use for info in me.merged.list()] == [True]
    me.merged.use(None)
    assert np.array_equal(spoken(me), plain)


def test_it_is_in_use_again_after_the_next_opening_and_nothing_lies_readable(
    me: Personalizer, open_one: Open, tmp_path: Path
) -> None:
    me.merged.make("style")
    me.merged.use("style")
    merged = spoken(me)
    me.close()
    again = open_one()
    in_use = again.merged.in_use()
    assert in_use is not None
    assert (in_use.name, in_use.allow_plaintext_file) == ("style", False)
    assert np.array_equal(spoken(again), merged)
    written = b"".join(path.read_bytes() for path in (tmp_path / "me").rglob("*") if path.is_file())
    assert b"GGUF" not in written


def test_forgetting_an_item_takes_it_away_at_once(me: Personalizer) -> None:
    plain = spoken(me)
    me.merged.make("style")
    me.merged.use("style")
    spoken(me)
    receipt = me.forget(me.items.list()[0].id)
    assert receipt.verified
    assert ArtifactOutcome(kind="merged", name="style@1", outcome="dropped", count=1) in receipt.artifacts
    assert ArtifactOutcome(kind="merged", name="in memory", outcome="cleared", count=1) in receipt.artifacts
    assert (me.merged.list(), me.merged.in_use()) == ([], None)
    assert [name for name in me.vault.sealed.names() if name.startswith("merged-")] == []
    assert np.array_equal(spoken(me), plain)
    with pytest.raises(NotFoundError, match="no merged model 'style'"):
        me.merged.use("style")


def test_forgetting_another_item_leaves_it(me: Personalizer) -> None:
    other = me.add("a letter about trains").id
    me.merged.make("style")
    me.merged.use("style")
    merged = spoken(me)
    receipt = me.forget(other)
    assert ArtifactOutcome(kind="merged", name="in memory", outcome="absent", count=0) in receipt.artifacts
    assert np.array_equal(spoken(me), merged)


def test_no_adapter_goes_on_top_of_it(me: Personalizer) -> None:
    me.merged.make("style")
    me.merged.use("style")
    with pytest.raises(ModelMismatchError, match="'style' is in use"):
        me.adapters.use("style")
    merged = spoken(me)
    me.merged.use(None)
    me.adapters.use("style")
    assert np.abs(spoken(me) - merged).max() < 0.1


def test_an_adapter_that_was_loaded_before_is_loaded_anew(me: Personalizer) -> None:
    me.adapters.use("style")
    beside = spoken(me)
    me.merged.make("style")
    me.merged.use("style")
    spoken(me)
    me.merged.use(None)
    spoken(me)
    me.adapters.use("style")
    assert np.array_equal(spoken(me), beside)


def test_one_made_anew_is_in_use_from_then_on(me: Personalizer) -> None:
    me.merged.make("style", scale=0.5)
    me.merged.use("style")
    weak = spoken(me)
    assert me.merged.make("style").is_in_use
    assert np.abs(spoken(me) - weak).max() > 0.1


def test_it_says_when_the_adapter_is_another_or_gone(me: Personalizer) -> None:
    me.merged.make("style")
    keep_adapter(me, "style", [item.id for item in me.items.list()], seed=9)
    assert [info.is_current for info in me.merged.list()] == [False]
    assert me.merged.make("style").is_current
    me.adapters.drop("style")
    assert [info.is_current for info in me.merged.list()] == [False]


def test_drop_frees_it_and_the_base_answers_again(me: Personalizer) -> None:
    plain = spoken(me)
    me.merged.make("style")
    me.merged.use("style")
    spoken(me)
    me.merged.drop("style")
    assert np.array_equal(spoken(me), plain)
    assert [info.name for info in me.adapters.list()] == ["style"]
    with pytest.raises(NotFoundError, match="no merged model"):
        me.merged.drop("style")
    assert [event.kind for event in me.vault.events.list()][-2:] == ["adapter-merged", "merged-dropped"]


def test_a_summary_it_wrote_goes_with_its_items(me: Personalizer) -> None:
    me.merged.make("style")
    me.merged.use("style")
    seen = {item.id for item in me.items.list()}
    other = me.add("a movie about rain", kind="movie")
    made = me.summaries.make(by="model", filter=Filter(kinds=("movie",)), config=SummaryConfig(max_tokens=12))
    assert made is not None
    assert set(made.item_ids) == seen | {other.id}


def test_answers_under_way_end_and_the_next_is_by_the_other(me: Personalizer) -> None:
    me.merged.make("style")
    with me.stream("what do I like", max_tokens=200) as stream:
        next(iter(stream))
        changer = threading.Thread(target=me.merged.use, args=("style",))
        changer.start()
        changer.join(timeout=60)
        assert not changer.is_alive()
        with pytest.raises(GenerationError, match="another language model was put in its place"):
            list(stream)
    assert me.generate("what do I like", max_tokens=2).n_tokens == 2


def test_an_adapter_forgotten_while_it_is_merged_leaves_nothing(me: Personalizer) -> None:
    first = me.items.list()[0].id

    def forget(done: int, total: int) -> None:
        if done == 1:
            me.forget(first)

    with pytest.raises(NotFoundError, match="there is no adapter 'style'"):
        me.merged.make("style", on_progress=forget)
    assert me.merged.list() == []


def test_an_adapter_trained_anew_while_it_is_merged_is_told(me: Personalizer) -> None:
    ids = [item.id for item in me.items.list()]

    def retrain(done: int, total: int) -> None:
        if done == 1:
            keep_adapter(me, "style", ids, seed=7)

    with pytest.raises(NotFoundError, match="was changed while it was merged"):
        me.merged.make("style", on_progress=retrain)
    assert me.merged.list() == []


def test_another_language_model_is_refused_and_search_goes_on(me: Personalizer, open_one: Open, tmp_path: Path) -> None:
    me.merged.make("style")
    me.merged.use("style")
    me.close()
    make_tiny_generator(tmp_path / "models" / "tiny-other", seed=5, name="tiny-other")
    other = open_one(generator="tiny-other", models=tmp_path / "models")
    with pytest.raises(ModelMismatchError, match="from another language model than 'tiny-other'"):
        other.generate("what do I like", max_tokens=2)
    with pytest.raises(ModelMismatchError, match="the adapter 'style' was trained on another"):
        other.merged.make("style")
    assert len(other.search("roses")) == 3
    other.merged.use(None)
    assert other.generate("what do I like", max_tokens=2).n_tokens == 2


def test_where_there_are_no_files_in_memory_the_app_must_allow_one(
    me: Personalizer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain = spoken(me)
    me.merged.make("style")
    monkeypatch.delattr(os, "memfd_create")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    with pytest.raises(StorageError, match="no files in memory"):
        me.merged.use("style")
    assert np.array_equal(spoken(me), plain)
    me.merged.use("style", allow_plaintext_file=True)
    assert not np.allclose(spoken(me), plain, atol=0.1)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_damage_is_told_and_the_base_remains(me: Personalizer, tmp_path: Path) -> None:
    me.merged.make("style")
    (blob,) = (tmp_path / "me").rglob("merged-*.sealed")
    data = bytearray(blob.read_bytes())
    data[-50] ^= 1
    blob.write_bytes(data)
    me.merged.use("style")
    with pytest.raises(CorruptError, match="authentication tag") as caught:
        spoken(me)
    assert "use no merged model" in str(caught.value.hint)
    me.merged.use(None)
    spoken(me)


def test_an_unreadable_choice_is_told_and_can_be_undone(me: Personalizer, open_one: Open) -> None:
    me.vault.settings.set(MERGED_IN_USE, {"name": 1})
    me.close()
    again = open_one()
    with pytest.raises(InputError, match="which merged model is in use cannot be read"):
        again.generate("what do I like", max_tokens=2)
    again.merged.use(None)
    assert again.generate("what do I like", max_tokens=2).n_tokens == 2


def test_there_must_be_weights_to_merge(me: Personalizer) -> None:
    with pytest.raises(NotFoundError, match="no adapter 'other'"):
        me.merged.make("other")
    with pytest.raises(ValueError, match="the adapter's scale"):
        me.merged.make("style", scale=float("nan"))
