"""A profile that has lived a little, full of a word that must nowhere be shown, and copies of it with faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.findings import Section
from ondevice.privacy.subject import Copy, subject_of
from ondevice.records import Draft
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault import AppKey, Vault

KEY = b"\x07" * 32
MARKER = "quokkamarker"
DIM = 64

Changing = Callable[[], AbstractContextManager[Vault]]


def drafts(start: int, count: int) -> list[Draft]:
    return [
        Draft(
            text=f"note {number} of {MARKER} about ticket{100_000 + number} and the weather",
            id=f"item-{number:06}",
            fields={"title": f"{MARKER} title{number}"},
            metadata={"tag": f"tag{number % 7}"},
        )
        for number in range(start, start + count)
    ]


def vectors(seed: int, count: int) -> NDArray[np.float32]:
    numbers = np.random.default_rng(seed).standard_normal((count, DIM))
    unit: NDArray[np.float32] = (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float32)
    return unit


def index_of(vault: Vault) -> VectorIndex:
    return VectorIndex(vault.vectors, vault.sealed, "e", DIM)


def save_index(vault: Vault) -> None:
    index = index_of(vault)
    index.search(vectors(1, 1)[0], 3)
    index.save()
    index.close()


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a profile with items, versions, something forgotten, something learned, and a sealed index."""
    path = tmp_path_factory.mktemp("lived") / "me.profile"
    with Vault.create(path, AppKey(KEY)) as vault:
        vault.items.put_many(drafts(0, 600), vectors={"e": vectors(0, 600)})
        vault.items.update("item-000003", text=f"said anew, {MARKER}", vectors={"e": vectors(2, 1)[0]})
        vault.forget([f"item-{number:06}" for number in range(10, 40)])
        vault.derived.put("summary", "chat", b"w" * 5000, item_ids=["item-000001", "item-000002"])
        save_index(vault)
    return path


@pytest.fixture
def profile(lived: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return shutil.copytree(lived, tmp_path / "me.profile")


@pytest.fixture
def changing(profile: Path) -> Changing:
    """Return a way to open it, and plant a fault."""

    @contextmanager
    def opened() -> Iterator[Vault]:
        with Vault.open(profile, AppKey(KEY)) as vault:
            yield vault

    return opened


@pytest.fixture
def copy(profile: Path) -> Copy:
    """Return it as a check gets it."""
    return Copy(profile, KEY)


def audited(profile: Path, check: Callable[..., Section], *, models: ModelSet | None = None) -> Section:
    """Run a check on a profile without models."""
    without = models or ModelSet(encoder=None, generator=None)
    with subject_of(profile, AppKey(KEY), without) as subject:
        return check(subject)
