from __future__ import annotations

import numpy as np
import pytest

from ondevice.adaptation.lessons.clusters import k_means, principal_rows


def test_groups_that_lie_apart_are_found():
    random = np.random.default_rng(0)
    truth = np.repeat([0, 1, 2], 10)
    rows = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])[truth] + random.standard_normal((30, 2))
    found = k_means(rows, 3, seed=0)
    assert [len(set(found[truth == group])) for group in range(3)] == [1, 1, 1]
    assert len(set(found)) == 3


def test_the_same_seed_gives_the_same_clusters():
    rows = np.random.default_rng(1).standard_normal((60, 8))
    assert np.array_equal(k_means(rows, 6, seed=4), k_means(rows, 6, seed=4))


def test_every_row_is_in_the_cluster_of_the_nearest_mean():
    rows = np.random.default_rng(2).standard_normal((80, 4))
    labels = k_means(rows, 5, seed=0)
    means = np.array([rows[labels == cluster].mean(axis=0) for cluster in range(5)])
    assert np.array_equal(np.linalg.norm(rows[:, None] - means, axis=2).argmin(axis=1), labels)


def test_equal_rows_fall_into_one_cluster():
    assert set(k_means(np.ones((5, 3)), 3, seed=0)) == {0}


@pytest.mark.parametrize("k", [0, 4])
def test_more_clusters_than_rows_are_refused(k):
    with pytest.raises(ValueError, match=f"between 1 and the 3 rows, not {k}"):
        k_means(np.eye(3), k, seed=0)


def test_the_axes_keep_distances_and_drop_what_varies_least():
    random = np.random.default_rng(0)
    vectors = (random.standard_normal((40, 3)) * [10.0, 5.0, 0.01]).astype(np.float32)
    rows = principal_rows(vectors, 0.95)
    assert rows.shape == (40, 2)
    assert np.linalg.norm(rows[0] - rows[1]) == pytest.approx(np.linalg.norm(vectors[0] - vectors[1]), rel=1e-3)
    assert principal_rows(vectors, 0.5).shape == (40, 1)


def test_vectors_that_do_not_vary_have_one_axis():
    assert np.array_equal(principal_rows(np.ones((4, 3), dtype=np.float32), 0.95), np.zeros((4, 1)))
