"""GGUF headers, byte by byte: what the gguf package would not write too."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def value(said: object) -> bytes:
    if isinstance(said, str):
        return struct.pack("<I", 8) + text(said)
    if isinstance(said, bool):
        return struct.pack("<I?", 7, said)
    if isinstance(said, float):
        return struct.pack("<If", 6, said)
    if isinstance(said, list):
        return struct.pack("<IIQ", 9, 8, len(said)) + b"".join(map(text, said))
    return struct.pack("<II", 4, said)


def header(
    values: Mapping[str, object],
    *,
    axes: Sequence[int] = (8, 4),
    version: int = 3,
    n_keys: int | None = None,
    n_tensors: int = 1,
) -> bytes:
    """Return a header with one tensor, and room for its weights behind it."""
    keys = b"".join(text(key) + value(said) for key, said in values.items())
    tensor = text("token_embd.weight") + struct.pack(f"<I{len(axes)}QIQ", len(axes), *axes, 0, 0)
    counts = struct.pack("<IQQ", version, n_tensors, len(values) if n_keys is None else n_keys)
    return b"GGUF" + counts + keys + tensor * min(1, n_tensors) + bytes(1024)


def chat_values(**changes: object) -> dict[str, object]:
    """Return what a model that can chat says; ``__`` in a name stands for a dot, and ``None`` leaves a key out."""
    said: dict[str, object] = {
        "general.architecture": "llama",
        "general.type": "model",
        "general.name": "Tiny Chat",
        "general.license": "mit",
        "general.file_type": 15,
        "llama.context_length": 2048,
        "tokenizer.ggml.tokens": ["a", "b"],
        "tokenizer.chat_template": TEMPLATE,
    }
    said |= {name.replace("__", "."): new for name, new in changes.items()}
    return {name: each for name, each in said.items() if each is not None}


def write(folder: Path, data: bytes, name: str = "model.gguf") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name
