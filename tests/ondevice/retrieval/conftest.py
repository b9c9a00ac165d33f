"""A tiny encoder made on the spot, a real vault, and a short way to put items into it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ondevice.bundle import Bundle
from ondevice.records import Draft
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.tiny_models import make_tiny_encoder


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_encoder(tmp_path_factory.mktemp("bundles") / "tiny-encoder")


@pytest.fixture
def encoder(tiny_bundle: Bundle) -> Iterator[Encoder]:
    with Encoder.open(tiny_bundle, threads=1) as opened:
        yield opened


@pytest.fixture(scope="session")
def new_profile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty profile: to copy it takes a third of the time that making one does."""
    path = tmp_path_factory.mktemp("new") / "me.profile"
    Vault.create(path, AppKey(key=bytes(range(32)))).close()
    return path


@pytest.fixture
def vault(profile_path: Path, new_profile: Path) -> Iterator[Vault]:
    shutil.copytree(new_profile, profile_path)
    with Vault.open(profile_path, AppKey(key=bytes(range(32)))) as opened:
        yield opened


def at(day: int) -> datetime:
    """Return a moment, some days after the first of 2026."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day)


@pytest.fixture
def add(vault: Vault) -> Callable[..., list[int]]:
    """Return a function that stores texts (a day apart) with an encoder's vectors, and returns their rows."""

    def call(texts: Sequence[str], encoder: Encoder | None = None, **more: Any) -> list[int]:
        first = vault.items.count()
        drafts = [Draft(text=text, time=at(first + i), **more) for i, text in enumerate(texts)]
        vectors = {encoder.id: encoder.encode_passages(texts)} if encoder else None
        return [stored.row for stored in vault.items.put_many(drafts, vectors=vectors)]

    return call
