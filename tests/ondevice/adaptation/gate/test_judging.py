"""Strategies scored on held-out pairs: a tiny real model, with an adapter, over a real encrypted store."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ondevice import EngineConfig, Filter, Item, ModelSet, Personalizer
from ondevice.adaptation.gate.judging import Retrieve, fits, score_strategies
from ondevice.adaptation.lessons.pairs import EarlierItems, Pair, item_pairs
from ondevice.config import Contrast
from ondevice.errors import ContextOverflowError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import labels_for, query_for
from tests.tiny_adapters import random_adapter

STRONG = Contrast(alpha=1.0, threshold=1e-6)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
WEATHER = ("rain over the bay", "sun over the hills", "fog in the old town", "rain over the hills again")


@pytest.fixture
def me(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with Personalizer.open(
        tmp_path / "me",
        app_key=b"k" * 32,
        models=ModelSet(
            app_models,
            encoder=None,
            generator="tiny-generator",
            engine=EngineConfig(threads=1, reuse_whole_batches=True),
        ),
    ) as opened:
        yield opened


@pytest.fixture
def engine(me: Personalizer) -> Engine:
    return me.generator.engine()


def diary(me: Personalizer) -> list[Item]:
    return [me.add(f"day {number}: {WEATHER[number % 4]}", time=FIRST + timedelta(days=number)) for number in range(8)]


def films(me: Personalizer) -> list[Item]:
    tags = ("comedy", "action", "classic")
    return [
        me.add(
            f"film {number} with {WEATHER[number % 4]}",
            fields={"tag": tags[number % 3]},
            time=FIRST + timedelta(days=number),
        )
        for number in range(6)
    ]


def bm25(me: Personalizer, items: Sequence[Item], k: int = 2) -> Retrieve:
    earlier = EarlierItems(items)

    def retrieve(pair: Pair) -> list[Item]:
        ids = tuple(item.id for item in earlier.before(pair))
        query = query_for(pair.task, pair.request)
        return [hit.item for hit in me.search(query, k=k, retriever="bm25", filter=Filter(ids=ids))]

    return retrieve


def test_scores_are_those_of_the_requests_that_serving_would_make(me: Personalizer, engine: Engine) -> None:
    items = diary(me)
    pairs = item_pairs(items, task="chat")[-3:]
    adapter = engine.load_adapter(random_adapter())
    scores = score_strategies(engine, pairs, bm25(me, items), adapter=adapter, scale=0.5, contrast=STRONG)
    assert list(scores) == ["none", "rag", "adapter", "both", "contrast"]
    for place, pair in enumerate(pairs):
        earlier = Filter(until=FIRST + timedelta(days=5 + place))
        plain = me.prepare(pair.request, retriever="none").prompt
        full = me.prepare(pair.request, retriever="bm25", k=2, filter=earlier).prompt
        assert plain != full
        expected = {}
        for name, prompt, applied, contrast in (
            ("none", plain, None, None),
            ("rag", full, None, None),
            ("adapter", plain, adapter, None),
            ("both", full, adapter, None),
            ("contrast", full, adapter, STRONG),
        ):
            engine.use_adapter(applied, 0.5)
            engine.use_contrast(contrast)
            expected[name] = float(engine.log_likelihood(prompt, pair.answer).mean(dtype=np.float64))
        engine.use_contrast(None)
        assert {name: values[place] for name, values in scores.items()} == pytest.approx(expected, abs=1e-6)
        assert len(set(expected.values())) == 5


def test_a_label_is_scored_among_all_labels(me: Personalizer, engine: Engine) -> None:
    items = films(me)
    pairs = item_pairs(items, task="LaMP_2")[-2:]
    scores = score_strategies(engine, pairs, bm25(me, items))
    assert list(scores) == ["none", "rag"]
    labels = labels_for("LaMP_2")
    assert labels is not None
    for place, pair in enumerate(pairs):
        chosen = engine.choose(me.prepare(pair.request, task="LaMP_2", retriever="none", labels=labels).prompt, labels)
        share = np.exp(chosen.scores[pair.answer]) / sum(np.exp(value) for value in chosen.scores.values())
        assert scores["none"][place] == pytest.approx(np.log(share), abs=1e-6)
    assert (scores["rag"] < 0).all()


def test_an_answer_outside_the_labels_is_scored_as_text(me: Personalizer, engine: Engine) -> None:
    pair = Pair(request='Write an abstract for this title: "roses"', answer="on red", task="LaMP_1", item_ids=("x",))
    scores = score_strategies(engine, [pair], lambda _: [])
    prompt = me.prepare(pair.request, task="LaMP_1", retriever="none").prompt
    assert scores["none"][0] == pytest.approx(engine.log_likelihood(prompt, "on red").mean(), abs=1e-6)


def test_what_is_in_use_stays_in_use_also_after_an_error(me: Personalizer, engine: Engine) -> None:
    items = diary(me)
    pairs = item_pairs(items, task="chat")[-2:]
    used, tried = (engine.load_adapter(random_adapter(seed)) for seed in (1, 2))
    engine.use_adapter(used, 0.7)
    engine.use_contrast(STRONG)
    before = engine.log_likelihood("the user likes", " roses")
    score_strategies(engine, pairs, bm25(me, items), adapter=tried, contrast=Contrast())
    assert np.array_equal(engine.log_likelihood("the user likes", " roses"), before)

    def fail(done: int, total: int) -> None:
        raise RuntimeError(f"{done} of {total}")

    with pytest.raises(RuntimeError, match="1 of 4"):
        score_strategies(engine, pairs, bm25(me, items), adapter=tried, contrast=Contrast(), on_progress=fail)
    assert np.array_equal(engine.log_likelihood("the user likes", " roses"), before)


def test_answers_of_other_threads_keep_their_own_shape(me: Personalizer, engine: Engine) -> None:
    items = diary(me)
    pairs = item_pairs(items, task="chat")
    used, tried = (engine.load_adapter(random_adapter(seed)) for seed in (1, 2))
    engine.use_adapter(used)
    expected = engine.log_likelihood("the user likes", " roses")
    seen: list[bool] = []

    def answer(done: threading.Event) -> None:
        while not done.is_set():
            seen.append(np.array_equal(engine.log_likelihood("the user likes", " roses"), expected))

    over = threading.Event()
    thread = threading.Thread(target=answer, args=(over,))
    quiet = score_strategies(engine, pairs, bm25(me, items), adapter=tried, contrast=STRONG)
    thread.start()
    busy = score_strategies(engine, pairs, bm25(me, items), adapter=tried, contrast=STRONG)
    over.set()
    thread.join()
    assert len(seen) > 3
    assert all(seen)
    assert all(np.array_equal(busy[name], quiet[name]) for name in quiet)


def test_nothing_found_scores_as_nothing_asked(engine: Engine) -> None:
    pairs = [Pair(request=f"note {number}", answer="it rained", task="chat", item_ids=("x",)) for number in range(3)]
    scores = score_strategies(engine, pairs, lambda _: [])
    assert np.array_equal(scores["none"], scores["rag"])
    assert [len(values) for values in score_strategies(engine, [], lambda _: []).values()] == [0, 0]


def test_progress_counts_every_prompt(me: Personalizer, engine: Engine) -> None:
    items = diary(me)
    told: list[tuple[int, int]] = []
    score_strategies(
        engine,
        item_pairs(items, task="chat")[-2:],
        bm25(me, items),
        adapter=engine.load_adapter(random_adapter()),
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(number, 4) for number in range(1, 5)]


def test_of_a_long_answer_the_beginning_counts(me: Personalizer, engine: Engine) -> None:
    words = "grey and cold " * 12
    pair = Pair(request="note", answer=words, task="chat", item_ids=("x",))
    short = Pair(request="note", answer="grey and cold grey", task="chat", item_ids=("x",))
    cut, whole = (score_strategies(engine, [each], lambda _: [], max_tokens=20)["none"][0] for each in (pair, short))
    assert cut == whole
    endless = Pair(request="x" * 2000, answer="a", task="chat", item_ids=("x",))
    assert fits(engine, pair)
    assert not fits(engine, endless)
    with pytest.raises(ContextOverflowError):
        score_strategies(engine, [endless], lambda _: [])


def test_an_adapter_of_another_engine_is_refused(me: Personalizer, engine: Engine) -> None:
    adapter = engine.load_adapter(random_adapter())
    engine.unload_adapter(adapter)
    with pytest.raises(ValueError, match="not loaded by this engine"):
        score_strategies(engine, [], lambda _: [], adapter=adapter)
