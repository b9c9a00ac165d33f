from __future__ import annotations

from random import Random

import pytest

from ondevice.evaluation.people.typing import mistyped

QUESTION = "When does Marta Klein bring back the ladder on 14:30 with code AB1234?"
seeds = pytest.mark.parametrize("seed", range(30))


@seeds
def test_one_or_two_words_are_mistyped_by_one_letter(seed):
    words, typed = QUESTION.rstrip("?").split(), mistyped(QUESTION, Random(seed)).rstrip("?").split()
    assert len(words) == len(typed)
    changed = [(a, b) for a, b in zip(words[1:], typed[1:], strict=True) if a != b]
    assert len(changed) <= 2
    assert all(abs(len(a) - len(b)) <= 1 and a[0] == b[0] and a[-1] == b[-1] for a, b in changed)


@seeds
def test_names_times_and_codes_stay_and_so_do_short_words(seed):
    typed = mistyped(QUESTION, Random(seed)).split()
    assert {"does", "Marta", "Klein", "14:30", "on", "with"} <= set(typed)
    assert typed[-1].rstrip("?") == "AB1234"


def test_most_questions_are_changed_and_the_same_source_gives_the_same():
    typed = [mistyped(QUESTION, Random(seed)) for seed in range(50)]
    assert typed == [mistyped(QUESTION, Random(seed)) for seed in range(50)]
    assert sum(text != QUESTION for text in typed) > 40
    assert any(text[0] == "w" and not text.endswith("?") for text in typed)
    assert any(text.endswith("?") for text in typed)


@pytest.mark.parametrize("text", ["What is it?", "Who?", "14:30"])
def test_where_no_word_is_long_enough_only_capitals_and_marks_go(text):
    for seed in range(10):
        assert mistyped(text, Random(seed)) in {text, (text[0].lower() + text[1:]).rstrip("?.")}
