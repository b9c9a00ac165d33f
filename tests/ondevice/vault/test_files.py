"""Files: whole or not at all, private, and loud when the disk refuses."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.vault.files import (
    fsync_dir,
    make_private_dir,
    read_bounded,
    remove_file,
    remove_leftovers,
    write_atomic,
)

OLD, NEW = b"old" * 1000, b"new" * 3000

# Its children die at the n-th of the points before, half-way through and after each call to the operating system; what
# each leaves is told as a line of JSON: its exit status, the file, and what lay beside it and was removed.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from ondevice.vault.files import remove_leftovers, write_atomic

def point():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def guarded(name, call):
    def guarded_call(*args):
        point()
        if name == "write":
            n_written = call(args[0], args[1][:len(args[1]) // 2])
            point()
            return n_written + call(args[0], args[1][n_written:])
        result = call(*args)
        point()
        return result
    return guarded_call

def die_at(step):
    global left
    left = step
    for name in ("open", "write", "chmod", "fsync", "close", "replace"):
        setattr(os, name, guarded(name, getattr(os, name)))
    write_atomic(path, (b"new" * 1000 for _ in range(3)))

path, old = Path(sys.argv[1]), b"old" * 1000
for step in range(1, 100):
    path.write_bytes(old)
    child = os.fork()
    if child == 0:
        die_at(step)
        os._exit(0)
    end = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    content, n_leftovers = path.read_bytes(), len(os.listdir(path.parent)) - 1
    n_removed = remove_leftovers(path.parent, lambda name: name == "file")
    print(json.dumps([end, content.decode(), n_leftovers, n_removed, os.listdir(path.parent)]))
    if end == 0:
        break
"""

FILE_LIMIT = """
import resource, sys
from pathlib import Path
from ondevice.errors import StorageError
from ondevice.vault.files import write_atomic
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_atomic(Path(sys.argv[1]), b"new" * 3000)
except StorageError as error:
    print(error.hint)
"""


def test_write_replaces_the_whole_file_privately(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(OLD)
    path.chmod(0o644)
    assert write_atomic(path, iter([NEW[:10], b"", NEW[10:]])) == len(NEW)
    assert path.read_bytes() == NEW
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["keys.json"]


@pytest.mark.parametrize("umask", [0o000, 0o777])
def test_mode_does_not_depend_on_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        make_private_dir(tmp_path / "inner")
        write_atomic(tmp_path / "inner" / "file", NEW)
    finally:
        os.umask(before)
    assert (tmp_path / "inner").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "inner" / "file").stat().st_mode & 0o777 == 0o600


def test_kill_at_every_step_leaves_old_or_new(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "file")]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    *killed, last = [json.loads(line) for line in ran.stdout.splitlines()]
    seen = [content.encode() for _, content, *_ in killed]
    for end, _, n_leftovers, n_removed, names in killed:
        assert (end, names) == (-9, ["file"])
        assert n_removed == n_leftovers <= 1
    assert last == [0, NEW.decode(), 0, 0, ["file"]]
    # Every step before the rename keeps the old file, every step after it has the new one.
    assert seen == [OLD] * seen.count(OLD) + [NEW] * seen.count(NEW)
    assert seen.count(OLD) >= 14
    assert seen.count(NEW) >= 5


def test_file_size_limit_of_the_system_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    child = subprocess.run([sys.executable, "-c", FILE_LIMIT, str(path)], capture_output=True, text=True, check=True)
    assert child.stdout == "free some space on that disk\n"
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("write", errno.ENOSPC),
        ("fsync", errno.ENOSPC),
        ("fsync", errno.EIO),
        ("replace", errno.ENOSPC),
        ("open", errno.EROFS),
    ],
)
def test_refusal_at_any_call_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(StorageError, match=os.strerror(code).lower()) as caught:
            write_atomic(path, NEW)
    assert (caught.value.hint is not None) == (code == errno.ENOSPC)
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


def test_failure_of_the_source_keeps_the_old_file_and_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)

    def failing() -> Iterator[bytes]:
        yield NEW
        raise CorruptError("the source is damaged")

    with pytest.raises(CorruptError, match="the source is damaged"):
        write_atomic(path, failing())
    assert path.read_bytes() == OLD
    assert os.listdir(tmp_path) == ["file"]


def test_write_into_a_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no such file"):
        write_atomic(tmp_path / "none" / "file", NEW)


def test_read_is_bounded_and_knows_what_a_file_is(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_bounded(path, 5) == b"12345"
    with pytest.raises(CorruptError, match="larger than 4 bytes"):
        read_bounded(path, 4)
    with pytest.raises(NotFoundError, match="no file none"):
        read_bounded(tmp_path / "none", 4)
    os.mkfifo(tmp_path / "pipe")
    for other in ("pipe", "."):
        with pytest.raises(CorruptError, match="not a regular file"):
            read_bounded(tmp_path / other, 4)


def test_private_dir_is_made_with_parents_and_tightened(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    make_private_dir(inner)
    inner.chmod(0o755)
    make_private_dir(inner)
    assert inner.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot make"):
        make_private_dir(tmp_path / "file")


def test_remove_says_whether_there_was_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(OLD)
    assert remove_file(path) is True
    assert remove_file(path) is False
    with pytest.raises(StorageError, match="cannot remove"):
        remove_file(tmp_path)


def test_leftovers_are_only_what_this_module_made(tmp_path: Path) -> None:
    kept = [".hidden", "file.tmp", ".file.0123456789abcde.tmp", "x.0123456789abcdef.tmp", ".other.0123456789abcdef.tmp"]
    for name in [*kept, ".file.0123456789abcdef.tmp"]:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / ".file.fedcba9876543210.tmp").symlink_to("x.0123456789abcdef.tmp")
    assert remove_leftovers(tmp_path, lambda name: name == "file") == 1
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, ".file.fedcba9876543210.tmp"])
    with pytest.raises(StorageError, match="cannot list"):
        remove_leftovers(tmp_path / "none", bool)


def test_flushing_a_missing_folder_is_a_storage_error(tmp_path: Path) -> None:
    fsync_dir(tmp_path)
    with pytest.raises(StorageError, match="cannot flush"):
        fsync_dir(tmp_path / "none")
