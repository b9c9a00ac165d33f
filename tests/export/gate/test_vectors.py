from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from export.errors import ConversionError
from export.gate.cpu import cpu_class
from export.gate.texts import built_in_texts
from export.gate.vectors import RememberedEncoder, measure_vectors
from ondevice.bundle import Bundle, FileEntry, write_manifest
from ondevice.retrieval.encoding.encoder import Encoder
from tests.tiny_models import WORDS, make_tiny_encoder

TEXTS = ("the train to paris", "tea and cake at lunch", "my dog in the garden", "a song at the concert")


class Fixed:
    """Gives the rows it was made with, whatever the texts are."""

    def __init__(self, *rows: Sequence[float]) -> None:
        self.rows = np.array(rows, np.float32)
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return self.rows[: len(texts)]


def test_cosines_by_hand() -> None:
    reference = Fixed([1, 0], [3, 4], [0, 2])
    candidate = Fixed([2, 0], [4, 3], [2, 0])
    found = measure_vectors(reference, candidate, ["a", "b", "c"])
    cosines = [1.0, (3 * 4 + 4 * 3) / (5 * 5), 0.0]
    assert found.cosine_mean == pytest.approx(sum(cosines) / 3)
    assert found.cosine_worst == 0.0
    assert found.cosine_p1 == pytest.approx(0.0 + 0.02 * cosines[1])  # 1 % of the way through 2 gaps
    assert found.n == 3


def test_an_encoder_is_as_near_to_itself_as_can_be(tmp_path: Path) -> None:
    with Encoder.open(make_tiny_encoder(tmp_path / "e")) as encoder:
        found = measure_vectors(encoder, encoder, TEXTS, data="tiny")
    assert found.cosine_worst == pytest.approx(1.0, abs=1e-6)
    assert [(result.measure, result.data, result.n, result.cpu) for result in found.results()] == [
        (name, "tiny", 4, cpu_class()) for name in ("cosine_mean", "cosine_p1", "cosine_worst")
    ]


def test_vectors_turned_in_space_are_far_although_each_has_length_one(tmp_path: Path) -> None:
    class Turned(RememberedEncoder):
        def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
            return np.roll(super().encode_passages(texts), 1, axis=1)

    with Encoder.open(make_tiny_encoder(tmp_path / "e")) as encoder:
        assert measure_vectors(encoder, Turned(encoder), TEXTS).cosine_mean < 0.6


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([[1.0, np.nan], [1.0, 0.0]], r"not finite \(NaN or infinite\) for 1 of 2"),
        ([[np.inf, 0.0], [-np.inf, 0.0]], "for 2 of 2"),
        ([[0.0, 0.0], [1.0, 0.0]], "a vector of zeros"),
        ([[1.0, 0.0]], r"shape \(1, 2\) for 2 texts"),
        ([[1.0], [1.0]], r"shape \(2, 2\), the converted model \(2, 1\)"),
    ],
)
def test_outputs_that_are_no_vectors_are_refused(rows: list[list[float]], reason: str) -> None:
    with pytest.raises(ConversionError, match=reason):
        measure_vectors(Fixed([1, 0], [0, 1]), Fixed(*rows), ["a", "b"])


def test_a_model_whose_outputs_are_nan_is_refused(tmp_path: Path) -> None:
    import onnx
    from onnx import numpy_helper

    good = make_tiny_encoder(tmp_path / "good")
    make_tiny_encoder(tmp_path / "broken")
    graph = tmp_path / "broken" / "model.onnx"
    model = onnx.load(graph)
    table = numpy_helper.to_array(model.graph.initializer[0]).copy()
    table[4 + WORDS.index("dog")] = np.nan
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(table, "table"))
    onnx.save(model, graph)
    files = {**good.manifest.files, "model": FileEntry.measure(tmp_path / "broken", "model.onnx")}
    write_manifest(tmp_path / "broken", replace(good.manifest, files=files))
    broken = Bundle.open(tmp_path / "broken", kind="encoder")
    with (
        Encoder.open(good) as encoder,
        Encoder.open(broken) as converted,
        pytest.raises(ConversionError, match=r"the converted model cannot encode: .* not finite"),
    ):
        measure_vectors(encoder, converted, TEXTS)


def test_what_is_remembered_is_computed_once() -> None:
    inner = Fixed([1, 0], [0, 1])
    encoder = RememberedEncoder(inner)
    first = encoder.encode_passages(["a", "b", "a"])
    assert inner.asked == ["a", "b"]
    np.testing.assert_array_equal(first, [[1, 0], [0, 1], [1, 0]])
    encoder.encode_passages(["b"])
    assert inner.asked == ["a", "b"]
    encoder.encode_queries(["a"])  # a query is not a passage: its prefix may differ
    assert inner.asked == ["a", "b", "a"]


def test_progress_counts_texts_and_nothing_to_compare_is_a_mistake() -> None:
    seen: list[tuple[int, int]] = []
    many = Fixed(*[[1, 0]] * 64)
    measure_vectors(many, many, ["x"] * 100, on_progress=lambda done, total: seen.append((done, total)))
    assert seen == [(64, 100), (100, 100)]
    with pytest.raises(ValueError, match="texts"):
        measure_vectors(many, many, [])


def test_the_built_in_texts_are_many_and_all_different() -> None:
    texts = built_in_texts()
    assert len(texts) == len(set(texts)) == 280
    assert all(text == text.strip() and 10 < len(text) < 200 for text in texts)
