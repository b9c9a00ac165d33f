from __future__ import annotations

from pathlib import Path

import pytest

from export.errors import FetchError
from export.models.containers import join_members
from ondevice.errors import StorageError
from tests.tiny_host import zip_of


def test_members_follow_each_other(tmp_path: Path) -> None:
    for name, data in (("a.zip", b"one "), ("b.zip", b"two")):
        (tmp_path / name).write_bytes(zip_of({"x": data}))
    join_members([(tmp_path / "a.zip", "x"), (tmp_path / "b.zip", "x")], tmp_path / "out", limit=7)
    assert (tmp_path / "out").read_bytes() == b"one two"


def test_a_member_that_swells_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of({"x": bytes(50_000_000)}))
    with pytest.raises(FetchError, match="longer than the 1000 bytes that are pinned"):
        join_members([(tmp_path / "a.zip", "x")], tmp_path / "out", limit=1000)
    assert (tmp_path / "out").stat().st_size <= 1000


def test_a_wrong_archive_is_named(tmp_path: Path) -> None:
    whole = zip_of({"x": bytes(range(256)) * 400})
    (tmp_path / "a.zip").write_bytes(whole)
    with pytest.raises(FetchError, match=r"the archive 'a\.zip' has no member 'y'"):
        join_members([(tmp_path / "a.zip", "y")], tmp_path / "out")
    (tmp_path / "a.zip").write_bytes(b"no zip")
    with pytest.raises(FetchError, match=r"the archive 'a\.zip' cannot be read"):
        join_members([(tmp_path / "a.zip", "x")], tmp_path / "out")
    (tmp_path / "a.zip").write_bytes(whole[:60] + bytes(100) + whole[160:])
    with pytest.raises(FetchError, match=r"the archive 'a\.zip' cannot be read"):
        join_members([(tmp_path / "a.zip", "x")], tmp_path / "out")


def test_a_disk_that_refuses_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of({"x": bytes(100_000)}))
    with pytest.raises(StorageError, match="No space left on device"):
        join_members([(tmp_path / "a.zip", "x")], Path("/dev/full"))
