"""How the finished llama.cpp lays out in memory what is handed over by value or through a pointer.

The names are those of ``llama.h``. A layout that is not the library's own would be read as other settings, so each is
compared with the library's defaults when it loads: :mod:`ondevice.generation.llama.prebuilt.checking`.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_bool,
    c_char_p,
    c_float,
    c_int,
    c_int8,
    c_int32,
    c_int64,
    c_size_t,
    c_uint32,
    c_void_p,
)
from typing import Any

llama_token = c_int32
llama_log_callback = CFUNCTYPE(None, c_int, c_char_p, c_void_p)
ggml_backend_sched_eval_callback = CFUNCTYPE(c_bool, c_void_p, c_bool, c_void_p)
llama_adapter_lora_p_ctypes = c_void_p

LLAMA_FLASH_ATTN_TYPE_AUTO = -1
LLAMA_FLASH_ATTN_TYPE_DISABLED = 0
LLAMA_FLASH_ATTN_TYPE_ENABLED = 1
LLAMA_LOAD_MODE_NONE = 0
LLAMA_TOKEN_ATTR_UNKNOWN = 1 << 0
LLAMA_TOKEN_ATTR_CONTROL = 1 << 3


def _all(kind: Any, names: str) -> Sequence[tuple[str, Any]]:  # noqa: ANN401 - a ctypes type
    return [(name, kind) for name in names.split()]


class llama_model_params(Structure):  # noqa: N801 - as in llama.h
    """How a model is loaded."""

    _fields_ = (
        *_all(c_void_p, "devices tensor_buft_overrides"),
        *_all(c_int, "n_gpu_layers split_mode load_mode lazy_mode main_gpu"),
        *_all(c_void_p, "tensor_split progress_callback progress_callback_user_data kv_overrides"),
        *_all(c_bool, "vocab_only check_tensors use_extra_bufts no_host no_alloc load_mtp"),
    )


class llama_context_params(Structure):  # noqa: N801 - as in llama.h
    """How a context is made."""

    _fields_ = (
        *_all(c_uint32, "n_ctx n_batch n_ubatch n_seq_max n_rs_seq n_outputs_max n_outputs_max_per_seq"),
        *_all(c_int32, "n_threads n_threads_batch"),
        *_all(c_int, "ctx_type rope_scaling_type pooling_type attention_type flash_attn_type"),
        *_all(c_float, "rope_freq_base rope_freq_scale yarn_ext_factor yarn_attn_factor yarn_beta_fast yarn_beta_slow"),
        ("yarn_orig_ctx", c_uint32),
        ("defrag_thold", c_float),
        ("cb_eval", ggml_backend_sched_eval_callback),
        ("cb_eval_user_data", c_void_p),
        *_all(c_int, "type_k type_v"),
        ("moe_cache_size", c_size_t),
        *_all(c_void_p, "abort_callback abort_callback_data"),
        *_all(c_bool, "embeddings offload_kqv no_perf op_offload swa_full kv_unified"),
        ("samplers", c_void_p),
        ("n_samplers", c_size_t),
        ("ctx_other", c_void_p),
    )


class llama_batch(Structure):  # noqa: N801 - as in llama.h
    """Tokens or embeddings to evaluate."""

    _fields_ = (
        ("n_tokens", c_int32),
        ("token", POINTER(c_int32)),
        ("embd", POINTER(c_float)),
        ("pos", POINTER(c_int32)),
        ("n_seq_id", POINTER(c_int32)),
        ("seq_id", POINTER(POINTER(c_int32))),
        ("logits", POINTER(c_int8)),
    )


class llama_token_data(Structure):  # noqa: N801 - as in llama.h
    """A candidate for the next token."""

    _fields_ = (("id", c_int32), ("logit", c_float), ("p", c_float))


class llama_token_data_array(Structure):  # noqa: N801 - as in llama.h
    """All candidates."""

    _fields_ = (("data", POINTER(llama_token_data)), ("size", c_size_t), ("selected", c_int64), ("sorted", c_bool))


class llama_sampler_chain_params(Structure):  # noqa: N801 - as in llama.h
    """How a chain of samplers is made."""

    _fields_ = (("no_perf", c_bool),)


class llama_model_tensor_override(Structure):  # noqa: N801 - as in llama.h
    """The type of the tensors whose names fit."""

    _fields_ = (("pattern", c_char_p), ("type", c_int))


class llama_model_imatrix_data(Structure):  # noqa: N801 - as in llama.h
    """How much each input column of a tensor counts."""

    _fields_ = (("name", c_char_p), ("data", POINTER(c_float)), ("size", c_size_t))


class llama_model_quantize_params(Structure):  # noqa: N801 - as in llama.h
    """How a file is quantized."""

    _fields_ = (
        *_all(c_int, "nthread ftype output_tensor_type token_embedding_type"),
        *_all(c_bool, "allow_requantize quantize_output_tensor only_copy pure keep_split dry_run"),
        ("imatrix", POINTER(llama_model_imatrix_data)),
        ("kv_overrides", c_void_p),
        ("tt_overrides", POINTER(llama_model_tensor_override)),
        ("prune_layers", POINTER(c_int32)),
        ("max_buf_size", c_size_t),
    )
