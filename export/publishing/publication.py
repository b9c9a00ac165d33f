"""Publishing: a measured bundle becomes one signed archive, whose bytes depend on the model and the key alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds, check
from export.publishing.archive import write_archive
from export.publishing.card import model_card
from export.publishing.holding import hold_to_recorded
from export.publishing.keys import SigningKey
from export.publishing.licences import check_license, license_text, read_license
from export.publishing.signing import manifest_bytes, sign_manifest
from ondevice.bundle import Bundle, FileEntry, GateResult, Manifest, parse_manifest
from ondevice.bundle.archive import ARCHIVE_SUFFIX, in_order
from ondevice.bundle.versions import version_order
from ondevice.errors import CorruptError

CARD_NAME, LICENSE_NAME = "CARD.md", "LICENSE"


@dataclass(frozen=True, kw_only=True, slots=True)
class Notes:
    """What only the publisher knows of a model, and the card says.

    Args:
        origin: Where the weights come from, instead of what the conversion says.
        training_data: What the weights were trained on, in one line.
        paper: Where the method is described.
        license_file: The licence's text; else it is taken from ``source``.
        source: The folder the model was converted from, for the licence's text in it.
    """

    origin: str | None = None
    training_data: str | None = None
    paper: str | None = None
    license_file: Path | None = None
    source: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """An archive that was written.

    Args:
        sha256: Of the archive (64 hex digits).
        fingerprint: Of the publisher's key, for people to compare.
        has_license_text: Whether the archive holds the licence's text.
    """

    archive: Path
    sha256: str
    bytes: int
    fingerprint: str
    manifest: Manifest
    has_license_text: bool


def publish(
    folder: Path,
    out: Path,
    *,
    key: SigningKey,
    bounds: Bounds | None = None,
    notes: Notes | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Published:
    """Write ``<name>-<version>.ondevice`` into ``out``, signed by ``key``; the bundle's folder is left as it is.

    The same files, notes and key give the same bytes, whatever the folder's name, dates and order. Nothing appears in
    ``out`` unless everything went well.

    Args:
        folder: A bundle with gate results.
        out: The folder of archives (created).
        key: The publisher's.
        bounds: What the gate results must keep now; ``None`` holds them to the bounds they were measured with only.
        notes: What the card and the manifest say beside.
        on_progress: Called with bytes done and bytes in total.

    Raises:
        NotFoundError: If there is no such bundle.
        ManifestError: If its manifest cannot be used.
        CorruptError: If a file is not what the manifest says.
        ParityError: If it has no gate results, or one is outside its bound.
        InputError: If the licence is no SPDX identifier, or its text cannot be used.
        ConversionError: If the version is no dotted number, or a path fits no archive.
        StorageError: If the archive exists already, or the disk refuses.
    """
    notes = notes or Notes()
    bundle = Bundle.open_any(folder)
    manifest = bundle.manifest
    if version_order(manifest.version) is None:
        raise ConversionError(
            f"the version {manifest.version!r} is no dotted number, so no device could order it",
            hint="convert the model with, for example, --version 1.0",
        )
    gate = _check_gate(manifest, bounds)
    check_license(manifest.license)
    manifest, added = _with_texts(
        replace(
            manifest,
            gate=gate,
            source=notes.origin or manifest.source,
            training_data=notes.training_data or manifest.training_data,
            paper=notes.paper or manifest.paper,
        ),
        _license_text(notes),
    )
    data = _accepted_bytes(manifest)
    archive = out / f"{manifest.name}-{manifest.version}{ARCHIVE_SUFFIX}"
    files = {role: (entry, added.get(role) or bundle.folder / entry.path) for role, entry in manifest.files.items()}
    sha256 = write_archive(
        archive, manifest=data, signature=sign_manifest(data, key), files=files, on_progress=on_progress
    )
    return Published(
        archive=archive,
        sha256=sha256,
        bytes=archive.stat().st_size,
        fingerprint=key.publisher.fingerprint,
        manifest=manifest,
        has_license_text="license" in manifest.files,
    )


def _check_gate(manifest: Manifest, bounds: Bounds | None) -> tuple[GateResult, ...]:
    """Hold every result to the bound it was measured with, then to those given now."""
    if not manifest.gate:
        raise ParityError(
            f"the bundle {manifest.name!r} has no gate results, so nobody knows what it lost",
            hint="run: ondevice-export parity",
        )
    return check(hold_to_recorded(manifest.gate), bounds or Bounds())


def _accepted_bytes(manifest: Manifest) -> bytes:
    """Return the manifest's bytes after a look at whether a device would take them and the files they name."""
    try:
        in_order(manifest)
    except CorruptError as error:
        raise ConversionError(
            f"the bundle {manifest.name!r} fits no archive: {error.message}", hint="convert the model again"
        ) from None
    data = manifest_bytes(manifest)
    parse_manifest(data)
    return data


def _license_text(notes: Notes) -> bytes | None:
    if notes.license_file is not None:
        return read_license(notes.license_file)
    return license_text(notes.source) if notes.source is not None else None


def _with_texts(manifest: Manifest, license_: bytes | None) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest with licence and card, and the bytes of those that are new."""
    added: dict[str, bytes] = {}
    if license_ is not None:
        added["license"] = license_
        manifest = _with_file(manifest, "license", LICENSE_NAME, license_)
    if "card" not in manifest.files:
        added["card"] = model_card(manifest, has_license_text="license" in manifest.files).encode()
        manifest = _with_file(manifest, "card", CARD_NAME, added["card"])
    return manifest, added


def _with_file(manifest: Manifest, role: str, path: str, data: bytes) -> Manifest:
    if any(entry.path == path for other, entry in manifest.files.items() if other != role):
        raise ConversionError(f"the bundle {manifest.name!r} holds a file {path!r} that is not its {role}")
    entry = FileEntry(path=path, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    return replace(manifest, files={**manifest.files, role: entry})
