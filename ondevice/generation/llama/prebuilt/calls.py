"""The functions of llama.cpp that are called, with what they take and return, as ``llama.h`` states them."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from ctypes import POINTER, c_bool, c_char_p, c_float, c_int32, c_size_t, c_uint32, c_void_p
from typing import Any

from ondevice.generation.llama.prebuilt import layouts

_model = _vocab = _context = _memory = _sampler = _adapter = c_void_p

CALLS: Mapping[str, tuple[Any, list[Any]]] = {
    "llama_adapter_lora_free": (None, [_adapter]),
    "llama_adapter_lora_init": (_adapter, [_model, c_char_p]),
    "llama_adapter_lora_init_from_file_ptr": (_adapter, [_model, c_void_p]),
    "llama_backend_init": (None, []),
    "llama_batch_get_one": (layouts.llama_batch, [POINTER(c_int32), c_int32]),
    "llama_context_default_params": (layouts.llama_context_params, []),
    "llama_decode": (c_int32, [_context, layouts.llama_batch]),
    "llama_free": (None, [_context]),
    "llama_get_logits_ith": (POINTER(c_float), [_context, c_int32]),
    "llama_get_memory": (_memory, [_context]),
    "llama_init_from_model": (_context, [_model, layouts.llama_context_params]),
    "llama_log_set": (None, [layouts.llama_log_callback, c_void_p]),
    "llama_memory_clear": (None, [_memory, c_bool]),
    "llama_memory_seq_cp": (None, [_memory, c_int32, c_int32, c_int32, c_int32]),
    "llama_memory_seq_pos_max": (c_int32, [_memory, c_int32]),
    "llama_memory_seq_rm": (c_bool, [_memory, c_int32, c_int32, c_int32]),
    "llama_model_default_params": (layouts.llama_model_params, []),
    "llama_model_free": (None, [_model]),
    "llama_model_get_vocab": (_vocab, [_model]),
    "llama_model_load_from_file": (_model, [c_char_p, layouts.llama_model_params]),
    "llama_model_meta_val_str": (c_int32, [_model, c_char_p, c_char_p, c_size_t]),
    "llama_model_n_ctx_train": (c_int32, [_model]),
    "llama_model_n_embd_inp": (c_int32, [_model]),
    "llama_model_quantize": (c_uint32, [c_char_p, c_char_p, POINTER(layouts.llama_model_quantize_params)]),
    "llama_model_quantize_default_params": (layouts.llama_model_quantize_params, []),
    "llama_n_ctx": (c_uint32, [_context]),
    "llama_n_ctx_seq": (c_uint32, [_context]),
    "llama_print_system_info": (c_char_p, []),
    "llama_sampler_accept": (None, [_sampler, c_int32]),
    "llama_sampler_apply": (None, [_sampler, POINTER(layouts.llama_token_data_array)]),
    "llama_sampler_chain_add": (None, [_sampler, _sampler]),
    "llama_sampler_chain_default_params": (layouts.llama_sampler_chain_params, []),
    "llama_sampler_chain_init": (_sampler, [layouts.llama_sampler_chain_params]),
    "llama_sampler_free": (None, [_sampler]),
    "llama_sampler_init_dist": (_sampler, [c_uint32]),
    "llama_sampler_init_grammar": (_sampler, [_vocab, c_char_p, c_char_p]),
    "llama_sampler_init_greedy": (_sampler, []),
    "llama_sampler_init_min_p": (_sampler, [c_float, c_size_t]),
    "llama_sampler_init_penalties": (_sampler, [c_int32, c_int32, c_float, c_float, c_float]),
    "llama_sampler_init_temp": (_sampler, [c_float]),
    "llama_sampler_init_top_k": (_sampler, [c_int32]),
    "llama_sampler_init_top_p": (_sampler, [c_float, c_size_t]),
    "llama_sampler_sample": (c_int32, [_sampler, _context, c_int32]),
    "llama_set_adapters_lora": (c_int32, [_context, POINTER(_adapter), c_size_t, POINTER(c_float)]),
    "llama_state_seq_get_data": (c_size_t, [_context, POINTER(ctypes.c_uint8), c_size_t, c_int32]),
    "llama_state_seq_get_size": (c_size_t, [_context, c_int32]),
    "llama_supports_gpu_offload": (c_bool, []),
    "llama_token_to_piece": (c_int32, [_vocab, c_int32, c_char_p, c_int32, c_int32, c_bool]),
    "llama_tokenize": (c_int32, [_vocab, c_char_p, c_int32, POINTER(c_int32), c_int32, c_bool, c_bool]),
    "llama_version": (c_char_p, []),
    "llama_vocab_bos": (c_int32, [_vocab]),
    "llama_vocab_eos": (c_int32, [_vocab]),
    "llama_vocab_eot": (c_int32, [_vocab]),
    "llama_vocab_get_add_bos": (c_bool, [_vocab]),
    "llama_vocab_get_attr": (ctypes.c_int, [_vocab, c_int32]),
    "llama_vocab_get_text": (c_char_p, [_vocab, c_int32]),
    "llama_vocab_is_eog": (c_bool, [_vocab, c_int32]),
    "llama_vocab_n_tokens": (c_int32, [_vocab]),
}
