"""How long a search takes: every retriever at three sizes, and the recall of approximate search."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.measure import Row, summarize, time_ms
from benchmarks.profiles import filled, probe_vectors
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_ENCODER, IndexConfig, RetrievalConfig
from ondevice.records import Filter, Ranked
from ondevice.retrieval.catalog import build_retrievers
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.retrieval.protocol import Retriever
from ondevice.vault import Vault

SIZES = (1_000, 10_000, 100_000)
_N_QUERIES = 100
_N_ERASURES = 10
_K = 10


class GivenVectors:
    """Stand where the encoder stands, with the query's vector at hand: leaves the cost of searching alone."""

    dim = corpus.DIM
    id = "given"

    def __init__(self) -> None:
        """Prepare the vectors."""
        self._vectors = itertools.cycle(probe_vectors(_N_QUERIES))

    def encode_queries(self, texts: list[str]) -> NDArray[np.float32]:
        """Return one prepared vector per text: float32[n, d]."""
        return np.stack([next(self._vectors) for _ in texts])


def _given() -> Encoder:
    return cast("Encoder", GivenVectors())


def _ask(retriever: Retriever, query: str, narrow: Filter | None = None) -> list[Ranked]:
    return retriever.retrieve(query, k=_K, filter=narrow)


def run(models: Path) -> Iterator[Row]:
    """Measure without encoding at 1k, 10k, 100k; then hybrid at 5k with and without the real encoder."""
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            yield from _retrievers(Path(folder) / str(size), size)
        yield from _hybrid(Path(folder) / "hybrid", models)


def _retrievers(path: Path, size: int) -> Iterator[Row]:
    with filled(path, size, encoder_id="given") as vault:
        index = VectorIndex(vault.vectors, vault.sealed, "given", corpus.DIM, IndexConfig())
        # Measured as it is once the graph stands; until then searches are exact (the recall below says which it was).
        index.refresh()
        index.wait()
        retrievers = build_retrievers(vault, _given, index, RetrievalConfig())
        for name, retriever in retrievers.items():
            queries = corpus.queries(_N_QUERIES)
            retriever.retrieve(queries[0], k=_K)
            samples = [time_ms(_ask, retriever, query) for query in queries]
            aim = 3.0 if (name, size) == ("dense", 100_000) else None
            yield summarize(samples, case=f"search {name}", condition=f"{size:,} items, query vector given", aim=aim)
        narrow = Filter(kinds=("email",))
        samples = [time_ms(_ask, retrievers["hybrid"], query, narrow) for query in corpus.queries(30)]
        yield summarize(
            samples, case="search hybrid, one kind of four", condition=f"{size:,} items, query vector given"
        )
        yield _recall(vault, index, size)
        if index.info().mode == "hnsw":
            yield from _erasure(vault, index, retrievers["dense"], size)


def _erasure(vault: Vault, index: VectorIndex, dense: Retriever, size: int) -> Iterator[Row]:
    """Forget one item at a time: the graph serves on, and what is sealed has none until one without traces stands."""
    samples, asked, condition = [], [], f"{size:,} items, query vector given"
    for item in vault.items.list(limit=_N_ERASURES):
        row = vault.items.row_of(item.id)
        vault.forget([item.id])
        samples.append(time_ms(index.erase, [row]))
        asked.append(time_ms(_ask, dense, "after an erasure"))
    yield summarize(samples, case="erase one vector from index and graph", condition=f"{size:,} items")
    yield summarize(asked, case="search dense, the first after an erasure", condition=condition)
    sealing = time_ms(index.save)
    yield summarize([sealing], case="seal the vectors without a graph", condition=f"{size:,} items")
    with closing(VectorIndex(vault.vectors, vault.sealed, "given", corpus.DIM, IndexConfig())) as opened_next:
        opened_next.refresh()
        samples = [time_ms(opened_next.search, probe, _K) for probe in probe_vectors(20)]
    yield summarize(samples, case="search vectors while the graph is built", condition=condition)
    yield summarize([time_ms(index.wait) / 1e3], case="build the graph anew", condition=f"{size:,} items", unit="s")


def _recall(vault: Vault, index: VectorIndex, size: int) -> Row:
    rows, matrix, _ = vault.vectors.load("given")
    found = []
    for probe in probe_vectors(_N_QUERIES):
        best = set(rows[np.argsort(-(matrix @ probe))[:_K]].tolist())
        found.append(len(best & {hit.row for hit in index.search(probe, _K, None)}) / _K)
    mean = float(np.mean(found))
    return Row(
        case="dense recall@10 against exact",
        condition=f"{size:,} items",
        unit="share",
        median=mean,
        low=min(found),
        high=max(found),
        n=len(found),
        aim=0.99,
        aim_is_minimum=True,
    )


def _hybrid(path: Path, models: Path) -> Iterator[Row]:
    encoder = Encoder.open(Bundle.open(models / DEFAULT_ENCODER, kind="encoder"))
    with filled(path, 5_000, encoder_id=encoder.id, dim=encoder.dim) as vault:
        index = VectorIndex(vault.vectors, vault.sealed, encoder.id, encoder.dim, IndexConfig())
        sources: tuple[tuple[str, Callable[[], Encoder], float], ...] = (
            ("with", lambda: encoder, 15.0),
            ("without", _given, 5.0),
        )
        for condition, source, aim in sources:
            hybrid = build_retrievers(vault, source, index, RetrievalConfig())["hybrid"]
            hybrid.retrieve("warm up", k=_K)
            samples = [time_ms(_ask, hybrid, query) for query in corpus.queries(_N_QUERIES)]
            yield summarize(
                samples, case="search hybrid", condition=f"5,000 items, {condition} the query's encoding", aim=aim
            )
    encoder.close()
