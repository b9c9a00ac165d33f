"""Talks of two about the rooms of their new homes: what is nice there, and what is not."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_ROOMS = (
    "kitchen", "living room", "bedroom", "guest room", "bathroom", "entrance hall", "study", "dining room",
    "attic room",
    "cellar room", "laundry room", "pantry", "playroom", "music room", "sewing room", "workshop", "conservatory",
    "reading corner",
)  # fmt: skip
_CHARMS = (
    "the morning light", "the evening sun", "the high ceiling", "the old beams", "the blue tiles", "the green tiles",
    "the wooden floor", "the stone floor", "the round window", "the wide window", "the tall shelves",
    "the built-in shelves", "the sliding door", "the glass door", "the big mirror", "the brass lamp",
    "the thick walls", "the brick wall", "the smell of cedar", "the smell of fresh paint",
)  # fmt: skip
_COMFORTS = (
    "the silence", "the cosy warmth", "the view of the church", "the view of the hills", "the skylight",
    "the bay window", "the yellow walls", "the striped wallpaper", "the window seat", "the folding table",
    "the old stove", "the heated floor", "the ceiling fan", "the soft lighting", "the painted door",
    "the carved door", "the deep cupboards", "the antique cabinet", "the sound of the brook", "the sound of the bells",
)  # fmt: skip
_FLAWS = (
    "the cold draught", "the damp corner", "the creaking door", "the dripping tap", "the loose handle",
    "the broken switch", "the ugly carpet", "the ugly curtains", "the noisy pipes", "the noisy radiator",
    "the lack of sockets", "the lack of shelves", "the cracked wall", "the stained wall", "the dim lamp",
    "the flickering lamp", "the narrow entrance", "the low doorway",
)  # fmt: skip

TALKS = (
    Family(
        name="told rooms of two",
        topics=_ROOMS,
        told_by=("talker", "listener"),
        slots={
            "charm": one_of(_CHARMS),
            "flaw": one_of(_FLAWS),
            "comfort": one_of(_COMFORTS),
            "nuisance": one_of(_FLAWS),
        },
        notes=(
            Wordings(
                train=(
                    "In the new place I spend hours in my {topic}. I love {charm}, it's just {flaw} that bothers me.",
                    "The {topic} of my new home is a dream, thanks to {charm}! "
                    "I still have to do something about {flaw}, I don't like that.",
                    "You asked about my new {topic}: {charm} makes me happy every day. And yes, {flaw} gets on my "
                    "nerves.",
                    "I took the flat because of the {topic}. Who could resist {charm}? I closed my eyes to {flaw}, "
                    "and now it annoys me.",
                    "What's good about my {topic} is {charm}. What's bad is {flaw}, but nothing is perfect, right?",
                ),
                held_out=(
                    "I've unpacked everything in my {topic}. My favourite thing there is {charm}, and I'm not a fan "
                    "of {flaw}.",
                    "{Charm}! That's why I adore my new {topic}. I only wish I could get rid of {flaw}.",
                ),
            ),
            Wordings(
                train=(
                    "We've moved as well, and what I enjoy about my {topic} is {comfort}. I'm not so keen on "
                    "{nuisance}.",
                    "My own {topic} won me over with {comfort}. I could do without {nuisance}, to be honest.",
                    "I'm fond of my {topic} here, and it's {comfort} that does it. {Nuisance} is the thing I "
                    "complain about.",
                    "There's {nuisance} in my {topic}, which I hate, but {comfort} makes up for it, that's lovely.",
                    "Since I moved, {comfort} has been my joy in the {topic}. My big problem there? {Nuisance}.",
                ),
                held_out=(
                    "As for me, I could stay in my {topic} all day because of {comfort}. If only {nuisance} weren't "
                    "there!",
                    "My {topic} has its good side, {comfort}, and its bad side, {nuisance}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} like about the new {topic}?",
                        "What does {talker} love in the {topic}?",
                        "What is good about {talker}'s {topic}?",
                        "What makes {talker} happy in the {topic}?",
                    ),
                    held_out=(
                        "What is {talker}'s favourite thing about the {topic}?",
                        "Why does {talker} enjoy being in the {topic}?",
                    ),
                ),
                answers=same("{Charm}."),
                needs=("charm",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What bothers {talker} about the {topic}?",
                        "What does {talker} dislike in the {topic}?",
                        "What is wrong with {talker}'s {topic}?",
                        "What does {talker} complain about in the {topic}?",
                    ),
                    held_out=(
                        "Which flaw does {talker} see in the {topic}?",
                        "What would {talker} like to change about the {topic}?",
                    ),
                ),
                answers=same("{Flaw}."),
                needs=("flaw",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {listener} like about the new {topic}?",
                        "What does {listener} love in the {topic}?",
                        "What is good about {listener}'s {topic}?",
                        "What makes {listener} happy in the {topic}?",
                    ),
                    held_out=(
                        "What is {listener}'s favourite thing about the {topic}?",
                        "Why does {listener} enjoy being in the {topic}?",
                    ),
                ),
                answers=same("{Comfort}."),
                needs=("comfort",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What bothers {listener} about the {topic}?",
                        "What does {listener} dislike in the {topic}?",
                        "What is wrong with {listener}'s {topic}?",
                        "What does {listener} complain about in the {topic}?",
                    ),
                    held_out=(
                        "Which flaw does {listener} see in the {topic}?",
                        "What would {listener} like to change about the {topic}?",
                    ),
                ),
                answers=same("{Nuisance}."),
                needs=("nuisance",),
                rests_on=(1,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I've finally finished setting up my {topic}, my back hurts!",
                    "You must come over and see my new {topic}, I'll make tea.",
                    "We had our first party in the new place, and everyone ended up in the {topic}.",
                ),
                held_out=(
                    "I'm writing this from my new {topic}, between two moving boxes.",
                    "I wonder what you'll say about my {topic} when you visit.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How big is {talker}'s {topic}?",
                "Who painted {listener}'s {topic}?",
                "Which furniture does {talker} want to buy for the {topic}?",
                "What did {listener} spend on the {topic}?",
                "Which plants does {talker} have in the {topic}?",
            ),
            held_out=(
                "Who built the {topic} for {talker}?",
                "How often does {listener} clean the {topic}?",
                "When will {talker} renovate the {topic}?",
            ),
        ),
    ),
)
