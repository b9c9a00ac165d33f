"""Luggage: what to pack for a journey."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import several_of

_TRIPS = (
    "ski weekend", "sailing weekend", "camping trip", "canoe trip", "beach holiday", "hut holiday", "school trip",
    "choir trip", "business trip", "study trip", "hospital stay", "spa weekend", "cycling tour", "walking tour",
    "wedding trip", "festival weekend", "fishing weekend", "climbing weekend", "farm holiday", "city break",
)  # fmt: skip
_GEAR = (
    "goggles", "gloves", "sun cream", "lip balm", "a torch", "a penknife", "woollen socks", "rubber boots", "earplugs",
    "an eye mask", "a power bank", "a charger", "swimming trunks", "flip-flops", "a raincoat", "a fleece",
    "the passport", "the health card", "a towel", "a pillow", "playing cards", "a notebook", "a water bottle",
    "a thermos", "binoculars", "a compass", "plasters", "painkillers", "a sleeping bag", "a hammock", "a sun hat",
    "a scarf", "slippers", "pyjamas",
)  # fmt: skip

FAMILIES = (
    Family(
        name="packing",
        topics=_TRIPS,
        slots={"items": several_of(_GEAR)},
        notes=(
            Wordings(
                train=(
                    "Pack for the {topic}: {items}.",
                    "I must not forget {items} on the {topic}.",
                    "Packing list ({topic}): {items}.",
                    "What goes into the bag for the {topic} is {items}.",
                    "Please bring {items} along for the {topic}.",
                    "Laid out on the bed for the {topic}: {items}.",
                    "{Items}, that makes up my bag for the {topic}.",
                ),
                held_out=(
                    "{Items} have to be in my suitcase before the {topic} begins.",
                    "Before leaving for the {topic}, put in {items}.",
                    "For your {topic} you should think of {items}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What do I have to pack for the {topic}?",
                        "What is on the packing list for the {topic}?",
                        "Which things do I take along on the {topic}?",
                        "What must be in my bag for the {topic}?",
                        "{Topic}: what do I pack?",
                        "I forgot which things I need for the {topic}.",
                        "I am about to leave for the {topic}, what must not be missing?",
                    ),
                    held_out=(
                        "What goes into my suitcase for the {topic}?",
                        "I am packing for the {topic}, what was it?",
                        "List what I should bring on the {topic}.",
                    ),
                ),
                answers=same("For the {topic} you pack {items}."),
                needs=("items",),
                category="list",
            ),
        ),
        changes=Wordings(
            train=(
                "New packing list for the {topic}, instead of the old one: {items}.",
                "I packed again for the {topic}, with less: just {items}.",
                "The {topic}, bag packed and closed: {items}.",
                "Having seen the forecast, I take {items} on the {topic}.",
                "For the {topic}, as agreed with the others, {items}.",
            ),
            held_out=(
                "Forget what I wrote for the {topic}; all it takes is {items}.",
                "Different weather, different bag: {items} for the {topic}, nothing else.",
            ),
        ),
        changed=("items",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "We had to cancel the {topic}.",
                    "The {topic} is cancelled, nobody has to pack.",
                    "Bad news, the {topic} has been cancelled.",
                    "There will be no {topic}, sad as it is.",
                    "A letter came to say that the {topic} does not take place.",
                ),
                held_out=(
                    "No {topic} for me this time, I unpacked again.",
                    "The {topic} was called off at the last minute.",
                ),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Only a few days until the {topic}!",
                    "Reminder: pack for the {topic} in good time.",
                    "The {topic} is coming up, I have already fetched the bag from the attic.",
                    "I have told the neighbours about the {topic}, they are going to water the plants.",
                ),
                held_out=(
                    "My suitcase for the {topic} is half full.",
                    "Finally the {topic}! I need a change of air.",
                    "Still so much to do before the {topic}, and the cat needs a sitter too.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "Who comes along on the {topic}?",
                "How many days does the {topic} last?",
                "Where do we sleep on the {topic}?",
                "When does the {topic} begin?",
                "How heavy may my bag be for the {topic}?",
                "Which train do I have to catch for the {topic}?",
                "With whom do I share a room on the {topic}?",
            ),
            held_out=(
                "What's the price of the {topic}?",
                "Who drives on the {topic}?",
                "How long is the way to the {topic}?",
            ),
        ),
    ),
)
