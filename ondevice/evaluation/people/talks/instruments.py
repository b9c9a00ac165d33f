"""Talks about an instrument that somebody learns."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import year_past
from ondevice.evaluation.people.values import one_of

_INSTRUMENTS = (
    "guitar", "cello", "violin", "recorder", "flute", "clarinet", "harp", "button accordion", "oboe", "trumpet",
    "saxophone", "trombone", "banjo", "mandolin", "harmonica", "viola", "double bass", "ukulele", "French horn",
    "tin whistle",
)  # fmt: skip
_PIECES = (
    "a slow waltz", "a gentle lullaby", "an Irish jig", "a Spanish dance", "a sad film theme", "a funny cartoon theme",
    "a wedding march", "a birthday song", "an old sea shanty", "an old folk tune", "a blues in a minor key",
    "a tango in a major key", "a Christmas carol", "a hymn", "a ragtime tune", "a baroque minuet", "a love song",
    "a school anthem", "a jazz standard", "a rock ballad",
)  # fmt: skip
_WHY_MUSIC = (
    "to surprise the family", "to play at a wedding", "to calm down in the evening", "to forget the office",
    "to join a band one day", "to join an orchestra one day", "to keep the brain young", "to train the memory",
    "in memory of an uncle", "in memory of a friend", "to accompany the choir", "to write songs",
    "to fulfil a childhood dream", "to overcome stage fright", "to express feelings", "to find some quiet",
)  # fmt: skip

TALKS = (
    Family(
        name="told instrument",
        topics=_INSTRUMENTS,
        told_by=("talker", "talker"),
        slots={"year": year_past, "why": one_of(_WHY_MUSIC), "piece": one_of(_PIECES)},
        notes=(
            Wordings(
                train=(
                    "I've been learning the {topic}! I had my first lesson {year}, and I do it {why}.",
                    "My {topic} and I go way back, I got it {year} and started at once. I play {why}, you know.",
                    "I fell in love with the {topic} {year} and began to learn it. Why? Well, {why}.",
                    "It was {year} that I took up the {topic}, {why}. My neighbours are very patient people.",
                ),
                held_out=(
                    "I'm no star on the {topic}, but I began {year} and stuck with it. I'm doing it {why}.",
                    "The {topic} came into my life {year}. I wanted to learn it {why}, and here I am.",
                ),
            ),
            Wordings(
                train=(
                    "I'm practising {piece} on my {topic} at the moment, and the middle part drives me mad.",
                    "Guess what I can play on the {topic} now: {piece}! Still a bit shaky, but I'm getting there.",
                    "My {topic} teacher gave me {piece} to work on. I play it day and night.",
                    "I spent the whole evening with my {topic} and {piece}. It starts to sound like music!",
                ),
                held_out=(
                    "{Piece} is what I'm playing on the {topic} lately, my cat leaves the room every time.",
                    "I can't get {piece} right on my {topic}, but I won't give up.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} start to learn the {topic}?",
                        "In which year did {talker} take up the {topic}?",
                        "When did {talker} begin with the {topic}?",
                        "Since when has {talker} played the {topic}?",
                    ),
                    held_out=(
                        "What year did {talker} get started on the {topic}?",
                        "When did {talker} first try the {topic}?",
                    ),
                ),
                answers=same("{Year}."),
                needs=("year",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why does {talker} play the {topic}?",
                        "Why did {talker} want to learn the {topic}?",
                        "What is {talker}'s reason for playing the {topic}?",
                        "What does {talker} learn the {topic} for?",
                    ),
                    held_out=(
                        "What made {talker} pick up the {topic}?",
                        "What is behind {talker}'s wish to play the {topic}?",
                    ),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} play on the {topic}?",
                        "What is {talker} practising on the {topic}?",
                        "Which piece is {talker} working on with the {topic}?",
                        "What kind of piece does {talker} play on the {topic}?",
                    ),
                    held_out=(
                        "What music is {talker} rehearsing on the {topic}?",
                        "What can one hear when {talker} takes out the {topic}?",
                    ),
                ),
                answers=same("{Piece}."),
                needs=("piece",),
                rests_on=(1,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I had to get the {topic} repaired again, I'm at the end of my patience.",
                    "My fingers hurt from the {topic}, but I don't want to stop.",
                    "I carried my {topic} up five flights of stairs. Never again!",
                ),
                held_out=(
                    "I polished my {topic} till I could see my face in it.",
                    "I dream of getting really good on the {topic} some day.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who teaches {talker} the {topic}?",
                "What did {talker} pay for the {topic}?",
                "Where did {talker} buy the {topic}?",
                "Who does {talker} play the {topic} with?",
                "How old is {talker}'s {topic}?",
            ),
            held_out=(
                "What brand is {talker}'s {topic}?",
                "Which other instrument than the {topic} does {talker} play?",
                "In which room does {talker} keep the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How's it going with the {topic}, {talker}?",
                "Do you still play the {topic}? I'd love to listen.",
                "Any progress on the {topic}, {talker}?",
            ),
            held_out=(
                "I keep telling everybody about you and your {topic}, {talker}!",
                "When can I hear you on the {topic}? I'm all ears.",
            ),
        ),
    ),
)
