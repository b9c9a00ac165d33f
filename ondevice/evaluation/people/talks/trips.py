"""Talks about trips: where somebody went, with whom, when, and what they liked best."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.names import CITIES
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_TRIPS = (
    "camping trip", "canoe trip", "road trip", "ski trip", "city trip", "sailing trip", "cycling tour", "hiking tour",
    "boat tour", "wine tour", "train journey", "desert trip", "island holiday", "seaside holiday", "farm holiday",
    "cabin weekend", "wellness weekend", "climbing weekend", "fishing trip", "museum trip",
)  # fmt: skip
_COMPANY = (
    "brother", "sister", "parents", "cousins", "kids", "colleagues", "grandmother", "uncle", "choir", "flatmates",
    "niece", "nephew", "neighbours", "school friends", "book club", "husband's family",
)  # fmt: skip
_BEST = (
    "the sunrise over the lake", "the campfire songs", "the homemade bread", "the waterfall", "the starry sky",
    "the old lighthouse", "the hot springs", "the night market", "the wild horses", "the view from the tower",
    "the fresh fish", "the quiet mornings", "the street musicians", "the long evenings", "the red cliffs",
    "the botanical garden",
)  # fmt: skip

_BREAKS = (
    "summer", "autumn break", "winter break", "spring break", "long weekend", "Easter break", "bank holiday",
    "study break", "free week", "sabbatical", "half-term week", "company holiday", "Whitsun week", "days off",
)  # fmt: skip

TALKS = (
    Family(
        name="told trip",
        topics=_TRIPS,
        told_by=("talker",),
        slots={"city": one_of(CITIES), "company": one_of(_COMPANY), "day": day_past, "best": one_of(_BEST)},
        notes=(
            Wordings(
                train=(
                    "I came back from my {topic} near {city} {day}. With me: my {company}. I loved {best}.",
                    "Off to {city} on a {topic}, me and my {company}! Home {day}, and {best} was my favourite.",
                    "My {company} and I ended our {topic} {day}. It took us to {city}; I won't forget {best}.",
                    "The {topic} with my {company} ended {day}. {City} is lovely, and {best} blew me away.",
                    "So the {topic}! I took my {company} to {city}, back {day}. Nothing beats {best}.",
                ),
                held_out=(
                    "{Day} our {topic} ended. {City}, my {company} and {best}: what more could I want!",
                    "I did a {topic} to {city} with my {company}, till {day}. The highlight for us was {best}.",
                    "What a {topic}! {City} with my {company}, home {day}, and it was {best} that got me.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where did {talker} go on the {topic}?",
                        "Which place did {talker} visit on the {topic}?",
                        "Where was {talker}'s {topic}?",
                        "What was the destination of the {topic} that {talker} made?",
                    ),
                    held_out=("Where did the {topic} take {talker}?", "What town did {talker} see on the {topic}?"),
                ),
                answers=same("{City}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who went on the {topic} with {talker}?",
                        "With whom did {talker} go on the {topic}?",
                        "Who did {talker} take along on the {topic}?",
                        "Whose company did {talker} have on the {topic}?",
                    ),
                    held_out=("Who joined {talker} for the {topic}?", "Who was {talker} on the {topic} with?"),
                ),
                answers=same("{Talker}'s {company}."),
                needs=("company",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} come back from the {topic}?",
                        "When did {talker}'s {topic} end?",
                        "On which day was {talker} home again from the {topic}?",
                        "When was {talker} back from the {topic}?",
                    ),
                    held_out=(
                        "When did {talker} return from the {topic}?",
                        "What day did {talker} finish the {topic}?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} like best about the {topic}?",
                        "What was {talker}'s favourite part of the {topic}?",
                        "What did {talker} love most on the {topic}?",
                        "What impressed {talker} on the {topic}?",
                    ),
                    held_out=(
                        "What was the highlight of the {topic} for {talker}?",
                        "What made the {topic} special for {talker}?",
                    ),
                ),
                answers=same("{Best}."),
                needs=("best",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'm back from my {topic} with my {company}, and I need a rest now!",
                    "The {topic} with my {company} was fantastic, I'll show you the photos.",
                    "My {company} and I are still talking about our {topic}.",
                ),
                held_out=(
                    "My {company} and I had such a good time on our {topic}.",
                    "I needed that {topic}, and so did my {company}.",
                ),
            ),
            tells=("company",),
        ),
        unsaid=Wordings(
            train=(
                "How much did {talker} pay for the {topic}?",
                "How did {talker} get to the place of the {topic}?",
                "What did {talker} eat on the {topic}?",
                "Which souvenir did {talker} bring home from the {topic}?",
                "What went wrong on {talker}'s {topic}?",
            ),
            held_out=(
                "What did the {topic} cost {talker}?",
                "Which book did {talker} read on the {topic}?",
                "How was the weather on {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How was your {topic}, {talker}?",
                "Tell me all about the {topic}! I want to hear everything.",
                "Did you enjoy your {topic}? I bet you did.",
            ),
            held_out=(
                "I'm curious about your {topic}, {talker}. Was it as nice as you hoped?",
                "So, {talker}, what's the story of your {topic}?",
            ),
        ),
    ),
    Family(
        name="told plans of two",
        topics=_BREAKS,
        told_by=("talker", "listener"),
        slots={
            "one": one_of(CITIES),
            "two": one_of(CITIES),
        },
        notes=(
            Wordings(
                train=(
                    "For the {topic} I'm planning to go to {one}.",
                    "I've decided to spend the {topic} in {one}.",
                    "{One} it is for the {topic}, I already booked.",
                    "My plan for the {topic}: some days in {one}.",
                ),
                held_out=("The {topic} will see me in {one}.", "I want to visit {one} in the {topic}."),
            ),
            Wordings(
                train=(
                    "Nice plan! I'm heading to {two} myself in the {topic}.",
                    "As for me, the {topic} means {two}, I have family there.",
                    "I'd rather go to {two} in the {topic}, and I already have tickets.",
                    "My own {topic} will be in {two}, by the way.",
                ),
                held_out=(
                    "Me, I'll be in {two} for the {topic}.",
                    "{Two} is my choice for the {topic}, it is quieter.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where does {talker} want to go in the {topic}?",
                        "What are {talker}'s plans for the {topic}?",
                        "Which city did {talker} choose for the {topic}?",
                        "Where will {talker} be in the {topic}?",
                    ),
                    held_out=(
                        "Where is {talker} planning to spend the {topic}?",
                        "What city does {talker} visit in the {topic}?",
                    ),
                ),
                answers=same("{One}."),
                needs=("one",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where does {listener} want to go in the {topic}?",
                        "What are {listener}'s plans for the {topic}?",
                        "Which city did {listener} choose for the {topic}?",
                        "Where will {listener} be in the {topic}?",
                    ),
                    held_out=(
                        "Where is {listener} planning to spend the {topic}?",
                        "What city does {listener} visit in the {topic}?",
                    ),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
                category="place",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'm so looking forward to the {topic}, I want to travel somewhere.",
                    "I have no idea yet what to do in the {topic}.",
                    "The {topic} can't come soon enough for me.",
                ),
                held_out=(
                    "I still need to think about the {topic}.",
                    "Only a little longer until the {topic}, I'm counting the days.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who travels with {talker} in the {topic}?",
                "How much does {talker} want to spend in the {topic}?",
                "Which hotel did {listener} book for the {topic}?",
                "How does {talker} travel in the {topic}?",
                "How many days of the {topic} has {listener} taken off?",
            ),
            held_out=(
                "Who goes along with {talker} in the {topic}?",
                "What does {listener} pay for the trip in the {topic}?",
            ),
        ),
    ),
)
