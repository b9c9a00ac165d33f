"""A sentence encoder's folder, read by our own code: what it is, how it pools, and which files say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.conversion.onnx.layout import Layout, read_layout, read_object
from export.errors import ConversionError
from ondevice.bundle import Pooling
from ondevice.bundle.manifest import digest_file

SUPPORTED = ("bert", "distilbert", "mpnet", "roberta", "xlm-roberta")
PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
# Files from which a fast tokenizer can be made where tokenizer.json itself is missing.
VOCABULARIES = ("tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model")
SHARDS = "model.safetensors.index.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class HubCheckpoint:
    """A trained encoder on disk.

    Args:
        folder: Where its files are.
        architecture: The ``model_type`` of ``config.json``.
        config: ``config.json`` itself.
        dim: Numbers in a vector.
        max_tokens: Longer texts are cut here, special tokens included.
        pooling: ``mean`` or ``cls``.
        is_normalized: Whether the encoder's last step scales its vectors to L2 norm 1.
        lowercases: Whether texts are lowercased before the tokenizer sees them.
        query_prefix: Put before a text that searches.
        passage_prefix: Put before a text that is searched.
        license: What the model card declares, or ``None``.
        files: The files the model is made of: path inside the folder → SHA-256.
        weights: The safetensors files among them.
    """

    folder: Path
    architecture: str
    config: Mapping[str, Any]
    dim: int
    max_tokens: int
    pooling: Pooling
    is_normalized: bool
    lowercases: bool
    query_prefix: str
    passage_prefix: str
    license: str | None
    files: Mapping[str, str]
    weights: tuple[str, ...]


def read_checkpoint(folder: Path, *, layout: Layout | None = None) -> HubCheckpoint:
    """Read an encoder's folder, laid out as by sentence-transformers or transformers, and check it.

    Args:
        folder: The folder.
        layout: What the files around the transformer say, where it has been read already.

    Raises:
        ConversionError: If a file is missing or contradicts another, the architecture is not supported, or the weights
            are pickled.
    """
    layout = layout or read_layout(folder)
    model = folder / layout.transformer
    config = read_object(model / "config.json")
    architecture = str(config.get("model_type"))
    if architecture not in SUPPORTED:
        raise ConversionError(
            f"the architecture {architecture!r} is not supported", hint=f"supported are: {', '.join(SUPPORTED)}"
        )
    dim = _dim(config, layout)
    weights = weight_files(model)
    names = [*layout.files, *_present(model, folder, ("config.json", *VOCABULARIES, *weights))]
    if not any(name.rpartition("/")[2] in VOCABULARIES for name in names):
        raise ConversionError(
            f"the folder {folder.name!r} has no tokenizer",
            hint="save the tokenizer beside the model, as tokenizer.json",
        )
    return HubCheckpoint(
        folder=model,
        architecture=architecture,
        config=config,
        dim=dim,
        max_tokens=_max_tokens(config, layout.max_tokens),
        pooling=layout.pooling,
        is_normalized=layout.is_normalized,
        lowercases=layout.lowercases,
        query_prefix=layout.query_prefix,
        passage_prefix=layout.passage_prefix,
        license=layout.license,
        files={name: digest_file(folder / name)[0] for name in sorted(set(names))},
        weights=weights,
    )


def weight_files(folder: Path) -> tuple[str, ...]:
    """Return the names of the safetensors files that hold a model's weights, its index of shards included."""
    if (folder / "model.safetensors").is_file():
        return ("model.safetensors",)
    if (folder / SHARDS).is_file():
        shards = read_object(folder / SHARDS).get("weight_map")
        if not isinstance(shards, dict) or not all(_is_name(name) for name in shards.values()):
            raise ConversionError(f"the file {SHARDS!r} names no weight files of its own folder")
        return (SHARDS, *sorted(set(shards.values())))
    if any(found for pattern in PICKLED for found in folder.glob(pattern)):
        raise ConversionError(
            f"the weights in {folder.name!r} are pickled, and unpickling runs code",
            hint="save them as safetensors: model.save_pretrained(folder, safe_serialization=True)",
        )
    raise ConversionError(f"the folder {folder.name!r} has no weights", hint="model.safetensors is needed")


def _is_name(name: object) -> bool:
    return isinstance(name, str) and Path(name).name == name


def _present(model: Path, folder: Path, names: tuple[str, ...]) -> list[str]:
    return [(model / name).relative_to(folder).as_posix() for name in names if (model / name).is_file()]


def _dim(config: Mapping[str, Any], layout: Layout) -> int:
    hidden = config.get("hidden_size", config.get("dim"))
    if type(hidden) is not int or hidden < 1:
        raise ConversionError("the file 'config.json' gives no hidden_size")
    if layout.dim is not None and layout.dim != hidden:
        raise ConversionError(f"the pooling expects vectors of {layout.dim} numbers, but the model gives {hidden}")
    return hidden


def _max_tokens(config: Mapping[str, Any], wanted: int | None) -> int:
    positions = config.get("max_position_embeddings")
    if type(positions) is not int or positions < 5:
        raise ConversionError("the file 'config.json' gives no max_position_embeddings")
    room = positions - first_position(config)
    if wanted is not None and wanted > room:
        raise ConversionError(f"max_seq_length is {wanted}, but the model has positions for {room} tokens")
    return room if wanted is None else wanted


def first_position(config: Mapping[str, Any]) -> int:
    """Return the row of the position table that a first token takes: the RoBERTa line counts from after its padding id.

    Raises:
        ConversionError: If the configuration gives no padding id where one is needed.
    """
    if config.get("model_type") not in ("mpnet", "roberta", "xlm-roberta"):
        return 0
    padding = 1 if config.get("model_type") == "mpnet" else config.get("pad_token_id", 1)
    if type(padding) is not int or padding < 0:
        raise ConversionError("the file 'config.json' gives no pad_token_id")
    return padding + 1
