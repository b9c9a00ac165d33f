"""The projector: the module's own numbers, and sizes that the manifest vouches for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ondevice.bundle import ProjectorSpec
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.retrieval.encoding.projector import Projector
from tests.tiny_models import make_tiny_encoder
from tests.tiny_selector import make_tiny_projector

MATRIX = np.random.default_rng(5).standard_normal((6, 4)).astype(np.float32)


@pytest.fixture
def projector(tmp_path: Path) -> Iterator[Projector]:
    with Projector.open(make_tiny_projector(tmp_path, MATRIX), threads=1) as opened:
        yield opened


def test_vectors_are_mapped_and_not_normalized(projector: Projector) -> None:
    vectors = np.random.default_rng(6).standard_normal((5, 6)) * 40
    out = projector.project(vectors)
    assert out.dtype == np.float32
    np.testing.assert_allclose(out, vectors @ MATRIX, rtol=1e-4)
    assert (projector.n_in, projector.n_out) == (6, 4)


def test_a_view_that_is_not_contiguous_is_read_rightly(projector: Projector) -> None:
    vectors = np.random.default_rng(6).standard_normal((6, 10)).astype(np.float32)
    np.testing.assert_allclose(projector.project(vectors.T[::2]), vectors.T[::2] @ MATRIX, rtol=1e-4)


def test_nothing_in_is_nothing_out(projector: Projector) -> None:
    assert projector.project(np.empty((0, 6), np.float32)).shape == (0, 4)


@pytest.mark.parametrize("shape", [(6,), (2, 5), (1, 2, 6)])
def test_vectors_of_another_shape_are_misuse(projector: Projector, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"must have the shape \[n, 6\]"):
        projector.project(np.zeros(shape, np.float32))


def test_a_number_that_is_not_finite_is_refused(projector: Projector) -> None:
    with pytest.raises(BundleError, match="not finite"):
        projector.project(np.full((1, 6), np.inf, np.float32))


def test_weights_that_are_not_finite_are_refused_when_opened(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="not finite"):
        Projector.open(make_tiny_projector(tmp_path, np.full((3, 2), np.nan, np.float32)))


def test_a_graph_of_other_sizes_is_refused_when_opened(tmp_path: Path) -> None:
    with pytest.raises(ModelMismatchError, match="does not take vectors of 5 numbers"):
        Projector.open(make_tiny_projector(tmp_path / "in", MATRIX, spec=ProjectorSpec(n_in=5, n_out=4)))
    with pytest.raises(ModelMismatchError, match=r"shape \[2, 4\] for 2 vectors, its manifest says 3"):
        Projector.open(make_tiny_projector(tmp_path / "out", MATRIX, spec=ProjectorSpec(n_in=6, n_out=3)))


def test_a_bundle_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is of kind 'encoder', but 'projector' is needed"):
        Projector.open(make_tiny_encoder(tmp_path))


def test_use_after_close_is_misuse(projector: Projector) -> None:
    projector.close()
    with pytest.raises(ValueError, match="closed"):
        projector.project(np.zeros((1, 6), np.float32))
    assert repr(projector).endswith("n_in=6, n_out=4)")
