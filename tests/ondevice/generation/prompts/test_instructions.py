"""What is to be written, and what is to be looked up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.evaluation.people import make_people
from ondevice.generation.prompts.instructions import asks_to_write

TASKS = [
    "Write a very long story about a king and his seven daughters.",
    "  please translate this into French: the dentist is on Friday",
    "Could you please draft a mail to my landlord?",
    "Can you correct the spelling?",
    "Hi! Can you summarise my week?",
    "tell me a joke",
    "Help me to come up with a gift for Ana",
    "i'd like you to rewrite the note",
    "I\u2019d like you to write a poem",
    "\u200fLet\u2019s draft a mail",
    "Polish the text that I wrote to the council.",
    "polish my letter",
    "Correct this: he go home",
    "Correct: he go home",
    "Complete the sentence: the dentist is",
    "Reply to Ana that I come",
    "Draft me an answer",
    "Draft an email, please",
    "Translate this: where is the station?",
    "Translate this: by when?",
    "Translate into German: where is the station?",
    "Translate: where is the station?",
    'Translate "where is the station?"',
    'Translate "Ana: when?" into German',
    "Rewrite the following more politely: where is my money?",
    "Write an answer to the question: where is the station?",
    "Write a poem about spring, will you?",
    "Write a mail to Ana. Can you make it short?",
    "Write me a story: what happens when the king dies?",
    "Proofread the text:\nWe met on Monday.\nWhen do we meet again?",
    "Explain why the sky is blue?",
    "Improve my letter: " + "we met on Monday, and " * 20 + "when do we meet again?",
    "Suggest gifts for Ana?",
    "Shorten",
]
QUESTIONS = [
    "What is the name of my dentist?",
    "tell me when the lantern walk starts",
    "Can you tell me who wrote the letter?",
    "departure of my ferry to Gotland, please",
    "Who plays the piano at the concert?",
    "Where did I write down the code?",
    "Writers' club: when?",
    "list what I have to buy",
    "",
    "??",
]
NEAR_MISSES = [
    "Polish lessons: when?",
    "Polish lessons: when",
    "Polish lessons, when is the next one?",
    "Polish course, how much",
    "polish lessons",
    "Please, Polish lessons: when?",
    "Polish for beginners?",
    "Polish the silver: by when?",
    "Polish the silver?",
    "Draft beer evening, where is it?",
    "Draft beer evening",
    "Draft contract \u2013 who signs it?",
    "Draft: when is it due?",
    "Draft?",
    "Correct address of my dentist",
    "Correct address of my dentist?",
    "Correct!",
    "Complete list of Ana's allergies",
    "Complete collection of stamps - who wanted it?",
    "Reply deadline of the invitation",
    "Reply to the council: by when?",
    "Reply to the council. When did I?",
    "Reply-by date of the invitation?",
    "Write-off of the car: which year?",
    "Write to Ana: on which day?",
    "Write to Ana, did I do that?",
    "Write the letter; who was it for?",
    "Translate the birth certificate: by when?",
    "Imagine Dragons concert: when?",
    "Imagine exhibition, how long",
    "Create workshop: where is it?",
    "Continue reading club: who has the book?",
    "Convert the loft: what does it cost?",
    "Improve your voice \u2014 at what time is the course?",
    "Compare prices: of what?",
]


@pytest.mark.parametrize("request_text", TASKS)
def test_verbs_of_writing_are_heard_behind_asides(request_text: str) -> None:
    assert asks_to_write(request_text)


@pytest.mark.parametrize("request_text", QUESTIONS)
def test_questions_are_left_to_the_notes(request_text: str) -> None:
    assert not asks_to_write(request_text)


@pytest.mark.parametrize("request_text", NEAR_MISSES)
def test_titles_that_begin_like_a_verb_are_left_to_the_notes(request_text: str) -> None:
    assert not asks_to_write(request_text)


@given(
    st.sampled_from(["Polish", "Draft", "Correct", "Complete", "Reply", "Write", "Translate", "Imagine", "Create"]),
    st.lists(
        st.sampled_from(["lessons", "the", "council", "my", "beer", "Ana's", "club", "evening", "old"]), min_size=1
    ),
    st.sampled_from([":", ",", ";", " \u2013", "."]),
    st.sampled_from(
        ["when?", "by when?", "who brings it?", "is it on Monday?", "how much", "and where does it begin?"]
    ),
)
def test_no_words_of_a_title_make_its_question_a_task(verb: str, words: list[str], mark: str, question: str) -> None:
    assert not asks_to_write(f"{verb} {' '.join(words)}{mark} {question}")


@given(st.text(max_size=200))
def test_a_text_to_work_on_is_one_whatever_it_says(text: str) -> None:
    assert asks_to_write(f"Translate this into German: {text}")


def test_what_it_cannot_do_is_as_it_says() -> None:
    assert not asks_to_write("Schreib mir ein Gedicht")
    assert asks_to_write("Describe my landlord")
    assert asks_to_write("Imagine Dragons tickets")
    assert not asks_to_write("A poem about Ana, please")


def test_nothing_that_invented_people_ask_of_their_notes_is_a_task() -> None:
    people = [*make_people(10, split="train", thorough=True), *make_people(10, split="held_out", thorough=True)]
    asked = [request.text for person in people for request in person.requests]
    assert len(asked) > 1000
    assert [text for text in asked if asks_to_write(text)] == []
