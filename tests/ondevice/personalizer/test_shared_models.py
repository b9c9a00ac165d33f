"""One language model for several profiles: each wears what is its own, and nothing of a user stays in it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import EngineConfig, ModelSet, Personalizer, RetrievalConfig, SharedModels
from ondevice.config import Contrast
from ondevice.errors import NotFoundError
from ondevice.evaluation.lending import RememberingEncoder
from tests.tiny_adapters import keep_adapter

KEY = b"k" * 32
CONTRASTS = [None, Contrast(alpha=1.0, threshold=1e-6)]
Lend = Callable[[str], Personalizer]


@pytest.fixture
def shared(app_models: Path) -> Iterator[SharedModels]:
    engine = EngineConfig(threads=1, reuse_whole_batches=True)
    with SharedModels(ModelSet(app_models, encoder=None, generator="tiny-generator", engine=engine)) as models:
        yield models


@pytest.fixture
def lend(shared: SharedModels, tmp_path: Path) -> Lend:
    return lambda name: Personalizer.open(tmp_path / name, app_key=KEY, models=shared)


def spoken(who: Personalizer | SharedModels) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return who.generator.engine().log_likelihood("the user likes", " roses in the rain")


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_users_at_the_same_time_wear_each_their_own(
    shared: SharedModels, lend: Lend, contrast: Contrast | None
) -> None:
    plain = spoken(shared)
    with lend("ann") as ann, lend("bob") as bob, lend("cat") as cat:
        keep_adapter(ann, "style", [ann.add("roses").id], seed=1)
        keep_adapter(bob, "style", [bob.add("trains").id], seed=2)
        ann.adapters.use("style", contrast=contrast)
        of_ann = spoken(ann)
        bob.adapters.use("style", 0.5)
        of_bob = spoken(bob)
        assert not np.allclose(of_ann, plain, atol=0.01)
        assert not np.allclose(of_bob, of_ann, atol=0.01)
        assert np.array_equal(spoken(cat), plain)
        assert np.array_equal(spoken(shared), plain)
        assert np.array_equal(spoken(ann), of_ann)
        ann.adapters.use(None)
        assert np.array_equal(spoken(ann), plain)
        assert np.array_equal(spoken(bob), of_bob)


@pytest.mark.parametrize("contrast", CONTRASTS)
def test_a_profile_gives_back_what_it_wore(shared: SharedModels, lend: Lend, contrast: Contrast | None) -> None:
    plain = spoken(shared)
    desk = shared.generator.engine()._desk
    n_parts = len(desk.model._parts)
    for seed, name in enumerate(("ann", "bob"), 1):
        with lend(name) as me:
            ids = [me.add(f"day {number} was grey and all right").id for number in range(12)]
            keep_adapter(me, "style", ids[:6], seed=seed)
            me.planner.plan("chat", k=2, retriever="bm25", adapter="style")
            assert np.array_equal(spoken(me), plain), "a plan leaves what is in use"
            me.adapters.use("style", contrast=contrast)
            worn = spoken(me)
            assert not np.allclose(worn, plain, atol=0.01)
        assert len(desk.model._parts) == n_parts
        assert np.array_equal(spoken(shared), plain)
        with lend(name) as again:
            assert np.array_equal(spoken(again), worn), "what is in use is worn again when the profile is opened"
            assert again.forget(ids[0]).verified
            assert np.array_equal(spoken(again), plain)
        assert len(desk.model._parts) == n_parts


def test_no_prompt_of_one_user_is_reused_for_the_next(shared: SharedModels, lend: Lend) -> None:
    prompt = "The user likes gardens, trains and early mornings."
    with lend("ann") as ann:
        ann.generator.engine().generate(prompt, max_tokens=1)
    with lend("bob") as bob:
        assert bob.generator.engine().generate(prompt, max_tokens=1).n_reused_tokens == 0


def test_nobody_finds_what_another_has_learned(lend: Lend) -> None:
    with lend("ann") as ann, lend("bob") as bob:
        keep_adapter(ann, "style", [ann.add("roses").id])
        with pytest.raises(NotFoundError):
            bob.adapters.use("style")


def test_a_closed_profile_answers_no_more_and_the_others_go_on(lend: Lend) -> None:
    with lend("bob") as bob:
        ann = lend("ann")
        ann.generate("roses", max_tokens=1)
        engine = ann.generator.engine()
        ann.close()
        with pytest.raises(ValueError, match="closed"):
            ann.generate("roses", max_tokens=1)
        assert engine.is_closed
        assert bob.generate("roses", max_tokens=2).n_tokens > 0


def test_many_users_answer_and_forget_at_once(lend: Lend) -> None:
    failures: list[BaseException] = []

    def live(name: str) -> None:
        try:
            with lend(name) as me:
                for number in range(6):
                    item = me.add(f"{name} saw {number} roses in the rain")
                    answer = me.generate("roses?", max_tokens=3)
                    assert {hit.item.text.split()[0] for hit in answer.sources} == {name}
                    assert me.forget(item.id).verified
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=live, args=(name,)) for name in ("ann", "bob", "cat", "dan")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_no_merged_model_takes_a_shared_one_s_place(lend: Lend) -> None:
    with lend("ann") as ann:
        keep_adapter(ann, "style", [ann.add("roses").id])
        ann.merged.make("style")
        with pytest.raises(ValueError, match="lent to several profiles"):
            ann.merged.use("style")
        assert ann.merged.in_use() is None
        ann.generate("roses", max_tokens=1)


def test_shared_encoders_remember_nothing_of_an_erasure(tmp_path: Path, app_models: Path) -> None:
    models = ModelSet(app_models, encoder="tiny-encoder", generator=None)
    dense = RetrievalConfig(retriever="dense")
    with (
        SharedModels(models, open_encoder=RememberingEncoder.open) as shared,
        Personalizer.open(tmp_path / "ann", app_key=KEY, models=shared, retrieval=dense) as ann,
    ):
        item = ann.add("roses").id
        ann.search("the code of the safe is 4711")
        encoder = shared.encoders.encoder()
        assert isinstance(encoder, RememberingEncoder)
        assert ann.encoders.encoder() is encoder
        assert encoder._known
        ann.forget(item)
        assert encoder._known == {}


def test_a_part_works_with_fewer_models(tmp_path: Path, app_models: Path) -> None:
    models = ModelSet(app_models, encoder="tiny-encoder", generator=None)
    with SharedModels(models) as shared:
        part = shared.part(replace(models, encoder=None))
        with Personalizer.open(tmp_path / "ann", app_key=KEY, models=part) as ann:
            ann.add("roses")
            assert ann.stats().n_vectors_by_encoder == {}
            assert ann.search("roses")[0].item.text == "roses"
