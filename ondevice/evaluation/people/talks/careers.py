"""Talks about what two friends want to become."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_GOALS = (
    "dream job", "career goal", "career plan", "five-year plan", "big ambition", "secret ambition", "childhood dream",
    "lifelong dream", "second career", "next career step", "long-term goal", "professional goal", "plan after school",
    "plan after college", "goal after graduation", "goal after the exams", "job wish", "future profession",
)  # fmt: skip
_ROLES = (
    "a marine biologist", "a park ranger", "a counsellor", "a speech therapist", "a goldsmith", "a piano tuner",
    "a pilot", "a train driver", "a pastry chef", "a cheese maker", "a midwife", "a vet", "an architect", "an engineer",
    "a film editor", "a sound technician", "a judge", "a diplomat", "a primary teacher", "a sports coach",
    "a weather researcher", "a bridge builder", "a bookseller", "a costume designer", "a paramedic", "a firefighter",
)  # fmt: skip
_DRAWS = (
    "the variety", "the responsibility", "the freedom", "the team spirit", "the contact with people",
    "the daily challenge", "the chance to help", "the chance to travel", "the good prospects", "the steady income",
    "the endless learning", "the sense of purpose", "the family tradition", "the good reputation", "the calm rhythm",
    "the problem solving", "the creative side", "the practical side", "the modern technology", "the precise work",
)  # fmt: skip
_DRAWS_TOO = _DRAWS[10:] + _DRAWS[:10]

TALKS = (
    Family(
        name="told careers of two",
        topics=_GOALS,
        told_by=("talker", "listener"),
        slots={
            "one": one_of(_ROLES),
            "why_one": one_of(_DRAWS),
            "two": one_of(_ROLES[2:] + _ROLES[:2]),
            "why_two": one_of(_DRAWS_TOO),
        },
        notes=(
            Wordings(
                train=(
                    "I've been thinking about my {topic} a lot. I want to become {one}, it's {why_one} that I like.",
                    "My {topic}? To be {one}! I feel drawn to it because of {why_one}.",
                    "If all goes well with my {topic}, I'll be {one} one day. {Why_one} would make me happy.",
                    "I told my mum about my {topic}, and she laughed. But I'm serious, I'd love to be {one}, "
                    "and {why_one} is the main reason.",
                ),
                held_out=(
                    "About my {topic}: I see myself as {one}. What appeals to me is {why_one}.",
                    "I've made up my mind on my {topic}, I'm going to train as {one}, for {why_one}.",
                ),
            ),
            Wordings(
                train=(
                    "Love it! My own {topic} is to become {two}. It's {why_two} that got me interested.",
                    "That suits you. As for my {topic}, I hope to be {two} some day, mostly for {why_two}.",
                    "And I'd like to be {two}, that's my {topic}. I could talk for hours about {why_two}!",
                    "Good for you! I keep my {topic} to myself most of the time: {two}. I dream of it because of "
                    "{why_two}.",
                ),
                held_out=(
                    "We're so different! My {topic} is to be {two}, since {why_two} means a lot to me.",
                    "Since we're on the {topic}, mine is to work as {two}. {Why_two} is what I care about.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s {topic}?",
                        "What does {talker} want to become, going by the {topic}?",
                        "Which profession does {talker} have in mind as the {topic}?",
                        "What does {talker} say about the {topic}: which profession is it?",
                    ),
                    held_out=(
                        "What job is {talker}'s {topic} about?",
                        "As what would {talker} like to work, given the {topic}?",
                    ),
                ),
                answers=same("{One}."),
                needs=("one",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} like about the {topic}?",
                        "Why did {talker} settle on that {topic}?",
                        "What is the reason behind {talker}'s {topic}?",
                        "What speaks for the {topic} in {talker}'s eyes?",
                    ),
                    held_out=(
                        "Why is {talker} so keen on the {topic}?",
                        "What appeals to {talker} about the {topic}?",
                    ),
                ),
                answers=same("{Why_one}."),
                needs=("why_one",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {listener}'s {topic}?",
                        "What does {listener} want to become, going by the {topic}?",
                        "Which profession does {listener} have in mind as the {topic}?",
                        "What does {listener} say about the {topic}: which profession is it?",
                    ),
                    held_out=(
                        "What job is {listener}'s {topic} about?",
                        "As what would {listener} like to work, given the {topic}?",
                    ),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {listener} like about the {topic}?",
                        "Why did {listener} settle on that {topic}?",
                        "What is the reason behind {listener}'s {topic}?",
                        "What speaks for the {topic} in {listener}'s eyes?",
                    ),
                    held_out=(
                        "Why is {listener} so keen on the {topic}?",
                        "What appeals to {listener} about the {topic}?",
                    ),
                ),
                answers=same("{Why_two}."),
                needs=("why_two",),
                rests_on=(1,),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I lie awake at night and think about my {topic}.",
                    "I'm not ready to talk about my {topic} yet, ask me again in the summer.",
                    "My {topic} changes every week, I wish I could decide.",
                ),
                held_out=(
                    "I should really write down my {topic} one of these days.",
                    "Everyone wants to know about my {topic}, and I just shrug.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How much money does {talker} expect to earn with the {topic}?",
                "Which school does {talker} need for the {topic}?",
                "Who inspired {listener} in the {topic}?",
                "In which country does {listener} want to pursue the {topic}?",
                "By what age does {talker} want to reach the {topic}?",
            ),
            held_out=(
                "Who advises {talker} about the {topic}?",
                "What do {listener}'s friends think of the {topic}?",
                "How many years of training does {talker} need for the {topic}?",
            ),
        ),
    ),
)
