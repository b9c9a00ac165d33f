"""A profile's models: whose they must be, and an adapter on top of the language model."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice import ModelSet, Personalizer, PublisherKey, install_bundle
from ondevice.bundle import AdapterSpec, Bundle, FileEntry, Manifest, read_manifest, write_manifest
from ondevice.errors import BundleError, ModelMismatchError, NotFoundError, SignatureError
from ondevice.generation.llama.engine import Engine
from ondevice.retrieval.encoding.encoder import Encoder
from tests.ondevice.bundle.signed import OURS, THEIRS, Publisher
from tests.tiny_generator import make_tiny_adapter

KEY = b"k" * 32
REQUEST = "where was the cat"


@pytest.fixture
def models(app_models: Path, tmp_path: Path) -> Path:
    """Copy the tiny models, so that a test may change them."""
    return shutil.copytree(app_models, tmp_path / "models")


def add_adapter(models: Path, *, base: str, name: str = "tone", seed: int = 5) -> Path:
    folder = models / name
    folder.mkdir()
    (folder / "adapter.gguf").write_bytes(make_tiny_adapter(seed=seed))
    manifest = Manifest(
        kind="adapter",
        name=name,
        version="1",
        license="CC0-1.0",
        source="made by the tests",
        files={"model": FileEntry.measure(folder, "adapter.gguf")},
        adapter=AdapterSpec(bases=(base,), architecture="llama", rank=4, alpha=8.0),
    )
    write_manifest(folder, manifest)
    return folder


def base_hash(models: Path) -> str:
    return read_manifest(models / "tiny-generator").files["model"].sha256


def opened(
    profile: Path, models: Path, *, adapter: str | None = None, publishers: list[PublisherKey] | None = None
) -> Personalizer:
    return Personalizer.open(
        profile,
        app_key=KEY,
        models=ModelSet(
            models, encoder="tiny-encoder", generator="tiny-generator", adapter=adapter, publishers=publishers
        ),
    )


def sign_all(models: Path, publisher: Publisher) -> None:
    for folder in models.iterdir():
        publisher.sign(folder)


def answer(profile: Path, models: Path, **given: str) -> str:
    with opened(profile, models, **given) as me:  # type: ignore[arg-type]
        return me.generate(REQUEST, retriever="none", max_tokens=12).text


def test_an_adapter_changes_the_answer_and_its_absence_changes_it_back(profile_path: Path, models: Path) -> None:
    add_adapter(models, base=base_hash(models))
    plain = answer(profile_path, models)
    assert answer(profile_path, models, adapter="tone") != plain
    assert answer(profile_path, models) == plain


def test_an_installed_adapter_is_used(profile_path: Path, models: Path, tmp_path: Path) -> None:
    folder = add_adapter(tmp_path, base=base_hash(models))
    plain = answer(profile_path, models)
    assert install_bundle(folder, models=models).kind == "adapter"
    assert answer(profile_path, models, adapter="tone") != plain


def test_an_adapter_for_another_base_is_refused_before_the_model_loads(profile_path: Path, models: Path) -> None:
    add_adapter(models, base="0" * 64)
    with opened(profile_path, models, adapter="tone") as me:
        with pytest.raises(ModelMismatchError, match="'tone' was made for another base model than 'tiny-generator'"):
            me.generate(REQUEST, retriever="none")
        assert me.search("cat", retriever="bm25") == []


def test_what_is_no_adapter_or_not_there_is_refused(profile_path: Path, models: Path) -> None:
    for name, error in (("tiny-encoder", BundleError), ("nothing", NotFoundError)):
        with opened(profile_path, models, adapter=name) as me, pytest.raises(error):
            me.generate(REQUEST, retriever="none")
    generator = Bundle.open(models / "tiny-generator", kind="generator")
    with pytest.raises(BundleError, match="'adapter' is needed"):
        generator.check_base(generator)


def test_models_of_the_pinned_publisher_work(profile_path: Path, models: Path) -> None:
    add_adapter(models, base=base_hash(models))
    sign_all(models, OURS)
    with opened(profile_path, models, adapter="tone", publishers=[THEIRS.key, OURS.key]) as me:
        me.add("the cat and the rain")
        assert me.search("cat", k=1)
        assert me.generate(REQUEST, max_tokens=4).n_prompt_tokens > 0


@pytest.mark.parametrize("missing", ["tiny-encoder", "tiny-generator", "tone"])
def test_every_model_must_be_the_pinned_publisher_s(profile_path: Path, models: Path, missing: str) -> None:
    add_adapter(models, base=base_hash(models))
    sign_all(models, OURS)
    (models / missing / "manifest.sig").unlink()
    with pytest.raises(SignatureError, match=f"{missing!r} is not signed"):
        add_and_answer(profile_path, models)
    THEIRS.sign(models / missing)
    with pytest.raises(SignatureError, match=f"{missing!r} is signed by {THEIRS.key.fingerprint}"):
        add_and_answer(profile_path, models)


def add_and_answer(profile: Path, models: Path) -> None:
    with opened(profile, models, adapter="tone", publishers=[OURS.key]) as me:
        me.add("the cat")
        me.generate(REQUEST)


def test_a_signed_model_in_another_s_place_is_refused(profile_path: Path, models: Path) -> None:
    encoder = models / "tiny-encoder"
    write_manifest(encoder, replace(read_manifest(encoder), name="weaker"))
    sign_all(models, OURS)
    with (
        opened(profile_path, models, publishers=[OURS.key]) as me,
        pytest.raises(SignatureError, match="folder 'tiny-encoder' holds the signed model 'weaker'"),
    ):
        me.add("the cat")


PATIENCE_S = 60.0
"""A wait that ends so is a failure."""


def test_a_search_does_not_wait_for_the_language_model_s_loading(
    profile_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine, is_loading, has_searched = Engine.open, threading.Event(), threading.Event()
    told: list[bool] = []

    def open_late(*given: object, **named: object) -> Engine:
        is_loading.set()
        told.append(has_searched.wait(PATIENCE_S))
        return open_engine(*given, **named)  # type: ignore[arg-type]

    with opened(profile_path, models) as me:
        me.add("the cat and the rain")
        monkeypatch.setattr(Engine, "open", open_late)
        thread = threading.Thread(target=lambda: me.generate(REQUEST, retriever="none", max_tokens=1))
        thread.start()
        is_loading.wait(PATIENCE_S)
        assert me.search("cat", retriever="dense")
        me.add("the dog")
        has_searched.set()
        thread.join()
    assert told == [True]


def test_a_model_is_loaded_once_by_whoever_asks_first(
    profile_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_encoder, n_opened = Encoder.open, []

    def open_counted(*given: object, **named: object) -> Encoder:
        n_opened.append(1)
        return open_encoder(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoder, "open", open_counted)
    with opened(profile_path, models) as me:
        threads = [threading.Thread(target=me.encoders.encoder) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(n_opened) == 1


@pytest.mark.parametrize("model", ["engine", "encoder"])
def test_a_model_that_fails_to_close_is_told_and_leaves_nothing_locked(
    profile_path: Path, models: Path, model: str
) -> None:
    me = opened(profile_path, models)
    me.add("the cat and the rain")
    me.generate(REQUEST, max_tokens=1)
    failing = me.generator.engine() if model == "engine" else me.encoders.encoder()
    close: Callable[[], None] = failing.close

    def fail() -> None:
        close()
        raise RuntimeError("boom")

    failing.close = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="boom"):
        me.close()
    me.close()
    with opened(profile_path, models) as again:
        assert again.search("cat", retriever="dense")


def test_a_language_model_that_loads_while_the_profile_is_closed_is_freed(
    profile_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_engine = Engine.open
    made: list[Engine] = []
    told: list[str] = []
    is_loading, is_closed = threading.Event(), threading.Event()

    def open_late(*given: object, **named: object) -> Engine:
        is_loading.set()
        is_closed.wait(PATIENCE_S)
        made.append(open_engine(*given, **named))  # type: ignore[arg-type]
        return made[-1]

    def ask() -> None:
        try:
            me.generate(REQUEST, retriever="none", max_tokens=1)
        except ValueError as error:
            told.append(str(error))

    monkeypatch.setattr(Engine, "open", open_late)
    me = opened(profile_path, models)
    thread = threading.Thread(target=ask)
    thread.start()
    is_loading.wait(PATIENCE_S)
    me.close()
    is_closed.set()
    thread.join()
    assert told == ["the profile is closed"]
    assert [engine.is_closed for engine in made] == [True]
