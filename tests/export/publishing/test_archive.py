from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from export.errors import ConversionError
from export.publishing.archive import write_archive
from ondevice.bundle import FileEntry
from ondevice.errors import CorruptError, StorageError


def entry(path: str, data: bytes) -> FileEntry:
    return FileEntry(path=path, sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))


def files(contents: Mapping[str, bytes]) -> dict[str, tuple[FileEntry, Path | bytes]]:
    return {f"role{index}": (entry(path, data), data) for index, (path, data) in enumerate(contents.items())}


def test_every_tar_reads_it(tmp_path: Path) -> None:
    deep = "deep/" * 25 + "file.bin"
    contents = {"model.onnx": bytes(513), "a/tokenizer.json": b"{}", "empty": b"", deep: b"x" * 1024, "ä.txt": b"u"}
    out = tmp_path / "x.ondevice"
    sha256 = write_archive(out, manifest=b"{}\n", signature=b"sig", files=files(contents))
    assert sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    with tarfile.open(out, "r:") as archive:
        members = archive.getmembers()
        read = {member.name: archive.extractfile(member).read() for member in members}  # type: ignore[union-attr]
    order = ["manifest.json", "manifest.sig", *sorted(contents, key=str.encode)]
    assert [member.name for member in members] == order
    assert read == {"manifest.json": b"{}\n", "manifest.sig": b"sig", **contents}
    assert {(each.mode, each.uid, each.gid, each.mtime, each.uname, each.type) for each in members} == {
        (0o644, 0, 0, 0, "", tarfile.REGTYPE)
    }


def test_the_bytes_are_those_of_the_specification(tmp_path: Path) -> None:
    out = tmp_path / "x.ondevice"
    write_archive(out, manifest=b"{}", signature=None, files=files({"f": b"abc"}))
    data = out.read_bytes()
    assert len(data) == 6 * 512
    assert data[:13] == b"manifest.json"
    assert data[100:156] == b"0000644\x000000000\x000000000\x0000000000002\x0000000000000\x00" + data[148:156]
    assert data[257:265] == b"ustar\x0000"
    assert data[512:1024] == b"{}" + bytes(510)
    assert data[1536:2048] == b"abc" + bytes(509)
    assert data[2048:] == bytes(1024)


def test_order_and_dates_change_nothing(tmp_path: Path) -> None:
    contents = {"b": b"2", "a": b"1", "c/d": b"3"}
    hashes = set()
    for age, (name, order) in enumerate((("x", list(contents)), ("y", sorted(contents, reverse=True)))):
        folder = tmp_path / name
        (folder / "c").mkdir(parents=True)
        chosen = {}
        for path in order:
            (folder / path).write_bytes(contents[path])
            os.utime(folder / path, (10**9 + age, 10**9 + age))
            chosen[path] = (entry(path, contents[path]), folder / path)
        hashes.add(write_archive(tmp_path / f"{name}.ondevice", manifest=b"{}", signature=b"s", files=chosen))
    assert len(hashes) == 1


def test_progress_reaches_the_total(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    contents = files({"a": bytes(10), "b": bytes(20)})
    write_archive(
        tmp_path / "x", manifest=b"", signature=None, files=contents, on_progress=lambda *step: seen.append(step)
    )
    assert seen == [(10, 30), (30, 30)]


@pytest.mark.parametrize("data", [b"other", b"longer than said", b""])
def test_a_file_that_changed_meanwhile_leaves_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model"
    path.write_bytes(data)
    with pytest.raises(CorruptError, match="not what the manifest says"):
        write_archive(
            tmp_path / "out" / "x", manifest=b"{}", signature=None, files={"model": (entry("model", b"first"), path)}
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_an_interrupted_archive_leaves_nothing(tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_archive(tmp_path / "x", manifest=b"{}", signature=None, files=files({"a": b"1"}), on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(StorageError, match="already"):
        write_archive(tmp_path / "x", manifest=b"{}", signature=None, files={})
    assert (tmp_path / "x").read_bytes() == b"mine"


@pytest.mark.parametrize("path", ["x" * 101, "a/" * 130 + "b", "d" * 156 + "/f"])
def test_a_path_the_format_cannot_hold_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConversionError, match="does not fit"):
        write_archive(tmp_path / "x", manifest=b"{}", signature=None, files=files({path: b""}))
    assert list(tmp_path.iterdir()) == []
