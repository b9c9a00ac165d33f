from __future__ import annotations

from collections.abc import Sequence
from math import log2
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from export.errors import ParityError
from export.gate.bounds import Bounds, check
from export.gate.ranking import measure_ranking, relative_drop
from export.gate.retrieval_data import RetrievalData
from export.gate.texts import built_in_retrieval_data
from ondevice.retrieval.encoding.encoder import Encoder
from tests.tiny_models import WORDS, make_tiny_encoder


class Table:
    """Looks vectors up by text; queries and passages share the table."""

    def __init__(self, vectors: dict[str, Sequence[float]]) -> None:
        self.vectors = vectors

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([self.vectors[text] for text in texts], np.float32)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_queries(texts)


def angle(degrees: float) -> tuple[float, float]:
    return float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))


DATA = RetrievalData(
    name="hand",
    passages=["p0", "p1", "p2", "p3"],
    queries=["q"],
    candidates=[[0, 1, 2]],
    relevant=[frozenset({0})],
)
REFERENCE = Table({"q": angle(0), "p0": angle(5), "p1": angle(20), "p2": angle(40), "p3": angle(1)})
SWAPPED = Table({"q": angle(0), "p0": angle(20), "p1": angle(5), "p2": angle(40), "p3": angle(1)})


def test_judged_and_graded_by_hand() -> None:
    found = measure_ranking(REFERENCE, SWAPPED, DATA, k=2)
    assert found.judged is not None
    assert found.judged.ndcg_reference == 1.0  # p3 is nearer, but not among the candidates
    assert found.judged.ndcg_candidate == pytest.approx(1 / log2(3))
    assert found.judged.ndcg_drop.value == pytest.approx(1 - 1 / log2(3))
    assert found.judged.recall_drop.value == 0.0
    # The reference's p0, p1 are worth 2 and 1; the candidate finds p1, p0.
    assert found.ndcg_to_reference.value == pytest.approx((1 / log2(2) + 2 / log2(3)) / (2 / log2(2) + 1 / log2(3)))
    assert found.overlap == 1.0
    assert [result.measure for result in found.results()] == [
        "ndcg@2",
        "ndcg@2_drop",
        "recall@2",
        "recall@2_drop",
        "ndcg@2_to_reference",
        "overlap@2",
    ]


def test_overlap_is_left_out_where_everything_is_found_in_any_case() -> None:
    found = measure_ranking(REFERENCE, SWAPPED, DATA, k=3)
    assert found.overlap is None
    assert found.n_overlap == 0
    assert "overlap@3" not in [result.measure for result in found.results()]


def test_without_judgements_the_original_is_the_truth() -> None:
    data = RetrievalData(name="open", passages=DATA.passages, queries=DATA.queries, candidates=DATA.candidates)
    found = measure_ranking(REFERENCE, REFERENCE, data)
    assert found.judged is None
    assert found.ndcg_to_reference.value == 1.0
    assert [result.measure for result in found.results()] == ["ndcg@10_to_reference"]


def test_an_interval_is_narrow_where_all_queries_agree_and_wide_where_they_do_not() -> None:
    sample = np.random.default_rng(1).integers(0, 40, size=(500, 40))
    base = np.full(40, 0.8)
    alike = relative_drop(base, base * 0.99, sample)
    assert (alike.low, alike.value, alike.high) == pytest.approx((0.01, 0.01, 0.01))
    mixed = base.copy()
    mixed[::2] *= 0.98
    unlike = relative_drop(base, mixed, sample)
    assert unlike.value == pytest.approx(0.01)
    assert unlike.low < 0.008 < 0.012 < unlike.high


def word_data() -> RetrievalData:
    """Return data on words: every passage has three words, and a query two of one passage's."""
    random = np.random.default_rng(3)
    chosen = [random.choice(WORDS[20:], 3, replace=False) for _ in range(40)]
    return RetrievalData(
        name="words",
        passages=[" ".join(words) for words in chosen],
        queries=[" ".join(words[:2]) for words in chosen],
        candidates=[list(range(40))] * 40,
        relevant=[frozenset({number}) for number in range(40)],
    )


def test_a_shuffled_ranking_does_not_pass_the_gate(tmp_path: Path) -> None:
    class Shuffled:
        def __init__(self, encoder: Encoder) -> None:
            self.encode_queries = encoder.encode_queries
            self._encoder = encoder

        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return self._encoder.encode_passages(texts)[::-1]

    with Encoder.open(make_tiny_encoder(tmp_path / "e")) as encoder:
        data = word_data()
        same = measure_ranking(encoder, encoder, data)
        other = measure_ranking(encoder, Shuffled(encoder), data)
    bounds = Bounds(ndcg_drop_max=0.005, overlap_min=0.9)
    assert same.judged is not None
    assert same.judged.ndcg_reference > 0.9
    check(same.results(), bounds)
    with pytest.raises(ParityError, match=r"ndcg@10_drop on words .* at most 0.005 is allowed; overlap@10 on words"):
        check(other.results(), bounds)


def test_the_same_measurement_gives_the_same_numbers(tmp_path: Path) -> None:
    with (
        Encoder.open(make_tiny_encoder(tmp_path / "a")) as one,
        Encoder.open(make_tiny_encoder(tmp_path / "b", seed=8)) as two,
    ):
        data = word_data()
        assert measure_ranking(one, two, data) == measure_ranking(one, two, data)


def test_the_built_in_data_are_judged() -> None:
    data = built_in_retrieval_data()
    assert (len(data.passages), len(data.queries)) == (200, 80)
    assert data.relevant is not None
    assert {len(judged) for judged in data.relevant} == {5}
