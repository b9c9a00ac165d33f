"""How near the nearest item is to a question, which says whether it is about any of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ondevice import Draft, Filter, ModelSet, Personalizer, RetrievalConfig
from ondevice.bundle import read_manifest, write_manifest
from tests.tiny_models import make_tiny_encoder

TEXTS = ("the cat and the rain", "a train ticket to rome", "coffee and cake in paris")


@pytest.fixture
def me(profile_path: Path, tmp_path: Path) -> Personalizer:
    make_tiny_encoder(tmp_path / "base", name="base")
    models = ModelSet(tmp_path, encoder="base", generator=None)
    return Personalizer.open(profile_path, app_key=b"k" * 32, models=models, retrieval=RetrievalConfig())


def test_the_nearest_item_is_that_of_the_best_cosine_of_all_queries(me: Personalizer) -> None:
    with me:
        assert me._searcher.nearest(["cat"], retriever=None, filter=None) is None, "there are no items"
        me.add_many([Draft(text=text, kind="mail" if "train" in text else "note") for text in TEXTS])
        best = {query: me.search(query, k=1, retriever="dense")[0].score for query in ("the cat", "train to rome")}
        for retriever in (None, "dense", "hybrid"):
            nearest = me._searcher.nearest(list(best), retriever=retriever, filter=None)
            assert nearest == pytest.approx(max(best.values()), abs=1e-6)
        among = me._searcher.nearest(["the cat"], retriever=None, filter=Filter(kinds=("mail",)))
        assert among is not None
        assert among < best["the cat"]


def test_a_search_that_compares_no_vectors_does_not_know(me: Personalizer) -> None:
    with me:
        me.add(TEXTS[0])
        for retriever in ("bm25", "recency", "none"):
            assert me._searcher.nearest(["the cat"], retriever=retriever, filter=None) is None


def test_nearness_is_reckoned_from_what_unrelated_texts_have(me: Personalizer, tmp_path: Path) -> None:
    with me:
        me.add(TEXTS[0])
        (cosine,) = [hit.score for hit in me.search("the cat", retriever="dense")]
        manifest = read_manifest(tmp_path / "base")
        assert manifest.encoder is not None
        write_manifest(tmp_path / "base", replace(manifest, encoder=replace(manifest.encoder, unrelated=0.5)))
    models = ModelSet(tmp_path, encoder="base", generator=None)
    with Personalizer.open(tmp_path / "other", app_key=b"k" * 32, models=models) as other:
        other.add(TEXTS[0])
        nearest = other._searcher.nearest(["the cat"], retriever=None, filter=None)
        assert nearest == pytest.approx((cosine - 0.5) / 0.5, abs=1e-6)
