"""Talks about what somebody does to relax."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_DUTIES = (
    "night shift", "long commute", "exam stress", "office job", "tax season", "big project", "evening school",
    "busy season", "thesis", "house renovation", "desk work", "early shift", "book deadline", "training course",
    "depot job", "kitchen job", "court case", "sales job", "job hunt", "flat hunt",
)  # fmt: skip
_AT_HOME = (
    "baking bread", "reading crime novels", "doing jigsaw puzzles", "taking a hot bath", "knitting socks",
    "watching old comedies", "playing video games", "watering the plants", "colouring mandalas", "sorting stamps",
    "cooking a big soup", "listening to podcasts", "brushing the cat", "drinking herbal tea", "writing a diary",
    "solving crosswords",
)  # fmt: skip
_OUTSIDE = (
    "walking by the river", "going for a swim", "pulling weeds in the garden", "riding a bike", "feeding the ducks",
    "hiking in the hills", "running in the park", "strolling through the woods", "sitting by the sea",
    "rowing on the lake", "watching the sunset", "picking berries", "flying a kite", "climbing trees",
    "visiting the horses", "lying in a hammock",
)  # fmt: skip
_WITH_OTHERS = (
    "dancing salsa", "playing cards", "singing in a choir", "going to a comedy club", "playing board games",
    "meeting friends for coffee", "calling an old friend", "chatting with the neighbours", "going to the sauna",
    "having a picnic", "playing table tennis", "throwing darts", "cuddling the kids", "playing with the dog",
    "joining a yoga class", "going to a pub quiz",
)  # fmt: skip

TALKS = (
    Family(
        name="told ways to relax",
        topics=_DUTIES,
        told_by=("talker", "talker", "talker"),
        slots={"one": one_of(_AT_HOME), "two": one_of(_OUTSIDE), "three": one_of(_WITH_OTHERS)},
        notes=(
            Wordings(
                train=(
                    "My {topic} wore me out again, so I spent the evening {one}. It relaxes me like nothing else.",
                    "You know how I unwind from the {topic}? By {one}! I feel like a new person afterwards.",
                    "With all the {topic} going on, {one} is how I calm down at home.",
                    "{One} helps me relax after the {topic}. I put my phone in a drawer and just enjoy it.",
                ),
                held_out=(
                    "I was so tense from the {topic} that only {one} could relax me. It worked a treat!",
                    "There's nothing like {one} when the {topic} gets too much. I'm calm within minutes.",
                ),
            ),
            Wordings(
                train=(
                    "I've found something else that gets my mind off the {topic}: {two}. So peaceful!",
                    "When the {topic} is too much for me, I love {two}. It slows me right down.",
                    "{Two} does me so much good. I come home relaxed, and the {topic} is forgotten.",
                    "I went out to switch off from the {topic}. {Two} is pure relaxation for me.",
                ),
                held_out=(
                    "Today I needed a break from the {topic}, and {two} was just right. I could breathe again.",
                    "My way to let go of the {topic} lately? {Two}, however cold it is.",
                ),
            ),
            Wordings(
                train=(
                    "The {topic} had me on edge, so I went back to {three}. I laughed a lot and slept like a baby.",
                    "I swear by {three} to shake off the {topic}. It's my little escape.",
                    "{Three} takes the weight of the {topic} off my shoulders, so I make time for it.",
                    "I've come to love {three}, and it's so relaxing that I stop thinking of the {topic}.",
                ),
                held_out=(
                    "And then there's {three}, I never feel the strain of the {topic} while I'm at it.",
                    "Guess what makes up for the {topic}: {three}! An hour of it and I'm relaxed.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} do to relax from the {topic}?",
                        "How does {talker} unwind from the {topic}?",
                        "What helps {talker} switch off from the {topic}?",
                        "Which things relax {talker} when the {topic} is too much?",
                    ),
                    held_out=(
                        "What are {talker}'s ways to de-stress from the {topic}?",
                        "In what ways does {talker} recover from the {topic}?",
                    ),
                ),
                answers=same("{One}, {two} and {three}."),
                needs=("one", "two", "three"),
                rests_on=(0, 1, 2),
                category="list",
                listed=("one", "two", "three"),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} is wearing me out, I can hardly keep my eyes open.",
                    "I should really find some time for myself, the {topic} swallows everything.",
                    "I dreamt about the {topic} again! That can't be healthy.",
                ),
                held_out=(
                    "I need a rest, the {topic} gives me headaches.",
                    "My shoulders are stiff, and I blame the {topic} for it.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who helps {talker} with the {topic}?",
                "When will {talker} be done with the {topic}?",
                "What does {talker} earn with the {topic}?",
                "Which doctor did {talker} see because of the {topic}?",
                "Where does {talker} want to travel after the {topic}?",
            ),
            held_out=(
                "What does {talker} appreciate in the {topic}?",
                "Which pills does {talker} take because of the {topic}?",
                "Who told {talker} to slow down with the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How are you coping with the {topic}, {talker}?",
                "You must be worn out from the {topic}. Do you get any rest?",
                "Is the {topic} still so hard on you, {talker}?",
            ),
            held_out=(
                "I worry about you and the {topic}, {talker}. Are you all right?",
                "What do you do when the {topic} gets on top of you?",
            ),
        ),
    ),
)
