"""What was ordered in restaurants, and with whom."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people import names
from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Slot, Value, one_of

_RESTAURANTS = (
    "Trattoria Lanterna", "Osteria Bruna", "the Golden Pheasant", "the Silver Trout", "Café Ludmila", "Café Amsel",
    "the Blue Door", "the Green Gate", "Sakura Garden", "Lotus Court", "Taverna Nikos", "Taverna Eleni",
    "Bistro Marceau", "Bistro Colette", "the Salty Dog", "the Old Anchor", "Casa Pilar", "Casa Ramón",
    "the Station Inn", "the Mill Inn", "Spice Route", "Pepper Lane", "Gasthof Linde", "Gasthof Krone",
)  # fmt: skip
_DISHES = (
    "gnocchi with sage", "risotto with saffron", "grilled trout", "baked cod", "the lamb stew", "the veal stew",
    "duck with plums", "rabbit in mustard", "spinach lasagne", "seafood lasagne", "the mushroom burger",
    "the bean burger", "ramen with pork", "udon with tofu", "moussaka", "pastitsio", "the onion soup", "the fish soup",
    "steak with fries", "schnitzel with salad", "paella", "tortilla", "chickpea curry", "prawn curry",
    "cheese dumplings", "liver dumplings", "the beetroot salad", "the octopus salad", "quiche with leek",
    "galette with ham",
)  # fmt: skip


def _other_dish(than: str) -> Slot:
    def draw(scene: Scene, values: Mapping[str, Value]) -> Value:
        return Value.of(scene.random.choice([dish for dish in scene.half(_DISHES) if dish != values[than].said]))

    return draw


FAMILIES = (
    Family(
        name="dish",
        topics=_RESTAURANTS,
        slots={"dish": one_of(_DISHES), "person": one_of(names.FIRST), "other": _other_dish("dish")},
        notes=(
            Wordings(
                train=(
                    "At {topic} I had {dish}, and {person} had {other}.",
                    "We ate at {topic}: {dish} for me, {other} for {person}.",
                    "Dinner with {person} at {topic}. I took {dish}; {other} went to the other side of the table.",
                    "{Person} invited me to {topic}, where I ordered {dish} and got jealous of {person}'s plate,"
                    " which was {other}.",
                    "Evening out at {topic}: {person} had {other}, I had {dish}.",
                    "{Person} and I finally tried {topic}, me with {dish}, {person} with {other}.",
                ),
                held_out=(
                    "{Topic} with {person}! Mine was {dish}, and across the table there was {other}.",
                    "Went out with {person} and chose {dish} for myself while {person} ate {other} ({topic}).",
                    "My plate at {topic}: {dish}. Plate of {person}: {other}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What did I eat at {topic}?",
                        "Which dish did I have at {topic}?",
                        "What did I order at {topic}?",
                        "What was on my plate at {topic}?",
                        "I forgot what I took from the menu at {topic}.",
                        "At {topic}, which meal was mine?",
                        "Tell me what the waiter brought me at {topic}.",
                    ),
                    held_out=(
                        "What was my meal at {topic}?",
                        "When I was at {topic}, what did I choose?",
                        "What food did I get at {topic}?",
                    ),
                ),
                answers=same("You had {dish} at {topic}."),
                needs=("dish",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {person} eat at {topic}?",
                        "Which dish did {person} have at {topic}?",
                        "What did {person} order at {topic}?",
                        "What was on {person}'s plate at {topic}?",
                        "And {person}, which dish was it at {topic}?",
                        "Tell me what {person} took from the menu at {topic}.",
                        "I forgot what the waiter put in front of {person} at {topic}.",
                    ),
                    held_out=(
                        "What was {person}'s meal at {topic}?",
                        "When we were at {topic}, what did {person} choose?",
                        "What food did {person} get at {topic}?",
                    ),
                ),
                answers=same("{Person} had {other} at {topic}."),
                needs=("other",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who was with me at {topic}?",
                        "With whom did I eat at {topic}?",
                        "Who did I go to {topic} with?",
                        "Tell me who sat with me at {topic}.",
                        "I forgot who shared the table with me at {topic}.",
                        "My dinner at {topic}, with whom was it?",
                        "Tell me the name of my companion at {topic}.",
                    ),
                    held_out=(
                        "Who joined me at {topic}?",
                        "What's the name of the person I dined with at {topic}?",
                        "Who was my company at {topic}?",
                    ),
                ),
                answers=same("{Person} was with you at {topic}."),
                needs=("person",),
                category="name",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Went to {topic} with {person}, we were the last to leave.",
                    "{Person} and I had a table at {topic} and a lot to laugh about.",
                    "Lovely evening with {person} at {topic}.",
                    "Dinner at {topic} with {person}, the waiter was very patient with us.",
                ),
                held_out=(
                    "Ate at {topic} together with {person}, slept like a stone afterwards.",
                    "Out for a meal with {person}, this time at {topic}.",
                    "{Person} took me to {topic}, what a pretty room they have.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "How much was the bill at {topic}?",
                "What did I drink at {topic}?",
                "In which street is {topic}?",
                "At which table did we sit at {topic}?",
                "How much tip did I leave at {topic}?",
                "What is the name of the waiter at {topic}?",
                "How long did we wait for the food at {topic}?",
                "On which day of the week is {topic} closed?",
            ),
            held_out=(
                "How is {topic} reached by phone?",
                "How expensive was the meal at {topic}?",
                "What was the dessert at {topic}?",
            ),
        ),
    ),
)
