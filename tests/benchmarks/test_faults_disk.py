"""The model of a disk: what is bound is always there, and what is not may be there or not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.faults.disk import SECTOR_BYTES, Disk
from benchmarks.faults.trace import Step

OLD, NEW = b"a" * 4 * SECTOR_BYTES, b"b" * 4 * SECTOR_BYTES


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    (root / "there").write_bytes(OLD)
    return root


def step(what: str, path: Path, *, to: Path | None = None, at: int = 0, data: bytes = b"") -> Step:
    return Step(what=what, path=str(path), to=str(to or ""), at=at, data=data)


def cuts(root: Path, *steps: Step) -> Iterator[dict[str, bytes]]:
    """Yield what many power cuts leave after these steps."""
    disk = Disk(root)
    for each in steps:
        disk.play(each)
    rng = random.Random(7)
    for number in range(60):
        left = root.with_name(f"left-{number}")
        left.mkdir()
        disk.after_cut(rng, left, ignore="-shm")
        yield {str(file.relative_to(left)): file.read_bytes() for file in left.rglob("*") if file.is_file()}


def sectors(data: bytes) -> list[bytes]:
    return [data[start : start + SECTOR_BYTES] for start in range(0, len(data), SECTOR_BYTES)]


def test_a_write_that_was_not_flushed_is_there_by_whole_sectors_or_not(root: Path) -> None:
    seen = {data for left in cuts(root, step("W", root / "there", data=NEW)) for data in sectors(left["there"])}
    assert seen == {OLD[:SECTOR_BYTES], NEW[:SECTOR_BYTES]}


def test_a_flushed_write_is_there(root: Path) -> None:
    steps = step("W", root / "there", data=NEW), step("S", root / "there")
    assert all(left == {"there": NEW} for left in cuts(root, *steps))


def test_of_two_writes_to_a_sector_any_may_be_the_last(root: Path) -> None:
    steps = step("W", root / "there", data=b"1"), step("W", root / "there", at=1, data=b"2")
    assert {left["there"][:2] for left in cuts(root, *steps)} == {b"aa", b"1a", b"12"}


def test_a_cut_that_was_not_flushed_may_be_undone(root: Path) -> None:
    assert {left["there"] for left in cuts(root, step("T", root / "there"))} == {OLD, b""}


def test_what_a_file_grew_by_may_be_there_without_its_bytes(root: Path) -> None:
    steps = (step("W", root / "there", at=len(OLD), data=NEW),)
    grown = {left["there"][len(OLD) :] for left in cuts(root, *steps)}
    assert b"" in grown
    assert NEW in grown
    assert any(0 in data for data in grown)


@pytest.mark.parametrize("is_flushed", [False, True])
def test_a_new_name_is_there_for_good_once_its_folder_is_flushed(root: Path, is_flushed: bool) -> None:
    made = [step("C", root / "new"), step("W", root / "new", data=NEW), step("S", root / "new")]
    flushed = [step("S", root)] if is_flushed else []
    assert {left.get("new") for left in cuts(root, *made, *flushed)} == ({NEW} if is_flushed else {NEW, None})


def test_a_rename_is_done_or_not(root: Path) -> None:
    (root / "draft").write_bytes(NEW)
    for left in cuts(root, step("R", root / "draft", to=root / "there")):
        assert left in ({"there": NEW}, {"there": OLD, "draft": NEW})


def test_a_removal_may_be_undone_until_the_folder_is_flushed(root: Path) -> None:
    gone = step("U", root / "there")
    assert {tuple(left) for left in cuts(root, gone)} == {(), ("there",)}


def test_a_folder_takes_its_files_along(root: Path) -> None:
    steps = [
        step("D", root / "draft"),
        step("C", root / "draft" / "file"),
        step("W", root / "draft" / "file", data=NEW),
        step("S", root / "draft" / "file"),
        step("S", root / "draft"),
        step("R", root / "draft", to=root / "whole"),
        step("S", root),
    ]
    assert all(left == {"there": OLD, "whole/file": NEW} for left in cuts(root, *steps))


def test_what_lies_in_shared_memory_is_left_out(root: Path) -> None:
    (root / "profile.db-shm").write_bytes(OLD)
    assert all("profile.db-shm" not in left for left in cuts(root))
