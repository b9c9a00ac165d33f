"""What passages cost: a profile of long items beside one of short items that has as many vectors."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks import corpus
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY, filled, probe_vectors
from ondevice.config import IndexConfig
from ondevice.evaluation.ranking import recall
from ondevice.passages import Span, passage_vectors, rows_of
from ondevice.records import Draft
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault import Vault

SIZES = (10_000, 100_000)

N_PASSAGES = 10
"""The long items have so many vectors, that of their beginning among them."""

_K = 10
_SPANS = [Span(0, 500)] + [Span(200 * number, 200 * number + 250) for number in range(N_PASSAGES - 1)]

Work = Callable[[], object]


def run(models: Path) -> Iterator[Row]:
    """Measure at 10k and 100k vectors; no model is needed, because the vectors are given."""
    with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as folder:
        for size in SIZES:
            yield from _costs(Path(folder) / str(size), size)


def _costs(folder: Path, size: int) -> Iterator[Row]:
    """Compare a profile of long items with one of short items that has as many vectors, in turns."""
    folder.mkdir(parents=True)
    filled(folder / "short", size, encoder_id="given").close()
    _fill_long(folder / "long", size)
    yield from _compared("open with a key", size, *(partial(_open, folder / name) for name in ("long", "short")), n=10)
    with Vault.open(folder / "long", KEY) as long, Vault.open(folder / "short", KEY) as short:
        with closing(_index(long)) as index, closing(_index(short)) as index_short:
            yield from _compared("search dense, query vector given", size, _ask(index), _ask(index_short), n=200)
            yield _recall(long, index, size)
        yield from _compared("put 10 vectors", size, _put(long, 1), _put(short, N_PASSAGES), n=40)
        forget = [partial(_forget, vault, iter(_ids(vault)), n) for vault, n in ((long, 1), (short, N_PASSAGES))]
        yield from _compared("forget 10 vectors with a verified receipt", size, *forget, n=8)


def _compared(case: str, size: int, of_long: Work, of_short: Work, *, n: int) -> Iterator[Row]:
    first, second = alternate(partial(time_ms, of_long), partial(time_ms, of_short), n=n)
    for samples, what in ((first, f"{size // N_PASSAGES:,} long items"), (second, "as many of short items")):
        yield summarize(samples, case=case, condition=f"{size:,} vectors, {what}")
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    yield summarize(ratios, case=case, condition=f"{size:,} vectors, long ÷ short", unit="ratio")


def _fill_long(path: Path, size: int) -> None:
    texts, vectors = [draft.text for draft in corpus.drafts(size)], corpus.vectors(size)
    drafts = [_long(texts[start : start + N_PASSAGES]) for start in range(0, size, N_PASSAGES)]
    with Vault.create(path, KEY) as vault:
        for start in range(0, len(drafts), 200):
            part = drafts[start : start + 200]
            matrix = vectors[start * N_PASSAGES : (start + len(part)) * N_PASSAGES]
            vault.items.put_many(part, vectors={"given": passage_vectors([_SPANS] * len(part), matrix)})


def _long(texts: Sequence[str]) -> Draft:
    return Draft(text=". ".join(texts))


def _open(path: Path) -> None:
    Vault.open(path, KEY).close()


def _index(vault: Vault) -> VectorIndex:
    index = VectorIndex(vault.vectors, vault.sealed, "given", corpus.DIM, IndexConfig())
    index.refresh()
    index.wait()
    return index


def _ask(index: VectorIndex) -> Work:
    probes = iter(probe_vectors(200))
    return lambda: index.search(next(probes), _K)


def _recall(vault: Vault, index: VectorIndex, size: int) -> Row:
    """Compare what the index finds with the items of the best passages of all."""
    labels, matrix, _ = vault.vectors.passages("given")
    shares = []
    for probe in probe_vectors(100):
        order = rows_of(labels[np.argsort(-(matrix @ probe), kind="stable")[: 50 * N_PASSAGES]]).tolist()
        shares.append(recall([row for row, _ in index.search(probe, _K)], list(dict.fromkeys(order))[:_K], _K))
    condition = f"{size:,} vectors, {size // N_PASSAGES:,} long items, {index.info().mode}"
    value = float(np.mean(shares))
    return Row(
        case="recall@10 of items against comparing every passage",
        condition=condition,
        unit="share",
        median=value,
        low=value,
        high=value,
        n=len(shares),
        aim=0.99,
        aim_is_minimum=True,
    )


def _put(vault: Vault, n_items: int) -> Work:
    texts = [draft.text for draft in corpus.drafts(1_000, seed=8)]
    parts = iter(zip(texts, corpus.vectors(len(texts), seed=8), strict=True))

    def put() -> None:
        taken = [next(parts) for _ in range(N_PASSAGES)]
        said, vectors = [text for text, _ in taken], np.stack([vector for _, vector in taken])
        if n_items == 1:
            vault.items.put_many([_long(said)], vectors={"given": passage_vectors([_SPANS], vectors)})
        else:
            vault.items.put_many([Draft(text=text) for text in said], vectors={"given": vectors})

    return put


def _ids(vault: Vault) -> list[str]:
    return [item.id for item in vault.items.list(limit=500, newest_first=False)]


def _forget(vault: Vault, ids: Iterator[str], n: int) -> None:
    if not vault.forget([next(ids) for _ in range(n)]).verified:
        raise SystemExit("a receipt was not verified: the figure would mean nothing")
