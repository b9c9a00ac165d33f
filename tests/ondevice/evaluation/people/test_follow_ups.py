"""Questions behind others: what they are about is named by the conversation alone."""

from __future__ import annotations

import re
from random import Random

import pytest

from ondevice.evaluation.people import grade, make_people
from ondevice.evaluation.people.families import FAMILIES
from ondevice.evaluation.people.follow_ups import follow_up


@pytest.mark.parametrize(
    ("template", "family", "expected"),
    [
        ("When is the {topic}?", "appointment", {"When is it?"}),
        ("Which hotel do I have in {topic}?", "hotel", {"Which hotel do I have there?"}),
        ("The {topic} shuts at what time?", "opening hours", {"It shuts at what time?"}),
        ("Where does {topic} work?", "job", {"Where does she work?", "Where does he work?"}),
        ("What is the number of my {topic}?", "contact", {"What is the number of her?", "What is the number of him?"}),
        ("When is my {topic}'s birthday?", "birthday", {"When is her birthday?", "When is his birthday?"}),
        ("Which {topic} was recommended to me?", "recommended", {""}),
        ("How much did the new {topic} cost?", "changed part", {""}),
        ("What did I do {asked}?", "done today", {""}),
    ],
)
def test_a_pronoun_stands_for_the_topic_where_that_makes_a_sentence(template, family, expected):
    (is_person,) = {each.topics_are_people for each in FAMILIES if each.name == family}
    assert {follow_up(template, Random(seed), is_person=is_person) for seed in range(20)} == expected


def test_no_wording_keeps_half_of_its_topic():
    made = 0
    for family in FAMILIES:
        for wordings in (*(asking.questions for asking in family.askings), family.unsaid):
            for template in (*wordings.train, *wordings.held_out):
                said = follow_up(template, Random(1), is_person=family.topics_are_people)
                assert "topic" not in said
                assert not re.search(r"\b(?:the|my|our|your) (?:it|there|she|he|her|him|his|its)\b", said), said
                made += bool(said)
    assert made > 700


@pytest.mark.parametrize("split", ["train", "held_out"])
def test_people_ask_on_about_a_story_whose_question_was_answered_before(split):
    people = list(make_people(20, split=split, thorough=True))
    followed = [(person, request) for person in people for request in person.requests if request.after]
    assert len(followed) > 100
    assert {request.is_answerable for _, request in followed} == {True, False}
    for person, request in followed:
        _, answer = request.after
        assert any(each.is_answerable and each.answer == answer for each in person.requests if not each.after)
        assert not request.is_answerable or grade(request, answer) == "wrong"
