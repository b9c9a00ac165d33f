"""Talks about something made by hand: of what, for whom and what it stands for."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_MADE = (
    "bracelet", "bowl", "lantern", "necklace", "wall hanging", "mask", "jewellery box", "sculpture", "picture frame",
    "mobile", "wreath", "music box", "puppet", "flower pot", "wind chime", "candle holder", "birdhouse", "keyring",
    "paperweight", "pendant", "doll", "table lamp",
)  # fmt: skip
_MATERIALS = (
    "old newspapers", "driftwood", "walnut wood", "recycled glass", "copper wire", "clay", "bottle caps",
    "sea shells", "felt", "silver thread", "birch bark", "bamboo", "leather scraps", "scrap metal", "glass beads",
    "wooden beads", "bicycle parts", "old buttons", "dried flowers", "pine cones", "soapstone", "salt dough",
    "cherry wood", "tin cans",
)  # fmt: skip
_FOR_WHOM = (
    "grandmother", "niece", "best friend", "boss", "little brother", "daughter", "music teacher", "neighbour",
    "mother-in-law", "godson", "aunt", "grandfather", "old coach", "roommate", "youngest son", "cousin", "wife",
    "twin sister", "stepfather", "yoga teacher",
)  # fmt: skip
_STANDS_FOR = (
    "courage", "friendship", "a fresh start", "new beginnings", "the circle of life", "the passing of time",
    "freedom", "hope", "inner peace", "inner strength", "the beauty of nature", "the power of the sea",
    "family roots", "family ties", "being different", "being brave", "trust", "gratitude",
    "finding the way home", "growing up", "never giving up", "letting go", "love without limits",
    "joy in small things",
)  # fmt: skip

TALKS = (
    Family(
        name="told handmade thing",
        topics=_MADE,
        told_by=("talker",),
        slots={
            "material": one_of(_MATERIALS),
            "person": one_of(_FOR_WHOM),
            "meaning": one_of(_STANDS_FOR),
            "day": day_past,
        },
        notes=(
            Wordings(
                train=(
                    "I finished the {topic} for my {person} {day}! It's all {material}, and to me it stands for "
                    "{meaning}.",
                    "My {topic} is done, since {day} in fact. I made it from {material} as a gift for my {person}. "
                    "It's a symbol of {meaning}.",
                    "Look, I made a {topic} out of {material}! My {person} will get it. It's meant to express "
                    "{meaning}. I put the last touch on it {day}.",
                    "{Material}, that's what my {topic} is made of. I completed it {day}, with {meaning} in mind, "
                    "and my {person} has no idea it's coming!",
                    "I wanted to show {meaning} with the {topic}, so I took {material} and got to work. {Day} it was "
                    "ready, just for my {person}.",
                    "For my {person} I've made a {topic} from {material}. It represents {meaning}, and I got it done "
                    "{day}, with glue all over the table.",
                ),
                held_out=(
                    "{Day} my {topic} was ready at last. My {person} is getting it. It's just {material}, but it's "
                    "about {meaning}.",
                    "I crafted a {topic} with my own hands! {Material}, nothing else. My {person} should think of "
                    "{meaning} whenever it catches the light. I wrapped up the work {day}.",
                    "A {topic} of {material} for my {person}: I got that done {day}! What I wanted to say "
                    "with it is {meaning}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s {topic} made of?",
                        "What did {talker} make the {topic} from?",
                        "Which material did {talker} use for the {topic}?",
                        "Out of what did {talker} make the {topic}?",
                    ),
                    held_out=(
                        "What did {talker} need as material for the {topic}?",
                        "What does the {topic} by {talker} consist of?",
                    ),
                ),
                answers=same("{Material}."),
                needs=("material",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "For whom did {talker} make the {topic}?",
                        "Who is {talker}'s {topic} for?",
                        "Who gets the {topic} that {talker} made?",
                        "Who will {talker} give the {topic} to?",
                    ),
                    held_out=(
                        "Who did {talker} have in mind as the owner of the {topic}?",
                        "Who receives the {topic} from {talker}?",
                    ),
                ),
                answers=same("{Talker}'s {person}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker}'s {topic} stand for?",
                        "What does the {topic} symbolize for {talker}?",
                        "What is the meaning of {talker}'s {topic}?",
                        "What did {talker} want to express with the {topic}?",
                    ),
                    held_out=(
                        "What does the {topic} that {talker} made represent?",
                        "Which idea is behind {talker}'s {topic}?",
                    ),
                ),
                answers=same("{Meaning}."),
                needs=("meaning",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} finish the {topic}?",
                        "When was {talker}'s {topic} ready?",
                        "On which day did {talker} complete the {topic}?",
                        "When was {talker} done with the {topic}?",
                    ),
                    held_out=(
                        "What day did {talker} get the {topic} done?",
                        "When did {talker} put the last touch on the {topic}?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'm making a {topic} for my {person}, and my fingers are all sore!",
                    "My {person} is going to get a {topic} from me, I hope it's a nice surprise.",
                    "I keep working on that {topic} for my {person}. I'm a bit nervous about it.",
                ),
                held_out=(
                    "My {person} loves handmade things, so I'm busy with a {topic}.",
                    "Don't tell my {person}, but I've made a {topic} as a gift.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "How long did {talker} work on the {topic}?",
                "What colour is the {topic} that {talker} made?",
                "Who showed {talker} how to make the {topic}?",
                "Where did {talker} buy the tools for the {topic}?",
                "How big is {talker}'s {topic}?",
            ),
            held_out=(
                "What would {talker} charge for such a {topic}?",
                "How heavy is the {topic} made by {talker}?",
                "In which room did {talker} work on the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "You said you were working on a {topic}, {talker}. How is it coming along?",
                "I heard about your {topic}! Did you really make it yourself?",
                "{talker}, what's the story with the {topic}?",
            ),
            held_out=(
                "So you make a {topic} with your own hands now, {talker}? I'm impressed!",
                "May I see your {topic} some time? I'm so curious about it.",
            ),
        ),
    ),
)
