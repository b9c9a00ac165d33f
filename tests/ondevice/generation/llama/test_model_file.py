"""A model that exists in memory only is loaded from there; where that cannot be, nothing is written unasked."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice.config import EngineConfig
from ondevice.errors import CorruptError, StorageError
from ondevice.generation.llama.desk import open_desk
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.model_file import has_memory_files, model_file
from ondevice.safety.temporary_folder import PREFIX
from tests.tiny_generator import make_tiny_generator

ONE_THREAD = EngineConfig(threads=1)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Be on a system without files in memory, whose temporary files lie in the folder returned."""
    monkeypatch.delattr(os, "memfd_create")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def pieces_of(data: bytes, size: int = 10_000) -> Iterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def test_it_lies_in_memory_unchangeable_and_unnamed() -> None:
    assert has_memory_files()
    with model_file([b"one ", b"model"]) as file:
        assert file.is_mapped
        assert file.path.read_bytes() == b"one model"
        assert os.readlink(file.path) == "/memfd:ondevice (deleted)"
        with pytest.raises(PermissionError), open(file.path, "r+b", buffering=0) as again:
            again.write(b"X")
        assert not os.get_inheritable(int(file.path.name))
    assert not file.path.exists()


def test_an_engine_works_from_it_after_the_block(tmp_path: Path) -> None:
    first, second = (make_tiny_generator(tmp_path / str(seed), seed=seed) for seed in (0, 1))
    with Engine.open(second, config=ONE_THREAD) as engine:
        wanted = engine.log_likelihood("the cat", " sat")
    with model_file(pieces_of(second.file("model").read_bytes())) as file:
        engine = Engine("other", open_desk(first, ONE_THREAD, file=file))
    with engine:
        assert engine.log_likelihood("the cat", " sat").tolist() == wanted.tolist()


def test_elsewhere_it_is_refused_before_anything_is_opened(elsewhere: Path) -> None:
    def pieces() -> Iterator[bytes]:
        pytest.fail("the model was opened")
        yield b""

    with pytest.raises(StorageError, match="no files in memory") as caught, model_file(pieces()):
        pytest.fail("there is a file")
    assert "allow_plaintext_file=True" in str(caught.value.hint)
    assert list(elsewhere.iterdir()) == []


def test_elsewhere_an_allowed_file_is_the_users_own_and_goes_with_the_block(elsewhere: Path, tmp_path: Path) -> None:
    bundle = make_tiny_generator(tmp_path / "models" / "tiny")
    with Engine.open(bundle, config=ONE_THREAD) as engine:
        wanted = engine.log_likelihood("the cat", " sat")
    with model_file(pieces_of(bundle.file("model").read_bytes()), allow_plaintext_file=True) as file:
        assert file.path.is_relative_to(elsewhere)
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (file.path, file.path.parent)]
        assert modes == [0o600, 0o700]
        assert file.path.parent.parent.name.startswith(PREFIX), "what a kill leaves is removed by whoever asks next"
        engine = Engine("same", open_desk(bundle, ONE_THREAD, file=file))
    with engine:
        assert not file.path.parent.exists(), "nothing is left while the model works"
        assert engine.log_likelihood("the cat", " sat").tolist() == wanted.tolist()


@pytest.mark.parametrize("is_linux", [True, False])
def test_damage_seen_at_the_end_gives_no_file(is_linux: bool, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if not is_linux:
        request.getfixturevalue("elsewhere")

    def pieces() -> Iterator[bytes]:
        yield b"x" * 100_000
        raise CorruptError("the last chunk is missing")

    before = os.listdir("/proc/self/fd")
    with pytest.raises(CorruptError), model_file(pieces(), allow_plaintext_file=True):
        pytest.fail("there is a file")
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_a_full_disk_is_told_and_leaves_nothing(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource
    import signal

    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        allowed = model_file([b"x" * 100_000], allow_plaintext_file=True)
        with pytest.raises(StorageError, match="cannot be put into a file"), allowed:
            pytest.fail("there is a file")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert list(elsewhere.iterdir()) == []
