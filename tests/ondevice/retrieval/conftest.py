"""A tiny encoder made on the spot, once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ondevice.bundle import Bundle
from ondevice.retrieval.encoder import Encoder
from tests.tiny_models import make_tiny_encoder


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_encoder(tmp_path_factory.mktemp("bundles") / "tiny-encoder")


@pytest.fixture
def encoder(tiny_bundle: Bundle) -> Iterator[Encoder]:
    with Encoder.open(tiny_bundle, threads=1) as opened:
        yield opened
