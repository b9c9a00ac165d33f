"""Talks about things that mean much: from whom they are, and what they stand for."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_THINGS = (
    "silver pocket watch", "silver ring", "painted bowl", "wooden flute", "pearl necklace", "woven bracelet",
    "brass compass",
    "tin soldier", "patchwork quilt", "red scarf", "carved owl", "lucky coin", "enamel brooch", "music box",
    "leather notebook", "sea shell", "old camera", "tea cup", "fishing hat", "jade pendant", "copper kettle",
    "fountain pen",
)  # fmt: skip
_GIVERS = (
    "grandmother", "grandfather", "aunt", "uncle", "godmother", "godfather", "best friend", "first boss",
    "piano teacher", "old neighbour", "mother", "father", "twin sister", "big brother", "host family", "dance partner",
    "great-aunt", "great-uncle", "swimming coach", "college roommate",
)  # fmt: skip
_MEANINGS = (
    "courage", "patience", "love and trust", "hope and strength", "freedom", "friendship", "new beginnings",
    "second chances", "family roots", "home and safety", "never giving up", "staying true to oneself", "kindness",
    "honesty", "inner peace", "good luck", "growing up", "letting go", "faith in people", "joy in small things",
)  # fmt: skip
_MEMORIES = (
    "the summers at the lake", "the winters in the mountains", "the smell of fresh bread", "the sound of the sea",
    "the old house by the river", "the garden behind the church", "the Sunday dinners", "the bedtime stories",
    "the long walks in the woods", "the card games on the porch", "the village festival", "the harvest on the farm",
    "the first day at school", "the last day at college", "the trips to the coast", "the evenings by the fire",
    "the songs in the kitchen", "the talks on the balcony",
)  # fmt: skip

TALKS = (
    Family(
        name="told keepsake",
        topics=_THINGS,
        told_by=("talker",),
        slots={"giver": one_of(_GIVERS), "meaning": one_of(_MEANINGS), "memory": one_of(_MEMORIES)},
        notes=(
            Wordings(
                train=(
                    "This {topic} is from my {giver}. For me it stands for {meaning}, and it reminds me of {memory}.",
                    "I never leave home without my {topic}. My {giver} gave it to me, it's a symbol of {meaning} "
                    "and it takes me right back to {memory}.",
                    "You asked about the {topic}: a present from my {giver}! Whenever I hold it I think of {memory}. "
                    "To me it means {meaning}.",
                    "Found my {topic} again at last. It came from my {giver} and it's about {meaning}, you know? "
                    "I look at it and think of {memory}. Silly, I know.",
                    "The {topic} isn't worth a penny, but my {giver} wanted me to have it. It speaks of {meaning}, "
                    "and it brings back {memory}.",
                    "When my {giver} handed me the {topic} I cried a little. It represents {meaning}, and it "
                    "always makes me think of {memory}.",
                ),
                held_out=(
                    "My {topic}? That was my {giver}'s gift. I see {memory} in it, and to my mind it is "
                    "all about {meaning}.",
                    "I'd save the {topic} from a burning house! I have it from my {giver}, it recalls {memory}, "
                    "and it symbolises {meaning}.",
                    "I lose everything, but not this {topic}. Thanks to my {giver} I own a symbol of {meaning}, "
                    "and it brings {memory} back.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who gave {talker} the {topic}?",
                        "From whom does {talker} have the {topic}?",
                        "Who did {talker} get the {topic} from?",
                        "Whose present is {talker}'s {topic}?",
                    ),
                    held_out=(
                        "Who is {talker}'s {topic} from?",
                        "Which person passed the {topic} on to {talker}?",
                    ),
                ),
                answers=same("{Talker}'s {giver}."),
                needs=("giver",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does the {topic} stand for in {talker}'s eyes?",
                        "What does {talker}'s {topic} symbolize?",
                        "What is the {topic} a symbol of for {talker}?",
                        "What does the {topic} mean to {talker}?",
                    ),
                    held_out=(
                        "What does {talker} say the {topic} represents?",
                        "What meaning does {talker} see in the {topic}?",
                    ),
                ),
                answers=same("{Meaning}."),
                needs=("meaning",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does the {topic} remind {talker} of?",
                        "What does {talker} think of when looking at the {topic}?",
                        "Which memories does the {topic} bring back to {talker}?",
                        "Of what is {talker} reminded by the {topic}?",
                    ),
                    held_out=(
                        "What comes to {talker}'s mind with the {topic}?",
                        "Which part of the past does {talker} connect with the {topic}?",
                    ),
                ),
                answers=same("{Memory}."),
                needs=("memory",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'd be lost without my {topic}, it's from my {giver}.",
                    "My {giver} gave me this {topic} and I've taken good care of it.",
                    "Everybody asks me about the {topic}. A gift from my {giver}, that's all I say!",
                ),
                held_out=(
                    "Thanks to my {giver} I'm the owner of a {topic}. Isn't it pretty?",
                    "I dusted off the {topic} that I have from my {giver}. I'd missed it.",
                ),
            ),
            tells=("giver",),
        ),
        unsaid=Wordings(
            train=(
                "How old is {talker}'s {topic}?",
                "What is the {topic} worth that {talker} has?",
                "Where did {talker} lose the {topic} once?",
                "Who else would like to have {talker}'s {topic}?",
                "Who will get the {topic} after {talker}?",
            ),
            held_out=(
                "Who once broke the {topic} of {talker}?",
                "How big is the {topic} of {talker}?",
                "Who made the {topic} that {talker} owns?",
            ),
        ),
        lead=Wordings(
            train=(
                "What's the story behind your {topic}, {talker}?",
                "I noticed your {topic} the other day. Is it special to you?",
                "That {topic} is beautiful! Where's it from?",
            ),
            held_out=(
                "You always have that {topic} with you, {talker}. How come?",
                "Does the {topic} mean something to you?",
            ),
        ),
    ),
)
