"""The lock: one holder at a time, whatever happens to it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import NotFoundError, ProfileBusyError, StorageError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.lock import ProfileLock

HOLD = """
import sys
from collections.abc import Callable
from pathlib import Path
from ondevice.vault.lock import ProfileLock
lock = ProfileLock(Path(sys.argv[1]))
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


def hold_elsewhere(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_second_object_in_this_process_is_refused(tmp_path: Path) -> None:
    first, second = ProfileLock(tmp_path), ProfileLock(tmp_path)
    with first:
        assert first.is_held
        with pytest.raises(ProfileBusyError, match="open already") as caught:
            second.acquire()
        assert caught.value.hint == "close it where it is open"
        assert not second.is_held
    with second:
        assert second.is_held


def test_other_process_is_refused_until_this_one_is_killed(tmp_path: Path) -> None:
    lock = ProfileLock(tmp_path)
    with hold_elsewhere(tmp_path) as holder:
        with pytest.raises(ProfileBusyError):
            lock.acquire()
        holder.kill()
        holder.wait()
    with lock:
        assert lock.is_held


def test_other_process_is_refused_while_this_one_holds(tmp_path: Path) -> None:
    with ProfileLock(tmp_path):
        tried = subprocess.run(
            [sys.executable, "-c", HOLD, str(tmp_path)], capture_output=True, text=True, input="", check=False
        )
    assert "ProfileBusyError" in tried.stderr
    assert tried.stdout == ""


def test_another_thread_may_release(tmp_path: Path) -> None:
    lock = ProfileLock(tmp_path)
    lock.acquire()
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    assert not lock.is_held
    with ProfileLock(tmp_path) as again:
        assert again.is_held


def test_taking_it_twice_is_misuse_and_releasing_twice_is_not(tmp_path: Path) -> None:
    lock = ProfileLock(tmp_path)
    with lock, pytest.raises(ValueError, match="holds the profile's lock already"):
        lock.acquire()
    lock.release()
    assert not lock.is_held


def test_missing_folder_is_named_and_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    with pytest.raises(NotFoundError, match="no profile at"):
        ProfileLock(folder).acquire()
    assert not folder.exists()


def test_lock_file_is_private_and_empty(tmp_path: Path) -> None:
    with ProfileLock(tmp_path):
        status = (tmp_path / "lock").stat()
        assert status.st_mode & 0o777 == 0o600
        assert status.st_size == 0


def test_deleting_the_file_lets_nobody_in_and_is_noticed(vault: Vault, app_key: AppKey) -> None:
    """A cleaner or a sync client takes the empty file away."""
    vault.settings.set("a", 1)
    (vault.path / "lock").unlink()
    with pytest.raises(ProfileBusyError):
        Vault.open(vault.path, app_key)
    changes: list[Callable[[], object]] = [
        lambda: vault.settings.set("a", 2),
        lambda: vault.items.put_many([Draft(text="lost?")]),
        lambda: vault.rekey(app_key),
        lambda: vault.add_slot(AppKey(b"2" * 32)),
    ]
    for change in changes:
        with pytest.raises(StorageError, match="removed or replaced while the profile was open"):
            change()
    assert vault.settings.get("a") == 1
    vault.close()
    with Vault.open(vault.path, app_key) as again:
        again.settings.set("a", 3)
        assert again.check() == []


def test_a_folder_that_was_replaced_is_noticed(vault: Vault, tmp_path: Path) -> None:
    vault.path.rename(tmp_path / "moved")
    vault.path.mkdir()
    with pytest.raises(StorageError, match="removed or replaced"):
        vault.settings.set("a", 1)


@pytest.mark.parametrize("other", ["text", "link", "folder"])
def test_something_else_of_that_name_is_neither_emptied_nor_followed(tmp_path: Path, other: str) -> None:
    profile, victim = tmp_path / "p", tmp_path / "victim"
    profile.mkdir()
    victim.write_text("private")
    if other == "text":
        (profile / "lock").write_text("private")
    elif other == "link":
        (profile / "lock").symlink_to(victim)
    else:
        (profile / "lock").mkdir()
    with pytest.raises(StorageError, match="is not the empty file"):
        ProfileLock(profile).acquire()
    assert victim.read_text() == "private"
    if other == "text":
        assert (profile / "lock").read_text() == "private"


FORKED = """
import os, sys
from collections.abc import Callable
from pathlib import Path
from ondevice.errors import ProfileBusyError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

path, key = Path(sys.argv[1]), AppKey(bytes(32))
vault = Vault.create(path, key)
vault.items.put_many([Draft(text="before")])
vault.items.count()  # a reading connection is there now, which must not be carried over
child = os.fork()
if child == 0:
    n_refused = 0
    uses = [lambda: vault.items.count(), lambda: vault.items.put_many([Draft(text="child")]), lambda: vault.check(),
            lambda: vault.rekey(key), lambda: Vault.open(path, key)]
    for use in uses:
        try:
            use()
        except ProfileBusyError:
            n_refused += 1
    vault.close()
    del vault
    os._exit(n_refused)
_, status = os.waitpid(child, 0)
print("refused", os.waitstatus_to_exitcode(status))
try:
    Vault.open(path, key)
except ProfileBusyError:
    print("still locked")
vault.items.put_many([Draft(text="after")])
vault.close()
with Vault.open(path, key) as again:
    print("items", again.items.count(), again.check())
"""


def test_a_forked_process_is_told_and_harms_nothing(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED, str(tmp_path / "p")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout, run.stderr) == ("refused 5\nstill locked\nitems 2 []\n", "")
