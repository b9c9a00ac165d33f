"""Talks about what two friends painted, what it is meant to show, and what inspired it."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_ART_MEETINGS = (
    "art class", "painting evening", "drawing course", "watercolour workshop", "sketching walk", "art retreat",
    "pastel class", "charcoal course", "community art day", "open studio night", "mural week", "canvas night",
    "holiday art camp", "summer painting school", "portrait course", "landscape course", "ink workshop",
    "oil painting class", "art therapy group", "acrylics lesson",
)  # fmt: skip
_PAINTED_BY_ONE = (
    "a red barn", "a lighthouse in a storm", "a field of sunflowers", "a snowy mountain", "a sleeping fox",
    "a grey heron", "an old fishing boat", "an empty swing", "a misty forest", "a bowl of lemons", "a dancing couple",
    "a girl with a balloon", "a stone bridge", "a windmill", "a night sky full of stars", "a sunset over the sea",
    "a pair of hands", "a pair of worn boots", "a blue horse", "a black cat",
)  # fmt: skip
_PAINTED_BY_TWO = (
    "a waterfall", "a cherry tree in bloom", "a peacock", "a white owl", "a rainy street", "a busy market",
    "a castle on a hill", "a hut in the snow", "a vase of tulips", "a basket of pears", "an autumn meadow",
    "an open window", "a sailing ship", "a steam train", "a child on a beach", "a woman with an umbrella",
    "a herd of elephants", "a flock of geese", "a rainbow over a lake", "a full moon",
)  # fmt: skip
_MOODS = (
    "calm", "hope", "longing", "loneliness", "freedom", "joy", "grief", "strength", "homesickness", "wonder",
    "peace", "warmth", "courage", "trust", "wildness", "tenderness",
)  # fmt: skip
_IDEAS = (
    "an old photo", "a strange dream", "a walk after the rain", "a trip to the coast", "a favourite poem",
    "a childhood memory", "a song on the radio", "a story from grandma", "a postcard from a friend",
    "a picture in a museum", "the view from the kitchen", "the garden at home", "a scene from a film",
    "a holiday on a farm", "an illustrated book", "an old calendar",
)  # fmt: skip

TALKS = (
    Family(
        name="told paintings of two",
        topics=_ART_MEETINGS,
        told_by=("talker", "listener"),
        slots={
            "one": one_of(_PAINTED_BY_ONE),
            "mood": one_of(_MOODS),
            "two": one_of(_PAINTED_BY_TWO),
            "idea": one_of(_IDEAS),
        },
        notes=(
            Wordings(
                train=(
                    "At the {topic} I painted {one}! I wanted it to show {mood}, and I think it does.",
                    "Here's my picture from the {topic}: {one}. For me it's all about {mood}.",
                    "I did {one} at the {topic}, my first picture in years. I was after a sense of {mood}.",
                    "My work from the {topic} is drying on the balcony. It's {one}, and I hope people feel the "
                    "{mood} in it.",
                ),
                held_out=(
                    "{One}, that's what I made of the blank paper at the {topic}. It should bring across {mood}.",
                    "The {topic} was lovely! I ended up with {one}, a picture of {mood} if you ask me.",
                ),
            ),
            Wordings(
                train=(
                    "I was at the {topic} as well and painted {two}. The idea came from {idea}.",
                    "Mine from the {topic} is {two}. {Idea} inspired me, but the colours got a bit muddy.",
                    "Beautiful! As for me, I chose {two} for my picture at the {topic}, because of {idea}.",
                    "I still have the picture that I did at the {topic}. It's {two}, inspired by {idea}.",
                ),
                held_out=(
                    "I had {idea} in my head, so I went for {two} at the {topic}. It's not perfect, but I like it.",
                    "My own canvas from the {topic} has {two} on it. I owe that to {idea}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} paint at the {topic}?",
                        "What is on {talker}'s picture from the {topic}?",
                        "What can be seen in the picture {talker} made at the {topic}?",
                        "Which picture did {talker} make at the {topic}?",
                    ),
                    held_out=(
                        "What does {talker}'s work from the {topic} show?",
                        "Which subject did {talker} choose at the {topic}?",
                    ),
                ),
                answers=same("{One}."),
                needs=("one",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} want to express with the picture from the {topic}?",
                        "What is {talker}'s picture from the {topic} about?",
                        "Which feeling is in {talker}'s picture from the {topic}?",
                        "What should people feel when they see {talker}'s picture from the {topic}?",
                    ),
                    held_out=(
                        "What does the picture from the {topic} mean to {talker}?",
                        "Which mood was {talker} aiming for at the {topic}?",
                    ),
                ),
                answers=same("{Mood}."),
                needs=("mood",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {listener} paint at the {topic}?",
                        "What is on {listener}'s picture from the {topic}?",
                        "What can be seen in the picture {listener} made at the {topic}?",
                        "Which picture did {listener} make at the {topic}?",
                    ),
                    held_out=(
                        "What does {listener}'s work from the {topic} show?",
                        "Which subject did {listener} choose at the {topic}?",
                    ),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What inspired {listener}'s picture from the {topic}?",
                        "What gave {listener} the idea for the picture at the {topic}?",
                        "Where did {listener} get the idea for the picture at the {topic}?",
                        "What was the inspiration for {listener} at the {topic}?",
                    ),
                    held_out=(
                        "What led {listener} to that subject at the {topic}?",
                        "What put the picture from the {topic} into {listener}'s head?",
                    ),
                ),
                answers=same("{Idea}."),
                needs=("idea",),
                rests_on=(1,),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I was at the {topic} too and had paint all over my sleeves!",
                    "The {topic} was just what I needed, I forgot the time completely.",
                    "I'm a bit shy about my picture from the {topic}, so I haven't shown it to anybody.",
                ),
                held_out=(
                    "I loved the {topic}, even though I'm no artist.",
                    "They praised my picture at the {topic}, and I blushed!",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who taught {talker} at the {topic}?",
                "What did {talker} pay for the {topic}?",
                "Where has {listener} hung the picture from the {topic}?",
                "How long did {listener} work on the picture at the {topic}?",
                "Who wants to buy {talker}'s picture from the {topic}?",
            ),
            held_out=(
                "How big is {talker}'s picture from the {topic}?",
                "Which brush did {listener} use at the {topic}?",
                "Who sat next to {talker} at the {topic}?",
            ),
        ),
    ),
)
