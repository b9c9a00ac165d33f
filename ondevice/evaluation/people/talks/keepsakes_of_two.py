"""Talks about a keepsake that each of two friends has: where they keep it, and why."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

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
