"""What passages are worth on long documents, and what they cost."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import mean

import numpy as np

from benchmarks import corpus
from benchmarks.lamp_answers import DATA
from benchmarks.long_documents import Question, libraries
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY, filled, probe_vectors
from ondevice import ModelSet, Personalizer
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_ENCODER, IndexConfig
from ondevice.evaluation.ranking import ndcg, recall
from ondevice.generation.prompts.entries import one_line
from ondevice.generation.prompts.passages import GAP, passages_for
from ondevice.importers import read_locomo
from ondevice.passages import ItemText, Span, passage_vectors, rows_of
from ondevice.records import Draft, Filter
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.index.vector_index import VectorIndex
from ondevice.vault import Vault

SIZES = (10_000, 100_000)
N_PASSAGES = 10
"""The long items of the costs have so many, their beginning among them."""

_K = 10
_SPANS = [Span(0, 500)] + [Span(200 * number, 200 * number + 250) for number in range(N_PASSAGES - 1)]
_FINDING = ("bm25", "dense", "hybrid")
_NO_WAY = "one vector an item, of its beginning"
_WAY = "passages"

Work = Callable[[], object]


def run(models: Path) -> Iterator[Row]:
    """Yield what is found of long documents before and after, then the costs against as many vectors of short items."""
    with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as folder:
        yield from _worth(Path(folder), models)
        yield from _encoding(Path(folder) / "encoding", models)
        for size in SIZES:
            yield from _costs(Path(folder) / str(size), size)


def _worth(folder: Path, models: Path) -> Iterator[Row]:
    found: dict[tuple[str, str], list[float]] = {}
    shelves = libraries(DATA / "locomo")
    for number, library in enumerate(shelves):
        for way in (_NO_WAY, _WAY):
            path = folder / f"{number}-{len(way)}"
            with Personalizer.create(path, app_key=KEY.key, models=_models(models)) as me:
                _store(me, library.drafts, way)
                for question in library.questions:
                    for measure, value in _scores(me, question, way):
                        found.setdefault((measure, way), []).append(value)
    n_documents = sum(len(library.drafts) for library in shelves)
    for (measure, way), values in found.items():
        condition = f"{n_documents} sessions of talks as documents, {len(values)} questions, {way}"
        yield _single(measure, condition, mean(values), n=len(values))
    yield _turns(models)


def _store(me: Personalizer, drafts: Sequence[Draft], way: str) -> None:
    if way == _WAY:
        me.add_many(drafts)
    else:
        encoder = me.encoders.encoder()
        matrix = encoder.encode_passages([draft.text for draft in drafts])
        me.vault.items.put_many(drafts, vectors={encoder.id: matrix})


def _scores(me: Personalizer, question: Question, way: str) -> Iterator[tuple[str, float]]:
    for retriever in _FINDING:
        found = [int(hit.item.id) for hit in me.search(question.text, k=_K, retriever=retriever)]
        yield f"{retriever}, recall@1", recall(found, question.documents, 1)
        yield f"{retriever}, recall@5", recall(found, question.documents, 5)
        yield f"{retriever}, ndcg@10", ndcg(found, dict.fromkeys(question.documents, 1.0), _K)
    document, said = question.turns[0]
    hit = me.search(question.text, k=1, retriever="dense", filter=Filter(ids=(str(document),)))[0]
    shown = passages_for(question.text, hit.item.text, matched=hit.passage if way == _WAY else None)
    yield (
        "the answer's turn among the 160 words of the right document",
        float(one_line(said) in shown.replace(GAP, " ")),
    )


def _turns(models: Path) -> Row:
    """Count the turns of the talks that are more than one passage: without one, their ranking is what it was."""
    turns = [turn for path in sorted((DATA / "locomo").iterdir()) for turn in read_locomo(path)]
    with Encoder.open(Bundle.open(models / DEFAULT_ENCODER, kind="encoder")) as encoder:
        split = encoder.split([ItemText(turn.text, 0) for turn in turns])
    n_long = sum(len(spans) > 1 for spans in split)
    return _single("turns that are more than one passage", f"of {len(turns):,} as items", n_long, unit="items", n=1)


def _encoding(path: Path, models: Path) -> Iterator[Row]:
    """Compare adding a long text with adding the same words as short items."""
    parts = iter(corpus.drafts(60 * 40, seed=3))
    with Personalizer.create(path, app_key=KEY.key, models=_models(models)) as me:
        me.add("warm up")

        def add_long() -> None:
            me.add(". ".join(next(parts).text for _ in range(40)))

        def add_short() -> None:
            me.add_many([next(parts) for _ in range(40)])

        long, short = alternate(partial(time_ms, add_long), partial(time_ms, add_short), n=25)
    ratios = [a / b for a, b in zip(long, short, strict=True)]
    yield summarize(ratios, case="add with encoding", condition="a text of 1,440 words ÷ 40 items", unit="ratio")


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
    parts, vectors = iter(corpus.drafts(1_000, seed=8)), corpus.vectors(N_PASSAGES, seed=8)

    def put() -> None:
        drafts = [next(parts) for _ in range(N_PASSAGES)]
        if n_items == 1:
            given = passage_vectors([_SPANS], vectors)
            vault.items.put_many([_long([draft.text for draft in drafts])], vectors={"given": given})
        else:
            vault.items.put_many(drafts, vectors={"given": vectors})

    return put


def _ids(vault: Vault) -> list[str]:
    return [item.id for item in vault.items.list(limit=500)]


def _forget(vault: Vault, ids: Iterator[str], n: int) -> None:
    if not vault.forget([next(ids) for _ in range(n)]).verified:
        raise SystemExit("a receipt was not verified: the figure would mean nothing")


def _models(folder: Path) -> ModelSet:
    return ModelSet(folder, encoder=DEFAULT_ENCODER, generator=None)


def _single(case: str, condition: str, value: float, *, unit: str = "share", n: int) -> Row:
    return Row(case=case, condition=condition, unit=unit, median=value, low=value, high=value, n=n)
