from __future__ import annotations

import pytest

from ondevice.evaluation.people import NotesRequest, grade
from ondevice.evaluation.people.grading import plain
from ondevice.generation.prompts.refusal import REFUSAL


def wanted(*required: tuple[str, ...], forbidden: tuple[str, ...] = ()) -> NotesRequest:
    return NotesRequest(
        text="?",
        answer="",
        category="fact",
        required=tuple(required),
        forbidden=forbidden,
        evidence=("n1",),
    )


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-09", "9 march"),
        ("March 9", "9 march"),
        ("March 9th, 2026", "9 march 2026"),
        ("the 9th of March", "9 march"),
        ("Mon 9 Mar", "mon 9 march"),
        ("9 Mar.", "9 march"),
        ("Sept. 4", "4 september"),
        ("May 4", "4 may"),
        ("June 13: carry it back", "13 june carry it back"),
        ("2:30 pm", "14:30"),
        ("2.30 p.m.", "14:30"),
        ("14.30", "14:30"),
        ("12 am", "0:00"),
        ("12:15 pm", "12:15"),
        ("09:30", "9:30"),
        ("25 February 12 pm", "25 february 12:00"),
        ("9 March 14:30", "9 march 14:30"),
        ("two nights", "2 nights"),
        ("Twelve eggs", "12 eggs"),
        ("the café on a hill", "café on hill"),
        ("parents\u2019 evening", "parents evening"),
        ("1.250 euros", "1.250 euros"),
        ("AB-1234", "ab-1234"),
    ],
)
def test_texts_are_brought_into_one_form(text, same):
    assert plain(text) == same


@pytest.mark.parametrize(
    "answer",
    [
        "The dentist is on Monday 9 March at 14:30.",
        "It is on March 9 at 2:30 pm.",
        "2026-03-09, 14.30",
        "On the 9th of March, 2:30 p.m.",
    ],
)
def test_days_and_times_may_be_said_in_many_ways(answer):
    assert grade(wanted(("9 March", "2026-03-09"), ("14:30",)), answer) == "right"


@pytest.mark.parametrize(
    "answer",
    [
        "It is on 19 March at 14:30.",  # not 9 March
        "It is on 9 May at 14:30.",
        "It is on 9 March at 4:30.",
        "It is on 9 March.",  # the time is missing
        "At 14:30.",
        "",
    ],
)
def test_another_day_or_time_is_wrong(answer):
    assert grade(wanted(("9 March", "2026-03-09"), ("14:30",)), answer) == "wrong"


@pytest.mark.parametrize(
    ("required", "answer", "expected"),
    [
        (("3 tablets", "3"), "Take three tablets.", "right"),
        (("3 tablets", "3"), "Take 13 tablets.", "wrong"),
        (("3 tablets", "3"), "Take thirteen tablets.", "wrong"),
        (("12.50 euros", "12.50"), "It costs 12.50 euros.", "right"),
        (("12 euros", "12"), "It costs 12.50 euros.", "wrong"),
        (("Ana Costa", "Ana"), "Ana has it.", "right"),
        (("Ana Costa", "Ana"), "Anabel has it.", "wrong"),
        (("the library",), "In a library.", "right"),
        (("AB1234",), "The code is ab1234", "right"),
        (("AB1234",), "The code is AB12345", "wrong"),
    ],
)
def test_one_of_a_group_must_stand_in_it_as_whole_words(required, answer, expected):
    assert grade(wanted(required), answer) == expected


def test_each_group_is_needed():
    lists = wanted(("eggs",), ("flour",), ("salt",))
    assert grade(lists, "Salt, eggs and flour.") == "right"
    assert grade(lists, "Eggs and flour.") == "wrong"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("It is 44 euros now.", "right"),
        ("It was 30 euros and is 44 euros now.", "wrong"),
        ("It is 30 euros.", "wrong"),
        ("It is 44 euros, paid on the 3rd.", "right"),
    ],
)
def test_an_outdated_value_makes_an_answer_wrong(answer, expected):
    assert grade(wanted(("44 euros", "44"), forbidden=("30", "30 euros")), answer) == expected


@pytest.mark.parametrize("answer", [REFUSAL, "The notes don't mention that.", "I cannot find it. Ask Ana, 9 March."])
def test_a_refusal_is_one_whether_there_is_an_answer_or_not(answer):
    assert grade(wanted(("9 March",)), answer) == "refused"
    assert grade(NotesRequest(text="?", answer=REFUSAL, category="never said"), answer) == "refused"


def test_whatever_else_is_said_where_there_is_no_answer_is_wrong():
    assert grade(NotesRequest(text="?", answer=REFUSAL, category="never said"), "On 9 March.") == "wrong"
    assert grade(NotesRequest(text="?", answer=REFUSAL, category="never said"), "") == "wrong"
