"""Tiny real language models in both worlds: in transformers, with LoRA adapters from PEFT, and as GGUF."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, write_manifest
from tests.tiny_generator import CHAT_TEMPLATE, _add_vocabulary

LAYERS, HEADS, KV_HEADS, EMBEDDING, INNER, CONTEXT, VOCABULARY = 2, 4, 2, 64, 96, 1024, 262
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
_GGUF_NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}


def make_model(
    architecture: str, *, seed: int = 0, layers: int = LAYERS, embedding: int = EMBEDDING, is_tied: bool = False
) -> Any:
    """Return a random Llama or Qwen2 in transformers, with weights that make its logits differ from token to token."""
    from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(seed)
    config_type, model_type = {
        "llama": (LlamaConfig, LlamaForCausalLM),
        "qwen2": (Qwen2Config, Qwen2ForCausalLM),
    }[architecture]
    config = config_type(
        vocab_size=VOCABULARY,
        hidden_size=embedding,
        intermediate_size=INNER,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        num_key_value_heads=KV_HEADS,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=is_tied,
    )
    model = model_type(config).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim == 2:
                parameter.normal_(std=1.0 if "embed" in name else parameter.shape[1] ** -0.5)
            elif name.endswith("bias"):
                parameter.normal_(std=0.3)
    return model


def write_base(model: Any, folder: Path, *, name: str = "tiny-base", license: str = "Apache-2.0") -> Bundle:
    """Write the model as a float32 GGUF in a generator bundle."""
    folder.mkdir(parents=True)
    config = model.config
    architecture = config.model_type
    writer = gguf.GGUFWriter(folder / "model.gguf", architecture)
    writer.add_name(name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _add_vocabulary(writer)
    writer.add_chat_template(CHAT_TEMPLATE)
    for key, parameter in model.state_dict().items():
        if key == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = parameter.float().numpy()
        if architecture == "llama" and ".q_proj." in key:
            values = _pair_after_pair(values, config.num_attention_heads)
        if architecture == "llama" and ".k_proj." in key:
            values = _pair_after_pair(values, config.num_key_value_heads)
        writer.add_tensor(_gguf_name(key), values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    manifest = Manifest(
        kind="generator",
        name=name,
        version="1",
        license=license,
        source="made by the tests",
        files={"model": FileEntry.measure(folder, "model.gguf")},
        generator=GeneratorSpec(context_tokens=CONTEXT, base=name),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="generator")


def write_lora(model: Any, folder: Path, *, seed: int = 1, base: str | None = None, **settings: Any) -> Any:
    """Put a random LoRA on the model, save it as PEFT does, and return the adapted model."""
    from peft import LoraConfig, get_peft_model

    settings = {"r": 4, "lora_alpha": 6, "target_modules": list(PROJECTIONS), "task_type": "CAUSAL_LM"} | settings
    torch.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PEFT has advice for many a setting
        adapted = get_peft_model(model, LoraConfig(**settings)).eval()
        with torch.no_grad():
            for parameter_name, parameter in adapted.named_parameters():
                if "lora_" in parameter_name:
                    parameter.normal_(std=0.15)
        adapted.save_pretrained(folder)
    if base is not None:
        edit_config(folder, base_model_name_or_path=base)
    return adapted


def edit_config(folder: Path, **fields: Any) -> None:
    """Change fields of a saved adapter's configuration."""
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | fields), "utf-8")


def edit_tensors(folder: Path, **replaced: NDArray[Any] | None) -> None:
    """Replace (or, with ``None``, remove) every saved tensor whose name ends with the key; ``__`` stands for a dot."""
    path = folder / "adapter_model.safetensors"
    tensors = load_file(path)
    for key, values in replaced.items():
        for name in [name for name in tensors if name.endswith(key.replace("__", "."))]:
            tensors.pop(name)
            if values is not None:
                tensors[name] = values
    save_file(tensors, path)


def torch_logits(model: Any, tokens: list[int]) -> NDArray[np.float32]:
    """Return the logits behind each token, float32[n, vocabulary]."""
    with torch.inference_mode():
        out: NDArray[np.float32] = model(input_ids=torch.tensor([tokens])).logits[0].numpy()
    return out


def _gguf_name(key: str) -> str:
    if not key.startswith("model.layers."):
        return {
            "model.embed_tokens.weight": "token_embd.weight",
            "model.norm.weight": "output_norm.weight",
            "lm_head.weight": "output.weight",
        }[key]
    layer, _, rest = key.removeprefix("model.layers.").partition(".")
    part, _, kind = rest.rpartition(".")
    return f"blk.{layer}.{_GGUF_NAMES[part]}.{kind}"


def _pair_after_pair(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Put row i of each head's first half at 2i and of its second half at 2i + 1, one row at a time."""
    out = np.empty_like(rows)
    size = len(rows) // heads
    for head in range(heads):
        for i in range(size // 2):
            out[head * size + 2 * i] = rows[head * size + i]
            out[head * size + 2 * i + 1] = rows[head * size + size // 2 + i]
    return out
