"""The lock: one holder at a time, whatever happens to it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ondevice.errors import NotFoundError, ProfileBusyError
from ondevice.vault.lock import ProfileLock

HOLD = """
import sys
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
