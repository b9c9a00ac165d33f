"""What a manifest says: which files a model has, and how its runtime must treat it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NoReturn, Self

from ondevice.errors import ManifestError, NotFoundError, StorageError

FORMAT = 1

Kind = Literal["encoder", "generator"]
Pooling = Literal["mean", "cls", "none"]

REQUIRED_ROLES: Mapping[Kind, tuple[str, ...]] = {"encoder": ("model", "tokenizer"), "generator": ("model",)}
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,31}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


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
            StorageError: If it cannot be read.
        """
        sha256, size = digest_file(folder / path)
        return cls(path=path, sha256=sha256, bytes=size)


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderSpec:
    """How texts become vectors.

    Args:
        dim: Numbers in a vector.
        pooling: ``mean`` over the tokens, ``cls`` (the first token), or ``none`` where the graph pools itself.
        is_normalized: Whether the graph's own output has L2 norm 1; the encoder normalizes in any case.
        max_tokens: Longer texts are cut here, special tokens included.
        query_prefix: Put before a text that searches.
        passage_prefix: Put before a text that is searched.
    """

    dim: int
    pooling: Pooling
    is_normalized: bool
    max_tokens: int
    query_prefix: str = ""
    passage_prefix: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorSpec:
    """What the prompt builder must know of a language model.

    Args:
        context_tokens: The longest context the model was made for.
        base: The name of the base model, as people know it.
    """

    context_tokens: int
    base: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Manifest:
    """A bundle's description; exactly one of ``encoder`` and ``generator`` is given, as ``kind`` says."""

    kind: Kind
    name: str
    version: str
    license: str
    source: str
    files: Mapping[str, FileEntry]
    encoder: EncoderSpec | None = None
    generator: GeneratorSpec | None = None

    def __post_init__(self) -> None:
        """Refuse values that no reader of the manifest would accept."""
        if not _NAME.fullmatch(self.name):
            refuse(f"name must be 1 to 64 of a-z, 0-9, '.', '_', '-', but has {len(self.name)} characters")
        if (self.encoder is None) != (self.kind != "encoder") or (self.generator is None) != (self.kind != "generator"):
            refuse(f"a manifest of kind {self.kind!r} must have the section {self.kind!r} and no other")
        for role in REQUIRED_ROLES[self.kind]:
            if role not in self.files:
                refuse(f"the file {role!r} is missing")
        for role, entry in self.files.items():
            _check_file(role, entry)
        if self.encoder is not None and (self.encoder.dim < 1 or self.encoder.max_tokens < 3):
            refuse(f"dim {self.encoder.dim} must be 1 or more, max_tokens {self.encoder.max_tokens} 3 or more")
        if self.generator is not None and self.generator.context_tokens < 1:
            refuse(f"context_tokens {self.generator.context_tokens} must be 1 or more")

    @property
    def id(self) -> str:
        """The name and 12 hex digits over what shapes the output: kind, file hashes and the section of the kind.

        Version, licence and source are left out: they change no vector and no token, so they force no re-encoding.
        """
        identity = {
            "kind": self.kind,
            "files": {role: entry.sha256 for role, entry in self.files.items()},
            "encoder": asdict(self.encoder) if self.encoder else None,
            "generator": asdict(self.generator) if self.generator else None,
        }
        return f"{self.name}-{hashlib.sha256(_canonical(identity)).hexdigest()[:12]}"

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that :func:`read_manifest` accepts."""
        out: dict[str, Any] = {"format": FORMAT, **asdict(self)}
        return {key: value for key, value in out.items() if value is not None}


def refuse(reason: str) -> NoReturn:
    """Raise the one error of a manifest that cannot be used."""
    raise ManifestError(f"the manifest cannot be used: {reason}")


def fetch_hint(name: str) -> str:
    """Return the remedy for a model that is missing or damaged."""
    return f"run: ondevice-models fetch {name}"


def digest_file(path: Path) -> tuple[str, int]:
    """Read a file once and return its SHA-256 (64 lowercase hex digits) and its size in bytes.

    Raises:
        NotFoundError: If there is no such file.
        StorageError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
            return digest.hexdigest(), file.tell()
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
    if not _SHA256.fullmatch(entry.sha256):
        refuse(f"the sha-256 of the file {role!r} must be 64 lowercase hex digits")
    if entry.bytes < 0:
        refuse(f"the size of the file {role!r} must not be negative")


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
