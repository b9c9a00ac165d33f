"""Archives: what a hostile or damaged one can say, and that nothing of it ever lands outside, or at all."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, read_manifest
from ondevice.bundle.archive import unpack
from ondevice.errors import CorruptError, ManifestError, NotFoundError, OndeviceError, SignatureError, StorageError
from tests.ondevice.bundle.signed import OURS, THEIRS, make_bundle, pack, tar

Members = list[tuple[str | tarfile.TarInfo, bytes]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "made" / "tiny", publisher=OURS)


@pytest.fixture
def archive(folder: Path, tmp_path: Path) -> Path:
    return pack(folder, tmp_path / "tiny-1.ondevice")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "within" / "out").mkdir(parents=True)
    return tmp_path / "within" / "out"


def members_of(folder: Path) -> Members:
    names = ("manifest.json", "manifest.sig", "model.gguf", "notes/card.md")
    return [(name, (folder / name).read_bytes()) for name in names]


def test_an_archive_unpacks_to_the_folder_it_was_made_of(folder: Path, archive: Path, out: Path) -> None:
    seen: list[tuple[int, int]] = []
    manifest = unpack(archive, out, publishers=[OURS.key], on_progress=lambda *both: seen.append(both))
    assert manifest == read_manifest(folder)
    assert Bundle.open_exactly(out, publishers=[OURS.key]).manifest == manifest
    for path in folder.rglob("*"):
        if path.is_file():
            assert (out / path.relative_to(folder)).read_bytes() == path.read_bytes()
            assert (out / path.relative_to(folder)).stat().st_mode & 0o777 == 0o600
    assert seen[-1] == (907, 907)


def test_a_bit_flipped_anywhere_is_found(archive: Path, tmp_path: Path) -> None:
    original = archive.read_bytes()
    out = tmp_path / "flips"
    for at in range(0, len(original), 23):
        changed = bytearray(original)
        changed[at] ^= 1 << (at % 8)
        archive.write_bytes(changed)
        place = out / str(at)
        place.mkdir(parents=True)
        with pytest.raises((CorruptError, SignatureError)):
            unpack(archive, place, publishers=[OURS.key])


def test_an_archive_cut_anywhere_is_refused(archive: Path, tmp_path: Path) -> None:
    original = archive.read_bytes()
    for length in range(0, len(original), 64):
        archive.write_bytes(original[:length])
        place = tmp_path / "cuts" / str(length)
        place.mkdir(parents=True)
        with pytest.raises(CorruptError):
            unpack(archive, place, publishers=[OURS.key])


def test_nothing_is_written_before_the_signature_is_accepted(archive: Path, out: Path) -> None:
    with pytest.raises(SignatureError):
        unpack(archive, out, publishers=[THEIRS.key])
    assert list(out.iterdir()) == []


def test_an_unsigned_archive_is_refused_where_a_signature_is_asked_for(tmp_path: Path, out: Path) -> None:
    archive = pack(make_bundle(tmp_path / "unsigned"), tmp_path / "a.ondevice")
    with pytest.raises(SignatureError, match="is not signed"):
        unpack(archive, out, publishers=[OURS.key])
    assert list(out.iterdir()) == []
    assert unpack(archive, out).name == "tiny"


def test_who_refuses_the_manifest_keeps_the_disk_clean(archive: Path, out: Path) -> None:
    def refuse(manifest: Manifest) -> None:
        raise StorageError(f"no room for {manifest.name}")

    with pytest.raises(StorageError, match="no room for tiny"):
        unpack(archive, out, on_manifest=refuse)
    assert list(out.iterdir()) == []


def header(name: str, kind: bytes = tarfile.REGTYPE, **fields: Any) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info


HOSTILE: dict[str, Callable[[Members], Members]] = {
    "symlink": lambda m: [*m[:2], (header("model.gguf", tarfile.SYMTYPE, linkname="/etc/passwd"), b""), m[3]],
    "hard link": lambda m: [*m[:2], (header("model.gguf", tarfile.LNKTYPE, linkname="manifest.json"), b""), m[3]],
    "device": lambda m: [*m[:2], (header("model.gguf", tarfile.CHRTYPE, devmajor=1, devminor=3), b""), m[3]],
    "block device": lambda m: [*m[:2], (header("model.gguf", tarfile.BLKTYPE), b""), m[3]],
    "pipe": lambda m: [*m[:2], (header("model.gguf", tarfile.FIFOTYPE), b""), m[3]],
    "folder": lambda m: [*m[:2], (header("notes/", tarfile.DIRTYPE), b""), *m[2:]],
    "pax header": lambda m: [*m[:2], (header("x", tarfile.XHDTYPE, size=20), b"20 path=model.gguf\n\0"), *m[2:]],
    "gnu long name": lambda m: [*m[:2], (header("././@LongLink", tarfile.GNUTYPE_LONGNAME, size=3), b"abc"), *m[2:]],
    "parent path": lambda m: [*m[:2], ("../model.gguf", m[2][1]), m[3]],
    "absolute path": lambda m: [*m[:2], ("/tmp/model.gguf", m[2][1]), m[3]],
    "other name": lambda m: [*m[:2], ("model.bin", m[2][1]), m[3]],
    "unknown member": lambda m: [*m, ("surprise", b"x")],
    "unknown first": lambda m: [("a", b"x"), *m],
    "doubled member": lambda m: [*m[:3], m[2], m[3]],
    "doubled manifest": lambda m: [m[0], *m],
    "doubled signature": lambda m: [m[0], m[1], *m[1:]],
    "missing member": lambda m: m[:3],
    "other order": lambda m: [*m[:2], m[3], m[2]],
    "manifest last": lambda m: [*m[1:], m[0]],
    "shorter file": lambda m: [*m[:2], ("model.gguf", m[2][1][:-1]), m[3]],
    "longer file": lambda m: [*m[:2], ("model.gguf", m[2][1] + b"x"), m[3]],
    "other bytes": lambda m: [*m[:2], ("model.gguf", b"weighty"), m[3]],
    "executable": lambda m: [*m[:2], (header("model.gguf", mode=0o755, size=7), m[2][1]), m[3]],
    "owned": lambda m: [*m[:2], (header("model.gguf", uid=1000, size=7), m[2][1]), m[3]],
    "dated": lambda m: [*m[:2], (header("model.gguf", mtime=1, size=7), m[2][1]), m[3]],
    "huge signature": lambda m: [m[0], ("manifest.sig", b" " * 5000), *m[2:]],
    "huge manifest": lambda m: [("manifest.json", b" " * ((1 << 20) + 1)), *m[1:]],
    "nothing": lambda m: [],
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused(
    folder: Path, tmp_path: Path, out: Path, change: Callable[[Members], Members]
) -> None:
    archive = tmp_path / "hostile.ondevice"
    archive.write_bytes(tar(change(members_of(folder))))
    with pytest.raises(CorruptError, match="the archive cannot be used"):
        unpack(archive, out)
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert not [path for path in out.rglob("*") if path.is_symlink()]


def test_a_size_that_only_a_header_claims_is_not_believed(folder: Path, tmp_path: Path, out: Path) -> None:
    members = members_of(folder)
    members[2] = (header("model.gguf", size=8**11 - 1), b"weights")
    archive = tmp_path / "a.ondevice"
    archive.write_bytes(tar(members))
    with pytest.raises(CorruptError):
        unpack(archive, out)


@pytest.mark.parametrize(
    "tail",
    [b"", bytes(512), bytes(1025), bytes(100 * 512), bytes(1024) + b"x" * 512],
    ids=["0", "1", "odd", "100", "x"],
)
def test_an_archive_ends_where_it_ends(archive: Path, out: Path, tail: bytes) -> None:
    archive.write_bytes(archive.read_bytes()[:-1024] + tail)
    with pytest.raises(CorruptError):
        unpack(archive, out)


def manifest_of(**files: FileEntry) -> bytes:
    manifest = Manifest(
        kind="generator",
        name="m",
        version="1",
        license="",
        source="",
        files={"model": FileEntry(path="m", sha256="0" * 64, bytes=1), **files},
        generator=GeneratorSpec(context_tokens=1, base=""),
    )
    return json.dumps(manifest.to_json()).encode()


ONE = FileEntry(path="x", sha256="0" * 64, bytes=1)


@pytest.mark.parametrize(
    "manifest",
    [
        manifest_of(card=replace(ONE, path="M")),
        manifest_of(card=replace(ONE, path="m")),
        manifest_of(card=replace(ONE, path="manifest.json")),
        manifest_of(card=replace(ONE, path="Manifest.SIG")),
        manifest_of(card=replace(ONE, path="current")),
        manifest_of(card=replace(ONE, path="a//b")),
        manifest_of(card=replace(ONE, path="a/./b")),
        manifest_of(card=replace(ONE, path=".hidden")),
        manifest_of(card=replace(ONE, path="dot.")),
        manifest_of(card=replace(ONE, path="a b")),
        manifest_of(card=replace(ONE, path="caf\u00e9")),
        manifest_of(card=replace(ONE, path="a\nb")),
        manifest_of(card=replace(ONE, bytes=8**11)),
        manifest_of(**{f"r{number}": replace(ONE, path=f"p{number}") for number in range(256)}),
    ],
)
def test_a_manifest_that_not_every_file_system_can_hold_is_refused(tmp_path: Path, out: Path, manifest: bytes) -> None:
    archive = tmp_path / "a.ondevice"
    archive.write_bytes(tar([("manifest.json", manifest)]))
    with pytest.raises(CorruptError):
        unpack(archive, out)
    assert list(out.iterdir()) == []


def test_a_manifest_whose_path_leaves_the_folder_is_refused(tmp_path: Path, out: Path) -> None:
    archive = tmp_path / "a.ondevice"
    text = manifest_of(card=replace(ONE, path="abcd")).replace(b'"abcd"', b'"../x"')
    archive.write_bytes(tar([("manifest.json", text)]))
    with pytest.raises(ManifestError, match="must stay inside the folder"):
        unpack(archive, out)


def test_what_is_not_there_is_not_found(tmp_path: Path, out: Path) -> None:
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(NotFoundError, match="there is no archive"):
            unpack(path, out)


def test_random_bytes_never_crash_the_reader(archive: Path, tmp_path: Path) -> None:
    import random

    chance = random.Random(5)
    original = archive.read_bytes()
    for number in range(200):
        changed = bytearray(original)
        for _ in range(chance.randint(1, 40)):
            at = chance.randrange(len(changed))
            changed[at : at + chance.randint(0, 30)] = chance.randbytes(chance.randint(0, 30))
        archive.write_bytes(changed)
        place = tmp_path / "noise" / str(number)
        place.mkdir(parents=True)
        if bytes(changed) != original:
            with pytest.raises(OndeviceError):
                unpack(archive, place)
