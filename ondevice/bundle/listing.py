"""What lies in a models' folder, without reading the models' bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ondevice.bundle.manifest import Manifest
from ondevice.bundle.places import Pointer, read_pointer, resolve
from ondevice.bundle.reading import MANIFEST_NAME, read_manifest
from ondevice.bundle.signature import Signature, read_signature_bytes
from ondevice.bundle.specs import Kind
from ondevice.errors import OndeviceError, StorageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Listed:
    """One model of a models' folder, as its manifest describes it; nothing of that is verified.

    Args:
        name: The folder's name, by which apps ask for the model.
        manifest: The description of the version in use, or ``None`` where that cannot be read.
        signed_by: The fingerprint of the publisher key that the signature names, or ``None`` where it is unsigned.
        previous: The version that a rollback would use.
        problem: Why the description or the signature cannot be read.
    """

    name: str
    manifest: Manifest | None = None
    signed_by: str | None = None
    previous: str | None = None
    problem: str | None = None


def list_models(models: Path) -> list[Listed]:
    """Return the models in a folder, by name; folders without a manifest are none, and a missing folder holds none.

    Raises:
        StorageError: If the folder cannot be read.
    """
    try:
        folders = sorted(path for path in models.iterdir() if path.is_dir() and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StorageError(f"the models' folder {models.name!r} cannot be read: {error.strerror}") from None
    return [listed for folder in folders if (listed := _describe(folder)) is not None]


def kind_of(models: Path, name: str) -> Kind | None:
    """Return what kind of model ``name`` says it is, or ``None`` where there is none; nothing of it is verified.

    Raises:
        CorruptError, StorageError: If its pointer or its manifest cannot be read.
        BundleError: If its manifest cannot be used.
        VersionError: If its manifest was written in a newer format.
    """
    folder = models / name
    if Path(name).name != name or name in {"", ".."}:  # a name from a manifest must not lead elsewhere
        return None
    if read_pointer(folder) is None and not (folder / MANIFEST_NAME).exists():
        return None
    return read_manifest(resolve(folder)).kind


def _describe(folder: Path) -> Listed | None:
    try:
        pointer = read_pointer(folder)
        if pointer is None and not (folder / MANIFEST_NAME).exists():
            return None
        place = resolve(folder)
        manifest, signature = read_manifest(place), read_signature_bytes(place)
        signed_by = None if signature is None else Signature.parse(signature).publisher.fingerprint
    except OndeviceError as error:
        return Listed(name=folder.name, problem=error.message)
    return Listed(name=folder.name, manifest=manifest, signed_by=signed_by, previous=_previous(folder, pointer))


def _previous(folder: Path, pointer: Pointer | None) -> str | None:
    if pointer is None or pointer.previous is None:
        return None
    try:
        return read_manifest(folder / pointer.previous).version
    except OndeviceError:
        return None
