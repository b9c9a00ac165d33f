"""Rankings made one, computed by hand: by reciprocal rank, and by what words and vectors give on one scale."""

from __future__ import annotations

import pytest

from ondevice.records import Filter, Ranked
from ondevice.retrieval.fusion import HybridRetriever, blend, fuse
from ondevice.vault.vault import Vault

LEFT = [Ranked(1, 9.0), Ranked(2, 8.0), Ranked(3, 7.0)]
RIGHT = [Ranked(3, 0.9), Ranked(4, 0.8)]


class Fixed:
    """A retriever that answers with a fixed ranking, and remembers what it was asked."""

    name = "fixed"

    def __init__(self, ranking: list[Ranked]) -> None:
        self.ranking = ranking
        self.asked: list[tuple[str, int, Filter | None]] = []

    def retrieve(self, query: str, *, k: int, filter: Filter | None = None) -> list[Ranked]:
        self.asked.append((query, k, filter))
        return self.ranking[:k]


def test_the_fused_scores_by_hand() -> None:
    fused = fuse([LEFT, RIGHT], constant=60)
    # 3 stands at rank 3 and rank 1; the others once each.
    assert [row for row, _ in fused] == [3, 1, 2, 4]
    expected = [1 / 63 + 1 / 61, 1 / 61, 1 / 62, 1 / 62]
    assert [score for _, score in fused] == pytest.approx(expected, abs=1e-12)


def test_the_size_of_the_original_scores_does_not_matter() -> None:
    shifted = [Ranked(row, score * 1000 - 5) for row, score in LEFT]
    assert fuse([shifted, RIGHT]) == fuse([LEFT, RIGHT])


def test_of_nothing_comes_nothing() -> None:
    assert fuse([]) == []
    assert fuse([[], []]) == []
    assert fuse([[], RIGHT]) == [Ranked(3, 1 / 61), Ranked(4, 1 / 62)]


def test_a_negative_constant_is_misuse() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        fuse([LEFT], constant=-1)


def test_a_blend_by_hand() -> None:
    # Words filled their depth, so their scale is 7 to 9; that of the vectors is 0.8 to 0.9.
    blended = blend(LEFT, RIGHT, depth=3)
    assert blended == [Ranked(1, 1.0), Ranked(3, 1.0), Ranked(2, 0.5), Ranked(4, 0.0)]
    # They did not: what is not found has 0, and the scale begins there.
    assert dict(blend(LEFT, RIGHT, depth=4)) == pytest.approx({1: 1.0, 2: 8 / 9, 3: 7 / 9 + 1.0, 4: 0.0})


def test_a_lead_counts_and_the_unit_does_not() -> None:
    near, far = [Ranked(1, 10.0), Ranked(2, 9.9)], [Ranked(1, 10.0), Ranked(2, 1.0)]
    vectors = [Ranked(2, 0.9), Ranked(3, 0.8), Ranked(1, 0.5)]
    assert blend(near, vectors, depth=9)[0].row == 2
    assert [row for row, _ in blend(far, vectors, depth=9)] == [2, 1, 3]
    thousandfold = [Ranked(row, 1000 * score - 7) for row, score in vectors]
    assert dict(blend(far, thousandfold, depth=9)) == pytest.approx(dict(blend(far, vectors, depth=9)))


def test_of_one_ranking_or_none_or_hits_all_alike_a_blend_can_be_made() -> None:
    assert blend([], [], depth=3) == []
    assert blend([], RIGHT, depth=3) == [Ranked(3, 1.0), Ranked(4, 0.0)]
    assert blend(LEFT[:1], [], depth=1) == [Ranked(1, 1.0)]
    assert blend([], [Ranked(7, 0.5), Ranked(8, 0.5)], depth=3) == [Ranked(7, 1.0), Ranked(8, 1.0)]


def test_each_retriever_is_asked_to_the_same_depth_with_the_same_filter(vault: Vault) -> None:
    left, right, condition = Fixed(LEFT), Fixed(RIGHT), Filter(kinds=("note",))
    hybrid = HybridRetriever(left, right, vault.items.get_rows, depth=2)
    # At depth 2 the left one does not reach row 3.
    assert [row for row, _ in hybrid.retrieve("q", k=1, filter=condition)] == [1]
    assert [row for row, _ in hybrid.retrieve("q", k=5, filter=condition)] == [3, 1, 2, 4]
    assert left.asked == right.asked == [("q", 2, condition), ("q", 5, condition)]


def test_what_cannot_be_asked_is_misuse(vault: Vault) -> None:
    with pytest.raises(ValueError, match="k must be 1 or more"):
        HybridRetriever(Fixed([]), Fixed([]), vault.items.get_rows, depth=2).retrieve("q", k=0)
    with pytest.raises(ValueError, match="depth must be 1 or more"):
        HybridRetriever(Fixed([]), Fixed([]), vault.items.get_rows, depth=0)
