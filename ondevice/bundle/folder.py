"""A model folder that has been compared, byte for byte, with its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ondevice.bundle.manifest import FileEntry, Manifest, digest_file, fetch_hint
from ondevice.bundle.reading import read_manifest
from ondevice.bundle.specs import AdapterSpec, EncoderSpec, GeneratorSpec, Kind, ProjectorSpec, SelectorSpec
from ondevice.errors import BundleError, CorruptError, NotFoundError


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A model folder whose every file has been compared with its manifest."""

    folder: Path
    manifest: Manifest

    @classmethod
    def open(cls, folder: Path, *, kind: Kind) -> Self:
        """Read the manifest in ``folder`` and check the size and SHA-256 of every file it names.

        Raises:
            NotFoundError: If the folder, its manifest or a file is missing.
            ManifestError: If the manifest has a missing, unknown or ill-typed field.
            VersionError: If the manifest was written in a newer format.
            BundleError: If the bundle is of the other kind.
            CorruptError: If a file's size or hash differs from the manifest.
        """
        manifest = read_manifest(folder)
        if manifest.kind != kind:
            raise BundleError(f"the model {manifest.name!r} is of kind {manifest.kind!r}, but {kind!r} is needed")
        bundle = cls(folder=folder, manifest=manifest)
        for role, entry in manifest.files.items():
            sha256, size = digest_file(bundle.file(role))
            if (size, sha256) != (entry.bytes, entry.sha256):
                reason = f"has {size} bytes, not {entry.bytes}" if size != entry.bytes else "has another sha-256"
                raise CorruptError(
                    f"the file {role!r} of the model {manifest.name!r} {reason}", hint=fetch_hint(manifest.name)
                )
        return bundle

    @property
    def name(self) -> str:
        """The model's name."""
        return self.manifest.name

    @property
    def version(self) -> str:
        """The bundle's own version."""
        return self.manifest.version

    @property
    def kind(self) -> Kind:
        """What kind of model it is; the section of that name says how to use it."""
        return self.manifest.kind

    @property
    def id(self) -> str:
        """The content-derived id, see :attr:`Manifest.id`."""
        return self.manifest.id

    @property
    def license(self) -> str:
        """The weights' licence (SPDX)."""
        return self.manifest.license

    @property
    def source(self) -> str:
        """Where the weights come from."""
        return self.manifest.source

    @property
    def files(self) -> Mapping[str, FileEntry]:
        """The files by role."""
        return self.manifest.files

    @property
    def encoder(self) -> EncoderSpec | None:
        """How texts become vectors, if this is an encoder."""
        return self.manifest.encoder

    @property
    def generator(self) -> GeneratorSpec | None:
        """What the prompt builder must know, if this is a generator."""
        return self.manifest.generator

    @property
    def selector(self) -> SelectorSpec | None:
        """How a pair of texts becomes a score, if this is a selector."""
        return self.manifest.selector

    @property
    def projector(self) -> ProjectorSpec | None:
        """The sizes of its vectors, if this is a projector."""
        return self.manifest.projector

    @property
    def adapter(self) -> AdapterSpec | None:
        """What it may be put on, if this is an adapter."""
        return self.manifest.adapter

    def file(self, role: str) -> Path:
        """Return the path of the file with that role (``model``, ``tokenizer`` …).

        Raises:
            NotFoundError: If the manifest names no such file.
        """
        entry = self.files.get(role)
        if entry is None:
            raise NotFoundError(f"the model {self.name!r} has no file {role!r}")
        return self.folder / entry.path
