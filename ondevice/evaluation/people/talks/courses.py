"""Talks about learning a trade: a course of study."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import month_to_come
from ondevice.evaluation.people.values import one_of

_COURSES = (
    "evening course", "weekend course", "distance course", "online course", "part-time degree", "master's degree",
    "diploma course", "certificate course", "college course", "university course", "foundation course",
    "bridging course", "refresher course", "retraining course", "night course", "summer course", "block course",
    "correspondence course", "trainee programme", "exchange programme",
)  # fmt: skip
_SUBJECTS = (
    "botany", "geology", "bookkeeping", "marketing", "psychology", "sociology", "art history", "music theory",
    "graphic design", "web design", "nursing", "midwifery", "social work", "youth work", "astronomy", "chemistry",
    "philosophy", "journalism", "carpentry", "electronics", "food science", "sports science", "statistics",
    "economics", "sign language", "speech therapy",
)  # fmt: skip
_AIMS = (
    "to change careers", "to earn more", "to start a business", "to help others", "to work abroad", "to work from home",
    "to try something new", "to feel more confident", "to get a promotion", "to find a better job",
    "to follow an old dream", "to understand the world", "to teach it one day", "to write a book about it",
    "to keep the mind fresh", "to meet new people", "to catch up on missed chances", "to prove it is possible",
    "to be more independent", "to have a second income",
)  # fmt: skip
_HARD = (
    "the early mornings", "the late lectures", "the long essays", "the thick textbooks", "the group projects",
    "the oral exams", "the long equations", "the grammar rules", "the technical terms", "the endless tables",
    "the presentations", "the reading lists", "the strict deadlines", "the written tests",
    "the lonely evenings", "the noisy classrooms", "the dry chapters", "the field trips",
)  # fmt: skip

TALKS = (
    Family(
        name="told course",
        topics=_COURSES,
        told_by=("talker",),
        slots={
            "subject": one_of(_SUBJECTS),
            "aim": one_of(_AIMS),
            "end": month_to_come,
            "hard": one_of(_HARD),
        },
        notes=(
            Wordings(
                train=(
                    "I signed up for a {topic} in {subject}! I'm doing it {aim}. {Hard} will be tough for me, but "
                    "it's all over {end}.",
                    "My {topic} in {subject} runs for some time, it ends {end}. I struggle with {hard}, but I want "
                    "{aim}, so I keep going.",
                    "{Aim}, that's why I'm in a {topic} in {subject}. It finishes {end}. To be honest, {hard} are "
                    "what I find difficult.",
                    "You asked why I'm never home: I'm taking a {topic}, {subject} of all things, {aim}! I'll be "
                    "done {end}. Only {hard} give me a headache.",
                    "I'll be through with my {topic} {end}. {Subject} is fascinating and I chose it {aim}, even if "
                    "I have a hard time with {hard}.",
                ),
                held_out=(
                    "I've gone back to learning, with a {topic} in {subject}, {aim}. What I find hardest so far: "
                    "{hard}. The last class is {end}.",
                    "So I picked {subject} for my {topic}. I could do without {hard}, I really sweat over that. "
                    "But I do it {aim}, and {end} I'm finished.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} study in the {topic}?",
                        "What is the subject of {talker}'s {topic}?",
                        "Which subject did {talker} choose for the {topic}?",
                        "What is {talker} learning in the {topic}?",
                    ),
                    held_out=(
                        "What kind of {topic} is {talker} taking?",
                        "What field is {talker}'s {topic} in?",
                    ),
                ),
                answers=same("{Subject}."),
                needs=("subject",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why is {talker} doing the {topic}?",
                        "What is {talker}'s reason for taking the {topic}?",
                        "Why did {talker} sign up for the {topic}?",
                        "What does {talker} hope to do thanks to the {topic}?",
                    ),
                    held_out=(
                        "What is {talker} aiming for with the {topic}?",
                        "For what purpose did {talker} start the {topic}?",
                    ),
                ),
                answers=same("{Aim}."),
                needs=("aim",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When does {talker}'s {topic} end?",
                        "When will {talker} be done with the {topic}?",
                        "In which month does {talker} finish the {topic}?",
                        "Up to which month does {talker}'s {topic} go on?",
                    ),
                    held_out=(
                        "Until when is {talker} busy with the {topic}?",
                        "What month will {talker} complete the {topic} in?",
                    ),
                ),
                answers=same("{End}."),
                needs=("end",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} find difficult in the {topic}?",
                        "What does {talker} struggle with in the {topic}?",
                        "What part of the {topic} is hard for {talker}?",
                        "What gives {talker} trouble in the {topic}?",
                    ),
                    held_out=(
                        "What is the toughest thing about the {topic} for {talker}?",
                        "Which side of the {topic} does {talker} have problems with?",
                    ),
                ),
                answers=same("{Hard}."),
                needs=("hard",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I've enrolled in a {topic} in {subject}, and my notebook is already full.",
                    "My {topic} is about {subject}, and I'm the oldest in the room, which is funny.",
                    "I read all night for my {topic}. {Subject}, in case you forgot!",
                ),
                held_out=(
                    "I went for {subject} when I picked my {topic}, and I like the lecturer.",
                    "A {topic} in {subject}, that's what I'm doing these days.",
                ),
            ),
            tells=("subject",),
        ),
        unsaid=Wordings(
            train=(
                "How much does {talker} pay for the {topic}?",
                "Who teaches {talker} in the {topic}?",
                "How many people are in {talker}'s {topic}?",
                "Which grade did {talker} get in the {topic}?",
                "Where does {talker} go for the {topic}?",
            ),
            held_out=(
                "What are the fees of {talker}'s {topic}?",
                "Which friend did {talker} make in the {topic}?",
                "Whose recommendation led {talker} to the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "What was that about a {topic}, {talker}?",
                "How are you getting on with your {topic}?",
                "I didn't know that you were in a {topic}, {talker}. Tell me!",
            ),
            held_out=(
                "Do you enjoy your {topic}, {talker}? You sounded busy.",
                "A {topic}? I'm impressed, what's the story behind it?",
            ),
        ),
    ),
)
