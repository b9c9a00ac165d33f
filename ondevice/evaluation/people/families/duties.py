"""Who does what at work and in the club, and by when."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, someone

_DUTIES = (
    "slides for the trade fair", "drinks for the summer party", "minutes of the board meeting",
    "photos for the annual report", "translation of the user manual", "budget for the pilot project",
    "test of the new scanner software", "seating plan for the gala dinner", "poster for the open day",
    "programme for the staff outing", "interviews for the customer survey", "drawings for the roof extension",
    "music for the jubilee", "flowers for the opening night", "speech for the farewell party",
    "raffle at the school fair", "costumes for the winter play", "stage set for the spring play",
    "newsletter of the sports club", "cash book of the allotment club", "stand at the street market",
    "quiz for the club evening", "grant proposal for the youth centre", "risk report for the harbour project",
)  # fmt: skip

FAMILIES = (
    Family(
        name="duty",
        topics=_DUTIES,
        slots={"person": someone, "day": day_ahead(5, 60, relative=0.0)},
        notes=(
            Wordings(
                train=(
                    "{Person} takes care of the {topic}, to be ready by {day}.",
                    "{Topic}: {person}, by {day}.",
                    "We agreed that {person} does the {topic} until {day}.",
                    "The {topic} must be done by {day}. {Person} volunteered.",
                    "I asked {person} to look after the {topic} (ready on {day}).",
                    "{Person} said yes to the {topic}; we need everything by {day}.",
                    "Left the {topic} to {person}, who has time until {day}.",
                ),
                held_out=(
                    "Responsible for the {topic} is {person}, and {day} is the last day for it.",
                    "By {day} we need the {topic}, which {person} has promised to handle.",
                    "Who-does-what list, {topic} = {person}, finished no later than {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who does the {topic}?",
                        "Who takes care of the {topic}?",
                        "Who is responsible for the {topic}?",
                        "Whom do I have to ask about the {topic}?",
                        "Tell me who said yes to the {topic}.",
                        "{Topic}: whose job?",
                        "I have an idea for the {topic}, who is working on that?",
                    ),
                    held_out=(
                        "Who was given the {topic}?",
                        "By whom is the {topic} handled?",
                        "What's the name of the person in charge of the {topic}?",
                    ),
                ),
                answers=same("{Person} takes care of the {topic}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "By when must the {topic} be ready?",
                        "When does the {topic} have to be finished?",
                        "Until when is there time for the {topic}?",
                        "What is the deadline of the {topic}?",
                        "Tell me the day by which we need the {topic}.",
                        "{Topic}: ready by what day?",
                        "I am making the schedule, which day is the limit for the {topic}?",
                    ),
                    held_out=(
                        "What's the last day for the {topic}?",
                        "How long may the {topic} take at most, until which day?",
                        "On what date is the {topic} due?",
                    ),
                ),
                answers=same("The {topic} must be ready by {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "{Person} is now in charge of the {topic}.",
                "Swap of jobs: {person} does the {topic} instead.",
                "{Person} does the {topic}, we settled that over lunch.",
                "Asked again who does the {topic}: {person}.",
            ),
            held_out=(
                "The {topic} has been handed over to {person}.",
                "Because of a full calendar the {topic} goes to {person}, the date stays.",
            ),
        ),
        changed=("person",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} must be ready by {day}.",
                    "{Topic}: by {day}. It is in the calendar.",
                    "We need the {topic} by {day}, and the whole office looks forward to it.",
                    "As you asked, the {topic} will be ready by {day}.",
                ),
                held_out=(
                    "{Day} is the day on which we want to see the {topic}.",
                    "Pinned to the board: {topic}, not later than {day}.",
                    "You have our word, {day} at the latest for the {topic}.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "How much money is there for the {topic}?",
                "Where can I find the files for the {topic}?",
                "How many hours did the {topic} take?",
                "Which firm helps with the {topic}?",
                "Why do we need the {topic}?",
                "Who has to approve the {topic}?",
                "Where do we meet to talk about the {topic}?",
                "How many people help with the {topic}?",
            ),
            held_out=(
                "What do we pay for the {topic}?",
                "In which room do people work on the {topic}?",
                "Who did the {topic} last year?",
            ),
        ),
    ),
)
