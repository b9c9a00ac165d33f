"""What a kill leaves behind is removed by a later run; what lives, and what only looks like it, stays."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import StorageError
from ondevice.safety import temporary_folder as module
from ondevice.safety.temporary_folder import CONTENT, MARK, OWNER, PREFIX, remove_dead, temporary_folder

HOLDS = """
import sys
from ondevice.safety.temporary_folder import temporary_folder
with temporary_folder() as folder:
    (folder / "notes.profile").mkdir()
    (folder / "notes.profile" / "some").write_text("sealed")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module, "_seen", set())
    return tmp_path


def holder(scratch: Path) -> subprocess.Popen[str]:
    """Start a process that has a temporary folder until its input ends."""
    started = subprocess.Popen(
        [sys.executable, "-c", HOLDS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(scratch)},
    )
    assert started.stdout is not None
    assert Path(started.stdout.readline().strip()).parent.parent == scratch
    return started


def left(scratch: Path, name: str = f"{PREFIX}left", mark: bytes | None = MARK) -> Path:
    """Make what a killed process leaves."""
    folder = scratch / name
    (folder / CONTENT / "notes.profile").mkdir(parents=True)
    folder.chmod(0o700)
    if mark is not None:
        (folder / OWNER).write_bytes(mark)
        (folder / OWNER).chmod(0o600)
    return folder


def test_the_next_run_removes_what_a_killed_one_left_and_not_what_one_uses(scratch: Path) -> None:
    with holder(scratch) as dead, holder(scratch) as living:
        dead.kill()
        dead.wait()
        assert len([*scratch.iterdir()]) == 2
        with temporary_folder() as mine:
            (other,) = {*scratch.iterdir()} - {mine.parent}
            assert (other / CONTENT / "notes.profile" / "some").read_text() == "sealed"
        assert [*scratch.iterdir()] == [other]
        living.communicate()
    assert [*scratch.iterdir()] == []


def test_a_folder_in_use_stays_also_for_the_process_that_uses_it(scratch: Path) -> None:
    with temporary_folder() as folder:
        remove_dead(scratch)
        assert folder.is_dir()
    assert [*scratch.iterdir()] == []


def test_one_that_was_killed_while_it_removed_is_finished(scratch: Path) -> None:
    (left(scratch) / CONTENT / "notes.profile").rmdir()
    (scratch / f"{PREFIX}left" / CONTENT).rmdir()
    remove_dead(scratch)
    assert [*scratch.iterdir()] == []


def _linked(scratch: Path) -> Path:
    folder = left(scratch, "elsewhere")
    (scratch / f"{PREFIX}link").symlink_to(folder)
    return folder


def _marked_by_a_link(scratch: Path) -> Path:
    folder = left(scratch, mark=None)
    (scratch / "mark").write_bytes(MARK)
    (scratch / "mark").chmod(0o600)
    (folder / OWNER).symlink_to(scratch / "mark")
    return folder


def _with_more(scratch: Path) -> Path:
    folder = left(scratch)
    (folder / "my notes").write_text("mine")
    return folder


def _open_to_others(scratch: Path) -> Path:
    folder = left(scratch)
    folder.chmod(0o755)
    return folder


def _marked_by_a_pipe(scratch: Path) -> Path:
    folder = left(scratch, mark=None)
    os.mkfifo(folder / OWNER, 0o600)
    return folder


@pytest.mark.parametrize(
    "make",
    [
        lambda scratch: left(scratch, "ondevice-demo-1"),
        lambda scratch: left(scratch, mark=None),
        lambda scratch: left(scratch, mark=b""),
        lambda scratch: left(scratch, mark=MARK + b"not quite"),
        _linked,
        _marked_by_a_link,
        _marked_by_a_pipe,
        _with_more,
        _open_to_others,
    ],
)
def test_what_is_not_proven_to_be_one_stays(scratch: Path, make: Callable[[Path], Path]) -> None:
    folder = make(scratch)
    before = sorted(scratch.rglob("*"))
    remove_dead(scratch)
    assert sorted(scratch.rglob("*")) == before
    assert (folder / CONTENT / "notes.profile").is_dir()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root makes files of another user")
def test_another_users_folder_stays(scratch: Path) -> None:
    folder = left(scratch)
    os.chown(folder, 12345, 12345)
    remove_dead(scratch)
    assert folder.is_dir()


def test_a_full_disk_is_told_and_leaves_nothing(scratch: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, limits[1]))
    try:
        with pytest.raises(StorageError, match="no temporary folder can be made") as caught, temporary_folder():
            pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "TMPDIR" in str(caught.value.hint)
    assert [*scratch.iterdir()] == []
