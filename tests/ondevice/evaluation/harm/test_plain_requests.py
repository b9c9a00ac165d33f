"""The requests that need no history: each can be answered, and an echo of it is no answer."""

from __future__ import annotations

from collections import Counter

import pytest

from ondevice.evaluation.harm.plain_request import PlainRequest
from ondevice.evaluation.harm.plain_requests import PLAIN_REQUESTS, plain_requests_for


def test_there_are_enough_of_every_kind_and_none_twice():
    assert len({request.text for request in PLAIN_REQUESTS}) == len(PLAIN_REQUESTS) >= 60
    assert min(Counter(request.kind for request in PLAIN_REQUESTS).values()) >= 10


@pytest.mark.parametrize("request_", PLAIN_REQUESTS, ids=lambda request: request.text)
def test_the_right_answer_counts_and_an_echo_does_not(request_: PlainRequest):
    assert request_.is_answered_by(request_.answer)
    assert not request_.is_answered_by(request_.text)
    assert not request_.is_answered_by("Your notes do not say.")


def test_form_counts_where_it_was_asked_for():
    (capitals,) = (each for each in PLAIN_REQUESTS if each.answer == "GOOD MORNING")
    assert capitals.is_answered_by("In capital letters: GOOD MORNING")
    assert not capitals.is_answered_by("Good morning")
    (word,) = (each for each in PLAIN_REQUESTS if each.answer.startswith("Fast"))
    assert not word.is_answered_by("slow and fast mean the same")


def test_users_get_different_requests_and_the_same_again():
    ann = plain_requests_for("1 Ann", 20, seed=0)
    assert len(set(ann)) == 20
    assert ann == plain_requests_for("1 Ann", 20, seed=0)
    assert ann != plain_requests_for("2 Bob", 20, seed=0)
    assert ann != plain_requests_for("1 Ann", 20, seed=1)
    assert plain_requests_for("1 Ann", 10**6, seed=0) == PLAIN_REQUESTS
