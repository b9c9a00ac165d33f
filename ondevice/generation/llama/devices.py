"""What llama.cpp can compute with: what its build was made for, and this machine has."""

from __future__ import annotations

from ctypes import c_char_p, c_int, c_size_t, c_void_p
from dataclasses import dataclass
from functools import cache

from ondevice.errors import GenerationError
from ondevice.generation.llama.native import SOURCE, c_function, lib
from ondevice.generation.llama.prebuilt import library as prebuilt
from ondevice.generation.llama.runtime_log import listening

_GPU_KINDS = frozenset({1, 2})
"""``ggml-backend.h``: a graphics processor with memory of its own, or with the system's."""

_EVERY_LAYER = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """One of them: llama.cpp's name for it, its maker's, and whether it is a graphics processor."""

    name: str
    description: str
    is_gpu: bool


@cache
def devices() -> tuple[Device, ...]:
    """Return what there is, graphics processors of a finished build included."""
    lib.llama_backend_init()
    with listening():
        if SOURCE == "prebuilt":
            prebuilt.load_gpu_backends(lib)
        get = c_function("ggml_backend_dev_get", c_void_p, [c_size_t])
        places = [get(place) for place in range(c_function("ggml_backend_dev_count", c_size_t, [])())]
    name = c_function("ggml_backend_dev_name", c_char_p, [c_void_p])
    description = c_function("ggml_backend_dev_description", c_char_p, [c_void_p])
    kind = c_function("ggml_backend_dev_type", c_int, [c_void_p])
    return tuple(
        Device(
            name=name(place).decode("utf-8", "replace"),
            description=description(place).decode("utf-8", "replace"),
            is_gpu=kind(place) in _GPU_KINDS,
        )
        for place in places
    )


def gpu_layers_of(wanted: int | None) -> int:
    """Return how many layers to give to a graphics processor; ``None`` takes all where there is one.

    Raises:
        GenerationError: If some are wanted and there is none.
        ValueError: If it is no number of layers.
    """
    if wanted is not None and wanted < _EVERY_LAYER:
        raise ValueError(f"gpu_layers must be 0 or more, or -1 for all, not {wanted}")
    if wanted == 0:
        return 0
    has_gpu = any(device.is_gpu for device in devices()) and bool(lib.llama_supports_gpu_offload())
    if wanted is None:
        return _EVERY_LAYER if has_gpu else 0
    if not has_gpu:
        raise GenerationError(
            "llama.cpp has no graphics processor here to give layers to",
            hint="leave gpu_layers out, or build llama.cpp for this one: docs/how-to/install.md",
        )
    return wanted


def build_of() -> str:
    """Return which llama.cpp this is: where it comes from, and its version."""
    return f"{SOURCE}, version {lib.llama_version().decode('ascii', 'replace')}"
