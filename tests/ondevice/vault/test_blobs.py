"""The folder of sealed blobs."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, NotFoundError, StorageError, VersionError
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.kdf import ProfileKey

PROFILE = "ab" * 16
KEY = bytes(range(32))

FULL_DISK = """
import resource, sys
from pathlib import Path
from ondevice.errors import StorageError
from ondevice.vault.blobs import SealedFolder
from ondevice.vault.kdf import ProfileKey
folder = SealedFolder(Path(sys.argv[1]), ProfileKey(bytes(range(32))), "ab" * 16)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    folder.write("index", bytes(100_000), version=1)
except StorageError as error:
    print(error.hint)
"""


@pytest.fixture
def folder(tmp_path: Path) -> SealedFolder:
    return SealedFolder(tmp_path / "sealed", ProfileKey(KEY), PROFILE)


def test_blob_is_written_read_listed_and_deleted(folder: SealedFolder, tmp_path: Path) -> None:
    size = folder.write("index", b"first", version=3)
    assert size == folder.size_bytes("index") == 44 + 5 + 16
    assert folder.read("index", version=3) == b"first"
    folder.write("index", (b"sec", b"ond"), version=4)
    folder.write("adapter-1.lora", b"", version=1)
    assert folder.read("index", version=4) == b"second"
    assert folder.read("adapter-1.lora", version=1) == b""
    assert folder.names() == ["adapter-1.lora", "index"]
    assert os.listdir(tmp_path / "sealed") != []
    assert folder.delete("index") is True
    assert folder.delete("index") is False
    assert folder.names() == ["adapter-1.lora"]


def test_content_of_several_chunks_round_trips_and_never_shows(folder: SealedFolder, tmp_path: Path) -> None:
    canary = b"canary in a coal mine " * 20_000
    folder.write("index", canary, version=1)
    assert folder.read("index", version=1) == canary
    assert b"canary" not in (tmp_path / "sealed" / "index.sealed").read_bytes()


def test_files_and_folder_are_private(folder: SealedFolder, tmp_path: Path) -> None:
    folder.write("index", b"content", version=1)
    assert (tmp_path / "sealed").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "sealed" / "index.sealed").stat().st_mode & 0o777 == 0o600


def test_missing_blob_is_not_found(folder: SealedFolder) -> None:
    for use in (
        lambda: folder.read("index", version=1),
        lambda: folder.size_bytes("index"),
        lambda: folder.check("index"),
    ):
        with pytest.raises(NotFoundError, match="no sealed blob index"):
            use()


def test_check_opens_under_the_version_found_and_proves_it(folder: SealedFolder, tmp_path: Path) -> None:
    folder.write("index", b"content", version=7)
    assert folder.check("index") == 7
    path = tmp_path / "sealed" / "index.sealed"
    claimed = bytearray(path.read_bytes())
    claimed[11] = 8
    path.write_bytes(claimed)
    with pytest.raises(CorruptError, match="authentication tag"):
        folder.check("index")
    path.write_bytes(b"")
    with pytest.raises(CorruptError, match="not a sealed blob"):
        folder.check("index")


def test_blob_moved_to_another_name_profile_or_key_does_not_open(folder: SealedFolder, tmp_path: Path) -> None:
    folder.write("index", b"content", version=1)
    path = tmp_path / "sealed" / "index.sealed"
    path.with_name("adapter.sealed").write_bytes(path.read_bytes())
    others = [
        (folder, "adapter"),
        (SealedFolder(tmp_path / "sealed", ProfileKey(KEY), "cd" * 16), "index"),
        (SealedFolder(tmp_path / "sealed", ProfileKey.generate(), PROFILE), "index"),
    ]
    for other, name in others:
        with pytest.raises(CorruptError):
            other.read(name, version=1)
        with pytest.raises(CorruptError):
            other.check(name)


def test_layout_asked_for_and_layout_found_must_agree(folder: SealedFolder) -> None:
    folder.write("index", b"content", version=2)
    with pytest.raises(VersionError, match="layout 2, and 1 was asked for"):
        folder.read("index", version=1)
    with pytest.raises(CorruptError, match="layout 2, and 3 was asked for"):
        folder.read("index", version=3)


def test_full_disk_keeps_the_old_blob(folder: SealedFolder, tmp_path: Path) -> None:
    folder.write("index", b"old", version=1)
    child = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "sealed")], capture_output=True, text=True, check=True
    )
    assert child.stdout == "free some space on that disk\n"
    assert folder.read("index", version=1) == b"old"
    assert os.listdir(tmp_path / "sealed") == ["index.sealed"]


def test_opening_the_folder_clears_interrupted_writes_and_ignores_strangers(tmp_path: Path) -> None:
    (tmp_path / ".index.sealed.0123456789abcdef.tmp").write_bytes(b"half")
    (tmp_path / "Notes.sealed").write_bytes(b"")
    (tmp_path / "readme").write_bytes(b"")
    folder = SealedFolder(tmp_path, ProfileKey(KEY), PROFILE)
    assert folder.names() == []
    assert sorted(os.listdir(tmp_path)) == ["Notes.sealed", "readme"]


@pytest.mark.parametrize("name", ["../keys", "", "Index", ".index"])
def test_name_of_another_form_is_refused_everywhere(folder: SealedFolder, name: str) -> None:
    for use in (
        lambda: folder.write(name, b"", version=1),
        lambda: folder.read(name, version=1),
        lambda: folder.delete(name),
        lambda: folder.size_bytes(name),
    ):
        with pytest.raises(ValueError, match="a blob name has"):
            use()


def test_refusals_of_the_system_are_storage_errors(folder: SealedFolder, tmp_path: Path) -> None:
    (tmp_path / "sealed" / "index.sealed").mkdir()
    with pytest.raises(CorruptError, match="not a regular file"):
        folder.read("index", version=1)
    assert folder.delete("index") is False
    assert (folder.names(), folder.folders()) == ([], ["index"])
    (tmp_path / "sealed" / "index.sealed").rmdir()
    (tmp_path / "sealed").rmdir()
    with pytest.raises(StorageError, match="cannot list"):
        folder.names()


def test_repr_hides_the_key(folder: SealedFolder, tmp_path: Path) -> None:
    assert repr(folder) == f"SealedFolder({str(tmp_path / 'sealed')!r})"


def test_the_size_of_all_counts_what_is_there(folder: SealedFolder) -> None:
    assert folder.total_bytes() == 0
    for name in ("adapter-a", "adapter-b", "index-c"):
        folder.write(name, b"x" * 100, version=1)
    assert folder.total_bytes() == sum(folder.size_bytes(name) for name in folder.names())
    assert folder.total_bytes("adapter-") == folder.size_bytes("adapter-a") + folder.size_bytes("adapter-b")


def test_a_blob_that_goes_while_all_are_measured_is_no_error(
    folder: SealedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("adapter-a", b"x", version=1)
    monkeypatch.setattr(folder, "names", lambda: ["adapter-a", "adapter-gone"])
    assert folder.total_bytes() == folder.size_bytes("adapter-a")


def test_a_cache_that_is_being_written_is_there_before_its_key_dies(folder: SealedFolder) -> None:
    """Else it would appear after the erasure that has removed all caches of the older key, and look like damage."""
    folder.cache_age = b"1" * 16
    is_begun, goes_on = threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"x" * 10
        is_begun.set()
        goes_on.wait(30)

    def age() -> None:
        folder.cache_age = b"2" * 16

    writer = threading.Thread(target=lambda: folder.write("cache-x", pieces(), version=1))
    writer.start()
    assert is_begun.wait(30)
    ageing = threading.Thread(target=age)
    ageing.start()
    ageing.join(0.2)
    assert folder.cache_age == b"1" * 16
    folder.write("adapter-x", b"no cache waits", version=1)
    goes_on.set()
    writer.join()
    ageing.join()
    assert folder.cache_age == b"2" * 16
    assert folder.names() == ["adapter-x", "cache-x"]
    with pytest.raises(CorruptError):
        folder.check("cache-x")
    assert folder.delete("cache-x")
