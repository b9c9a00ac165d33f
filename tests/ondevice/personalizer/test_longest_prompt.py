"""A model that learned from shorter prompts than its context holds gets no longer ones, whoever asks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice import EngineConfig, Message, ModelSet, Personalizer
from ondevice.bundle import AdapterSpec, Bundle, FileEntry, Manifest, write_manifest
from ondevice.errors import ContextOverflowError
from ondevice.generation.prepared import Prepared
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator

KEY = b"k" * 32
LEARNED = 400
ADAPTED = 300
QUESTION = "What did they do on the day of the storm?"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("short")
    make_tiny_generator(folder / "plain", name="plain")
    base = make_tiny_generator(folder / "short", name="short", prompt_tokens=LEARNED)
    add_adapter(folder / "tone", base)
    return folder


def add_adapter(folder: Path, base: Bundle) -> None:
    folder.mkdir()
    (folder / "adapter.gguf").write_bytes(make_tiny_adapter())
    spec = AdapterSpec(
        bases=(base.files["model"].sha256,), architecture="llama", rank=4, alpha=8.0, prompt_tokens=ADAPTED
    )
    manifest = Manifest(
        kind="adapter",
        name="tone",
        version="1",
        license="CC0-1.0",
        source="made by the tests",
        files={"model": FileEntry.measure(folder, "adapter.gguf")},
        adapter=spec,
    )
    write_manifest(folder, manifest)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    with Personalizer.create(tmp_path / "me", app_key=KEY, models=ModelSet(tmp_path, encoder=None)) as me:
        for day in range(6):
            me.add(f"On day {day} of the storm they " + "walked and looked at the waves " * 30)
    return tmp_path / "me"


def opened(
    profile: Path, models: Path, generator: str, *, adapter: str | None = None, prompt_tokens: int | None = None
) -> Personalizer:
    engine = EngineConfig(threads=1, prompt_tokens=prompt_tokens)
    chosen = ModelSet(models, encoder=None, generator=generator, adapter=adapter, engine=engine)
    return Personalizer.open(profile, app_key=KEY, models=chosen)


def length(me: Personalizer, prepared: Prepared) -> int:
    completion = me.answer(prepared)
    return completion.n_prompt_tokens


@pytest.mark.parametrize(
    ("generator", "adapter", "prompt_tokens", "longest"),
    [
        ("plain", None, None, 1024),
        ("plain", None, 500, 500),
        ("short", None, None, LEARNED),
        ("short", "tone", None, ADAPTED),
        ("short", None, 700, 700),
        ("short", "tone", 250, 250),
        ("plain", None, 99_999, 1024),
    ],
)
def test_no_prompt_is_longer_than_what_was_learned(
    profile: Path, models: Path, generator: str, adapter: str | None, prompt_tokens: int | None, longest: int
) -> None:
    with opened(profile, models, generator, adapter=adapter, prompt_tokens=prompt_tokens) as me:
        for k in (1, 4, 6):
            prepared = me.prepare(QUESTION, k=k, retriever="bm25", max_tokens=8)
            n = length(me, prepared)
            assert longest - 60 <= n <= longest
            assert 1 <= len(prepared.sources) <= k


def test_items_get_equal_shares(profile: Path, models: Path) -> None:
    with opened(profile, models, "short") as me:
        prompt = me.prepare(QUESTION, k=4, retriever="bm25", max_tokens=8).prompt
    shown = [part.count("a") for part in prompt.split("On day ")[1:5]]
    assert len(shown) == 4
    assert max(shown[:3]) - min(shown[:3]) <= 2


def test_a_longer_request_is_asked_alone_and_one_over_the_context_refused(profile: Path, models: Path) -> None:
    with opened(profile, models, "short") as me:
        long = "storm " * 100
        prepared = me.prepare(long, k=4, retriever="bm25", max_tokens=8)
        assert prepared.sources == ()
        assert LEARNED < length(me, prepared) < 1024
        with pytest.raises(ContextOverflowError):
            me.prepare("storm " * 200, k=4, retriever="bm25", max_tokens=8)


def test_earlier_turns_make_room_for_the_request(profile: Path, models: Path) -> None:
    earlier = [
        message
        for n in range(12)
        for message in (
            Message(role="user", content=f"What of {n}?"),
            Message(role="assistant", content="It rained all day long."),
        )
    ]
    with opened(profile, models, "short") as me:
        for request in (QUESTION, "storm " * 40, "storm " * 55, "storm " * 90):
            prepared = me.prepare(request, k=4, earlier=earlier, retriever="bm25", max_tokens=8)
            alone = me.prepare(request, k=4, retriever="none", max_tokens=8)
            # this template's frame of a turn is 5 tokens longer than what is reckoned with, and 8 of them fit
            assert length(me, prepared) <= max(LEARNED, length(me, alone)) + 8 * 5
            assert request in prepared.prompt
        assert "It rained" in me.prepare(QUESTION, k=4, earlier=earlier, retriever="bm25", max_tokens=8).prompt


def test_a_length_that_is_none_is_refused(profile: Path, models: Path) -> None:
    with opened(profile, models, "plain", prompt_tokens=0) as me, pytest.raises(ValueError, match="prompt_tokens must"):
        me.generate(QUESTION, max_tokens=2)
