"""An index over a real vault, that compares every vector or follows a graph."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ondevice.config import IndexConfig
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault.vault import Vault
from tests.ondevice.retrieval.index.stored_vectors import EXACT, GRAPH, open_index


@pytest.fixture(params=[EXACT, GRAPH], ids=["exact", "hnsw"])
def config(request: pytest.FixtureRequest) -> IndexConfig:
    chosen: IndexConfig = request.param
    return chosen


@pytest.fixture
def index(vault: Vault, config: IndexConfig) -> Iterator[VectorIndex]:
    opened = open_index(vault, config)
    yield opened
    opened.close()
