"""A model folder that has been compared, byte for byte, with its manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ondevice.bundle.manifest import FileEntry, Manifest, digest_file, fetch_hint
from ondevice.bundle.places import is_version_folder, remedy, resolve
from ondevice.bundle.reading import parse_manifest, read_manifest_bytes
from ondevice.bundle.signature import PublisherKey, read_signature_bytes, verify_signature
from ondevice.bundle.specs import (
    AdapterSpec,
    EncoderSpec,
    GeneratorSpec,
    Kind,
    PersonaSpec,
    ProjectorSpec,
    SelectorSpec,
)
from ondevice.errors import BundleError, CorruptError, ModelMismatchError, NotFoundError


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundle:
    """A model folder whose every file has been compared with its manifest.

    Args:
        folder: Where the files lie.
        manifest: What the folder says of itself.
        publisher: Who signed it, where the signature was asked for and verified.
    """

    folder: Path
    manifest: Manifest
    publisher: PublisherKey | None = None

    @classmethod
    def open(cls, folder: Path, *, kind: Kind, publishers: Sequence[PublisherKey] | None = None) -> Self:
        """Read the manifest in ``folder`` and check the size and SHA-256 of every file it names.

        Where versions were installed into the folder, the one in use is opened.

        Args:
            folder: The model's folder.
            kind: The kind of model that is needed.
            publishers: The bundle must be signed by one of these; ``None`` asks for no signature.

        Raises:
            NotFoundError: If the folder, its manifest or a file is missing.
            ManifestError: If the manifest has a missing, unknown or ill-typed field.
            SignatureError: If a signature is asked for, and there is none by these publishers over this manifest.
            VersionError: If the manifest was written in a newer format.
            BundleError: If the bundle is of the other kind.
            CorruptError: If a file's size or hash differs from the manifest.
        """
        bundle = cls._read(resolve(folder), folder.name, publishers)
        if bundle.kind != kind:
            raise bundle.wrong_kind(kind)
        bundle._check_files()
        return bundle

    @classmethod
    def open_any(cls, folder: Path, *, publishers: Sequence[PublisherKey] | None = None) -> Self:
        """Open a bundle of whatever kind; otherwise as :meth:`open`."""
        bundle = cls._read(resolve(folder), folder.name, publishers)
        bundle._check_files()
        return bundle

    @classmethod
    def open_exactly(cls, folder: Path, *, publishers: Sequence[PublisherKey] | None = None) -> Self:
        """Open what lies in ``folder`` itself, whichever version is in use; otherwise as :meth:`open_any`."""
        bundle = cls._read(folder, folder.name, publishers)
        bundle._check_files()
        return bundle

    @classmethod
    def _read(cls, place: Path, name: str, publishers: Sequence[PublisherKey] | None) -> Self:
        data = read_manifest_bytes(place)
        signer = None
        if publishers is not None:
            # Before the manifest is believed in anything, its own name included.
            signer = verify_signature(data, read_signature_bytes(place), publishers, name=name)
        return cls(folder=place, manifest=parse_manifest(data), publisher=signer)

    def _check_files(self) -> None:
        # An installed version is not what fetching would mend.
        hint = remedy(self.name) if is_version_folder(self.folder.name) else fetch_hint(self.name)
        for role, entry in self.files.items():
            path = self.file(role)
            try:
                sha256, size = digest_file(path, expected_bytes=entry.bytes)
            except NotFoundError:
                raise NotFoundError(
                    f"the file {path.name!r} of the model {self.name!r} is missing", hint=hint
                ) from None
            if (size, sha256) != (entry.bytes, entry.sha256):
                reason = f"has {size} bytes, not {entry.bytes}" if size != entry.bytes else "has another sha-256"
                raise CorruptError(f"the file {role!r} of the model {self.name!r} {reason}", hint=hint)

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

    @property
    def persona(self) -> PersonaSpec | None:
        """How items become rows, if this is a persona."""
        return self.manifest.persona

    @property
    def bases(self) -> tuple[str, ...]:
        """SHA-256 of the language models that it was made for, if this is an adapter or a persona."""
        spec = self.adapter or self.persona
        return () if spec is None else spec.bases

    def file(self, role: str) -> Path:
        """Return the path of the file with that role (``model``, ``tokenizer`` …).

        Raises:
            NotFoundError: If the manifest names no such file.
        """
        entry = self.files.get(role)
        if entry is None:
            raise NotFoundError(f"the model {self.name!r} has no file {role!r}")
        return self.folder / entry.path

    def wrong_kind(self, needed: Kind) -> BundleError:
        """Return the error for a model that is not of the kind that is needed."""
        return BundleError(f"the model {self.name!r} is of kind {self.kind!r}, but {needed!r} is needed")

    def check_base(self, generator: Bundle) -> None:
        """Make sure that this adapter, or persona, was made for that language model.

        Raises:
            BundleError: If this is neither.
            ModelMismatchError: If the language model's file is none of its bases.
        """
        if not self.bases:
            raise self.wrong_kind("adapter")
        if generator.files["model"].sha256 not in self.bases:
            raise ModelMismatchError(
                f"the {self.kind} {self.name!r} was made for another base model than {generator.name!r}",
                hint="open it with the language model it was made for",
            )
