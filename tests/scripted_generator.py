"""A real language model that says what a test wants: each of its bytes is followed by the one behind it in a script."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np

from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, SupportSpec, write_manifest
from tests.tiny_generator import (
    CHAT_TEMPLATE,
    CONTEXT,
    CONTROL,
    EMBEDDING,
    HEAD,
    HEADS,
    INNER,
    KV_HEADS,
    PROJECTIONS,
    _add_vocabulary,
    _finish,
)

FIRST_BYTE, END = len(CONTROL), CONTROL.index("<|im_end|>")
_LESS = 0.995
"""How much less likely the second script is than the first, where they part."""


def make_scripted_generator(
    folder: Path, scripts: Sequence[str], *, reads_notes: bool = True, support: SupportSpec | None = None
) -> Bundle:
    """Write a generator bundle that answers every prompt with the first script, or where it samples with another.

    Its layers do nothing, so that a token follows from the one before it alone, and the prompt's last, a line's end,
    begins the answer.

    Args:
        folder: Where; created.
        scripts: What it says, the likeliest first. No character may stand in two places that go on differently, but
            where two scripts part.
        reads_notes: Whether its manifest says that it gets numbered notes.
        support: How far its answers may be relied on, as its manifest says.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(folder / "model.gguf", "llama")
    writer.add_name(folder.name)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(EMBEDDING)
    writer.add_block_count(1)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    n_tokens = _add_vocabulary(writer)
    writer.add_chat_template(CHAT_TEMPLATE)

    known = np.random.default_rng(0).choice([-1.0, 1.0], size=(n_tokens, EMBEDDING)).astype(np.float32)
    output = np.zeros((n_tokens, EMBEDDING), dtype=np.float32)
    said: set[tuple[int, int]] = set()
    for likely, script in zip((1.0, _LESS, _LESS**2), scripts, strict=False):
        ids = [FIRST_BYTE + byte for byte in f"\n{script}".encode()] + [END]
        for before, token in pairwise(ids):
            if (before, token) not in said:
                said.add((before, token))
                output[token] += known[before] * likely
    writer.add_tensor("token_embd.weight", known)
    writer.add_tensor("output_norm.weight", np.ones(EMBEDDING, dtype=np.float32))
    writer.add_tensor("output.weight", output)
    for projection, (n_in, n_out) in PROJECTIONS.items():
        writer.add_tensor(f"blk.0.{projection}.weight", np.zeros((n_out, n_in), dtype=np.float32))
    for part in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"blk.0.{part}.weight", np.ones(EMBEDDING, dtype=np.float32))
    _finish(writer)
    manifest = Manifest(
        kind="generator",
        name=folder.name,
        version="1",
        license="Apache-2.0",
        source="made by the tests",
        files={"model": FileEntry.measure(folder, "model.gguf")},
        generator=GeneratorSpec(context_tokens=CONTEXT, base=folder.name, reads_notes=reads_notes, support=support),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="generator")
