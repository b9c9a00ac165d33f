"""What the engine computes with, and how it keeps what it has read: each setting works, or is refused with a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from ondevice.bundle import Bundle
from ondevice.config import CacheType, EngineConfig
from ondevice.errors import GenerationError
from ondevice.generation.llama import devices, native
from ondevice.generation.llama.devices import Device, gpu_layers_of
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.handles import CACHE_TYPES

CPU = Device(name="CPU", description="a processor", is_gpu=False)
GPU = Device(name="GPU0", description="a graphics processor", is_gpu=True)
TOLD = ("the cat sat on the mat, and the dog", " slept")


def told(bundle: Bundle, config: EngineConfig) -> float:
    with Engine.open(bundle, config=config) as engine:
        engine.generate(TOLD[0], max_tokens=4)
        engine.forget_cache()
        return float(engine.log_likelihood(*TOLD).sum())


@pytest.fixture(scope="module")
def smollm(default_models: Path) -> Bundle:
    """A model whose keys and values are long enough to be rounded in blocks."""
    return Bundle.open(default_models / "smollm2-135m-instruct", kind="generator")


@pytest.mark.parametrize("flash_attention", [True, False])
@pytest.mark.parametrize("cache_type", ["f16", "bf16"])
def test_every_way_of_keeping_gives_about_the_same(
    cache_type: CacheType, flash_attention: bool, tiny_bundle: Bundle
) -> None:
    exact = told(tiny_bundle, EngineConfig(context_tokens=128, threads=1, cache_type="f32"))
    config = EngineConfig(context_tokens=128, threads=1, cache_type=cache_type, flash_attention=flash_attention)
    assert told(tiny_bundle, config) == pytest.approx(exact, abs=0.05)


def test_rounding_in_blocks_changes_little_and_frees_memory(smollm: Bundle) -> None:
    found = {}
    for cache_type in ("f16", "q8_0", "q4_0"):
        config = EngineConfig(context_tokens=128, threads=1, cache_type=cache_type)
        with Engine.open(smollm, config=config) as engine:
            weighed = float(engine.log_likelihood(*TOLD).sum())
            found[cache_type] = weighed, int(native.lib.llama_state_seq_get_size(engine._desk.context.pointer, 0))
    assert found["q8_0"][0] == pytest.approx(found["f16"][0], abs=0.5)
    assert found["q4_0"][0] == pytest.approx(found["f16"][0], abs=2.0)
    assert found["q4_0"][1] < 0.35 * found["f16"][1] < found["q8_0"][1] < 0.6 * found["f16"][1]


def test_a_model_that_cannot_be_rounded_in_blocks_is_refused(tiny_bundle: Bundle) -> None:
    with pytest.raises(GenerationError) as caught:
        Engine.open(tiny_bundle, config=EngineConfig(context_tokens=128, cache_type="q8_0"))
    assert "another cache_type" in str(caught.value.hint)


def test_the_types_are_those_that_the_engine_knows() -> None:
    assert set(CACHE_TYPES) == set(get_args(CacheType))


@pytest.mark.parametrize(
    ("config", "error", "says"),
    [
        ({"cache_type": "f8"}, ValueError, "cache_type must be one of f32, f16, bf16, q8_0, q4_0, not 'f8'"),
        ({"cache_type": "q8_0", "flash_attention": False}, ValueError, "type q8_0 needs flash_attention=True"),
        ({"cache_type": 8}, ValueError, "not 8"),
        ({"gpu_layers": -2}, ValueError, "gpu_layers must be 0 or more, or -1 for all, not -2"),
        ({"gpu_layers": True}, TypeError, "gpu_layers must be a whole number, not of type bool"),
        ({"flash_attention": "no"}, TypeError, "flash_attention must be True or False, not of type str"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_setting_is_refused(
    config: dict[str, object], error: type[Exception], says: str, tiny_bundle: Bundle
) -> None:
    with pytest.raises(error, match=says):
        Engine.open(tiny_bundle, config=EngineConfig(**config))  # type: ignore[arg-type]


def test_layers_go_to_a_graphics_processor_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Device] = []  # as a finished llama.cpp, which has what it has loaded alone
    monkeypatch.setattr(native.lib, "llama_supports_gpu_offload", lambda: GPU in found)

    def look() -> tuple[Device, ...]:
        found[:] = [GPU, CPU]
        return tuple(found)

    monkeypatch.setattr(devices, "devices", look)
    assert [gpu_layers_of(wanted) for wanted in (None, 0, 7, -1)] == [-1, 0, 7, -1]
    monkeypatch.setattr(devices, "devices", lambda: (CPU,))
    assert [gpu_layers_of(wanted) for wanted in (None, 0)] == [0, 0]
    with pytest.raises(GenerationError, match="no graphics processor") as caught:
        gpu_layers_of(7)
    assert "gpu_layers" in str(caught.value.hint)


def test_the_processor_is_among_what_it_computes_with() -> None:
    assert any(not device.is_gpu and device.name for device in devices.devices())
    assert devices.build_of().startswith(f"{native.SOURCE}, version ")
