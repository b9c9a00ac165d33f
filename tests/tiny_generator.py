"""A tiny real language model, and adapters for it, made on the spot: a random Llama that reads and writes bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, write_manifest
from ondevice.bundle.gains import WayGains

EMBEDDING, LAYERS, HEADS, KV_HEADS, INNER, CONTEXT = 64, 2, 4, 2, 128, 1024
HEAD = EMBEDDING // HEADS
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTROL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
PROJECTIONS = {
    "attn_q": (EMBEDDING, HEADS * HEAD),
    "attn_k": (EMBEDDING, KV_HEADS * HEAD),
    "attn_v": (EMBEDDING, KV_HEADS * HEAD),
    "attn_output": (HEADS * HEAD, EMBEDDING),
    "ffn_gate": (EMBEDDING, INNER),
    "ffn_up": (EMBEDDING, INNER),
    "ffn_down": (INNER, EMBEDDING),
}


def make_tiny_generator(
    folder: Path,
    *,
    seed: int = 0,
    name: str = "tiny-generator",
    architecture: str = "llama",
    context_tokens: int = CONTEXT,
    chat_template: str | None = CHAT_TEMPLATE,
    poison: float | None = None,
    reads_notes: bool = False,
    reader: bytes | None = None,
    prompt_tokens: int | None = None,
    leaning: Mapping[str, float] | None = None,
    gains: Mapping[str, WayGains] | None = None,
) -> Bundle:
    """Write a generator bundle into ``folder`` (created) and open it.

    Args:
        seed: Other seeds give other weights.
        architecture: As GGUF names it; one whose tensors are those of a Llama, such as ``internlm2``.
        context_tokens: The context length the model says it was trained for.
        chat_template: The template in the file, or none.
        poison: A value put into the last layer's norm, to see what a damaged model does.
        reads_notes: Whether its manifest says that it gets numbered notes.
        reader: An adapter (:func:`make_tiny_adapter`) that the bundle brings along to read them.
        prompt_tokens: The longest prompt that its manifest says it learned to use.
        leaning: Letters that it likes whatever it is asked, and by how much: a bias planted in its weights. The
            first number of every state is kept for that, so that models that lean differently are alike otherwise.
        gains: What its manifest says that ways of answering gained other users.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(folder / "model.gguf", architecture)
    writer.add_name(name)
    writer.add_context_length(context_tokens)
    writer.add_embedding_length(EMBEDDING)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    n_tokens = _add_vocabulary(writer)
    if chat_template is not None:
        writer.add_chat_template(chat_template)

    norm: NDArray[np.float32] = np.ones(EMBEDDING, dtype=np.float32)
    last_norm = norm.copy()
    if poison is not None:
        last_norm[0] = poison
    embedding = _random(random, n_tokens, EMBEDDING, spread=1.0)
    if leaning is not None:
        embedding[:, 0] = 8.0
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", last_norm)
    output = _random(random, n_tokens, EMBEDDING, spread=0.5)
    output[: len(CONTROL)] = 0  # a random model would end its answers at random: a logit of 0 is nearly never drawn
    if leaning is not None:
        output[:, 0] = 0
        for letter, by in leaning.items():
            output[len(CONTROL) + ord(letter), 0] = by
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        for projection, (n_in, n_out) in PROJECTIONS.items():
            writer.add_tensor(f"blk.{layer}.{projection}.weight", _random(random, n_out, n_in, spread=n_in**-0.5))
        for part in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{part}.weight", norm)
    _finish(writer)

    files = {"model": FileEntry.measure(folder, "model.gguf")}
    if reader is not None:
        (folder / "reader.gguf").write_bytes(reader)
        files["reader"] = FileEntry.measure(folder, "reader.gguf")
    manifest = Manifest(
        kind="generator",
        name=name,
        version="1",
        license="Apache-2.0",
        source="made by the tests",
        files=files,
        generator=GeneratorSpec(
            context_tokens=context_tokens, base=name, reads_notes=reads_notes, prompt_tokens=prompt_tokens, gains=gains
        ),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="generator")


def make_tiny_adapter(
    *, seed: int = 1, rank: int = 4, alpha: float = 8.0, embedding: int = EMBEDDING, architecture: str = "llama"
) -> bytes:
    """Return the bytes of a random GGUF LoRA adapter; other ``embedding`` or ``architecture`` fit none here."""
    random = np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adapter.gguf"
        writer = gguf.GGUFWriter(path, architecture)
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string("adapter.type", "lora")
        writer.add_float32("adapter.lora.alpha", alpha)
        for layer in range(LAYERS):
            for projection in ("attn_q", "attn_v"):
                n_out = PROJECTIONS[projection][1]
                name = f"blk.{layer}.{projection}.weight"
                writer.add_tensor(f"{name}.lora_a", _random(random, rank, embedding, spread=0.3))
                writer.add_tensor(f"{name}.lora_b", _random(random, n_out, rank, spread=0.3))
        _finish(writer)
        return path.read_bytes()


def _add_vocabulary(writer: gguf.GGUFWriter) -> int:
    tokens = [*CONTROL, *(f"<0x{byte:02X}>" for byte in range(256)), "\u2581"]
    control, byte, normal = gguf.TokenType.CONTROL, gguf.TokenType.BYTE, gguf.TokenType.NORMAL
    types = [gguf.TokenType.UNKNOWN, *[control] * (len(CONTROL) - 1), *[byte] * 256, normal]
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_eot_token_id(CONTROL.index("<|im_end|>"))
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    return len(tokens)


def _random(random: np.random.Generator, n_rows: int, n_columns: int, *, spread: float) -> NDArray[np.float32]:
    return (random.standard_normal((n_rows, n_columns)) * spread).astype(np.float32)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
