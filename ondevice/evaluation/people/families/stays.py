"""Stays whose nights follow from two days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, day_value

_STAYS = (
    "mountain hut", "lake cabin", "weekend cottage", "hillside farmhouse", "monastery guest house",
    "lighthouse apartment", "houseboat", "treetop cabin", "vineyard guest room", "windmill apartment", "castle hostel",
    "harbour loft", "forest lodge", "dune bungalow", "thatched cottage", "stone cottage",
)  # fmt: skip


def _nights(scene: Scene, _: Mapping[str, Value]) -> Value:
    nights = str(scene.random.randint(2, 9))
    return Value.of(f"{nights} nights", accepted=(nights,))


def _first_day(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a day from which so many nights stay in one month, so that its numbers tell how many they are."""
    written = scene.at.date()
    first = (written.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day_value(first.replace(day=scene.random.randint(1, 19)), written, is_relative=False)


def _last_day(scene: Scene, values: Mapping[str, Value]) -> Value:
    first = date.fromisoformat(values["start"].groups[0][1])
    last = first + timedelta(days=int(values["nights"].said.split()[0]))
    return day_value(last, scene.at.date(), is_relative=False)


FAMILIES = (
    Family(
        name="nights",
        topics=_STAYS,
        slots={"nights": _nights, "start": _first_day, "end": _last_day},
        notes=(
            Wordings(
                train=(
                    "We have the {topic} from {start} until {end}.",
                    "{Topic}: arrival {start}, departure {end}.",
                    "I rented the {topic}, we come on {start} and leave on {end}.",
                    "Your stay in the {topic}: {start} to {end}.",
                    "From {start} to {end} we will be in the {topic}.",
                    "{Topic} booked, first day {start}, last day {end}.",
                ),
                held_out=(
                    "The {topic} is ours, beginning {start} and ending {end}.",
                    "On {start} I get the key of the {topic}; on {end} I give it back.",
                    "{Start} in, {end} out, so much for the {topic}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How many nights do we have in the {topic}?",
                        "For how many nights is the {topic} booked?",
                        "How many nights do I sleep in the {topic}?",
                        "How long, in nights, do we stay in the {topic}?",
                        "{Topic}: for how many nights?",
                        "I forgot how many nights we are going to be in the {topic}.",
                        "Tell me, for the cat sitter, how many nights we spend in the {topic}.",
                    ),
                    held_out=(
                        "What number of nights is it in the {topic}?",
                        "How many nights will I spend at the {topic}?",
                        "How many nights does the stay in the {topic} have?",
                    ),
                ),
                answers=same("From {start} to {end} in the {topic} is {nights}."),
                needs=("nights",),
                category="computed",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When do we leave the {topic}?",
                        "Until when do we have the {topic}?",
                        "On which day do I have to be out of the {topic}?",
                        "What is our last day in the {topic}?",
                        "{Topic}: departure when?",
                        "I forgot when we have to give the {topic} back.",
                        "I am ordering a taxi for our way home from the {topic}, for which day?",
                    ),
                    held_out=(
                        "What day is the departure from the {topic}?",
                        "When does our stay in the {topic} end?",
                        "By which date must we clear the {topic}?",
                    ),
                ),
                answers=same("You leave the {topic} on {end}."),
                needs=("end",),
                category="date",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I booked the {topic}, arrival {start}.",
                    "We arrive at the {topic} on {start}.",
                    "{Topic} from {start} on, and I am already looking forward to it.",
                    "Your stay in the {topic} begins on {start}.",
                ),
                held_out=(
                    "On {start} we set off for the {topic}.",
                    "Holiday at last: {topic}, starting {start}.",
                    "The {topic} awaits you from {start}, with flowers on the table.",
                ),
            ),
            tells=("start",),
        ),
        unsaid=Wordings(
            train=(
                "How much is the rent of the {topic}?",
                "Who gets the key of the {topic}?",
                "How many beds are in the {topic}?",
                "From what time can we check in at the {topic}?",
                "Why did we choose the {topic}?",
                "Who comes along to the {topic}?",
                "How much is the deposit for the {topic}?",
                "How far is it from the station to the {topic}?",
            ),
            held_out=(
                "What do we pay for the {topic}?",
                "How many rooms does the {topic} have?",
                "Under which number do I reach the owner of the {topic}?",
            ),
        ),
    ),
)
