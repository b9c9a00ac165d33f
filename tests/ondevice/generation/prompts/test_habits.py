from __future__ import annotations

import pytest

from ondevice.generation.prompts.habits import describe_habits, returning_words


def test_what_somebody_often_does_is_said_with_its_share():
    texts = ["omg monday again!", "so tired", "haha that movie!!", "see you tomorrow"]
    assert describe_habits(texts, "tweets") == (
        "This user's tweets mostly have 2 to 3 words; 50% have an exclamation mark; 100% have no capital letter."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("why not?", "have a question mark"),
        ("trains: a love", "have a colon"),
        ("7 trains", "have a number"),
        ("love #trains", "have a hashtag"),
        ("hi @kim", "name somebody with @"),
        ("trains \N{STEAM LOCOMOTIVE}", "have an emoji"),
        ("ALL ABOARD", "are all in capitals"),
        ("The Trains of the Night", "have every long word capitalized"),
    ],
)
def test_each_sign_is_seen(text, said):
    assert f"100% {said}" in describe_habits([text] * 2, "notes")
    assert said not in describe_habits(["Nothing of the kind here"] * 2, "notes")


def test_what_is_rare_is_no_habit():
    assert "question" not in describe_habits(["so?"] + ["no"] * 4, "notes")
    assert "25% have a question mark" in describe_habits(["so?"] + ["no"] * 3, "notes")


def test_a_few_long_texts_do_not_move_the_usual_length():
    assert "mostly have 3 words" in describe_habits(["one two three"] * 19 + ["word " * 80], "notes")


def test_words_return_when_three_texts_share_them():
    texts = ["Trains and gardens", "night TRAINS, trains", "trains again, gardens", "the the the them"]
    assert returning_words(texts) == ["trains"]
    assert "words that return: trains" in describe_habits(texts, "notes")


def test_at_most_five_words_and_ties_by_name():
    assert returning_words(["alpha bravo delta gamma kappa sigma"] * 3) == ["alpha", "bravo", "delta", "gamma", "kappa"]


def test_scripts_without_case_have_no_case_habits():
    assert describe_habits(["喜欢火车"] * 3, "notes") == "This user's notes mostly have 1 words."


def test_no_texts_are_refused():
    with pytest.raises(ValueError, match="no texts"):
        describe_habits([], "notes")
