"""Talks about art: something made by hand, of what, for whom and what it stands for, and what two friends painted."""

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
