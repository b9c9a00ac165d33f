from __future__ import annotations

import math
from pathlib import Path

import pytest

from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, write_manifest
from ondevice.config import EngineConfig
from ondevice.errors import BundleError
from ondevice.generation.llama.desk import DEFAULT_CONTEXT_TOKENS, open_desk
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder


def test_the_context_is_the_models_own_up_to_a_limit(tmp_path: Path):
    for trained, expected in ((512, 512), (100_000, DEFAULT_CONTEXT_TOKENS)):
        desk = open_desk(make_tiny_generator(tmp_path / str(trained), context_tokens=trained), EngineConfig())
        assert desk.context.n_tokens == expected
        desk.close()


def test_a_longer_context_may_be_asked_for(tmp_path: Path):
    desk = open_desk(make_tiny_generator(tmp_path, context_tokens=8192), EngineConfig(context_tokens=8192))
    assert desk.context.n_tokens == 8192
    desk.close()


@pytest.mark.parametrize("tokens", [0, -5, 1025])
def test_a_context_beyond_the_model_is_refused(tiny_bundle, tokens):
    with pytest.raises(ValueError, match=f"between 1 and the model's 1024, not {tokens}"):
        open_desk(tiny_bundle, EngineConfig(context_tokens=tokens))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"threads": 0}, "threads must be 1 to 512, not 0"),
        ({"threads": 10**9}, "threads must be 1 to 512, not 1000000000"),
        ({"batch_tokens": 0}, "batch_tokens must be 1 or more, not 0"),
        ({"prompt_tokens": -1}, "prompt_tokens must be 1 or more, not -1"),
    ],
)
def test_settings_have_a_range(tiny_bundle, setting, words):
    with pytest.raises(ValueError, match=words):
        open_desk(tiny_bundle, EngineConfig(**setting))


@pytest.mark.parametrize("name", ["context_tokens", "threads", "batch_tokens", "prompt_tokens"])
@pytest.mark.parametrize("value", [True, 2.5, "100", math.nan])
def test_settings_are_whole_numbers(name, value):
    with pytest.raises(TypeError, match=f"{name} must be a whole number, not of type {type(value).__name__}"):
        EngineConfig(**{name: value})


def test_a_file_that_llama_cannot_load_is_a_bundle_error(tmp_path: Path, capfd):
    (tmp_path / "model.gguf").write_bytes(b"GGUF" + b"\0" * 100)
    write_manifest(
        tmp_path,
        Manifest(
            kind="generator",
            name="broken",
            version="1",
            license="MIT",
            source="made here",
            files={"model": FileEntry.measure(tmp_path, "model.gguf")},
            generator=GeneratorSpec(context_tokens=10, base="none"),
        ),
    )
    with pytest.raises(BundleError, match=r"llama\.cpp cannot load the model file"):
        open_desk(Bundle.open(tmp_path, kind="generator"), EngineConfig())
    assert capfd.readouterr() == ("", "")


def test_an_encoder_is_no_generator(tmp_path: Path):
    with pytest.raises(ValueError, match="is no generator"):
        open_desk(make_tiny_encoder(tmp_path / "encoder"), EngineConfig())


def test_an_empty_prompt_is_refused(tiny_bundle):
    desk = open_desk(tiny_bundle, EngineConfig())
    assert desk.tokens_of("", desk.state._conditioning, 1) == [1], "this model begins every text with a token"
    desk.vocabulary._adds_begin = False
    with pytest.raises(ValueError, match="prompt is empty"):
        desk.tokens_of("", desk.state._conditioning, 1)
    desk.close()
