"""A real profile with a key the test holds, and its pages as a person with that key would see them."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import keyring
import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.pages import database_pages, log_pages
from tests.ondevice.vault.memory_keystore import Memory

Decrypted = Callable[[Vault], bytes]
Unit = Callable[[int], NDArray[np.float32]]


@pytest.fixture(scope="session")
def app_key() -> AppKey:
    """Return the key of :func:`vault`."""
    return AppKey(b"\x07" * 32)


@pytest.fixture(scope="session")
def new_profile(app_key: AppKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty profile, closed: to copy it takes a third of the time that making one does."""
    path = tmp_path_factory.mktemp("new") / "me.profile"
    Vault.create(path, app_key).close()
    return path


@pytest.fixture
def vault(profile_path: Path, app_key: AppKey, new_profile: Path) -> Iterator[Vault]:
    """Yield an empty, open profile."""
    shutil.copytree(new_profile, profile_path)
    with Vault.open(profile_path, app_key) as opened:
        yield opened


@pytest.fixture
def notes() -> Callable[[int], list[Draft]]:
    """Return a maker of distinct notes, an hour apart."""

    def make(count: int) -> list[Draft]:
        return [
            Draft(text=f"note number {i} about subject{i}", time=datetime(2026, 1, 1 + i // 24, i % 24, tzinfo=UTC))
            for i in range(count)
        ]

    return make


@pytest.fixture
def unit() -> Unit:
    """Return a maker of float32[n, 8] unit vectors."""

    def make(count: int) -> NDArray[np.float32]:
        matrix = np.random.default_rng(count).standard_normal((count, 8)).astype(np.float32)
        return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)

    return make


@pytest.fixture
def decrypted() -> Decrypted:
    """Return a reader of all decrypted pages, the write-ahead log's included."""

    def read(vault: Vault) -> bytes:
        path, key = vault.database.path, vault.database.key
        batches = [*database_pages(path, key), *log_pages(path.with_name(path.name + "-wal"), key)]
        return b"".join(batch.tobytes() for batch in batches)

    return read


@pytest.fixture
def file_limit() -> Callable[[int], AbstractContextManager[None]]:
    """Return a block in which the system lets no file grow beyond so many bytes, as a full disk would."""

    @contextmanager
    def limited(n_bytes: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return limited


@pytest.fixture
def memory() -> Iterator[Memory]:
    """Yield a keystore that is asked in place of the operating system's."""
    before, backend = keyring.get_keyring(), Memory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)
