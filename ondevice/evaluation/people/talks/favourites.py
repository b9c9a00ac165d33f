"""Talks about the books, films and games that two friends like best."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_WORKS = (
    "comfort film", "rainy-day film", "favourite comic", "favourite series", "party game", "favourite card game",
    "bedtime audiobook", "Sunday podcast", "Christmas film", "childhood picture book", "favourite musical",
    "favourite computer game", "train-ride audiobook", "favourite documentary", "family board game",
    "favourite cartoon", "holiday read", "favourite stage play",
)  # fmt: skip
_TITLES = (
    "The Lantern Road", "Seven Small Suns", "Harbour Lights", "Winter Orchard", "A Fox in May", "The Paper Boat",
    "Salt and Silver", "Moss and Marble", "The Last Beekeeper", "The Third Clockmaker", "Goodbye Marigold",
    "Hello Juniper", "Under Blue Roofs", "Beyond Grey Hills", "Tales of Little Brook", "Songs of Old Mill",
    "The Owl Parade", "The Cat Express", "Nine Doors Down", "Three Stops Later", "Copper Moon", "Velvet River",
    "Dust on the Stairs", "Rain in the Attic", "The Secret of Elm Farm", "The Riddle of Pine Court",
)  # fmt: skip
_CHARMS = (
    "the clever jokes", "the gentle humour", "the surprising end", "the sudden twists", "the brave heroine",
    "the grumpy hero", "the talking animals", "the strange creatures", "the cosy mood", "the dark mood",
    "the odd characters", "the lovable villains", "the touch of magic", "the sense of adventure", "the slow pace",
    "the constant suspense", "the silly fun", "the warm feeling",
)  # fmt: skip

TALKS = (
    Family(
        name="told favourites of two",
        topics=_WORKS,
        told_by=("talker", "listener"),
        slots={
            "one": one_of(_TITLES),
            "charm": one_of(_CHARMS),
            "two": one_of(_TITLES),
            "appeal": one_of(_CHARMS),
        },
        notes=(
            Wordings(
                train=(
                    "My {topic} is {one}, hands down. It's {charm} that I love.",
                    "{One} will always be my {topic}, because of {charm}.",
                    "If you want to know my {topic}: {one}! I can't get enough of {charm}.",
                    "After a bad day I need my {topic}, and that's {one}. Nothing beats {charm}.",
                ),
                held_out=(
                    "For {charm} alone, {one} is my {topic}. I know it by heart.",
                    "Guess my {topic}! It's {one}, and I like it for {charm}.",
                ),
            ),
            Wordings(
                train=(
                    "Good choice, though my {topic} is {two}. I'm fond of {appeal}.",
                    "I'd say {two} when it comes to my {topic}. What draws me in: {appeal}.",
                    "Mine's different! My own {topic} would be {two}, just for {appeal}.",
                    "Ha, we don't have the same taste. {Two} is my {topic}, I adore {appeal}.",
                ),
                held_out=(
                    "Not mine, sorry. I swear by {two} as my {topic}, thanks to {appeal}.",
                    "I must show you my {topic}, it's called {two}. Nothing tops {appeal}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s {topic}?",
                        "What is the title of {talker}'s {topic}?",
                        "Which one did {talker} pick as the {topic}?",
                        "What did {talker} say the {topic} was?",
                    ),
                    held_out=("Which title is {talker}'s {topic}?", "By what title does {talker}'s {topic} go?"),
                ),
                answers=same("{One}."),
                needs=("one",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} like about the {topic}?",
                        "Why does {talker} love that {topic}?",
                        "What draws {talker} to the {topic}?",
                        "What is it about the {topic} that pleases {talker}?",
                    ),
                    held_out=("Why is {talker} so fond of the {topic}?", "What does {talker} praise in the {topic}?"),
                ),
                answers=same("{Charm}."),
                needs=("charm",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {listener}'s {topic}?",
                        "What is the title of {listener}'s {topic}?",
                        "Which one did {listener} pick as the {topic}?",
                        "What did {listener} say the {topic} was?",
                    ),
                    held_out=("Which title is {listener}'s {topic}?", "By what title does {listener}'s {topic} go?"),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {listener} like about the {topic}?",
                        "Why does {listener} love that {topic}?",
                        "What draws {listener} to the {topic}?",
                        "What is it about the {topic} that pleases {listener}?",
                    ),
                    held_out=(
                        "Why is {listener} so fond of the {topic}?",
                        "What does {listener} praise in the {topic}?",
                    ),
                ),
                answers=same("{Appeal}."),
                needs=("appeal",),
                rests_on=(1,),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I could do with my {topic} tonight, what a day.",
                    "My {topic} never gets old, it's my cure for everything.",
                    "Everybody should have a {topic}, I have had mine for years.",
                ),
                held_out=(
                    "I enjoyed my {topic} again, under a blanket and with tea.",
                    "No plans for tonight, only me and my {topic}.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How often has {talker} enjoyed the {topic}?",
                "Who shares the {topic} with {listener}?",
                "When did {talker} discover the {topic}?",
                "Where did {listener} get the {topic}?",
                "How long does {talker}'s {topic} take?",
            ),
            held_out=(
                "Who made {talker}'s {topic}?",
                "How much did {listener} pay for the {topic}?",
                "Who showed {talker} the {topic}?",
            ),
        ),
    ),
)
