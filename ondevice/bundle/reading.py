"""Reading and writing ``manifest.json``: every field known, present and of its type, or an error."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any, NoReturn, TypeVar, cast, get_args

from ondevice.bundle.manifest import (
    FORMAT,
    EncoderSpec,
    FileEntry,
    GeneratorSpec,
    Kind,
    Manifest,
    Pooling,
    fetch_hint,
    refuse,
)
from ondevice.errors import ManifestError, NotFoundError, StorageError, VersionError

MANIFEST_NAME = "manifest.json"
MAX_MANIFEST_BYTES = 1 << 20

_T = TypeVar("_T")


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``folder / manifest.json`` without looking at the files it names.

    Raises:
        NotFoundError: If the folder or the manifest is missing.
        ManifestError: If the manifest has a missing, unknown or ill-typed field.
        VersionError: If the manifest was written in a newer format.
    """
    try:
        with (folder / MANIFEST_NAME).open("rb") as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no model {folder.name!r} here", hint=fetch_hint(folder.name)) from None
    except OSError as error:
        raise StorageError(f"the manifest of the model {folder.name!r} cannot be read: {error.strerror}") from None
    if len(data) > MAX_MANIFEST_BYTES:
        refuse(f"it is longer than {MAX_MANIFEST_BYTES} bytes")
    try:
        value = json.loads(data, object_pairs_hook=_object, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ManifestError("the manifest is not valid json") from None
    return _parse(value)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write ``folder / manifest.json``, replacing an earlier one in one step.

    Raises:
        StorageError: If the folder cannot be written.
    """
    data = json.dumps(manifest.to_json(), indent=2, ensure_ascii=False).encode() + b"\n"
    try:
        handle, temporary = tempfile.mkstemp(prefix=".manifest-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(folder / MANIFEST_NAME)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(f"the manifest of the model {manifest.name!r} cannot be written: {error.strerror}") from None


class _Section:
    """One JSON object, read field by field; what nobody asked for is an error."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            refuse(f"{where} must be an object")
        self._left: dict[str, object] = dict(value)
        self._where = where

    def take(self, name: str, kind: type[_T]) -> _T:
        if name not in self._left:
            refuse(f"the field {name!r} of {self._where} is missing")
        value = self._left.pop(name)
        if type(value) is not kind:
            refuse(f"the field {name!r} of {self._where} must be {kind.__name__}, not {type(value).__name__}")
        return value

    def end(self) -> None:
        if self._left:
            refuse(f"{self._where} has the unknown field {min(self._left)!r}")


def _parse(value: object) -> Manifest:
    top = _Section(value, "the manifest")
    version = top.take("format", int)
    if version > FORMAT:
        raise VersionError(
            f"the manifest has format {version}, but this release reads up to {FORMAT}", hint="update ondevice-sdk"
        )
    if version < 1:
        refuse(f"format {version} does not exist")
    kind = top.take("kind", str)
    if kind not in get_args(Kind):
        refuse(f"kind {kind!r} is none of {', '.join(get_args(Kind))}")
    files = {role: _parse_file(role, entry) for role, entry in top.take("files", dict).items()}
    section = _Section(top.take(kind, dict), f"the section {kind!r}")
    manifest = Manifest(
        kind=cast("Kind", kind),
        name=top.take("name", str),
        version=top.take("version", str),
        license=top.take("license", str),
        source=top.take("source", str),
        files=files,
        encoder=_parse_encoder(section) if kind == "encoder" else None,
        generator=_parse_generator(section) if kind == "generator" else None,
    )
    section.end()
    top.end()
    return manifest


def _parse_file(role: str, value: object) -> FileEntry:
    section = _Section(value, f"the file {role!r}")
    entry = FileEntry(
        path=section.take("path", str), sha256=section.take("sha256", str), bytes=section.take("bytes", int)
    )
    section.end()
    return entry


def _parse_encoder(section: _Section) -> EncoderSpec:
    pooling = section.take("pooling", str)
    if pooling not in get_args(Pooling):
        refuse(f"pooling {pooling!r} is none of {', '.join(get_args(Pooling))}")
    return EncoderSpec(
        dim=section.take("dim", int),
        pooling=cast("Pooling", pooling),
        is_normalized=section.take("is_normalized", bool),
        max_tokens=section.take("max_tokens", int),
        query_prefix=section.take("query_prefix", str),
        passage_prefix=section.take("passage_prefix", str),
    )


def _parse_generator(section: _Section) -> GeneratorSpec:
    return GeneratorSpec(context_tokens=section.take("context_tokens", int), base=section.take("base", str))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) != len(pairs):
        refuse("a field stands in it twice")
    return out


def _no_constant(name: str) -> NoReturn:
    refuse(f"{name} is not a number in it")
