"""The language model that an adapter, or a persona, can be tried on."""

from __future__ import annotations

from pathlib import Path

from ondevice.bundle import Bundle, read_manifest
from ondevice.bundle.installing import DRAFT_NAME
from ondevice.bundle.places import resolve
from ondevice.errors import NotFoundError, OndeviceError


def find_base(bundle: Bundle, models: Path) -> Path:
    """Return the folder of a language model that a bundle was made for, the one it was measured on first.

    Raises:
        NotFoundError: If there is none in ``models``.
    """
    bases = bundle.bases
    found: dict[str, Path] = {}
    for folder in sorted(models.iterdir()):
        if folder.is_dir() and folder.name != DRAFT_NAME:
            try:
                manifest = read_manifest(resolve(folder))
            except OndeviceError:
                continue
            if manifest.kind == "generator":
                found.setdefault(manifest.files["model"].sha256, folder)
    for base in bases:
        if base in found:
            return found[base]
    raise NotFoundError(
        f"none of the {len(bases)} language models that the {bundle.kind} {bundle.name!r} was made for is here",
        hint="install its base model first",
    )
