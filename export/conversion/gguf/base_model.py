"""The language model an adapter is put on: what its GGUF file says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.conversion.gguf.peft_folder import PeftAdapter
from export.errors import ConversionError
from ondevice.adaptation.lora.lora_gguf import ARCHITECTURES, LoraPair, lora_pairs
from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest
from ondevice.errors import ModelMismatchError

_FLOATS = ("F32", "F16", "BF16")


@dataclass(frozen=True, kw_only=True, slots=True)
class GgufBase:
    """A GGUF language model on the disk.

    Args:
        path: The GGUF file.
        sha256: Its hash.
        bundle: The bundle it lies in, if it lies in one.
        architecture: As GGUF names it.
        n_layers: Its layers.
        n_heads: Attention heads.
        n_kv_heads: Key-value heads.
        context_tokens: The longest context it was made for.
        is_floating: Whether its weights are floats, none of them quantized.
        shapes: (n_out, n_in) of every matrix by name.
    """

    path: Path
    sha256: str
    bundle: Bundle | None
    architecture: str
    n_layers: int
    n_heads: int
    n_kv_heads: int
    context_tokens: int
    is_floating: bool
    shapes: Mapping[str, tuple[int, int]]

    @property
    def name(self) -> str | None:
        """The base model as people know it; only a bundle tells, because what GGUF files say is often anything."""
        spec = self.bundle.generator if self.bundle is not None else None
        return spec.base if spec is not None else None


def is_model_folder(source: Path) -> bool:
    """Say whether this is a model's folder as transformers saves it, and no bundle."""
    return (source / "config.json").is_file() and not (source / "manifest.json").exists()


def read_base(source: Path) -> GgufBase:
    """Read what a generator bundle's, or a GGUF file's, header says.

    Raises:
        ConversionError: If it is no GGUF file, cut short, of an architecture that adapters do not support, or not
            converted yet.
        BundleError: If the folder is no generator bundle.
        CorruptError: If the bundle's files are not those of its manifest.
    """
    if is_model_folder(source):
        raise ConversionError(
            f"the base model {source.name!r} is not converted yet, and adapters are bound to the file that is shipped",
            hint="make a bundle of it first: ondevice-export llm",
        )
    bundle = None if source.is_file() else Bundle.open(source, kind="generator")
    path = source if bundle is None else bundle.file("model")
    reader = read_gguf(path)
    architecture = str(_value(reader, path, "general.architecture"))
    if architecture not in ARCHITECTURES:
        raise ConversionError(
            f"the base model has the architecture {architecture!r}, but adapters are converted for "
            f"{', '.join(ARCHITECTURES)}"
        )
    n_heads = _number(reader, path, f"{architecture}.attention.head_count")
    kv_key = f"{architecture}.attention.head_count_kv"
    return GgufBase(
        path=path,
        sha256=(FileEntry.measure(path.parent, path.name) if bundle is None else bundle.files["model"]).sha256,
        bundle=bundle,
        architecture=architecture,
        n_layers=_number(reader, path, f"{architecture}.block_count"),
        n_heads=n_heads,
        n_kv_heads=_number(reader, path, kv_key) if reader.get_field(kv_key) is not None else n_heads,
        context_tokens=_number(reader, path, f"{architecture}.context_length"),
        is_floating=all(t.tensor_type.name in _FLOATS for t in reader.tensors),
        shapes={t.name: (int(t.shape[1]), int(t.shape[0])) for t in reader.tensors if len(t.shape) == 2},
    )


def read_gguf(path: Path) -> Any:  # noqa: ANN401 - a gguf.GGUFReader
    """Map a GGUF file.

    Raises:
        ConversionError: If it is no GGUF file, or cut short.
    """
    import gguf

    try:
        return gguf.GGUFReader(path)
    except OSError as error:
        raise ConversionError(f"the file {path.name!r} cannot be read: {error.strerror}") from None
    except (ValueError, IndexError, KeyError, TypeError, OverflowError):
        raise ConversionError(f"the file {path.name!r} is no GGUF file, or damaged, or cut short") from None


