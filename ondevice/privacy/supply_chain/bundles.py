"""Every bundle of a models' folder, compared with what its publisher described and signed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ondevice.bundle.manifest import Manifest, digest_file
from ondevice.bundle.places import PLAIN
from ondevice.bundle.reading import parse_manifest, read_manifest_bytes
from ondevice.bundle.signature import PublisherKey, Signature, read_signature_bytes, verify_signature
from ondevice.errors import NotFoundError, OndeviceError, SignatureError
from ondevice.privacy.supply_chain.homes import Place, count_unlisted

Signed = Literal["trusted", "unknown publisher", "unsigned", "broken"]

_DIGITS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """What a bundle turned out to be.

    Args:
        place: Where it lies.
        manifest: Its description, or ``None`` where that cannot be used.
        problem: Why the description cannot be used.
        changed: The roles of files that are missing or of other bytes than the manifest says.
        signed: What its signature is worth.
        signer: The fingerprint of the key that the signature names.
        n_unlisted: How many files lie in its folder that the manifest does not name.
        n_bytes: How many bytes were read of the files that it names.
        is_misplaced: Whether the installed version's folder bears the name of another manifest.
    """

    place: Place
    manifest: Manifest | None
    problem: str | None = None
    changed: tuple[str, ...] = ()
    signed: Signed = "unsigned"
    signer: str | None = None
    n_unlisted: int = 0
    n_bytes: int = 0
    is_misplaced: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every byte is the one that the manifest, and the signature where there is one, speak of."""
        return self.manifest is not None and not self.changed and self.signed != "broken" and not self.is_misplaced

    @property
    def is_renamed(self) -> bool:
        """Whether it lies under another name than its own."""
        return self.manifest is not None and self.manifest.name != self.place.home.name


def look_at(place: Place, publishers: Sequence[PublisherKey] | None) -> Looked:
    """Read a bundle's every byte and compare it with its manifest and its signature."""
    try:
        data = read_manifest_bytes(place.folder)
    except OndeviceError as error:
        return Looked(place=place, manifest=None, problem=_reason(error))
    signed, signer = _signature(data, place, publishers)
    misplaced = place.version != PLAIN and not place.version[2:].startswith(hashlib.sha256(data).hexdigest()[:_DIGITS])
    try:
        manifest = parse_manifest(data)
    except OndeviceError as error:
        return Looked(
            place=place, manifest=None, problem=_reason(error), signed=signed, signer=signer, is_misplaced=misplaced
        )
    changed, n_bytes = [], 0
    for role, entry in manifest.files.items():
        try:
            found = digest_file(place.folder / entry.path, expected_bytes=entry.bytes)
        except OndeviceError:
            changed.append(role)
            continue
        n_bytes += found[1]
        if found != (entry.sha256, entry.bytes):
            changed.append(role)
    return Looked(
        place=place,
        manifest=manifest,
        changed=tuple(changed),
        signed=signed,
        signer=signer,
        n_unlisted=count_unlisted(place.folder, {entry.path for entry in manifest.files.values()}),
        n_bytes=n_bytes,
        is_misplaced=misplaced,
    )


def _signature(data: bytes, place: Place, publishers: Sequence[PublisherKey] | None) -> tuple[Signed, str | None]:
    """Return what the signature is worth, and which key it names.

    Without pinned publishers, too, a signature that does not fit its manifest shows that the manifest was changed.
    """
    try:
        signature = read_signature_bytes(place.folder)
        if signature is None:
            return "unsigned", None
        said = Signature.parse(signature).publisher
    except OndeviceError:
        return "broken", None
    try:
        verify_signature(data, signature, [said], name=place.name)
    except SignatureError:
        return "broken", said.fingerprint
    return "trusted" if publishers is not None and said in publishers else "unknown publisher", said.fingerprint


def _reason(error: OndeviceError) -> str:
    return "there is no manifest" if isinstance(error, NotFoundError) else "its manifest cannot be used"
