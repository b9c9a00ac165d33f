"""Courses one takes: who teaches them, and where."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of, someone

_SUBJECTS = (
    "geometry", "algebra", "life drawing", "watercolour", "beginners' Spanish", "beginners' Greek",
    "organic chemistry", "astronomy", "Latin", "rhetoric", "bookbinding", "woodcarving", "music theory", "harmony",
    "sign language", "shorthand", "evening Italian", "evening Polish", "economic history", "law for beginners",
)  # fmt: skip
_CLASSROOMS = (
    "room A12", "room B21", "room C05", "room D18", "the chemistry lab", "the physics lab", "the attic room",
    "the basement room", "lecture hall 2", "lecture hall 6", "the red pavilion", "the glass pavilion", "room 311",
    "room 127", "the old refectory", "the map room",
)  # fmt: skip


FAMILIES = (
    Family(
        name="class",
        topics=_SUBJECTS,
        slots={"person": someone, "room": one_of(_CLASSROOMS)},
        notes=(
            Wordings(
                train=(
                    "{Person} teaches {topic} in {room}.",
                    "My course in {topic}: {person}, {room}.",
                    "I have {topic} with {person}, always in {room}.",
                    "For {topic} we go to {room}. The teacher is {person}.",
                    "Signed up for {topic}, {person} gives the course, {room} is where we meet.",
                    "Timetable: {topic}, {room}, {person}.",
                ),
                held_out=(
                    "{Topic} ({room}), taught by {person}.",
                    "In {room} I sat down for {topic}, and {person} turned out to be the teacher.",
                    "Your teacher in {topic} will be {person}; please come to {room}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who teaches {topic}?",
                        "With whom do I have {topic}?",
                        "Who is my teacher in {topic}?",
                        "Tell me who gives the course in {topic}.",
                        "I forgot who stands at the blackboard in {topic}.",
                        "{Topic}, which teacher?",
                        "I want to write to my {topic} teacher, what name do I put?",
                    ),
                    held_out=(
                        "What's the name of the teacher in {topic}?",
                        "Who do I learn {topic} from?",
                        "Who leads the course in {topic}?",
                    ),
                ),
                answers=same("{Person} teaches {topic}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "In which room is {topic}?",
                        "Where do I have {topic}?",
                        "Where do I have to go for {topic}?",
                        "Which room is the course in {topic} in?",
                        "{Topic}: which room?",
                        "I am in the corridor already, so where do they hold {topic}?",
                        "Tell me the room for {topic}.",
                    ),
                    held_out=(
                        "What room is {topic} taught in?",
                        "Where does the course in {topic} meet?",
                        "Where is {topic} taking place?",
                    ),
                ),
                answers=same("{Topic} is in {room}."),
                needs=("room",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "{Person} is now teaching {topic} instead.",
                "New teacher in {topic}: {person}.",
                "{Person} stood in front of us in {topic} and will stay until summer.",
                "Our teacher in {topic} is ill, {person} takes the group.",
            ),
            held_out=(
                "{Topic} has been taken over by {person}.",
                "From now on I have {person} in {topic}.",
            ),
        ),
        changed=("person",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The course in {topic} is cancelled this term.",
                    "{Topic} will not be taught any more, they wrote to us.",
                    "There is not going to be any {topic} this time, the school has dropped the course.",
                    "I get my money back for {topic}, as it does not take place.",
                ),
                held_out=(
                    "Nobody signed up, so there is no more {topic}.",
                    "They called off the course in {topic}.",
                ),
            ),
            answer="The course in {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "We have {topic} in {room}, and the chairs there are awful.",
                    "Finally found {room}, which is where {topic} is held.",
                    "{Topic}: {room}.",
                    "Your {topic} group meets in {room}, bring something to write with.",
                ),
                held_out=(
                    "The sign on the door of {room} said {topic}, so I was right.",
                    "For {topic} one has to find {room}, I got lost twice.",
                    "Please come to {room} for your first lesson in {topic}.",
                ),
            ),
            tells=("room",),
        ),
        unsaid=Wordings(
            train=(
                "How many people are in the course in {topic}?",
                "Which textbook do we use in {topic}?",
                "What does the course in {topic} cost?",
                "When is the exam in {topic}?",
                "On which day of the week is {topic}?",
                "Who sits next to me in {topic}?",
                "How long is one lesson in {topic}?",
                "Why did I sign up for {topic}?",
            ),
            held_out=(
                "What mark did I get in {topic}?",
                "How many weeks does the course in {topic} run?",
                "What is the homework in {topic}?",
            ),
        ),
    ),
)
