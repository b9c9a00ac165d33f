"""Talks about a charity event that somebody organised: for whom, and why."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import money, one_of

_EVENTS = (
    "charity run", "charity auction", "bake sale", "plant sale", "benefit concert", "benefit dinner", "sponsored walk",
    "sponsored swim", "toy bazaar", "book bazaar", "pancake breakfast", "soup lunch", "dance marathon",
    "reading marathon", "charity quiz", "charity raffle", "car wash day", "bike repair day", "craft fair",
    "garden fair",
)  # fmt: skip
_CAUSES = (
    "the homeless shelter", "the cat shelter", "the cancer clinic", "the burns unit", "the school library",
    "the guide dog school", "the flood victims", "the earthquake victims", "the sea rescue", "the air ambulance",
    "the young carers", "the foster families", "the bee sanctuary", "the otter sanctuary", "the winter night shelter",
    "the street children", "the village well", "the new playground", "the blind choir", "the wheelchair team",
)  # fmt: skip
_MOTIVES = (
    "a newspaper article", "a radio programme", "a talk with a nurse", "a talk with a teacher", "a neighbour in need",
    "a family in need", "a sad news report", "a moving film", "a letter from a child", "a letter from a patient",
    "an empty donation box", "an empty food shelf", "a visit to the place", "a photo on the wall", "a broken promise",
    "a childhood memory", "a grateful stranger", "a lonely old man", "a song about hope", "a speech at a wedding",
)  # fmt: skip

TALKS = (
    Family(
        name="told charity event",
        topics=_EVENTS,
        told_by=("talker",),
        slots={
            "day": day_past,
            "sum": money(200, 4000),
            "cause": one_of(_CAUSES),
            "motive": one_of(_MOTIVES),
        },
        notes=(
            Wordings(
                train=(
                    "The {topic} I organised {day} brought in {sum} for {cause}! It was {motive} that gave me the "
                    "idea, and I'm so glad I went through with it.",
                    "We counted twice: {sum}! That's what my {topic} raised for {cause} {day}. I was inspired by "
                    "{motive}, you know.",
                    "I held my {topic} {day}, everything for {cause}. Why? {Motive} wouldn't leave me alone. In the "
                    "end we collected {sum}, so my sore feet are worth it.",
                    "{Motive} made me do something at last, so I put on a {topic} for {cause} {day}. People were so "
                    "generous, {sum} came together!",
                    "I hardly slept before the {topic}, but {day} it all went well. {Cause} will get {sum}. And to "
                    "think that it started with {motive}!",
                ),
                held_out=(
                    "My {topic} in aid of {cause} took place {day}, and guess what, we made {sum}. I'd never have "
                    "started without {motive}.",
                    "I can hand over {sum} to {cause}, thanks to the {topic} that I ran {day}! What moved me to do it "
                    "was {motive}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} organise the {topic}?",
                        "On which day was {talker}'s {topic}?",
                        "When did {talker}'s {topic} happen?",
                        "When did {talker} raise money with the {topic}?",
                    ),
                    held_out=(
                        "What day did {talker} hold the {topic}?",
                        "When did the {topic} by {talker} take place?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How much did {talker}'s {topic} raise?",
                        "How much money did {talker} collect with the {topic}?",
                        "What sum did the {topic} bring in for {talker}'s cause?",
                        "How much came together at {talker}'s {topic}?",
                    ),
                    held_out=(
                        "What amount did {talker} make with the {topic}?",
                        "How successful was {talker}'s {topic}, in money?",
                    ),
                ),
                answers=same("{Sum}."),
                needs=("sum",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who did {talker} organise the {topic} for?",
                        "What cause did {talker}'s {topic} support?",
                        "Who gets the money from {talker}'s {topic}?",
                        "For whom did {talker} raise money with the {topic}?",
                    ),
                    held_out=(
                        "Who benefits from {talker}'s {topic}?",
                        "What was {talker}'s {topic} in aid of?",
                    ),
                ),
                answers=same("{Cause}."),
                needs=("cause",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What inspired {talker} to organise the {topic}?",
                        "What gave {talker} the idea for the {topic}?",
                        "What motivated {talker} to put on the {topic}?",
                        "Why did {talker} start the {topic}?",
                    ),
                    held_out=(
                        "What moved {talker} to hold the {topic}?",
                        "What was behind {talker}'s decision to have a {topic}?",
                    ),
                ),
                answers=same("{Motive}."),
                needs=("motive",),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I organised a {topic} for {cause}, and I'm still tidying up.",
                    "My {topic} for {cause} was such a lovely mess, I'd do it all over again.",
                    "{Cause} needed help, so I got up and organised a {topic}.",
                ),
                held_out=(
                    "You should have seen my {topic} for {cause}, I was over the moon.",
                    "I put so much work into the {topic} for {cause}, but it was worth it.",
                ),
            ),
            tells=("cause",),
        ),
        unsaid=Wordings(
            train=(
                "How many people came to {talker}'s {topic}?",
                "Who helped {talker} with the {topic}?",
                "Where did {talker} hold the {topic}?",
                "When is {talker}'s next {topic}?",
                "What was the weather like at {talker}'s {topic}?",
            ),
            held_out=(
                "What was the number of guests at {talker}'s {topic}?",
                "Which company sponsored {talker}'s {topic}?",
                "Which speakers did {talker} invite to the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "I saw a poster of your {topic}, {talker}! How did it go?",
                "Tell me about the {topic}, I'm sorry I couldn't come.",
                "You organised a {topic}, {talker}? All by yourself?",
            ),
            held_out=(
                "I'd love to know how the {topic} turned out, {talker}.",
                "Have you recovered from your {topic}? What was it like?",
            ),
        ),
    ),
)
