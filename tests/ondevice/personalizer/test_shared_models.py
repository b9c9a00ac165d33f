"""One language model for several profiles: each wears what is its own, and nothing of a user stays in it."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import EngineConfig, ModelSet, Personalizer, RetrievalConfig, SharedModels
from ondevice.config import Contrast
from ondevice.errors import GenerationError, NotFoundError, ProfileBusyError
from ondevice.evaluation.lending import RememberingEncoder
from tests.small_trainings import CONFIG, ENDING, RECIPE
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


def test_nobody_finds_a_prompt_read_already_that_another_asked(tmp_path: Path, app_models: Path) -> None:
    models = ModelSet(app_models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1))

    def n_reused(who: Personalizer | SharedModels) -> int:
        prompt = "The user likes gardens, trains and early mornings."
        return who.generator.engine().generate(prompt, max_tokens=1).n_reused_tokens

    with SharedModels(models) as shared:
        with Personalizer.open(tmp_path / "ann", app_key=KEY, models=shared) as ann:
            assert n_reused(ann) == 0
            assert n_reused(ann) > 0, "one's own is read on"
            with Personalizer.open(tmp_path / "bob", app_key=KEY, models=shared) as bob:
                assert [n_reused(who) for who in (bob, ann, shared, bob)] == [0, 0, 0, 0]
        with Personalizer.open(tmp_path / "cat", app_key=KEY, models=shared) as cat:
            assert n_reused(cat) == 0


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


def test_a_profile_with_an_adapter_begins_while_another_answers(lend: Lend) -> None:
    with lend("bob") as bob:
        keep_adapter(bob, "style", [bob.add("trains").id])
        bob.adapters.use("style")
    failures: list[BaseException] = []
    is_answering, is_begun = threading.Event(), threading.Event()

    def begin(bob: Personalizer) -> None:
        try:
            assert is_answering.wait(60)
            is_begun.set()
            assert bob.generate("trains", max_tokens=1).n_tokens > 0
        except BaseException as error:
            failures.append(error)

    def cancel() -> bool:
        is_answering.set()
        return not is_begun.wait(60)

    with lend("ann") as ann, lend("bob") as bob:
        thread = threading.Thread(target=begin, args=(bob,))
        thread.start()
        ann.generate("roses", max_tokens=40, cancel=cancel)
        thread.join()
        assert failures == []
        assert bob.adapters.status().in_use == "style"


def test_models_that_were_closed_first_are_told_of(shared: SharedModels, lend: Lend) -> None:
    with lend("ann") as ann:
        ann.generate("roses", max_tokens=1)
        stream = iter(ann.stream("roses", max_tokens=20))
        next(stream)
        shared.close()
        with pytest.raises(ValueError, match="close them after the profiles"):
            ann.generate("roses", max_tokens=1)
        list(stream)  # this thread ended it itself
        ann.add("what needs no model goes on")


def test_a_model_that_was_freed_is_lent_anew(shared: SharedModels, lend: Lend) -> None:
    with lend("ann") as ann:
        keep_adapter(ann, "style", [ann.add("roses").id])
        ann.adapters.use("style")
        worn = spoken(ann)
        assert shared.generator.free()
        assert np.array_equal(spoken(ann), worn)


def test_whoever_answers_can_close_nothing_and_closes_it_afterwards(shared: SharedModels, lend: Lend) -> None:
    with lend("bob") as bob:
        ann = lend("ann")
        bob.generate("roses", max_tokens=1)
        refused: list[str] = []

        def cancel() -> bool:
            for each in (ann, bob, shared):
                with pytest.raises(GenerationError, match="from inside an answer") as caught:
                    each.close()
                refused.append(str(caught.value))
            return True

        ann.generate("roses", max_tokens=4, cancel=cancel)
        assert refused
        assert bob.generate("roses", max_tokens=2).n_tokens > 0
        engine = ann.generator.engine()
        ann.close()
        assert engine.is_closed


def test_a_profile_that_nobody_closed_leaves_nothing_in_the_model(shared: SharedModels, lend: Lend) -> None:
    n_parts = len(shared.generator.engine()._desk.model._parts)
    for name in ("ann", "bob", "cat"):
        me = lend(name)
        keep_adapter(me, "style", [me.add("roses").id])
        me.adapters.use("style")
        spoken(me)
        del me
    gc.collect()
    spoken(shared)
    gc.collect()
    spoken(shared)
    assert len(shared.generator.engine()._desk.model._parts) == n_parts


def test_one_profile_is_opened_once(lend: Lend) -> None:
    with lend("ann") as ann:
        with pytest.raises(ProfileBusyError):
            lend("ann")
        assert ann.generate("roses", max_tokens=1).n_tokens == 1


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


def test_closing_a_part_leaves_the_whole(shared: SharedModels, lend: Lend) -> None:
    with lend("ann") as ann:
        with shared.part(shared.models):
            ann.generate("roses", max_tokens=1)
        assert ann.generate("roses", max_tokens=1).n_tokens == 1


def test_trainings_at_once_do_not_meet_on_the_weights_that_are_kept(tmp_path: Path, app_models: Path) -> None:
    models = ModelSet(app_models, encoder=None, generator="tiny-generator", engine=EngineConfig(threads=1))
    with (
        SharedModels(models, keeps_weights=True) as shared,
        Personalizer.open(tmp_path / "ann", app_key=KEY, models=shared) as ann,
        Personalizer.open(tmp_path / "bob", app_key=KEY, models=shared) as bob,
    ):
        for me, what in ((ann, "grey"), (bob, "blue")):
            for number in range(12):
                me.add(f"day {number} was {what}{ENDING}", kind="diary")
        bob.adapters.train("alone", recipe=RECIPE, config=CONFIG)

        def meanwhile(done: int, total: int) -> None:
            if done == 1:
                bob.adapters.train("beside", recipe=RECIPE, config=CONFIG)

        ann.adapters.train("style", recipe=RECIPE, config=CONFIG, on_progress=meanwhile)
        beside, alone = (bob.vault.derived.read("adapter", name) for name in ("beside", "alone"))
        assert beside == alone
        assert ann.vault.derived.read("adapter", "style") != alone
