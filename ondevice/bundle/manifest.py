"""What a manifest says: which files a model has, how its runtime must treat it, and what its gate measured."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Self, get_args

from ondevice.bundle.specs import (
    REQUIRED_ROLES,
    SHA256,
    AdapterSpec,
    EncoderSpec,
    FoldSpec,
    GateResult,
    GeneratorSpec,
    Kind,
    PersonaSpec,
    ProjectorSpec,
    SelectorSpec,
    refuse,
    section_json,
)
from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.safety.regular_files import NotRegularError, open_regular

FORMAT = 1
# Roles that tell about a model without shaping what it computes.
TELLING_ROLES = frozenset({"card", "license", "probes"})

_CHUNK_BYTES = 1 << 20
NAME_RULE = "name must be 1 to 64 of a-z, 0-9, '.', '_', '-'"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry:
    """One file of a bundle: its path inside the folder (forward slashes), its hash and its size."""

    path: str
    sha256: str
    bytes: int

    @classmethod
    def measure(cls, folder: Path, path: str) -> Self:
        """Hash the file at ``folder / path`` and return the entry that describes it.

        Raises:
            NotFoundError: If there is no such file.
            CorruptError: If it is a pipe, a device or a folder.
            StorageError: If it cannot be read.
        """
        sha256, size = digest_file(folder / path)
        return cls(path=path, sha256=sha256, bytes=size)


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A bundle's description; of the six sections exactly the one that ``kind`` names is given.

    Args:
        gate: What the export gate measured, in the order it measured.
        recipe: How the model was converted, in one line.
        paper: Where the method is described.
        training_data: What the weights were trained on, in one line.
        made_from: The files it was converted from: name → SHA-256.
        learned_fold: The users whom it has learned from, where these were one of two folds.
    """

    kind: Kind
    name: str
    version: str
    license: str
    source: str
    files: Mapping[str, FileEntry]
    encoder: EncoderSpec | None = None
    selector: SelectorSpec | None = None
    projector: ProjectorSpec | None = None
    generator: GeneratorSpec | None = None
    adapter: AdapterSpec | None = None
    persona: PersonaSpec | None = None
    gate: tuple[GateResult, ...] = ()
    recipe: str | None = None
    paper: str | None = None
    training_data: str | None = None
    made_from: Mapping[str, str] = field(default_factory=dict)
    learned_fold: FoldSpec | None = None

    def __post_init__(self) -> None:
        """Refuse values that no reader of the manifest would accept."""
        if not is_bundle_name(self.name):
            refuse(f"{NAME_RULE}, but has {len(self.name)} characters")
        if any((getattr(self, kind) is None) == (kind == self.kind) for kind in get_args(Kind)):
            refuse(f"a manifest of kind {self.kind!r} must have the section {self.kind!r} and no other")
        for role in REQUIRED_ROLES[self.kind]:
            if role not in self.files:
                refuse(f"the file {role!r} is missing")
        for role, entry in self.files.items():
            _check_file(role, entry)
        if not all(SHA256.fullmatch(sha256) for sha256 in self.made_from.values()):
            refuse("made_from must give each file's sha-256 as 64 lowercase hex digits")

    @property
    def id(self) -> str:
        """The name and 12 hex digits over what shapes the output: kind, file hashes and the section of the kind.

        Version, licence, source, gate results and the files that only tell about the model are left out: they change
        no vector and no token, so they force no re-encoding.
        """
        identity: dict[str, Any] = {
            "kind": self.kind,
            "files": {role: entry.sha256 for role, entry in self.files.items() if role not in TELLING_ROLES},
            "encoder": None,
            "generator": None,
        }
        identity[self.kind] = section_json(getattr(self, self.kind))
        return f"{self.name}-{hashlib.sha256(_canonical(identity)).hexdigest()[:12]}"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that :func:`read_manifest` accepts; what has its default is left out."""
        out: dict[str, Any] = {"format": FORMAT, **asdict(self), self.kind: section_json(getattr(self, self.kind))}
        return {key: value for key, value in out.items() if value not in (None, (), {})}


def is_bundle_name(name: str) -> bool:
    """Say whether a bundle may be called so: :data:`NAME_RULE`."""
    return _NAME.fullmatch(name) is not None


def fetch_hint(name: str) -> str:
    """Return the remedy for a model that is missing or damaged."""
    return f"run: ondevice-models fetch {name}"


def digest_file(path: Path, *, expected_bytes: int | None = None) -> tuple[str, int]:
    """Read a file once and return its SHA-256 (64 lowercase hex digits) and its size in bytes.

    Args:
        path: The file.
        expected_bytes: How long it should be. Of a longer one no more than this is read, and its hash is left empty.

    Raises:
        NotFoundError: If there is no such file.
        CorruptError: If it is a pipe, a device or a folder.
        StorageError: If it cannot be read.
    """
    digest, n_bytes = hashlib.sha256(), 0
    try:
        with open_regular(path, buffering=0) as file:
            if expected_bytes is not None and (size := os.fstat(file.fileno()).st_size) > expected_bytes:
                return "", size
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
                n_bytes += len(chunk)
                if expected_bytes is not None and n_bytes > expected_bytes:
                    return "", n_bytes
        return digest.hexdigest(), n_bytes
    except NotRegularError:
        raise CorruptError(
            f"the file {path.name!r} of the model {path.parent.name!r} is no regular file",
            hint=fetch_hint(path.parent.name),
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(
            f"the file {path.name!r} of the model {path.parent.name!r} is missing", hint=fetch_hint(path.parent.name)
        ) from None
    except OSError as error:
        raise StorageError(f"the model file {path.name!r} cannot be read: {error.strerror}") from None


def _check_file(role: str, entry: FileEntry) -> None:
    path = PurePosixPath(entry.path)
    if not _ROLE.fullmatch(role):
        refuse("a file's role must be a lowercase word")
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in entry.path or ":" in entry.path:
        refuse(f"the path of the file {role!r} must stay inside the folder")
    if not SHA256.fullmatch(entry.sha256):
        refuse(f"the sha-256 of the file {role!r} must be 64 lowercase hex digits")
    if not 0 <= entry.bytes < 2**63:
        refuse(f"the size of the file {role!r} must not be negative, and fit 64 bits")


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
