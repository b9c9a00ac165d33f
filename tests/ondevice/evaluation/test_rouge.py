from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.evaluation.rouge import rouge_1, rouge_l, tokenize

if TYPE_CHECKING:
    from rouge_score.rouge_scorer import RougeScorer

texts = st.text(alphabet=st.sampled_from("ab cdé1-.'\n\u0130"), max_size=40)


def test_words_are_lowercase_letters_and_digits():
    assert tokenize("It's 2 o'CLOCK, café!") == ["it", "s", "2", "o", "clock", "caf"]


def test_rouge_1_by_hand():
    # said 4 words, wanted 3; "the" counts once on the wanted side; shared: the, cat = 2
    assert rouge_1("the the cat sat", "the cat slept") == pytest.approx(2 * (2 / 4) * (2 / 3) / (2 / 4 + 2 / 3))


def test_rouge_l_by_hand():
    # longest common subsequence of "a b c d" and "a c b d" is 3 words long
    assert rouge_l("a b c d", "a c b d") == pytest.approx(2 * (3 / 4) * (3 / 4) / (3 / 4 + 3 / 4))


@pytest.mark.parametrize(("answer", "gold"), [("", "a"), ("a", ""), ("", ""), ("...", "a"), ("b", "a")])
def test_nothing_shared_is_zero(answer, gold):
    assert rouge_1(answer, gold) == rouge_l(answer, gold) == 0.0


@pytest.fixture(scope="module")
def library() -> RougeScorer:
    # It loads scikit-learn for seconds, which every process that collects tests would.
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1", "rougeL"], use_stemmer=False)


@given(answer=texts, gold=texts)
def test_the_library_of_the_field_agrees(library, answer, gold):
    scores = library.score(gold, answer)
    assert rouge_1(answer, gold) == pytest.approx(scores["rouge1"].fmeasure)
    assert rouge_l(answer, gold) == pytest.approx(scores["rougeL"].fmeasure)
