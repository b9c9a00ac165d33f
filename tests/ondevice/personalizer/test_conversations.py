"""A question that follows another finds what the two together are about, in whatever way items are found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice import EngineConfig, Message, ModelSet, Personalizer

KEY = b"k" * 32
FOLLOWS = "What did she do yesterday?"
EARLIER = [Message(role="user", content="Who is Ana?"), Message(role="assistant", content="Ana is a painter.")]


@pytest.fixture
def me(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    models = ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator", engine=EngineConfig(threads=1))
    with Personalizer.open(tmp_path / "me", app_key=KEY, models=models) as me:
        for day in range(6):
            me.add(f"What did they do yesterday? Nothing on day {day}, it rained.")
        me.add("Ana finished the large picture of the harbour.")
        yield me


def texts(me: Personalizer, k: int, earlier: list[Message], retriever: str = "bm25") -> list[str]:
    prepared = me.prepare(FOLLOWS, k=k, earlier=earlier, retriever=retriever)
    return [hit.item.text for hit in prepared.sources]


def test_a_follow_up_finds_whom_it_is_about(me: Personalizer) -> None:
    assert not any("Ana" in text for text in texts(me, 3, []))
    assert any("Ana" in text for text in texts(me, 3, EARLIER))


def test_as_many_are_found_as_asked_for_and_each_once(me: Personalizer) -> None:
    for retriever in ("bm25", "dense", "hybrid", "recency"):
        for k in (1, 3, 20):
            found = texts(me, k, EARLIER, retriever)
            assert len(found) == len(set(found)) <= min(k, 7)
            assert retriever == "bm25" or len(found) == min(k, 7)
    assert texts(me, 3, EARLIER, "none") == []


def test_hits_keep_their_order_and_count_from_one(me: Personalizer) -> None:
    hits = me.prepare(FOLLOWS, k=5, earlier=EARLIER, retriever="hybrid").sources
    assert [hit.rank for hit in hits] == [1, 2, 3, 4, 5]
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_question_that_follows_nothing_is_searched_as_ever(me: Personalizer) -> None:
    hits = me.prepare(FOLLOWS, k=3, retriever="bm25").sources
    assert [(hit.item.id, hit.score) for hit in hits] == [
        (hit.item.id, hit.score) for hit in me.search(FOLLOWS, k=3, retriever="bm25")
    ]
