"""Where the people one knows live."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people import names
from ondevice.evaluation.people.families.asking import lives, same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, one_of

_FAR_AWAY = (
    "brother-in-law", "sister-in-law", "half-sister", "half-brother", "great-aunt", "great-uncle", "godson",
    "goddaughter", "former flatmate", "former boss", "old maths teacher", "old music teacher", "pen friend",
    "school friend", "second cousin", "stepbrother", "old rowing coach", "old fencing coach", "best man",
    "bridesmaid",
)  # fmt: skip
_STREETS = (
    "Lime Street", "Poplar Street", "Quay Road", "Tower Road", "Station Lane", "Orchard Lane", "Bridge Street",
    "Windmill Street", "Cedar Avenue", "Acacia Avenue", "Well Lane", "Priory Lane", "Foundry Road", "Meadow Road",
    "Swan Street", "Falcon Street", "Hill Road", "Valley Road", "Tanner's Row", "Weaver's Row",
)  # fmt: skip


def _address(scene: Scene, _: Mapping[str, Value]) -> Value:
    street = scene.pick(_STREETS)
    return Value.of(f"{scene.random.randint(2, 98)} {street}")


FAMILIES = (
    Family(
        name="home",
        topics=_FAR_AWAY,
        topics_are_people=True,
        slots={"city": one_of(names.CITIES), "address": _address},
        notes=(
            Wordings(
                train=(
                    "My {topic} lives in {city}, {address}.",
                    "Address of my {topic}: {address}, {city}.",
                    "I sent my {topic} a card, to {address} in {city}.",
                    "{City}, {address}: that is where my {topic} lives.",
                    "Your {topic} can be found at {address} in {city}.",
                    "My {topic} wrote from {city}, and on the back of the envelope it said {address}.",
                    "Took the train to {city} to see my {topic}, who lives at {address}.",
                ),
                held_out=(
                    "For my address book: {topic}, {address}, {city}.",
                    "When I am in {city} I can ring at {address}, my {topic} has a flat there.",
                    "The doorbell of my {topic} is at {address} ({city}).",
                    "Letters for your {topic} go to {address}, {city}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=lives("my {topic}"),
                answers=same("Your {topic} lives in {city}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "In which street does my {topic} live?",
                        "What is the address of my {topic}?",
                        "Which street and number do I write on a letter to my {topic}?",
                        "Give me the street of my {topic}.",
                        "My {topic}'s street and house number, please.",
                        "I am in the taxi to my {topic}, which street and number do I tell the driver?",
                        "I forgot the house number and street of my {topic}.",
                    ),
                    held_out=(
                        "What's my {topic}'s address?",
                        "To which address do I send a parcel for my {topic}?",
                        "Remind me of the street my {topic} lives in.",
                    ),
                ),
                answers=same("Your {topic} lives at {address}."),
                needs=("address",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "My {topic} has moved to {city}, {address}.",
                "New address of my {topic}: {address}, {city}.",
                "We helped my {topic} move. New home: {city}, {address}.",
                "The removal van has left: my {topic} is at {address}, {city}.",
                "Visited my {topic} in the flat in {city}, at {address}, still full of boxes.",
            ),
            held_out=(
                "My {topic} doesn't live there any more, it's {address} in {city} now.",
                "{Address}, {city}, that's my {topic}'s new flat.",
            ),
        ),
        changed=("city", "address"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} lives in {city} and likes it there.",
                    "{City} is where my {topic} has a home, not exactly round the corner.",
                    "My {topic}, living in {city}, has adopted a cat.",
                    "Your {topic} lives in {city}, so a visit takes some planning.",
                ),
                held_out=(
                    "My {topic} calls {city} home, and the photos look lovely.",
                    "Home for my {topic} is {city}.",
                    "Your {topic} settled in {city} and seems happy.",
                ),
            ),
            tells=("city",),
        ),
        unsaid=Wordings(
            train=(
                "Where does my {topic} work?",
                "What is the phone number of my {topic}?",
                "How much rent does my {topic} pay?",
                "Who shares a flat with my {topic}?",
                "On which floor does my {topic} live?",
                "When does my {topic} come to visit?",
                "What colour is my {topic}'s front door?",
                "How many rooms does the flat of my {topic} have?",
            ),
            held_out=(
                "How does my {topic} earn a living?",
                "When did my {topic} get married?",
                "I need to call my {topic}, what number?",
            ),
        ),
    ),
)
