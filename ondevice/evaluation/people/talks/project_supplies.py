"""Talks about what was got for a project of one's own."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_BUILDS = (
    "pottery corner", "garden shed", "home studio", "vegetable garden", "roof garden", "tree house", "chicken coop",
    "reading nook", "sewing room", "model railway room", "potting shed", "wood workshop", "sauna hut", "tiny house",
    "summer kitchen", "hobby cellar", "garage gym", "greenhouse",
)  # fmt: skip
_BOUGHT = (
    "a rain barrel", "a string of lights", "a folding chair", "a paraffin lamp", "a toolbox", "a fire blanket",
    "a thick carpet", "a rubber mat", "a power drill", "a hand saw", "a wall mirror", "a wall hook",
    "a bucket of white paint", "a can of varnish", "a small heater", "a quiet fan",
)  # fmt: skip
_BUILT = (
    "a workbench", "a corner bench", "a narrow shelf", "a spice shelf", "a folding table", "a low table", "a ladder",
    "a set of steps", "a storage box", "a seed box", "a coat rack", "a boot rack", "a wooden gate", "a window frame",
    "a tool cabinet", "a footstool",
)  # fmt: skip
_GIVEN = (
    "an old radio", "an old record player", "a hammock", "a rocking chair", "a lavender plant", "a lemon tree",
    "a tin lantern", "a brass bell", "a patched curtain", "a striped cushion", "a first aid kit", "a thermometer",
    "a clay jug", "an iron pan", "a weather vane", "a wind chime",
)  # fmt: skip

TALKS = (
    Family(
        name="told things for a project",
        topics=_BUILDS,
        told_by=("talker", "talker", "talker"),
        slots={"one": one_of(_BOUGHT), "two": one_of(_BUILT), "three": one_of(_GIVEN)},
        notes=(
            Wordings(
                train=(
                    "I bought {one} for my {topic} today, it was on sale.",
                    "Went shopping for the {topic} and came home with {one}. I'm so pleased!",
                    "My {topic} is getting somewhere. I've just purchased {one} for it.",
                    "I couldn't resist: {one} was in the shop window, and now it's mine, for the {topic}.",
                ),
                held_out=(
                    "I spent my bonus on {one}. It goes straight into the {topic}.",
                    "The {topic} needed {one}, so I got one at the store.",
                ),
            ),
            Wordings(
                train=(
                    "Sore hands, but I've built {two} for the {topic}, all by myself.",
                    "I spent the whole weekend on my {topic} and made {two} out of old boards.",
                    "Guess who made {two}? Me! The {topic} is so much better for it.",
                    "For my {topic} I put together {two} from leftover wood. It's a bit crooked, but I love it.",
                ),
                held_out=(
                    "With nothing but pallets and screws I knocked up {two} for the {topic}.",
                    "I never thought I could build {two}, but my {topic} has one now.",
                ),
            ),
            Wordings(
                train=(
                    "My neighbour gave me {three} for the {topic}, isn't that kind?",
                    "Look what I was given for my {topic}: {three}! It used to stand in a barn.",
                    "A friend had {three} to spare, and it's in my {topic} now. What a lovely present.",
                    "I've got {three} as a gift for the {topic}. It makes all the difference.",
                ),
                held_out=(
                    "Somebody from work brought me {three}, as a surprise for the {topic}.",
                    "The {topic} is richer by {three}: my aunt no longer wanted it.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What has {talker} got for the {topic} so far?",
                        "Which things did {talker} get or make for the {topic}?",
                        "What does {talker} have in the {topic}?",
                        "What new things are there in {talker}'s {topic}?",
                    ),
                    held_out=(
                        "Which items has {talker} collected for the {topic}?",
                        "What did {talker} equip the {topic} with?",
                    ),
                ),
                answers=same("{One}, {two} and {three}."),
                needs=("one", "two", "three"),
                rests_on=(0, 1, 2),
                category="list",
                listed=("one", "two", "three"),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} buy for the {topic}?",
                        "What did {talker} bring home from shopping for the {topic}?",
                        "Which purchase did {talker} make for the {topic}?",
                        "What did {talker} get at the shop for the {topic}?",
                    ),
                    held_out=(
                        "What did {talker} spend money on for the {topic}?",
                        "Which thing from the store did {talker} want for the {topic}?",
                    ),
                ),
                answers=same("{One}."),
                needs=("one",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} build for the {topic}?",
                        "What did {talker} make out of wood for the {topic}?",
                        "Which thing did {talker} put together for the {topic}?",
                        "What has {talker} made by hand for the {topic}?",
                    ),
                    held_out=(
                        "Which homemade thing does {talker}'s {topic} have?",
                        "What did {talker} knock up for the {topic}?",
                    ),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What was {talker} given for the {topic}?",
                        "What present did {talker} get for the {topic}?",
                        "Which gift went into {talker}'s {topic}?",
                        "What did somebody give {talker} for the {topic}?",
                    ),
                    held_out=(
                        "What came to {talker}'s {topic} as a surprise from others?",
                        "Which thing for the {topic} did {talker} receive for free?",
                    ),
                ),
                answers=same("{Three}."),
                needs=("three",),
                rests_on=(2,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Finally some time for my {topic}. I swept the floor and made plans.",
                    "I could spend all day in my {topic}, even though it's not finished.",
                    "My {topic} is a mess, but it's my mess, and I have so many ideas for it.",
                ),
                held_out=(
                    "I'm dreaming about the {topic} every night, it's going to be so good.",
                    "Another weekend for the {topic}! I'm getting there slowly.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How big is {talker}'s {topic}?",
                "How much has {talker} spent on the {topic}?",
                "Who helps {talker} with the {topic}?",
                "What is still missing in {talker}'s {topic}?",
                "When will {talker} be finished with the {topic}?",
            ),
            held_out=(
                "Which colour will {talker} paint the {topic}?",
                "How did {talker} come upon the {topic}?",
                "What was in the place of {talker}'s {topic} before?",
            ),
        ),
        lead=Wordings(
            train=(
                "How's the {topic} coming along, {talker}?",
                "Have you done anything on the {topic} lately?",
                "I keep thinking about your {topic}. Is there progress?",
            ),
            held_out=(
                "Anything new in the {topic}, {talker}?",
                "Do show me the {topic} when it's done! How far are you?",
            ),
        ),
    ),
)
