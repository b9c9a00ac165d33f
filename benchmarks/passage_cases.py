"""What passages are worth on long documents: what is found, and what of it stands in a prompt."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import mean

from benchmarks import corpus
from benchmarks.lamp_answers import DATA
from benchmarks.long_documents import Library, Question, libraries
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY
from ondevice import ModelSet, Personalizer
from ondevice.bundle import Bundle
from ondevice.config import DEFAULT_ENCODER, RetrievalConfig
from ondevice.evaluation.ranking import ndcg, recall
from ondevice.generation.prompts.entries import one_line
from ondevice.generation.prompts.passages import GAP, passages_for
from ondevice.importers import read_locomo
from ondevice.passages import ItemText
from ondevice.records import Draft, Filter, Ranked
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.fusion import blend
from ondevice.retrieval.lexical import LexicalRetriever
from ondevice.vault import Vault

_K = 10
_FINDING = ("bm25", "dense", "hybrid")
_NO_WAY = "one vector an item, of its beginning"
_WAY = "passages"


def run(models: Path) -> Iterator[Row]:
    """Yield what is found of long documents before and after, and what adding one takes."""
    with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as folder:
        yield from _worth(Path(folder), models)
        yield from _encoding(Path(folder) / "encoding", models)


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
                if way == _WAY:
                    for measure, value in _words_of_passages(folder / f"{number}-words", me, library):
                        found.setdefault((measure, "its words searched by passage too"), []).append(value)
    n_documents = sum(len(library.drafts) for library in shelves)
    for (measure, way), values in found.items():
        condition = f"{DEFAULT_ENCODER}, {n_documents} sessions as documents, {len(values)} questions, {way}"
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


def _words_of_passages(path: Path, me: Personalizer, library: Library) -> Iterator[tuple[str, float]]:
    """Search the words of passages, as if each were an item, and fuse what is found with the vectors' ranking."""
    split = me.encoders.encoder().split([ItemText(draft.text, 0) for draft in library.drafts])
    parts = [
        Draft(id=f"{draft.id}.{number}", text=draft.text[start:end])
        for draft, spans in zip(library.drafts, split, strict=True)
        for number, (start, end) in enumerate(spans)
        if (number or len(spans) == 1) and draft.text[start:end].strip()
    ]
    depth = RetrievalConfig().fusion_depth
    with Vault.create(path, KEY) as vault:
        vault.items.put_many(parts)
        retriever = LexicalRetriever(vault.lexical, vault.items)
        for question in library.questions:
            ranked = retriever.retrieve(question.text, k=10 * depth)
            items = vault.items.get_rows([hit.row for hit in ranked])
            by_words: dict[int, float] = {}
            for hit in ranked:
                by_words.setdefault(int(items[hit.row].id.partition(".")[0]), hit.score)
            words = [Ranked(number, score) for number, score in by_words.items()][:depth]
            hits = me.search(question.text, k=depth, retriever="dense")
            fused = blend(words, [Ranked(int(hit.item.id), hit.score) for hit in hits], depth=depth)
            wanted = dict.fromkeys(question.documents, 1.0)
            yield "bm25, ndcg@10", ndcg(list(by_words), wanted, _K)
            yield "hybrid, ndcg@10", ndcg([hit.row for hit in fused], wanted, _K)


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


def _models(folder: Path) -> ModelSet:
    return ModelSet(folder, encoder=DEFAULT_ENCODER, generator=None)


def _single(case: str, condition: str, value: float, *, unit: str = "share", n: int) -> Row:
    return Row(case=case, condition=condition, unit=unit, median=value, low=value, high=value, n=n)
