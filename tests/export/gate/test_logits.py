"""Logits are read alike however they are batched, and compared as written here by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from export.errors import ParityError
from export.gate.logits import LogitsReader, compare_logits, log_probabilities
from ondevice.errors import GenerationError
from tests.tiny_generator import make_tiny_generator


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LogitsReader]:
    bundle = make_tiny_generator(tmp_path_factory.mktemp("tiny") / "model")
    with LogitsReader(bundle.file("model"), threads=1) as opened:
        yield opened


def test_a_text_longer_than_a_batch_is_read_whole(reader: LogitsReader) -> None:
    tokens = reader.vocabulary.tokenize_text("the cat slept on the warm stone by the wall of the garden, " * 3)
    assert len(tokens) > 128
    whole, part = reader.read(tokens), reader.read(tokens[:70])
    assert whole.shape == (len(tokens), reader.vocabulary.size)
    np.testing.assert_allclose(whole[:70], part, atol=5e-2)  # float16 keys and values, other batches


@pytest.mark.parametrize("n", [0, 513])
def test_too_few_or_too_many_tokens_are_refused(reader: LogitsReader, n: int) -> None:
    with pytest.raises(ValueError, match=f"there must be 1 to 512 tokens, not {n}"):
        reader.read([65] * n)


def test_a_model_whose_logits_are_not_numbers_is_refused(tmp_path: Path) -> None:
    bundle = make_tiny_generator(tmp_path / "model", poison=float("nan"))
    with LogitsReader(bundle.file("model"), threads=1) as sick, pytest.raises(GenerationError, match="not numbers"):
        sick.read([70, 71])


def test_the_measures_by_hand() -> None:
    reference = np.log(np.array([[0.5, 0.25, 0.25], [0.8, 0.1, 0.1]], dtype=np.float32))
    candidate = np.log(np.array([[0.25, 0.5, 0.25], [0.8, 0.1, 0.1]], dtype=np.float32)) + 3
    parity = compare_logits([(reference[:1], candidate[:1]), (reference[1:], candidate[1:])])
    # Centered, the first rows are ln 2 times (2, -1, -1)/3 and (-1, 2, -1)/3: the cosine is (-2 - 2 + 1)/6.
    assert parity.cosine_min == pytest.approx(-0.5, abs=1e-6)
    assert parity.cosine_mean == pytest.approx(0.25, abs=1e-6)
    assert parity.same_top == 0.5
    assert parity.divergence == pytest.approx((0.5 * math.log(2) - 0.25 * math.log(2)) / 2, abs=1e-6)
    assert parity.n == 2


def test_rows_without_preference_agree_with_each_other_alone() -> None:
    flat, steep = np.zeros((1, 3), np.float32), np.array([[1, 0, 0]], np.float32)
    assert compare_logits([(flat, flat)]).cosine_min == 1
    assert compare_logits([(flat, steep)]).cosine_min == 0


def test_what_cannot_be_compared_is_refused() -> None:
    one, two = np.zeros((1, 3), np.float32), np.zeros((2, 3), np.float32)
    with pytest.raises(ParityError, match=r"the shape \(2, 3\), but the reference's \(1, 3\)"):
        compare_logits([(one, two)])
    with pytest.raises(ParityError, match="not numbers"):
        compare_logits([(one, one * np.nan)])
    with pytest.raises(ParityError, match="no logits"):
        compare_logits([])


def test_log_probabilities_of_huge_logits_are_finite() -> None:
    scores = log_probabilities(np.array([[1000.0, 1000.0]], np.float32))
    np.testing.assert_allclose(scores, -math.log(2), rtol=1e-6)
