"""Perplexity is exp of the mean loss, text by text, and rises are measured token by token."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from export.errors import DatasetError, ParityError
from export.gate.logits import LogitsReader, log_probabilities
from export.gate.perplexity import Perplexity, measure_perplexity, perplexity_rise
from ondevice.bundle import Bundle
from ondevice.errors import BundleError
from tests.tiny_generator import make_tiny_generator

TEXTS = ("the cat slept", "rain on the garden wall")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_generator(tmp_path_factory.mktemp("tiny") / "model")


def test_it_is_exp_of_the_mean_loss_of_every_token_behind_the_begin_token(model: Bundle) -> None:
    measured = measure_perplexity(model.file("model"), TEXTS, threads=1)
    expected = []
    with LogitsReader(model.file("model"), threads=1) as reader:
        for text in TEXTS:
            tokens = [1, *reader.vocabulary.tokenize_text(text)]
            scores = log_probabilities(reader.read(tokens))
            expected += [-scores[i, token] for i, token in enumerate(tokens[1:])]
    assert measured.n == len(expected) == sum(len(text) for text in TEXTS)  # the tiny model's tokens are bytes
    assert measured.value == pytest.approx(math.exp(np.mean(expected)), rel=1e-5)
    np.testing.assert_allclose(measured.losses, expected, rtol=1e-5)


def test_a_text_is_cut_at_the_context_and_control_tokens_in_it_are_text(model: Bundle) -> None:
    assert measure_perplexity(model.file("model"), ["a" * 100], context_tokens=32, threads=1).n == 31
    assert measure_perplexity(model.file("model"), ["<s>"], threads=1).n == 3


def test_progress_counts_texts(model: Bundle) -> None:
    told: list[tuple[int, int]] = []
    measure_perplexity(
        model.file("model"), TEXTS, threads=1, on_progress=lambda done, total: told.append((done, total))
    )
    assert told == [(1, 2), (2, 2)]


def test_texts_without_tokens_are_refused(model: Bundle) -> None:
    with pytest.raises(DatasetError, match="the 2 texts have no token to predict"):
        measure_perplexity(model.file("model"), ["", ""], threads=1)


def test_a_file_cut_short_is_refused(model: Bundle, tmp_path: Path) -> None:
    data = model.file("model").read_bytes()
    (tmp_path / "cut.gguf").write_bytes(data[: len(data) // 2])
    with pytest.raises(BundleError, match="cannot load"):
        measure_perplexity(tmp_path / "cut.gguf", TEXTS, threads=1)


def _perplexity(*losses: float) -> Perplexity:
    return Perplexity(value=math.exp(np.mean(losses)), n=len(losses), losses=np.array(losses))


def test_the_rise_is_paired() -> None:
    rise = perplexity_rise(_perplexity(1, 2, 3, 4), _perplexity(1.2, 2.2, 3.2, 4.2))
    assert rise.value == pytest.approx(math.exp(0.2) - 1)
    assert rise.standard_error == pytest.approx(0, abs=1e-9)
    rise = perplexity_rise(_perplexity(1, 1), _perplexity(1, 1.2))
    assert rise.standard_error == pytest.approx(math.exp(0.1) * math.sqrt(0.02) / math.sqrt(2))
    assert rise.n == 2


def test_models_with_other_tokenizers_cannot_be_compared() -> None:
    with pytest.raises(ParityError, match="predicted 2 and 3 tokens"):
        perplexity_rise(_perplexity(1, 2), _perplexity(1, 2, 3))
