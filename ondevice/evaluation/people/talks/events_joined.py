"""Talks about the events for a good cause that somebody took part in."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import money, one_of

_SUPPORTED = (
    "food bank", "clothes bank", "dog shelter", "donkey sanctuary", "children's ward", "children's hospice",
    "youth club", "youth orchestra", "women's refuge", "refugee centre", "lifeboat station", "mountain rescue",
    "nature reserve", "bird reserve", "community kitchen", "community library", "village school", "village theatre",
    "nursing home", "night shelter",
)  # fmt: skip
_SPORTS = (
    "fun run", "park walk", "relay race", "sack race", "bike parade", "lantern parade", "skating night", "night hike",
    "rowing day", "kite day", "football cup", "chess cup", "stair climb", "rope climb", "swimming gala",
    "gymnastics gala", "obstacle race", "raft race", "skipping contest", "archery contest",
)  # fmt: skip
_SALES = (
    "cake stall", "jam stall", "jumble sale", "pottery sale", "flower stand", "waffle stand", "book table",
    "record table", "vintage market", "wool market", "lemonade stand", "honey stand", "candle stall", "cheese stall",
    "poster sale", "quilt sale", "puzzle swap", "clothes swap",
)  # fmt: skip
_SHOWS = (
    "talent show", "magic show", "choir evening", "comedy evening", "puppet theatre", "shadow theatre", "poetry night",
    "film night", "street concert", "brass concert", "storytelling hour", "singing hour", "dance show", "fashion show",
    "piano recital", "harp recital", "karaoke party", "costume party",
)  # fmt: skip
_FEELINGS = (
    "exhausted but happy", "sore but happy", "proud", "grateful", "deeply moved", "really useful", "full of energy",
    "full of hope", "part of something", "ten years younger", "humble", "cheerful", "tired in a good way",
    "calm and content", "needed", "thankful", "wonderfully light", "surprisingly strong",
)  # fmt: skip
_COMPANY = (
    "brother", "sister", "parents", "cousins", "colleagues", "classmates", "daughter", "son", "aunt", "uncle",
    "flatmates", "teammates", "grandfather", "grandmother", "old neighbour", "dance partner", "running group",
    "book circle",
)  # fmt: skip

TALKS = (
    Family(
        name="told events for a cause",
        topics=_SUPPORTED,
        told_by=("talker", "talker", "talker"),
        slots={
            "one": one_of(_SPORTS),
            "feel": one_of(_FEELINGS),
            "two": one_of(_SALES),
            "sum": money(60, 900),
            "three": one_of(_SHOWS),
            "company": one_of(_COMPANY),
        },
        notes=(
            Wordings(
                train=(
                    "I took part in a {one} for the {topic}! Afterwards I felt {feel}.",
                    "Did I mention the {one}? It was in aid of the {topic}, I joined in and felt {feel} when it was "
                    "over.",
                    "After the {one} I felt {feel}. It was all for the {topic}, so I couldn't say no.",
                    "My knees hurt, but I did the {one} for the {topic}, and it made me feel {feel}.",
                ),
                held_out=(
                    "There was a {one} to support the {topic}, and I was in it! It left me feeling {feel}.",
                    "I put my name down for a {one} that helps the {topic}. I was feeling {feel} at the end.",
                ),
            ),
            Wordings(
                train=(
                    "I helped at a {two} for the {topic}, and we made {sum}!",
                    "{Sum}! That's what came in at the {two}, where I lent a hand for the {topic}.",
                    "All morning I stood at the {two} for the {topic}. My voice is gone, but it raised {sum}.",
                    "We had a {two} in aid of the {topic}, I was there from start to end. It brought in {sum}.",
                ),
                held_out=(
                    "The {topic} had a {two} and I pitched in. {Sum} in the cash box, not bad!",
                    "I gave up my free day for a {two} to help the {topic}, and {sum} was the result.",
                ),
            ),
            Wordings(
                train=(
                    "I was at a {three} for the {topic}, together with my {company}. I clapped until my hands hurt.",
                    "My {company} and I did a {three} for the {topic}, what a laugh!",
                    "For the {topic} I even joined a {three}. My {company} came along, what a great time!",
                    "I dragged my {company} to a {three} in aid of the {topic}, and not one of us regrets it.",
                ),
                held_out=(
                    "There's nothing like a {three}! I went to one for the {topic}, my {company} with me.",
                    "We supported the {topic} with a {three}, my {company} and I, and stayed till late.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which events for the {topic} did {talker} take part in?",
                        "What has {talker} done to support the {topic}?",
                        "At which events did {talker} help the {topic}?",
                        "What kind of events has {talker} joined for the {topic}?",
                    ),
                    held_out=(
                        "In what ways has {talker} helped the {topic}?",
                        "Which charity events was {talker} at in aid of the {topic}?",
                    ),
                ),
                answers=same("{One}, {two} and {three}."),
                needs=("one", "two", "three"),
                rests_on=(0, 1, 2),
                listed=("one", "two", "three"),
                category="list",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} feel after the {one} for the {topic}?",
                        "What did {talker} feel like when the {one} for the {topic} was over?",
                        "How does {talker} describe the feeling after the {one} for the {topic}?",
                        "What did the {one} for the {topic} make {talker} feel?",
                    ),
                    held_out=(
                        "How was {talker} feeling at the end of the {one} for the {topic}?",
                        "What does {talker} say about the mood after the {one} for the {topic}?",
                    ),
                ),
                answers=same("{Feel}."),
                needs=("feel",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How much did the {two} raise where {talker} helped the {topic}?",
                        "How much money came in at {talker}'s {two} for the {topic}?",
                        "What sum did the {two} make for the {topic}, as {talker} says?",
                        "How much did {talker} help to collect at the {two} for the {topic}?",
                    ),
                    held_out=(
                        "What amount did the {two} with {talker} bring the {topic}?",
                        "How well did the {two} for the {topic} go, in money, according to {talker}?",
                    ),
                ),
                answers=same("{Sum}."),
                needs=("sum",),
                rests_on=(1,),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who was with {talker} at the {three} for the {topic}?",
                        "Who did {talker} bring along to the {three} for the {topic}?",
                        "With whom did {talker} go to the {three} in aid of the {topic}?",
                        "Who came to the {three} for the {topic} with {talker}?",
                    ),
                    held_out=(
                        "Who joined {talker} for the {three} that helped the {topic}?",
                        "In whose company was {talker} at the {three} for the {topic}?",
                    ),
                ),
                answers=same("{Talker}'s {company}."),
                needs=("company",),
                rests_on=(2,),
                category="name",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'd love to do something for the {topic}, they are short of people.",
                    "The {topic} does such good work, I admire everyone there.",
                    "I got a letter from the {topic}, they say thanks to all of us.",
                ),
                held_out=(
                    "Have you heard about the {topic}? I think we should all support it.",
                    "I walked past the {topic} today, and the door was wide open.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How many hours a week does {talker} spend at the {topic}?",
                "Who is {talker}'s contact at the {topic}?",
                "How did {talker} first hear about the {topic}?",
                "How much does {talker} donate to the {topic} every month?",
                "Who founded the {topic} that {talker} supports?",
            ),
            held_out=(
                "Since when has {talker} been a member of the {topic}?",
                "What did the {topic} give {talker} as a thank-you present?",
                "What is the address of {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Are you still doing things for the {topic}, {talker}?",
                "What's going on at the {topic}? You always know.",
                "I read about the {topic} and had to think of you, {talker}.",
            ),
            held_out=(
                "How are things with the {topic}, {talker}? Do tell.",
                "You seem to care a lot about the {topic}. What's new there?",
            ),
        ),
    ),
)
