"""What an archive or a bundle's folder holds, and who signed it, without running the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ondevice.bundle import Bundle, Manifest
from ondevice.bundle.archive import unpack
from ondevice.bundle.places import resolve
from ondevice.bundle.reading import read_manifest_bytes
from ondevice.bundle.signature import PublisherKey, Signature, read_signature_bytes, verify_signature
from ondevice.errors import SignatureError
from ondevice.safety.temporary_folder import temporary_folder

Verdict = Literal["unsigned", "intact", "trusted", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """A bundle whose every byte has been compared with its manifest.

    Args:
        path: The archive or the folder.
        is_archive: Whether it is an archive.
        manifest: What it says of itself.
        publisher: The key that the signature names, whether or not the signature fits.
        verdict: ``unsigned``; ``intact`` where the signature fits the key that it names and no publisher was asked for;
            ``trusted`` where it fits one of those asked for; else ``refused``.
        reason: Why it is refused.
    """

    path: Path
    is_archive: bool
    manifest: Manifest
    publisher: PublisherKey | None
    verdict: Verdict
    reason: str | None = None

    @property
    def bytes(self) -> int:
        """The size of the files that the manifest names."""
        return sum(entry.bytes for entry in self.manifest.files.values())


def inspect(
    path: Path,
    *,
    publishers: Sequence[PublisherKey] = (),
    on_progress: Callable[[int, int], None] | None = None,
) -> Description:
    """Check every hash of an archive or a folder and describe it.

    An archive is unpacked among the system's temporary files and removed again.

    Args:
        path: A ``.ondevice`` archive, a bundle's folder, or a folder with installed versions.
        publishers: The keys, one of which should have signed it.
        on_progress: Called with bytes done and in total while an archive is read.

    Raises:
        NotFoundError: If there is nothing at ``path``, or it is no bundle.
        ManifestError: If its manifest cannot be used.
        CorruptError: If a file or the archive is damaged.
        VersionError: If a newer release wrote it.
        StorageError: If it cannot be read or unpacked.
    """
    if path.is_dir():
        return _describe(path, resolve(path), publishers, is_archive=False)
    with temporary_folder() as folder:
        unpack(path, folder, on_progress=on_progress)
        return _describe(path, folder, publishers, is_archive=True)


def _describe(path: Path, folder: Path, publishers: Sequence[PublisherKey], *, is_archive: bool) -> Description:
    manifest = Bundle.open_exactly(folder).manifest
    publisher, verdict, reason = _signature(folder, publishers, manifest.name)
    return Description(
        path=path, is_archive=is_archive, manifest=manifest, publisher=publisher, verdict=verdict, reason=reason
    )


def _signature(
    folder: Path, publishers: Sequence[PublisherKey], name: str
) -> tuple[PublisherKey | None, Verdict, str | None]:
    said: PublisherKey | None = None
    try:
        signature = read_signature_bytes(folder)
        if signature is not None:
            said = Signature.parse(signature).publisher
        elif not publishers:
            return None, "unsigned", None
        trusted = publishers or ([] if said is None else [said])
        verify_signature(read_manifest_bytes(folder), signature, trusted, name=name)
    except SignatureError as error:
        return said, "refused", error.message
    return said, "trusted" if publishers else "intact", None
