"""The decoder reads vectors that hold words, nothing in noise, and the measure tells the two apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ondevice.bundle import Bundle
from ondevice.privacy.inversion.decoder import WordDecoder
from ondevice.privacy.inversion.invented import learned_texts, tried_texts
from ondevice.privacy.inversion.recovery import SIZE, SIZES, Recovered, Truth, own_shares, recovered
from ondevice.privacy.inversion.stored import coarse
from ondevice.privacy.inversion.vocabulary import content_words
from ondevice.retrieval.encoding.encoder import Encoder

WORDS = [f"word{number}" for number in range(200)]
RANDOM = np.random.default_rng(5)
OF_WORDS = RANDOM.standard_normal((len(WORDS), 64)).astype(np.float32)


def texts(n: int, seed: int) -> tuple[list[frozenset[str]], NDArray[np.float32]]:
    """Return texts of six words, and the sum of their words' vectors at length 1."""
    drawn = [np.random.default_rng((seed, number)).choice(len(WORDS), 6, replace=False) for number in range(n)]
    vectors = np.stack([OF_WORDS[numbers].sum(axis=0) for numbers in drawn])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [frozenset(WORDS[number] for number in numbers) for numbers in drawn], vectors


def at(found: tuple[Recovered, ...], size: int = SIZE) -> Recovered:
    return found[SIZES.index(size)]


@pytest.fixture(scope="module")
def decoder() -> WordDecoder:
    return WordDecoder.learn(WORDS, OF_WORDS, *texts(100, 1))


def test_words_are_read_from_vectors_and_not_from_noise(decoder: WordDecoder) -> None:
    words, vectors = texts(40, 2)
    found = at(recovered(decoder, vectors, Truth(decoder, words)))
    assert found.own.value > 0.6
    assert found.is_above_chance
    assert found.is_sound
    assert found.random.value == pytest.approx(SIZE / len(WORDS), abs=0.01)
    assert found.precision == pytest.approx(found.own.value * 6 / SIZE)


@pytest.mark.parametrize("what", ["noise", "others"])
def test_vectors_of_something_else_give_chance(decoder: WordDecoder, what: str) -> None:
    words, vectors = texts(40, 2)
    if what == "noise":
        vectors = np.random.default_rng(3).standard_normal(vectors.shape).astype(np.float32)
    else:
        vectors = np.roll(vectors, 1, axis=0)
    assert not at(recovered(decoder, vectors, Truth(decoder, words))).is_above_chance


def test_words_of_all_texts_are_no_achievement(decoder: WordDecoder) -> None:
    # The same text over and over: its words are read from every vector, its own or another's.
    words, vectors = texts(1, 2)
    found = at(recovered(decoder, np.repeat(vectors, 9, axis=0), Truth(decoder, words * 9)))
    assert found.own.value > 0.6
    assert not found.is_above_chance


def test_words_that_cannot_be_guessed_count_as_missed(decoder: WordDecoder) -> None:
    words, vectors = texts(10, 2)
    found = own_shares(decoder, vectors, Truth(decoder, words), len(WORDS))
    assert found.tolist() == [1.0] * 10
    more = [each | {f"unheard-{number}" for number in range(6)} for each in words]
    assert own_shares(decoder, vectors, Truth(decoder, more), len(WORDS)).tolist() == [0.5] * 10


def test_fewer_bits_give_less_away_but_not_nothing(decoder: WordDecoder) -> None:
    words, vectors = texts(40, 2)
    truth = Truth(decoder, words)
    shares = [own_shares(decoder, coarse(vectors, n_bits=n_bits), truth).mean() for n_bits in (8, 1)]
    assert shares[0] == pytest.approx(own_shares(decoder, vectors, truth).mean(), abs=0.02)
    assert 0.2 < shares[1] < shares[0]
    assert len(np.unique(coarse(vectors, n_bits=8)[0])) <= 255
    assert len(np.unique(coarse(vectors, n_bits=1))) == 2


def test_a_text_over_and_over_teaches_nothing_and_breaks_nothing() -> None:
    alike = np.ones((3, 8), np.float32)
    decoder = WordDecoder.learn(WORDS[:3], alike, [frozenset(WORDS[:1])] * 3, alike)
    assert decoder.guesses(alike, 2).shape == (3, 2)


def test_the_default_encoder_gives_words_of_invented_texts_away(default_models: Path) -> None:
    learned, tried = learned_texts()[:150], tried_texts()[:30]
    sets = [[content_words(text) for text in each] for each in (learned, tried)]
    words = sorted(frozenset().union(*sets[0], *sets[1]))
    bundle = Bundle.open(default_models / "bge-small-en-int8", kind="encoder")
    with Encoder.open(bundle, threads=1) as encoder:
        vectors = encoder.encode_passages([*words, *learned, *tried])
    of_words, of_learned, of_tried = np.split(vectors, [len(words), len(words) + len(learned)])
    decoder = WordDecoder.learn(words, of_words, sets[0], of_learned)
    found = at(recovered(decoder, of_tried, Truth(decoder, sets[1])))
    assert found.own.low > 0.2
    assert found.chance.value < 0.1
    assert found.is_sound
