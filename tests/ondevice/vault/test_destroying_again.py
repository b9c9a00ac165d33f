"""An end that was interrupted is ended by the next try, and nothing brings the profile back meanwhile."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import CorruptError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from ondevice.errors import NotFoundError, OndeviceError
from ondevice.vault import AppKey, Vault

whole, place, key = Path(sys.argv[1]), Path(sys.argv[2]) / "p", AppKey(bytes([7]) * 32)

def counted(real):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call

def end_killed_at(step):
    global left
    left = step
    for name in ("open", "mkdir", "replace", "rename", "unlink", "remove", "rmdir", "chmod", "fsync", "write"):
        setattr(os, name, counted(getattr(os, name)))
    Vault.destroy(place)

for step in range(1, 500):
    shutil.copytree(whole, place)
    child = os.fork()
    if child == 0:
        end_killed_at(step)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        print(step, "ended", os.WEXITSTATUS(status), place.exists())
        break
    try:
        Vault.open(place, key).close()
        said = "opened"
    except OndeviceError as error:
        said = type(error).__name__
    try:
        Vault.destroy(place)
        again = "ended"
    except OndeviceError as error:
        again = type(error).__name__
    left_over = sorted(str(path.relative_to(place)) for path in place.rglob("*"))
    print(step, said, again, *left_over)
    Vault.open_or_create(place, key).close()
    Vault.destroy(place)
"""


@pytest.fixture
def closed(vault: Vault) -> Path:
    vault.items.put_many([Draft(text=f"item {i} about roses", id=f"id{i}") for i in range(3)])
    vault.derived.put("adapter", "mine", b"weights", item_ids=["id1"])
    vault.sealed.write("cache-x", b"cached", version=1)
    vault.close()
    return vault.path


def test_an_end_that_is_killed_anywhere_is_ended_by_the_next(closed: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    command = [sys.executable, "-c", KILLED, str(closed), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    *killed, ended = [line.split()[1:] for line in done.stdout.splitlines()]
    assert ended == ["ended", "0", "False"]
    assert len(killed) > 10
    for opening, destroying, *left in killed:
        # Where the folder alone was left, or its empty lock, there is no profile any more.
        assert opening in ("opened", "CorruptError", "NotFoundError")
        assert destroying == "ended" or (destroying == "NotFoundError" and opening == "NotFoundError")
        assert set(left) <= {"lock"}
        assert not left or destroying == "NotFoundError"
    assert killed[0][0] == "opened"
    assert "CorruptError" in [opening for opening, *_ in killed]


def test_a_profile_whose_slots_were_erased_says_how_to_end_it(closed: Path, app_key: AppKey, tmp_path: Path) -> None:
    keys = closed / "keys.json"
    keys.write_bytes(bytes(keys.stat().st_size))
    uses: list[Callable[[], object]] = [
        lambda: Vault.open(closed, app_key),
        lambda: Vault.open_or_create(closed, app_key),
        lambda: Vault.open(closed, app_key, accept_loss=True),
    ]
    for use in uses:
        with pytest.raises(CorruptError) as caught:
            use()
        assert "destroy" in str(caught.value.hint)
    assert (closed / "epoch-1" / "profile.db").exists()
    Vault.destroy(closed)
    assert list(tmp_path.iterdir()) == []


def test_other_files_stay_when_it_is_ended_the_second_time(closed: Path) -> None:
    keys = closed / "keys.json"
    keys.write_bytes(bytes(keys.stat().st_size))
    (closed / "holiday.jpg").write_text("x")
    (closed / "epoch-1" / "holiday.jpg").write_text("x")
    Vault.destroy(closed)
    assert sorted(str(path.relative_to(closed)) for path in closed.rglob("*")) == [
        "epoch-1",
        "epoch-1/holiday.jpg",
        "holiday.jpg",
    ]


@pytest.mark.parametrize("content", [b"", b"\0" * 50 + b"x"], ids=["empty", "not zeros alone"])
def test_another_file_of_that_name_shows_no_profile(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "p"
    place.mkdir()
    (place / "keys.json").write_bytes(content)
    (place / "mine").write_text("x")
    with pytest.raises(CorruptError):
        Vault.destroy(place)
    assert sorted(path.name for path in place.iterdir()) == ["keys.json", "mine"]
