"""Agreement of selectors: every number by hand on scores that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from export.errors import ConversionError, ParityError
from export.gate.agreement import kendall, measure_agreement, spearman
from export.gate.bounds import SELECTOR_BOUNDS, check
from export.gate.candidate_groups import CandidateGroups
from ondevice.errors import BundleError


class Told:
    """Scores pairs as it was told to, by their first text."""

    def __init__(self, scores: Mapping[str, float]) -> None:
        self._scores = scores

    def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        return np.array([self._scores[first] for first, _ in pairs], np.float32)


DATA = CandidateGroups(name="told", groups=[[(name, "") for name in group] for group in ("abc", "de", "fgh", "ij")])
TRUTH = dict(zip("abcdefghij", [1, 2, 3, 5, 4, 0, 0, -1, 7, 7], strict=True))


def test_a_selector_agrees_with_itself() -> None:
    result = measure_agreement(Told(TRUTH), Told(TRUTH), DATA)
    assert (result.n, result.n_pairs, result.agreement, result.regret) == (4, 10, 1.0, 0.0)
    assert (result.kendall, result.score_error) == (1.0, 0.0)
    assert result.spearman == pytest.approx(1.0)


def test_scale_and_shift_change_no_choice() -> None:
    result = measure_agreement(Told(TRUTH), Told({name: 3 * value - 5 for name, value in TRUTH.items()}), DATA)
    assert (result.agreement, result.kendall) == (1.0, 1.0)
    assert result.score_error == pytest.approx(9.0)


def test_one_other_choice_in_four_groups() -> None:
    result = measure_agreement(Told(TRUTH), Told({**TRUTH, "a": 3.5}), DATA)
    assert result.agreement == 0.75
    assert result.score_error == 2.5
    # Squared distances from the groups' means: 2, then 0.5, then 2/3, then 0, over ten scores.
    assert result.group_deviation == pytest.approx(np.sqrt((2 + 0.5 + 2 / 3) / 10))
    assert result.regret == pytest.approx((3 - 1) / 4 / result.group_deviation)
    assert result.score_deviation == pytest.approx(np.std(list(TRUTH.values())))
    # Both tell apart six times two candidates of a group; twice the other way around.
    assert result.kendall == pytest.approx((4 - 2) / 6)


def test_either_of_two_equal_bests_is_the_references_choice() -> None:
    assert measure_agreement(Told(TRUTH), Told({**TRUTH, "g": 0.5, "j": 9}), DATA).agreement == 1.0


def test_rank_correlations_by_hand() -> None:
    truth, found = np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 4, 3, 5])
    assert spearman(truth, found) == pytest.approx(1 - 6 * 4 / (5 * 24))
    assert kendall([truth], [found]) == pytest.approx((8 - 2) / 10)
    assert spearman(truth, -truth) == pytest.approx(-1)
    assert spearman(np.array([1.0, 1, 2]), np.array([1.0, 2, 2])) == pytest.approx(0.5)
    # tau-b: one comparison agrees; the first ties one of three, the second another one.
    assert kendall([np.array([1.0, 1, 2])], [np.array([1.0, 2, 2])]) == pytest.approx(1 / 2)
    assert spearman(truth, np.ones(5)) == kendall([truth], [np.ones(5)]) == 0.0


def test_the_gate_passes_and_refuses() -> None:
    same = measure_agreement(Told(TRUTH), Told(TRUTH), DATA).results()
    judged = {result.measure: result for result in check(same, SELECTOR_BOUNDS)}
    assert judged["agreement"].bound == 0.98
    assert judged["agreement"].n == 4
    assert judged["spearman"].n == 10
    other = measure_agreement(Told(TRUTH), Told({**TRUTH, "a": 9}), DATA).results()
    with pytest.raises(ParityError, match=r"agreement on told .* is 0.75, at least 0.98"):
        check(other, SELECTOR_BOUNDS)


def test_progress_counts_groups() -> None:
    seen: list[tuple[int, int]] = []
    measure_agreement(Told(TRUTH), Told(TRUTH), DATA, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_reference_that_tells_nothing_apart_is_refused() -> None:
    with pytest.raises(ConversionError, match="scores all candidates of a group alike"):
        measure_agreement(Told(dict.fromkeys(TRUTH, 0.5)), Told(TRUTH), DATA)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_scores_that_are_not_finite_are_refused(bad: float) -> None:
    with pytest.raises(ConversionError, match="the converted model gave scores that are not finite"):
        measure_agreement(Told(TRUTH), Told({**TRUTH, "e": bad}), DATA)
    with pytest.raises(ConversionError, match="the reference gave scores that are not finite"):
        measure_agreement(Told({**TRUTH, "e": bad}), Told(TRUTH), DATA)


def test_a_scorer_that_fails_or_leaves_out_a_pair_is_refused() -> None:
    class Short(Told):
        def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
            return super().score(pairs)[1:]

    class Failing(Told):
        def score(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
            raise BundleError("the graph failed")

    with pytest.raises(ConversionError, match=r"an output of the shape \(2,\) for 3 pairs"):
        measure_agreement(Told(TRUTH), Short(TRUTH), DATA)
    with pytest.raises(ConversionError, match="the converted model cannot score: the graph failed"):
        measure_agreement(Told(TRUTH), Failing(TRUTH), DATA)
