"""Whether a library is the one that the layouts were written for, asked before anything is handed to it.

A setting that lies four bytes beside its place is not refused by the library: it is another setting. So three things
must fit: the library's own version and the commit it was made from, every default that it gives through a layout, and,
where a processor's calling convention lets it be seen, each byte that it writes.
"""

from __future__ import annotations

import ctypes
import platform
from typing import Any

from ondevice.errors import GenerationError
from ondevice.generation.llama.prebuilt import layouts

LLAMA_VERSION, GGML_COMMIT = "0.6.0-dev", "86a2835"
"""What the library of the pinned package says of itself; behind the commit may stand that it was patched."""

DEFAULTS: dict[str, dict[str, float]] = {
    "llama_model_default_params": {
        "n_gpu_layers": -1, "split_mode": 1, "load_mode": -1, "lazy_mode": 1, "main_gpu": 0,
        "vocab_only": 0, "check_tensors": 0, "use_extra_bufts": 1, "no_host": 0, "no_alloc": 0, "load_mtp": 0,
    },
    "llama_context_default_params": {
        "n_ctx": 512, "n_batch": 2048, "n_ubatch": 512, "n_seq_max": 1, "n_rs_seq": 0, "n_outputs_max": 0,
        "n_outputs_max_per_seq": 1, "n_threads": 4, "n_threads_batch": 4, "ctx_type": 0, "rope_scaling_type": -1,
        "pooling_type": -1, "attention_type": -1, "flash_attn_type": -1, "rope_freq_base": 0, "rope_freq_scale": 0,
        "yarn_ext_factor": -1, "yarn_attn_factor": -1, "yarn_beta_fast": -1, "yarn_beta_slow": -1, "yarn_orig_ctx": 0,
        "defrag_thold": -1, "type_k": 1, "type_v": 1, "moe_cache_size": 0, "embeddings": 0, "offload_kqv": 1,
        "no_perf": 1, "op_offload": 1, "swa_full": 1, "kv_unified": 0, "n_samplers": 0,
    },
    "llama_model_quantize_default_params": {
        "nthread": 0, "ftype": 7, "output_tensor_type": 43, "token_embedding_type": 43, "allow_requantize": 0,
        "quantize_output_tensor": 1, "only_copy": 0, "pure": 0, "keep_split": 0, "dry_run": 0, "max_buf_size": 2 << 32,
    },
    "llama_sampler_chain_default_params": {"no_perf": 1},
}  # fmt: skip
_RETURNED_THROUGH_POINTER = {"x86_64", "amd64"}
"""Where a caller hands over as the first argument where a large result goes. (On arm64 it is a register of its own.)"""

_IN_REGISTERS = 16
"""Bytes up to which a result may come back in registers instead."""

_FILLS = (0xA5, 0x5A)
_ROOM = 512


def check_library(library: ctypes.CDLL, base: ctypes.CDLL) -> None:
    """Refuse a llama.cpp that is not the one that the layouts were written for.

    Args:
        library: ``libllama``.
        base: ``libggml-base``, which it should have been linked with.

    Raises:
        GenerationError: If its version, its defaults or its layouts are others.
    """
    # Through libllama where the system lets it be asked there: a ggml that another package has loaded may serve it.
    version = _said(library, "llama_version")
    commit = _said(library if hasattr(library, "ggml_commit") else base, "ggml_commit")
    if version != LLAMA_VERSION or commit.partition("-")[0] != GGML_COMMIT:
        raise _refusal(f"it is {version} of commit {commit}, not {LLAMA_VERSION} of {GGML_COMMIT}")
    for name, expected in DEFAULTS.items():
        layout = getattr(layouts, name.replace("_default", ""))
        _check_bytes(library, name, layout)
        _check_defaults(library, name, layout, expected)


def _said(library: ctypes.CDLL, name: str) -> str:
    call = getattr(library, name, None)
    if call is None:
        raise _refusal(f"it has no {name}")
    call.argtypes, call.restype = [], ctypes.c_char_p
    return bytes(call() or b"").decode("ascii", "replace")


def _check_defaults(library: ctypes.CDLL, name: str, layout: Any, expected: dict[str, float]) -> None:  # noqa: ANN401
    # With room behind it: a library with a longer layout would write over what lies there.
    padded = type("padded", (layout,), {"_fields_": [("room_behind", ctypes.c_char * _ROOM)]})
    given = _function(library, name, [], padded if ctypes.sizeof(layout) > _IN_REGISTERS else layout)()
    wrong = [field for field, value in expected.items() if getattr(given, field) != value]
    if wrong:
        raise _refusal(f"{name} gives another {wrong[0]}")


def _check_bytes(library: ctypes.CDLL, name: str, layout: Any) -> None:  # noqa: ANN401 - a ctypes type
    """Compare which bytes the library writes with those that the fields take."""
    if platform.machine().lower() not in _RETURNED_THROUGH_POINTER or ctypes.sizeof(layout) <= _IN_REGISTERS:
        return
    seen = []
    for fill in _FILLS:
        room = (ctypes.c_ubyte * _ROOM)(*[fill] * _ROOM)
        _function(library, name, [ctypes.c_void_p], ctypes.c_void_p)(ctypes.addressof(room))
        seen.append(bytes(room))
    written = {place for place in range(_ROOM) if seen[0][place] == seen[1][place]}
    fields = [getattr(layout, field) for field, _ in layout._fields_]
    if written != {place for field in fields for place in range(field.offset, field.offset + field.size)}:
        raise _refusal(f"{name} has another layout")


def _function(library: ctypes.CDLL, name: str, takes: list[Any], gives: Any) -> Any:  # noqa: ANN401 - a C function
    """Return the function as it is called here, which says nothing of how others call it."""
    return ctypes.CFUNCTYPE(gives, *takes)((name, library))


def _refusal(why: str) -> GenerationError:
    return GenerationError(
        f"the finished llama.cpp is not the one that this release knows: {why}",
        hint="run: pip install --force-reinstall 'ondevice-sdk[prebuilt]'",
    )
