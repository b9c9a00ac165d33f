"""The selector without a model: it learns each task's best retriever, and more where the features say more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from export.errors import DatasetError
from export.training.feature_selector import FeatureConfig, FeatureSelector
from export.training.pools import PoolFeedback
from tests.export.training.test_selector import planted


def chosen(selector: FeatureSelector, record: PoolFeedback) -> float:
    return record.candidates[int(np.argmax(selector.shares(record)))].reward


def by_task() -> list[PoolFeedback]:
    """What helps depends on the task alone."""
    return [
        replace(record, user=f"{'mail' if number % 2 == 0 else 'bills'}/{number}")
        for number, record in enumerate(planted())
    ]


def test_the_best_retriever_of_each_task_is_learned() -> None:
    records = by_task()
    selector = FeatureSelector.fit(records[:20], FeatureConfig(knows_features=False))
    assert all(chosen(selector, record) == 0.9 for record in records[20:])
    assert all(sum(selector.shares(record)) == pytest.approx(1.0) for record in records)


def test_features_tell_what_the_task_does_not() -> None:
    # In one task, the candidate with more items helps one half of the users, and says so by its similarity.
    records = [
        replace(
            record,
            candidates=tuple(
                replace(each, features={"similarity": each.reward, "items": each.features["items"]})
                for each in record.candidates
            ),
        )
        for record in planted()
    ]
    with_features = FeatureSelector.fit(records[:20])
    without = FeatureSelector.fit(records[:20], FeatureConfig(knows_features=False))
    assert all(chosen(with_features, record) == 0.9 for record in records[20:])
    assert np.mean([chosen(without, record) for record in records[20:]]) < 0.6


def test_a_selector_that_knows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="retrievers or features"):
        FeatureConfig(knows_features=False, knows_retrievers=False)


def test_it_is_fitted_alike_each_time_and_needs_records() -> None:
    first, again = FeatureSelector.fit(by_task()), FeatureSelector.fit(by_task())
    assert np.array_equal(first.weights, again.weights)
    with pytest.raises(DatasetError, match="no feedback"):
        FeatureSelector.fit([])
