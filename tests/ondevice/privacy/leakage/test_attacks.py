"""Membership inference from tokens' likelihoods: what each attack sees, and what it does not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ondevice.privacy.leakage.attacks import ATTACKS, BASE_ALONE, RATIO, Heard, areas_of, likeliest


def texts(means: NDArray[np.float64], n_tokens: int = 10) -> list[NDArray[np.float32]]:
    return [np.full(n_tokens, mean, dtype=np.float32) for mean in means]


def test_the_base_as_reference_sees_what_the_loss_alone_does_not() -> None:
    random = np.random.default_rng(3)
    hard, easy = random.normal(-6, 2, 30), random.normal(-6, 2, 30)
    areas = areas_of(
        Heard(adapted=texts(hard + 0.5), plain=texts(hard)), Heard(adapted=texts(easy + 0.1), plain=texts(easy))
    )
    assert areas is not None
    assert set(areas) == set(ATTACKS)
    assert areas[RATIO].value == 1.0
    assert areas["loss"].value < 0.8


def test_a_difference_of_style_is_seen_by_the_base_alone_and_does_not_decide() -> None:
    random = np.random.default_rng(4)
    old, new = random.normal(-3, 1, 30), random.normal(-6, 1, 30)
    noise = [random.normal(0.3, 0.05, 30) for _ in range(2)]
    areas = areas_of(
        Heard(adapted=texts(old + noise[0]), plain=texts(old)), Heard(adapted=texts(new + noise[1]), plain=texts(new))
    )
    assert areas is not None
    assert areas[BASE_ALONE].low > 0.6
    assert areas["loss"].low > 0.6
    assert areas[RATIO].low < 0.6


def test_the_least_likely_tokens_tell_what_the_mean_hides() -> None:
    known, unknown = np.array([-1.0] * 10, np.float32), np.array([0.0] * 8 + [-5.0] * 2, np.float32)
    scores = Heard(adapted=[known, unknown], plain=[known, known]).scores()
    assert scores["loss"][0] == scores["loss"][1]
    assert (scores["Min-K %"] == [-1.0, -5.0]).all()


def test_what_could_not_be_read_is_left_out_of_both() -> None:
    one, two = texts(np.array([-1.0, -2.0]))
    heard = Heard.of([one, None, two], [one, two, None])
    assert len(heard) == 1
    assert areas_of(heard, heard) is None


def test_a_text_that_the_adapter_alone_makes_certain_is_known_by_heart() -> None:
    certain, likely, unlikely = texts(np.array([-0.05, -0.6, -3.0]))
    assert Heard(adapted=[certain, certain], plain=[unlikely, likely]).n_by_heart() == 1  # a label is likely anyway
    assert Heard(adapted=[likely], plain=[unlikely]).n_by_heart() == 1  # once in four hundred tries
    assert Heard(adapted=[np.repeat(likely, 2)], plain=[np.repeat(unlikely, 2)]).n_by_heart() == 0


def test_what_was_made_likelier_most_comes_first_and_what_was_not_read_never() -> None:
    plain = texts(np.array([-1.0, -9.0, -3.0, -4.0]))
    adapted = [plain[0] + 0.1, plain[1] + 2, None, plain[3] + 3]
    assert likeliest(adapted, plain, 2) == [1, 3]
    assert likeliest(adapted, plain, 9) == [0, 1, 3]
