from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ondevice.errors import BundleError, CorruptError, ModelMismatchError
from tests.tiny_generator import make_tiny_adapter

PROMPT = "Which colour does the user like?"


def test_the_id_is_the_hash_of_the_bytes(engine):
    data = make_tiny_adapter(seed=3)
    adapter = engine.load_adapter(data)
    assert adapter.id == hashlib.sha256(data).hexdigest()
    assert adapter.n_bytes == len(data)


def test_bytes_from_memory_equal_a_file(engine, logits, tmp_path):
    """The same adapter through llama.cpp's own path-based loader gives the same logits."""
    from ondevice.generation.llama.native import lib

    data = make_tiny_adapter(seed=3)
    engine.use_adapter(engine.load_adapter(data))
    from_memory = logits(engine, PROMPT)
    engine.use_adapter(None)
    engine.generate(PROMPT, max_tokens=1)

    path = tmp_path / "adapter.gguf"
    path.write_bytes(data)
    native = lib.llama_adapter_lora_init(engine._desk.model.pointer, str(path).encode())
    engine._desk.context.set_adapter(native, 1.0)
    engine.forget_cache()
    assert np.array_equal(logits(engine, PROMPT), from_memory)
    engine._desk.context.set_adapter(None, 1.0)


@pytest.mark.parametrize("keep", [5, 40, 100, 300, 2000, 4000, -1])
def test_truncated_bytes_are_corrupt(engine, keep):
    with pytest.raises(CorruptError, match="bytes is damaged or cut short"):
        engine.load_adapter(make_tiny_adapter()[:keep])


def test_flipped_bytes_never_crash(engine):
    data, n_refused = make_tiny_adapter(), 0
    for place in range(0, 600, 7):
        changed = bytearray(data)
        changed[place] ^= 0xFF
        try:
            engine.unload_adapter(engine.load_adapter(bytes(changed)))
        except (BundleError, CorruptError):
            n_refused += 1
    assert n_refused > 20
    assert engine.generate(PROMPT, max_tokens=1).n_tokens == 1


@pytest.mark.parametrize("wrong", [{"embedding": 32}, {"architecture": "qwen2"}])
def test_an_adapter_of_another_base_is_a_mismatch(engine, wrong):
    with pytest.raises(ModelMismatchError, match="another base model"):
        engine.load_adapter(make_tiny_adapter(**wrong))


def test_other_bytes_are_no_adapter(engine, tiny_bundle):
    with pytest.raises(BundleError, match="12 bytes are not a GGUF adapter"):
        engine.load_adapter(b"not an adap.")
    with pytest.raises(BundleError, match="not a LoRA adapter"):
        engine.load_adapter(tiny_bundle.file("model").read_bytes())


def test_loading_writes_no_file(engine, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    before = _descriptors()
    engine.load_adapter(make_tiny_adapter())
    assert list(tmp_path.iterdir()) == [], "make_tiny_adapter removes its own"
    assert _descriptors() == before


def _descriptors() -> set[str]:
    folder = Path("/proc/self/fd")
    return {str(entry.resolve()) for entry in folder.iterdir()} if folder.is_dir() else set()


def test_an_unloaded_adapter_is_out_of_use(engine, open_engine, logits):
    adapter = engine.load_adapter(make_tiny_adapter())
    engine.use_adapter(adapter)
    engine.generate(PROMPT, max_tokens=2)
    engine.unload_adapter(adapter)
    assert np.array_equal(logits(engine, PROMPT), logits(open_engine(), PROMPT))
    with pytest.raises(ValueError, match="not loaded by this engine"):
        engine.use_adapter(adapter)
    with pytest.raises(ValueError, match="not loaded by this engine"):
        engine.unload_adapter(adapter)


def test_a_request_that_waited_while_its_adapter_went_is_an_error(engine):
    """A scoring request fixes its adapter, then waits for its turn: by then the adapter may be gone."""
    adapter = engine.load_adapter(make_tiny_adapter())
    engine.use_adapter(adapter)
    late = engine._conditioning
    engine.unload_adapter(adapter)
    with pytest.raises(ValueError, match="the adapter is closed"):
        engine._desk.state.read([1, 2], late, lambda: False)
    assert engine.generate(PROMPT, max_tokens=1).n_tokens == 1


def test_an_adapter_of_another_engine_is_refused(engine, open_engine):
    with pytest.raises(ValueError, match="not loaded by this engine"):
        engine.use_adapter(open_engine().load_adapter(make_tiny_adapter()))


@pytest.mark.parametrize("scale", [float("nan"), float("inf")])
def test_the_scale_must_be_finite(engine, scale):
    with pytest.raises(ValueError, match="finite"):
        engine.use_adapter(engine.load_adapter(make_tiny_adapter()), scale)


def test_repr_shows_no_pointer(engine):
    assert "pointer" not in repr(engine.load_adapter(make_tiny_adapter()))
