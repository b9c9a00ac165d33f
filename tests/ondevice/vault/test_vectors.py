"""Every known-answer vector, and that the generator still writes exactly these."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, LockedError, VersionError
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.sealing import open_sealed
from ondevice.vault.secrets import AppKey, Passphrase, RecoveryCode, Secret

VECTORS = Path(__file__).parents[2] / "vectors"
FILES = sorted(VECTORS.glob("*.txt"))
ERRORS = {error.__name__: error for error in (CorruptError, LockedError, VersionError)}


@dataclass
class Vector:
    fields: dict[str, str]
    edits: list[str]
    body: str


def read_vector(path: Path) -> Vector:
    head, _, body = path.read_bytes().decode("utf-8").partition("\n\n")
    pairs = [line.split(": ", 1) for line in head.splitlines()]
    edits = [value for key, value in pairs if key == "edit"]
    return Vector({key: value for key, value in pairs if key != "edit"}, edits, body)


def blob_of(vector: Vector) -> bytes:
    source = read_vector(VECTORS / vector.fields["from"]) if "from" in vector.fields else vector
    blob = bytearray(base64.b64decode(source.body))
    for edit in vector.edits:
        apply_edit(blob, *edit.split())
    return bytes(blob)


def apply_edit(blob: bytearray, verb: str, *arguments: str) -> None:
    if verb == "append":
        blob += bytes.fromhex(arguments[0])
        return
    at = int(arguments[0])
    if verb == "set":
        blob[at : at + 1] = bytes.fromhex(arguments[1])
        return
    other, *rest = (int(argument) for argument in arguments[1:]) if len(arguments) > 1 else (0,)
    size = rest[0] if rest else other
    if verb == "flip":
        blob[at] ^= 1
    elif verb == "cut":
        del blob[at:]
    elif verb == "drop":
        del blob[at : at + size]
    elif verb == "again":
        blob += blob[at : at + size]
    elif verb == "copy":
        blob[other : other + size] = blob[at : at + size]
    elif verb == "swap":
        first, second = bytes(blob[at : at + size]), bytes(blob[other : other + size])
        blob[at : at + size], blob[other : other + size] = second, first
    else:
        raise ValueError(f"unknown edit {verb}")


def drive_sealed(vector: Vector) -> None:
    fields, blob = vector.fields, blob_of(vector)
    key = ProfileKey(bytes.fromhex(fields["profile_key"])).derive("seal")
    in_pieces = [blob[i : i + 997] for i in range(0, len(blob), 997)]
    opened = [
        b"".join(
            open_sealed(key, data, name=fields["name"], version=int(fields["version"]), profile_id=fields["profile_id"])
        )
        for data in (blob, in_pieces)
    ]
    assert opened[0] == opened[1]
    assert len(opened[0]) == int(fields["plain_bytes"])
    assert hashlib.sha256(opened[0]).hexdigest() == fields["plain_sha256"]


def secret_of(text: str) -> Secret:
    kind, value = text.split(" ", 1)
    if kind == "passphrase":
        return Passphrase(bytes.fromhex(value).decode("utf-8"))
    return RecoveryCode(value) if kind == "recovery" else AppKey(bytes.fromhex(value))


def drive_keys(vector: Vector, path: Path) -> None:
    path.write_bytes(vector.body.encode("utf-8"))
    profile_key = KeyFile.load(path).unlock(secret_of(vector.fields["secret"]))
    assert profile_key == ProfileKey(bytes.fromhex(vector.fields["profile_key"]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_vector_gives_what_it_expects(path: Path, tmp_path: Path) -> None:
    vector = read_vector(path)

    def drive() -> None:
        if vector.fields["kind"] == "sealed":
            drive_sealed(vector)
        else:
            drive_keys(vector, tmp_path / "keys.json")

    expect = vector.fields["expect"]
    if expect == "success":
        drive()
    else:
        with pytest.raises(ERRORS[expect]) as caught:
            drive()
        assert type(caught.value) is ERRORS[expect]


def test_generator_written_from_the_document_makes_the_same_vectors() -> None:
    spec = importlib.util.spec_from_file_location("vector_generator", VECTORS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    made = generator.all_vectors()
    assert sorted(made) == [path.name for path in FILES]
    for path in FILES:
        assert made[path.name].encode("utf-8") == path.read_bytes(), path.name


def test_vectors_cover_every_expectation_of_both_kinds() -> None:
    seen = {(vector.fields["kind"], vector.fields["expect"]) for vector in map(read_vector, FILES)}
    assert seen == {
        ("sealed", "success"),
        ("sealed", "CorruptError"),
        ("sealed", "VersionError"),
        ("keys", "success"),
        ("keys", "CorruptError"),
        ("keys", "LockedError"),
        ("keys", "VersionError"),
    }


def test_worked_example_in_the_document_is_the_vector() -> None:
    document = (VECTORS.parents[1] / "docs" / "reference" / "format.md").read_text(encoding="utf-8")
    vector = read_vector(VECTORS / "sealed-one-chunk.txt")
    blob = blob_of(vector)
    salt, chunk = blob[12:44], blob[44:]
    for value in (vector.fields["profile_key"], vector.fields["profile_id"], salt.hex(), chunk[:20].hex()):
        assert f" {value}" in document
    assert f" {chunk[20:].hex()} " in document
    seal_key = ProfileKey(bytes.fromhex(vector.fields["profile_key"])).derive("seal")
    assert f'derive(profile_key, "seal")   {seal_key.hex()}' in document
