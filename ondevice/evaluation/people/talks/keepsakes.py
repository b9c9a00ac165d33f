"""Talks about things that mean much: from whom they are, what they stand for, and where each of two keeps one."""

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
_SHARED = (
    "childhood diary", "baby blanket", "first school report", "first concert ticket", "stamp album", "family Bible",
    "love letter", "graduation photo", "wedding photo", "baptism candle", "first medal", "swimming badge",
    "teddy bear", "rag doll", "birth bracelet", "christening spoon", "postcard collection", "coin collection",
)  # fmt: skip
_SPOTS = (
    "in a shoe box", "in a tin box", "on the bookshelf", "on the window sill", "under the bed", "behind the piano",
    "in the desk drawer", "in the kitchen cupboard", "on the bedside table", "on the mantelpiece", "in the attic",
    "in the cellar", "in a glass case", "in a wooden chest", "above the sofa", "above the fireplace",
    "in the wardrobe", "in the hallway", "in a linen bag", "in an old suitcase",
)  # fmt: skip
_KEPT_FOR = (
    "to remember happier days", "to pass it on one day", "to feel less alone", "to feel at home anywhere",
    "to have a bit of luck", "to have a good laugh", "to show it to the children", "to show it to visitors",
    "to honour the family", "to stay humble", "to think of old friends", "to think of the good times",
    "to calm down after work", "to smile in the morning", "to never forget the village", "to never lose hope",
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
    Family(
        name="told keepsakes of two",
        topics=_SHARED,
        told_by=("talker", "listener"),
        slots={
            "here": one_of(_SPOTS),
            "why": one_of(_KEPT_FOR),
            "there": one_of(_SPOTS),
            "purpose": one_of(_KEPT_FOR),
        },
        notes=(
            Wordings(
                train=(
                    "I still have my {topic}! I keep it {here}, {why}.",
                    "I found my {topic} again while cleaning. It has its place {here} now, {why}.",
                    "Nobody may throw out my {topic}. It stays {here}, and I hold on to it {why}.",
                    "People laugh about it, but I've kept my {topic} all these years {why}. You'd find it {here}.",
                ),
                held_out=(
                    "{Here}, that's where my {topic} lives. I treasure it {why}.",
                    "I would never part with my {topic}: I need it {why}. I put it {here}.",
                ),
            ),
            Wordings(
                train=(
                    "Oh, I've got my {topic} too! Mine is {there}, and I keep it {purpose}.",
                    "How sweet. My own {topic} sits {there}, I save it {purpose}.",
                    "As for me, I've put my {topic} {there}. I couldn't give it away, I want it {purpose}.",
                    "That makes two of us! I held on to my {topic} {purpose}, it is {there}.",
                ),
                held_out=(
                    "Funny, my {topic} has been {there} for ages. I kept it {purpose}.",
                    "I'm no better: {purpose} I never let go of my {topic}. It rests {there}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where does {talker} keep the {topic}?",
                        "Where is {talker}'s {topic}?",
                        "In which place does {talker} have the {topic}?",
                        "Where did {talker} put the {topic}?",
                    ),
                    held_out=("Where would one find {talker}'s {topic}?", "What spot has {talker} for the {topic}?"),
                ),
                answers=same("{Here}."),
                needs=("here",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why does {talker} keep the {topic}?",
                        "For what reason does {talker} hold on to the {topic}?",
                        "Why hasn't {talker} thrown away the {topic}?",
                        "Why is the {topic} still in {talker}'s hands?",
                    ),
                    held_out=("Why did {talker} save the {topic}?", "What makes {talker} treasure the {topic}?"),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where does {listener} keep the {topic}?",
                        "Where is {listener}'s {topic}?",
                        "In which place does {listener} have the {topic}?",
                        "Where did {listener} put the {topic}?",
                    ),
                    held_out=(
                        "Where would one find {listener}'s {topic}?",
                        "What spot has {listener} for the {topic}?",
                    ),
                ),
                answers=same("{There}."),
                needs=("there",),
                rests_on=(1,),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why does {listener} keep the {topic}?",
                        "For what reason does {listener} hold on to the {topic}?",
                        "Why hasn't {listener} thrown away the {topic}?",
                        "Why is the {topic} still in {listener}'s hands?",
                    ),
                    held_out=("Why did {listener} save the {topic}?", "What makes {listener} treasure the {topic}?"),
                ),
                answers=same("{Purpose}."),
                needs=("purpose",),
                rests_on=(1,),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I got all sentimental about my {topic} today.",
                    "Do you still have your {topic}? I do have mine.",
                    "My {topic} has survived every move so far, can you believe it?",
                ),
                held_out=(
                    "I showed my {topic} to a colleague, who couldn't stop giggling.",
                    "Every time I see my {topic} I feel like a child again.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "What colour is {talker}'s {topic}?",
                "Who gave {listener} the {topic}?",
                "How old was {talker} when the {topic} came along?",
                "Who else has seen {listener}'s {topic}?",
                "Which part of {talker}'s {topic} is missing?",
            ),
            held_out=(
                "Who wants to have {talker}'s {topic}?",
                "What smell does {listener}'s {topic} have?",
                "How did {listener} come by the {topic}?",
            ),
        ),
    ),
)
