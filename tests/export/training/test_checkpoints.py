"""A training's checkpoint: whole or as before, and what stands in its place is told before hours of work."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from export.training.checkpoints import keep_checkpoint, read_checkpoint
from ondevice.errors import StorageError


def test_what_was_kept_is_read_and_replaces_the_one_before(tmp_path: Path) -> None:
    place = tmp_path / "training"
    assert read_checkpoint(place) is None
    for data in (b"one", b"two"):
        keep_checkpoint(place, data)
        assert read_checkpoint(place) == data
    assert list(tmp_path.iterdir()) == [place]


def test_a_full_disk_leaves_the_one_before(tmp_path: Path) -> None:
    place, limits = tmp_path / "training", resource.getrlimit(resource.RLIMIT_FSIZE)
    keep_checkpoint(place, b"one")
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, limits[1]))
    try:
        with pytest.raises(StorageError, match="cannot be written") as caught:
            keep_checkpoint(place, bytes(1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.hint is not None
    assert "make room" in caught.value.hint
    assert read_checkpoint(place) == b"one"
    assert list(tmp_path.iterdir()) == [place]


def test_a_place_that_can_keep_none_is_refused_before_the_training(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "nowhere" / "training", tmp_path / "file" / "training"):
        with pytest.raises(StorageError, match="cannot be kept"):
            read_checkpoint(place)
        with pytest.raises(StorageError, match="cannot be written"):
            keep_checkpoint(place, b"one")
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path):
        with pytest.raises(StorageError, match="cannot be read: not a regular file"):
            read_checkpoint(place)
