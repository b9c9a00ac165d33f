"""One language model, lent to one profile after another: nothing of a user stays in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice import EngineConfig, IndexConfig, NotFoundError, Personalizer, RetrievalConfig
from ondevice.config import Contrast
from ondevice.evaluation.lending import LentModels, RememberingEncoder
from ondevice.vault import AppKey, Vault
from tests.tiny_adapters import keep_adapter

KEY = AppKey(b"k" * 32)
Lend = Callable[[str], Personalizer]


@pytest.fixture
def models(app_models: Path) -> Iterator[LentModels]:
    lent = LentModels(
        given_folder=app_models,
        encoder_name=None,
        generator_name="tiny-generator",
        config=EngineConfig(threads=1, reuse_whole_batches=True),
    )
    yield lent
    lent.take_back()


@pytest.fixture
def lend(models: LentModels, tmp_path: Path) -> Lend:
    def open_it(name: str) -> Personalizer:
        path = tmp_path / name
        vault = Vault.open(path, KEY) if path.exists() else Vault.create(path, KEY)
        return Personalizer(vault, models, RetrievalConfig(retriever="bm25"), IndexConfig())

    return open_it


def spoken(models: LentModels) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return models.engine().log_likelihood("the user likes", " roses in the rain")


@pytest.mark.parametrize("contrast", [None, Contrast(alpha=1.0, threshold=1e-6)])
def test_the_next_user_finds_the_plain_model(models: LentModels, lend: Lend, contrast: Contrast | None) -> None:
    plain = spoken(models)
    with lend("ann") as ann:
        keep_adapter(ann, "style", [ann.add("roses").id], seed=1)
        ann.adapters.use("style", contrast=contrast)
        ann_s = spoken(models)
        assert not np.allclose(ann_s, plain, atol=0.01)
    with lend("bob") as bob:
        assert np.array_equal(spoken(models), plain)
        with pytest.raises(NotFoundError):
            bob.adapters.use("style")
        keep_adapter(bob, "style", [bob.add("trains").id], seed=2)
        bob.adapters.use("style")
        assert not np.allclose(spoken(models), ann_s, atol=0.01)
    assert models.engine()._adapters == set()
    assert np.array_equal(spoken(models), plain)
    with lend("ann") as ann:
        ann.adapters.use("style", contrast=contrast)
        assert np.array_equal(spoken(models), ann_s)


def test_no_prompt_of_one_user_is_reused_for_the_next(models: LentModels, lend: Lend) -> None:
    engine = models.engine()
    prompt = "The user likes gardens, trains and early mornings."
    with lend("ann") as ann:
        keep_adapter(ann, "style", [ann.add("roses").id])
        ann.adapters.use("style")
        engine.generate(prompt, max_tokens=1)
    with lend("bob"):
        assert engine.generate(prompt, max_tokens=1).n_reused_tokens == 0


@pytest.fixture
def lend_view(models: LentModels, tmp_path: Path) -> Lend:
    """Open profiles over views of the lent models, as an evaluation does."""

    def open_it(name: str) -> Personalizer:
        path = tmp_path / name
        vault = Vault.open(path, KEY) if path.exists() else Vault.create(path, KEY)
        return Personalizer(vault, models.lend(encodes=False), RetrievalConfig(retriever="bm25"), IndexConfig())

    return open_it


@pytest.mark.parametrize("contrast", [None, Contrast(alpha=1.0, threshold=1e-6)])
def test_a_profile_over_a_view_wears_its_adapters_and_gives_them_back(
    models: LentModels, lend_view: Lend, contrast: Contrast | None
) -> None:
    plain = spoken(models)
    n_parts = len(models.engine()._desk.model._parts)
    for seed, name in enumerate(("ann", "bob"), 1):
        with lend_view(name) as me:
            ids = [me.add(f"day {number} was grey and all right").id for number in range(12)]
            keep_adapter(me, "style", ids[:6], seed=seed)
            me.plan("chat", k=2, retriever="bm25", adapter="style")
            assert np.array_equal(spoken(models), plain), "a plan leaves what is in use"
            me.adapters.use("style", contrast=contrast)
            worn = spoken(models)
            assert not np.allclose(worn, plain, atol=0.01)
        assert models.engine()._adapters == set()
        assert len(models.engine()._desk.model._parts) == n_parts
        assert np.array_equal(spoken(models), plain)
        with lend_view(name) as again:
            again.prepare("what was grey?")
            assert np.array_equal(spoken(models), worn), "what is in use is worn again when the profile is opened"
            assert again.forget(ids[0]).verified
            assert np.array_equal(spoken(models), plain)
            assert models.engine()._adapters == set()


def test_a_lent_model_that_is_loaded_late_wears_what_is_in_use(models: LentModels, lend_view: Lend) -> None:
    with lend_view("ann") as ann:
        keep_adapter(ann, "style", [ann.add("roses").id])
        ann.adapters.use("style")
        ann.generate("roses", max_tokens=1)
        assert len(models.engine()._adapters) == 1


def test_no_merged_model_takes_a_lent_one_s_place(models: LentModels, lend_view: Lend) -> None:
    with lend_view("ann") as ann:
        keep_adapter(ann, "style", [ann.add("roses").id])
        ann.merged.make("style")
        with pytest.raises(ValueError, match="lent to several profiles"):
            ann.merged.use("style")
        assert ann.merged.in_use() is None
        ann.generate("roses", max_tokens=1)


def test_lent_encoders_remember_nothing_of_an_erasure(tmp_path: Path, app_models: Path) -> None:
    lent = LentModels(given_folder=app_models, encoder_name="tiny-encoder", generator_name=None, config=EngineConfig())
    vault = Vault.create(tmp_path / "ann", KEY)
    with Personalizer(vault, lent.lend(encodes=True), RetrievalConfig(retriever="dense"), IndexConfig()) as ann:
        item = ann.add("roses").id
        ann.search("the code of the safe is 4711")
        encoder = lent.encoder()
        assert isinstance(encoder, RememberingEncoder)
        assert encoder._known
        ann.forget(item)
        assert encoder._known == {}
    lent.take_back()
