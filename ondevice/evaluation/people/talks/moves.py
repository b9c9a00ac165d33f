"""Talks about moving: from where, to where, when and why."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.names import CITIES
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.talks.times import year_past
from ondevice.evaluation.people.values import Value, one_of

_HOMES = (
    "attic flat", "cellar flat", "row house", "brick house", "farmhouse", "mill house", "houseboat", "tiny house",
    "cottage", "bungalow", "shared flat", "studio flat", "loft", "penthouse", "garden flat", "corner flat",
    "timber house", "town house", "lake house", "beach house", "rectory", "villa",
)  # fmt: skip
_WHYS = (
    "for a new job", "for a better job", "for love", "for the family", "to be near the sea", "to be near the mountains",
    "to save on rent", "to save on travel costs", "to have a garden", "to have more space", "for the good schools",
    "for the good hospitals", "to start a business", "to start a degree", "to get away from the noise",
    "to get away from the traffic", "for the mild climate", "for the clean air", "to live near old friends",
    "to live near the grandchildren", "to escape the boredom", "to escape the crowds",
)  # fmt: skip


def _another_city(scene: Scene, values: Mapping[str, Value]) -> Value:
    """Draw a city other than the one that is left."""
    return Value.of(scene.random.choice([city for city in scene.half(CITIES) if city != values["origin"].said]))


TALKS = (
    Family(
        name="told move",
        topics=_HOMES,
        told_by=("talker",),
        slots={"origin": one_of(CITIES), "city": _another_city, "year": year_past, "why": one_of(_WHYS)},
        notes=(
            Wordings(
                train=(
                    "I left {origin} {year} and moved into a {topic} in {city}. I did it {why}, and I don't regret it.",
                    "Well, {year} I packed my boxes in {origin} and took over a {topic} in {city}. "
                    "Everyone asks why: {why}!",
                    "You want to know how I ended up in this {topic}? I came to {city} from {origin} {year}, {why}.",
                    "It was hard to say goodbye to {origin}, but I moved {year}, {why}. Now my home's a {topic} in "
                    "{city}.",
                    "My {topic} is in {city}, yes! I used to live in {origin}, then I moved here {year}, simply {why}.",
                    "I'm a {city} person now, with my own {topic}. I'd had enough of {origin} and moved {year}, "
                    "mostly {why}.",
                ),
                held_out=(
                    "{City} has been home to me since I got the {topic} here {year}. I gave up my place in {origin} "
                    "{why}.",
                    "From {origin} to {city}, what a change! I made the move {year}, {why}, and I've got "
                    "a {topic} now.",
                    "I traded {origin} for a {topic} in {city} {year}. Was it crazy? Maybe, but I went {why}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where did {talker} live before the {topic}?",
                        "From which city did {talker} move to the {topic}?",
                        "Which town did {talker} leave for the {topic}?",
                        "Where was {talker}'s home before moving into the {topic}?",
                    ),
                    held_out=(
                        "Where did {talker} come from before settling in the {topic}?",
                        "What city did {talker} give up for the {topic}?",
                    ),
                ),
                answers=same("{Origin}."),
                needs=("origin",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where is {talker}'s {topic}?",
                        "To which city did {talker} move, into a {topic}?",
                        "In which town does {talker} have the {topic}?",
                        "Where does {talker} live in a {topic}?",
                    ),
                    held_out=(
                        "What city is {talker}'s {topic} in?",
                        "In what place did {talker} find the {topic}?",
                    ),
                ),
                answers=same("{City}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} move into the {topic}?",
                        "In which year did {talker} move to the {topic}?",
                        "Since when has {talker} lived in the {topic}?",
                        "When did the {topic} become {talker}'s home?",
                    ),
                    held_out=(
                        "What year did {talker} settle in the {topic}?",
                        "When was {talker}'s move to the {topic}?",
                    ),
                ),
                answers=same("{Year}."),
                needs=("year",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why did {talker} move into the {topic}?",
                        "What was {talker}'s reason for moving to the {topic}?",
                        "For what reason did {talker} change towns and take the {topic}?",
                        "What made {talker} move to the {topic}?",
                    ),
                    held_out=(
                        "How does {talker} explain the move to the {topic}?",
                        "Why does {talker} live in the {topic} now?",
                    ),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I've lived in my {topic} for a while, but I still find boxes from {origin} that I never unpacked.",
                    "After all those years in {origin} I'm getting used to my {topic}.",
                    "My {topic} feels like home already, though I miss my old street in {origin}.",
                ),
                held_out=(
                    "I left {origin} for this {topic}, and I sleep so well here!",
                    "My furniture from {origin} doesn't quite fit into the {topic}.",
                ),
            ),
            tells=("origin",),
        ),
        unsaid=Wordings(
            train=(
                "What rent does {talker} pay for the {topic}?",
                "Who helped {talker} move into the {topic}?",
                "How many rooms does {talker}'s {topic} have?",
                "Who lives next door to {talker}'s {topic}?",
                "What colour did {talker} paint the {topic}?",
            ),
            held_out=(
                "What size has the {topic} of {talker}?",
                "Who is the landlord of {talker}'s {topic}?",
                "What did {talker} lose on the way to the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How did you come to live in a {topic}, {talker}?",
                "I'd love to hear how you got your {topic}.",
                "Are you happy in your {topic}, {talker}? What's the story behind it?",
            ),
            held_out=(
                "A {topic}, of all places! How come, {talker}?",
                "You never told me about your move to the {topic}.",
            ),
        ),
    ),
)
