"""Making a model's file here, from one that was fetched and verified."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from export.errors import FetchError
from export.models.placing import sha256_of, size_of, writing
from export.models.registry import PackagedAdapter, RegisteredFile
from export.quantization import quantize_gguf
from ondevice.errors import CorruptError


def derive(file: RegisteredFile, source: Path, on_note: Callable[[str], None]) -> tuple[Path, str]:
    """Quantize ``source``, which has the pinned bytes; merge an adapter that is named; return path and SHA-256.

    The size depends on the recipe alone, so another one is an error. The bytes may differ in their last bits from those
    this release was measured with, where llama.cpp was built by another compiler or for another processor. That is
    said, and the hash of what was made goes into the manifest, to which every later opening compares it.

    Raises:
        ConversionError: If llama.cpp cannot quantize it.
        CorruptError: If the adapter in the package is not the one that the registry names.
        FetchError: If the result has another size than the registry says.
        StorageError: If the disk refuses.
    """
    if file.derivation is None:
        raise ValueError(f"the file {file.path!r} is not derived")
    out = source.with_name(f"{file.sha256}.made")
    quantize_gguf(source, out, file.derivation.quantization)
    if file.derivation.adapter is not None:
        _merge(out, file.derivation.adapter)
    if size_of(out) != file.bytes:
        made = size_of(out)
        out.unlink()
        raise FetchError(
            f"the file {file.path!r} was made with {made} bytes, but {file.bytes} are pinned",
            hint="install the version of llama-cpp-python that this release names",
        )
    sha256 = sha256_of(out)
    if sha256 != file.sha256:
        on_note(
            f"{file.path}: made here from the pinned input; it differs in its last bits from the one this release was "
            "measured with, as another compiler or processor rounds"
        )
    return out, sha256


def packaged_adapter(adapter: PackagedAdapter) -> bytes:
    """Return the bytes of an adapter of this package.

    Raises:
        CorruptError: If they are not the ones that the registry names.
    """
    data = files("export.models").joinpath(adapter.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != adapter.sha256:
        raise CorruptError(f"the packaged adapter {adapter.path!r} is damaged", hint="install the package again")
    return data


def _merge(model: Path, adapter: PackagedAdapter) -> None:
    from ondevice.adaptation.lora.merging import merged_model

    merged = merged_model(model, packaged_adapter(adapter))
    with writing("the merged model"):
        model.write_bytes(merged)
