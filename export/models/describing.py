"""What lies beside a fetched model's files: the manifest the device reads, or a note of the origin."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import cast

from export.models.placing import writing
from export.models.registry import RegisteredFile, RegisteredModel
from ondevice.bundle import FileEntry, Manifest, read_manifest, write_manifest
from ondevice.bundle import Kind as BundleKind
from ondevice.errors import OndeviceError
from ondevice.safety.regular_files import read_regular
from ondevice.safety.strict_json import parse_json

SOURCE_NAME = "SOURCE.json"
MAX_NOTE_BYTES = 1 << 20


def manifest_of(model: RegisteredModel) -> Manifest:
    """Return the manifest of an encoder or a generator of the registry."""
    return Manifest(
        kind=cast("BundleKind", model.kind),
        name=model.name,
        version=model.version,
        license=model.license,
        source=model.origin,
        files={file.role: FileEntry(path=file.path, sha256=file.sha256, bytes=file.bytes) for file in model.files},
        encoder=model.encoder,
        generator=model.generator,
        recipe=_recipe_of(model),
        made_from=_origins_of(model),
    )


def as_made(model: RegisteredModel, folder: Path) -> RegisteredModel:
    """Return the model as ``folder`` has it: with the hashes that its derived files got on this machine.

    llama.cpp rounds as the machine's compiler and processor do, so the last bits of a derived file may differ from
    those in the registry. The manifest in the folder says what was made; it counts where it names the pinned input, the
    same recipe and the same size.
    """
    if not any(file.derivation for file in model.files):
        return model
    try:
        manifest = read_manifest(folder)
    except OndeviceError:
        return model
    if (manifest.recipe, dict(manifest.made_from)) != (_recipe_of(model), _origins_of(model)):
        return model

    def made(file: RegisteredFile) -> RegisteredFile:
        entry = manifest.files.get(file.role)
        is_made = file.derivation is not None and entry is not None and entry.bytes == file.bytes
        return replace(file, sha256=entry.sha256) if is_made and entry is not None else file

    return replace(model, files=tuple(made(file) for file in model.files))


def _recipe_of(model: RegisteredModel) -> str | None:
    names = [file.derivation.quantization.name for file in model.files if file.derivation is not None]
    return ", ".join(names) or None


def _origins_of(model: RegisteredModel) -> dict[str, str]:
    return {file.path: file.derivation.sha256 for file in model.files if file.derivation is not None}


def is_described(model: RegisteredModel, folder: Path) -> bool:
    """Return whether ``folder`` has a description that says the same as :func:`describe`'s, in any words.

    What counts is what shapes the result: the files' hashes and how they are to be used. So a release that words
    a licence or a source differently does not make a fetched model incomplete.
    """
    if model.kind != "weights":
        try:
            return read_manifest(folder).id == manifest_of(as_made(model, folder)).id
        except OndeviceError:
            return False
    try:
        note = parse_json(read_regular(folder / SOURCE_NAME, limit_bytes=MAX_NOTE_BYTES))
    except (OSError, ValueError):
        return False
    return isinstance(note, dict) and (note.get("name"), note.get("files")) == (model.name, _files_of(model))


def describe(model: RegisteredModel, folder: Path) -> None:
    """Write the description, with the hashes that ``model`` has; it comes last, so that nothing half-done has one."""
    if model.kind != "weights":
        write_manifest(folder, manifest_of(model))
        return
    with writing(f"the file {SOURCE_NAME}"):
        handle, temporary = tempfile.mkstemp(prefix=".source-", dir=folder)
        with os.fdopen(handle, "wb") as file:
            file.write(_source_note(model))
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(folder / SOURCE_NAME)


def _source_note(model: RegisteredModel) -> bytes:
    note = {
        "format": 1,
        "name": model.name,
        "version": model.version,
        "license": model.license,
        "source": model.origin,
        "files": _files_of(model),
    }
    return json.dumps(note, indent=2).encode() + b"\n"


def _files_of(model: RegisteredModel) -> dict[str, dict[str, object]]:
    return {file.path: {"sha256": file.sha256, "bytes": file.bytes} for file in model.files}
