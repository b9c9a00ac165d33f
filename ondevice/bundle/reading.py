"""Reading and writing ``manifest.json``: every field known, present and of its type, or an error."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import cast, get_args

from ondevice.bundle.manifest import FORMAT, Manifest, fetch_hint
from ondevice.bundle.sections import Section, parse_file, parse_fold, parse_gate, parse_json, parse_spec
from ondevice.bundle.specs import Kind, refuse
from ondevice.errors import CorruptError, NotFoundError, StorageError, VersionError
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular

MANIFEST_NAME = "manifest.json"
MAX_MANIFEST_BYTES = 1 << 20


def read_manifest(folder: Path) -> Manifest:
    """Read and check ``folder / manifest.json`` without looking at the files it names.

    Raises:
        NotFoundError: If the folder or the manifest is missing.
        ManifestError: If the manifest has a missing, unknown or ill-typed field.
        VersionError: If the manifest was written in a newer format.
    """
    return parse_manifest(read_manifest_bytes(folder))


def read_manifest_bytes(folder: Path) -> bytes:
    """Return the bytes of ``folder / manifest.json``, of which a signature speaks.

    Raises:
        NotFoundError: If the folder or the manifest is missing.
        CorruptError: If it is a pipe, a device or a folder.
        ManifestError: If it is longer than a manifest may be.
        StorageError: If it cannot be read.
    """
    try:
        return read_regular(folder / MANIFEST_NAME, limit_bytes=MAX_MANIFEST_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no model {folder.name!r} here", hint=fetch_hint(folder.name)) from None
    except NotRegularError:
        raise CorruptError(
            f"the manifest of the model {folder.name!r} is no regular file", hint=fetch_hint(folder.name)
        ) from None
    except TooLongError as error:
        refuse(str(error.strerror))
    except OSError as error:
        raise StorageError(f"the manifest of the model {folder.name!r} cannot be read: {error.strerror}") from None


def parse_manifest(data: bytes) -> Manifest:
    """Check the bytes of a ``manifest.json``.

    Raises:
        ManifestError: If they are no manifest, or have a missing, unknown or ill-typed field.
        VersionError: If the manifest was written in a newer format.
    """
    if len(data) > MAX_MANIFEST_BYTES:
        refuse(f"it is longer than {MAX_MANIFEST_BYTES} bytes")
    return _parse(parse_json(data, "the manifest"))


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


def _parse(value: object) -> Manifest:
    top = Section(value, "the manifest")
    version = top.take("format", int)
    if FORMAT < version < 2**31:
        raise VersionError(
            f"the manifest has format {version}, but this release reads up to {FORMAT}", hint="update ondevice-sdk"
        )
    if version != FORMAT:
        refuse(f"format {version} does not exist")
    kind = top.take("kind", str)
    if kind not in get_args(Kind):
        refuse(f"kind {kind!r} is none of {', '.join(get_args(Kind))}")
    fold = top.take_optional("learned_fold", dict)
    manifest = Manifest(
        kind=cast("Kind", kind),
        files={role: parse_file(role, entry) for role, entry in top.take("files", dict).items()},
        name=top.take("name", str),
        version=top.take("version", str),
        license=top.take("license", str),
        source=top.take("source", str),
        gate=tuple(parse_gate(result) for result in top.take_optional("gate", list) or ()),
        recipe=top.take_optional("recipe", str),
        paper=top.take_optional("paper", str),
        training_data=top.take_optional("training_data", str),
        made_from=_parse_hashes(top.take_optional("made_from", dict) or {}),
        learned_fold=None if fold is None else parse_fold(fold),
        **{kind: parse_spec(cast("Kind", kind), top.take(kind, dict))},
    )
    top.end()
    return manifest


def _parse_hashes(value: dict[str, object]) -> dict[str, str]:
    section = Section(value, "the field 'made_from'")
    return {name: section.take(name, str) for name in value}
