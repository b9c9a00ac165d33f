"""Making a model's file here, from one that was fetched and verified."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from export.errors import FetchError
from export.models.placing import sha256_of, size_of
from export.models.registry import RegisteredFile
from export.quantization import quantize_gguf


def derive(file: RegisteredFile, source: Path, on_note: Callable[[str], None]) -> tuple[Path, str]:
    """Quantize ``source``, which has the pinned bytes, and return the result's path and its SHA-256.

    The size depends on the recipe alone, so another one is an error. The bytes may differ in their last bits from those
    this release was measured with, where llama.cpp was built by another compiler or for another processor. That is
    said, and the hash of what was made goes into the manifest, to which every later opening compares it.

    Raises:
        ConversionError: If llama.cpp cannot quantize it.
        FetchError: If the result has another size than the registry says.
    """
    if file.derivation is None:
        raise ValueError(f"the file {file.path!r} is not derived")
    out = source.with_name(f"{file.sha256}.made")
    quantize_gguf(source, out, file.derivation.quantization)
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
