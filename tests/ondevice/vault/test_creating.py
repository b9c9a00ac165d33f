"""A creation touches nothing that is somebody's, leaves nothing when it is refused, and is taken up after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import KeystoreError, OndeviceError, ProfileExistsError, StorageError
from ondevice.vault import AppKey, Keystore, Vault
from ondevice.vault.files import temporary_beside
from ondevice.vault.keyfile import KeyFile

MODE = 0o1777


def tree(folder: Path) -> dict[str, tuple[int, bytes | str]]:
    def content(path: Path) -> bytes | str:
        if path.is_symlink():
            return os.readlink(path)
        return path.read_bytes() if path.is_file() else "folder"

    return {str(path): (path.lstat().st_mode, content(path)) for path in [folder, *folder.rglob("*")]}


def epochs(folder: Path) -> None:
    for n in (1, 2, 3):
        (folder / f"epoch-{n}").mkdir()
        (folder / f"epoch-{n}" / "weights.bin").write_text("weeks of training")


def one_epoch_like_ours(folder: Path) -> None:
    (folder / "epoch-1" / "sealed").mkdir(parents=True)
    (folder / "epoch-1" / "profile.db").write_text("somebody's")


def ours_and_more(folder: Path) -> None:
    KeyFile.create(folder / "keys.json.new", [AppKey(bytes(32))])
    one_epoch_like_ours(folder)
    (folder / "epoch-1" / "weights.bin").write_text("weeks of training")


def lost_key_file(folder: Path) -> None:
    Vault.create(folder / "p", AppKey(bytes(32))).close()
    (folder / "p" / "keys.json").unlink()
    for path in (folder / "p").iterdir():
        path.rename(folder / path.name)
    (folder / "p").rmdir()
    temporary_beside(folder / "keys.json").write_text("what a change of slots left")


FOREIGN: dict[str, Callable[[Path], object]] = {
    "epochs of a training": epochs,
    "an epoch without a key file": one_epoch_like_ours,
    "our beginnings and something else": ours_and_more,
    "a profile that lost its key file": lost_key_file,
    "a file": lambda folder: (folder / "mine.txt").write_text("x"),
    "a hidden file": lambda folder: (folder / ".thesis.0123456789abcdef.tmp").write_text("x"),
    "a lock with something in it": lambda folder: (folder / "lock").write_text("the key to my flat"),
    "a lock that is a link": lambda folder: (folder / "lock").symlink_to(folder.parent / "victim"),
    "an epoch that is a link": lambda folder: (folder / "epoch-1").symlink_to(folder.parent),
    "a key file that is a link": lambda folder: (folder / "keys.json").symlink_to(folder.parent / "nowhere"),
    "another program's key file": lambda folder: (folder / "keys.json.new").write_text('{"title": "Hello"}'),
    "a pipe": lambda folder: os.mkfifo(folder / "keys.json.new"),
}


@pytest.mark.parametrize("fill", FOREIGN.values(), ids=FOREIGN)
def test_what_is_somebodys_is_refused_and_left_as_it_was(
    fill: Callable[[Path], object], tmp_path: Path, app_key: AppKey
) -> None:
    (tmp_path / "victim").write_text("private")
    place = tmp_path / "shared"
    place.mkdir()
    fill(place)
    place.chmod(MODE)
    before = tree(tmp_path)
    for make in (Vault.create, Vault.open_or_create):
        with pytest.raises(OndeviceError):
            make(place, app_key)
    assert tree(tmp_path) == before


REFUSED: dict[str, Callable[[Path], object]] = {
    "a keystore that is not there": lambda path: Vault.create(path, Keystore(backends=frozenset())),
    "the second of two secrets": lambda path: Vault.create(path, [AppKey(bytes(32)), Keystore(backends=frozenset())]),
    "no secret": lambda path: Vault.create(path, []),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("has_folder", [False, True], ids=["no folder", "an empty folder"])
def test_a_refused_creation_leaves_nothing(
    make: Callable[[Path], object], has_folder: bool, tmp_path: Path, app_key: AppKey
) -> None:
    place = tmp_path / "a" / "b" / "p"
    if has_folder:
        place.mkdir(parents=True)
        place.chmod(MODE)
    before = tree(tmp_path)
    with pytest.raises((KeystoreError, ValueError)):
        make(place)
    assert tree(tmp_path) == before
    Vault.open_or_create(place, app_key).close()


def test_a_creation_on_a_full_disk_leaves_nothing(
    tmp_path: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StorageError("cannot write: no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("ondevice.vault.creating.make_identity", full)
        with pytest.raises(StorageError):
            Vault.create(tmp_path / "p", app_key)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_becomes_a_profile(tmp_path: Path, app_key: AppKey) -> None:
    tmp_path.chmod(0o755)
    Vault.open_or_create(tmp_path, app_key).close()
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    Vault.open_or_create(tmp_path, app_key).close()


def test_empty_beginnings_are_taken_over(tmp_path: Path, app_key: AppKey) -> None:
    (tmp_path / "lock").touch()
    (tmp_path / "epoch-1").mkdir()
    with Vault.open_or_create(tmp_path, app_key) as vault:
        assert vault.check() == []


def test_one_that_exists_is_opened_and_not_made_again(vault: Vault, app_key: AppKey) -> None:
    vault.settings.set("a", 1)
    vault.close()
    with Vault.open_or_create(vault.path, app_key) as again:
        assert again.settings.get("a") == 1
    with pytest.raises(ProfileExistsError):
        Vault.create(vault.path, app_key)


KILLED = """
import os, signal, sys
from pathlib import Path
from ondevice.vault import AppKey, Vault

def counted(real):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call

for step in range(1, 200, 3):
    child = os.fork()
    if child == 0:
        left = step
        for name in ("open", "mkdir", "replace", "rename", "unlink", "rmdir", "chmod", "fsync", "write"):
            setattr(os, name, counted(getattr(os, name)))
        Vault.open_or_create(Path(sys.argv[1]), AppKey(bytes(32))).close()
        os._exit(0)
    end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(end)
    if end == 0:
        break
"""


def test_a_start_that_is_killed_anywhere_is_taken_up_by_the_next(tmp_path: Path) -> None:
    """The next start is killed too, a step later, so that clearing up is interrupted as well."""
    place = tmp_path / "p"
    ran = subprocess.run([sys.executable, "-c", KILLED, str(place)], capture_output=True, text=True, check=True)
    ends = [int(end) for end in ran.stdout.split()]
    n_killed = ends.index(0)
    assert set(ends[:n_killed]) == {-signal.SIGKILL}
    assert n_killed > 5
    with Vault.open_or_create(place, AppKey(bytes(32))) as vault:
        assert vault.check() == []
    assert sorted(path.name for path in place.iterdir()) == ["epoch-1", "keys.json", "lock"]