def fit_adapter(adapter: PeftAdapter, base: GgufBase, *, is_base_name_checked: bool = True) -> dict[str, LoraPair]:
    """Return the adapter's matrices in llama.cpp's order, sure to fit the base model.

    Args:
        adapter: What PEFT saved.
        base: The model it is put on.
        is_base_name_checked: Whether a model name in the adapter (``owner/name``) must be the base's.
    """
    if is_base_name_checked:
        _check_name(adapter.base_name, base.name)
    try:
        pairs = lora_pairs(
            adapter.tensors, architecture=base.architecture, n_heads=base.n_heads, n_kv_heads=base.n_kv_heads
        )
    except ValueError as error:  # names and shapes of tensors: nothing of anybody's text
        raise ConversionError(str(error)) from None
    for weight, pair in pairs.items():
        _check_shape(weight, pair, base)
    return pairs


def as_bundle(base: GgufBase) -> Bundle:
    """Return the base as the engine opens it: its own bundle, or one made up in memory around the file alone."""
    if base.bundle is not None:
        return base.bundle
    path = base.path
    return Bundle(
        folder=path.parent,
        manifest=Manifest(
            kind="generator",
            name="base",
            version="0",
            license="unknown",
            source="a file",
            files={"model": FileEntry(path=path.name, sha256=base.sha256, bytes=path.stat().st_size)},
            generator=GeneratorSpec(context_tokens=base.context_tokens, base="unknown"),
        ),
    )


def licence_of(base: GgufBase) -> str:
    """Return the licence of the base's bundle."""
    if base.bundle is None:
        raise ConversionError("a bundle needs a licence, and a GGUF file alone has none", hint="give its SPDX name")
    return base.bundle.license


def sources(adapter: PeftAdapter, base: GgufBase) -> Mapping[str, str]:
    """Return the files a conversion started from: name → SHA-256."""
    return {**adapter.made_from, base.path.name: base.sha256}


def _check_shape(weight: str, pair: LoraPair, base: GgufBase) -> None:
    layer = int(weight.split(".")[1])
    if layer >= base.n_layers:
        raise ModelMismatchError(f"the adapter changes layer {layer}, but the base model has {base.n_layers} layers")
    shape = base.shapes.get(weight)
    if shape is None:
        raise ModelMismatchError(f"the adapter changes {weight!r}, which the base model has not")
    changed = (pair.b.shape[0], pair.a.shape[1])
    if changed != shape:
        raise ModelMismatchError(
            f"the adapter changes {weight!r} as {changed[0]}x{changed[1]}, but in the base model it is "
            f"{shape[0]}x{shape[1]}",
            hint="convert the adapter with the base model it was trained on",
        )


def _check_name(trained_on: str | None, base: str | None) -> None:
    if trained_on is None or base is None or trained_on.count("/") != 1 or trained_on.startswith((".", "/", "~")):
        return  # a folder's path names no model
    trained, known = ("".join(filter(str.isalnum, name.rsplit("/", 1)[-1].lower())) for name in (trained_on, base))
    if trained not in known and known not in trained:
        raise ModelMismatchError(
            f"the adapter was trained on {trained_on!r}, but the base model is {base!r}",
            hint="if they are the same model, say so: the check of the name can be turned off",
        )


def _value(reader: Any, path: Path, key: str) -> object:  # noqa: ANN401 - a gguf.GGUFReader
    field = reader.get_field(key)
    if field is None:
        raise ConversionError(f"the file {path.name!r} does not state {key!r}")
    value: object = field.contents()
    return value


def _number(reader: Any, path: Path, key: str) -> int:  # noqa: ANN401 - a gguf.GGUFReader
    value = _value(reader, path, key)
    if isinstance(value, Sequence) or not isinstance(value, int) or value < 1:
        raise ConversionError(f"the file {path.name!r} states {key!r} in a form that adapters do not support")
    return value
