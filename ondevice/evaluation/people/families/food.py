"""What is cooked, bought and eaten: amounts of recipes, shopping lists, dishes ordered."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people import names
from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.asking_more import how_many
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Slot, Value, number, one_of, several_of

_BAKES = (
    "apple crumble", "rhubarb crumble", "carrot cake", "poppy-seed cake", "rye bread", "spelt bread", "onion tart",
    "leek tart", "lemon ring cake", "almond ring cake", "cheese soufflé", "spinach soufflé", "banana loaf",
    "walnut loaf", "potato gratin", "pumpkin gratin", "cinnamon plait", "saffron plait", "shepherd's pie",
    "chicken pie", "plum sheet cake", "cherry sheet cake", "oat slice", "nut slice", "flatbread", "focaccia",
)  # fmt: skip
_INGREDIENTS = (
    "flour", "sugar", "butter", "cream", "milk powder", "honey", "grated cheese", "ground nuts", "oats", "semolina",
    "brown sugar", "cornflour", "quark", "yoghurt",
)  # fmt: skip
_FEASTS = (
    "barbecue", "picnic", "garden party", "children's party", "pasta evening", "pizza evening", "Sunday brunch",
    "Easter breakfast", "football night", "games night", "office breakfast", "street party", "camping dinner",
    "harvest supper", "housewarming", "christening", "raclette night", "sushi night", "pancake day", "soup kitchen",
)  # fmt: skip
_GROCERIES = (
    "charcoal", "paper plates", "sausages", "veal chops", "buns", "baguettes", "ketchup", "relish", "lemonade",
    "ginger beer", "crisps", "pretzels", "corn cobs", "courgettes", "halloumi", "feta", "tomatoes", "cucumbers",
    "basil", "chives", "eggs", "bacon", "orange juice", "apple juice", "strawberries", "melons", "ice cubes", "straws",
    "olive oil", "vinegar", "rice", "couscous", "salmon", "prawns", "napkins", "candles", "marshmallows", "popcorn",
)  # fmt: skip
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


def _grams(scene: Scene, _: Mapping[str, Value]) -> Value:
    amount = str(scene.random.randint(5, 49) * 10)
    return Value(forms=(f"{amount} grams", f"{amount} g"), said=f"{amount} grams", groups=((amount, f"{amount}g"),))


def _heat(scene: Scene, _: Mapping[str, Value]) -> Value:
    return Value.of(str(scene.random.randint(15, 25) * 10 + 5))


FAMILIES = (
    Family(
        name="recipe",
        topics=_BAKES,
        slots={
            "amount": _grams,
            "ingredient": one_of(_INGREDIENTS),
            "heat": _heat,
            "minutes": number(12, 48),
        },
        notes=(
            Wordings(
                train=(
                    "For the {topic} take {amount} of {ingredient} and bake for {minutes} minutes at {heat} degrees.",
                    "{Topic}: {amount} of {ingredient}, {heat} degrees, {minutes} minutes.",
                    "My {topic} turned out best with {amount} of {ingredient}, {minutes} minutes in the oven"
                    " at {heat} degrees.",
                    "{Minutes} minutes at {heat} degrees is enough for the {topic}, and {amount} of {ingredient}.",
                ),
                held_out=(
                    "Recipe for {topic} - oven on {heat} degrees, {amount} of {ingredient}, out after {minutes}"
                    " minutes.",
                    "I wrote down how grandma made {topic}: {amount} of {ingredient}, then {minutes} minutes in the"
                    " oven ({heat} degrees).",
                    "Put {amount} of {ingredient} into your {topic} and give it {minutes} minutes at {heat} degrees.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=how_many(
                    "grams of {ingredient}",
                    "go into the {topic}",
                    train=("How much {ingredient} do I need for the {topic}?",),
                    held_out=("What amount of {ingredient} does the {topic} take?",),
                ),
                answers=same("For the {topic} you need {amount} of {ingredient}."),
                needs=("amount",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How long does the {topic} bake?",
                        "How many minutes does the {topic} need in the oven?",
                        "For how long do I put the {topic} into the oven?",
                        "How many minutes until the {topic} is done?",
                    ),
                    held_out=(
                        "What is the baking time of the {topic}?",
                        "After how many minutes do I take out the {topic}?",
                        "How long must the {topic} stay in the oven?",
                    ),
                ),
                answers=same("The {topic} bakes for {minutes} minutes."),
                needs=("minutes",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How hot must the oven be for the {topic}?",
                        "At which temperature do I bake the {topic}?",
                        "How many degrees does the {topic} need?",
                        "To how many degrees do I set the oven for the {topic}?",
                    ),
                    held_out=(
                        "What temperature is right for the {topic}?",
                        "What oven heat does the {topic} take?",
                        "Remind me of the degrees for the {topic}.",
                    ),
                ),
                answers=same("The {topic} bakes at {heat} degrees."),
                needs=("heat",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "Next time only {amount} of {ingredient} for the {topic}!",
                "I corrected the recipe of the {topic}: {amount} of {ingredient} is right.",
            ),
            held_out=(
                "The {topic} is better with {amount} of {ingredient} than with what I wrote.",
                "Tried the {topic} again. {Amount} of {ingredient}, that's the way.",
            ),
        ),
        changed=("amount",),
        unsaid=Wordings(
            train=(
                "How many eggs go into the {topic}?",
                "Who gave me the recipe for the {topic}?",
                "How many people does the {topic} serve?",
                "Which tin do I use for the {topic}?",
            ),
            held_out=(
                "What number of eggs does the {topic} need?",
                "How long does the {topic} keep?",
                "How much salt does the {topic} take?",
            ),
        ),
    ),
    Family(
        name="shopping",
        topics=_FEASTS,
        slots={"items": several_of(_GROCERIES)},
        notes=(
            Wordings(
                train=(
                    "Shopping list for the {topic}: {items}.",
                    "We still need {items} for the {topic}.",
                    "For the {topic} please buy {items}.",
                    "To get before the {topic}: {items}.",
                    "I promised to bring {items} to the {topic}.",
                ),
                held_out=(
                    "{Items} - that is all we have to buy for the {topic}.",
                    "Off to the shop soon, the {topic} requires {items}.",
                    "Would you pick up {items}? It is for the {topic}.",
                    "Missing for the {topic} so far: {items}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What do I have to buy for the {topic}?",
                        "What is on the shopping list for the {topic}?",
                        "Which things do we need for the {topic}?",
                        "What must I get for the {topic}?",
                    ),
                    held_out=(
                        "I am in the shop, what was it for the {topic}?",
                        "What are the groceries for the {topic}?",
                        "List what has to be bought for the {topic}.",
                    ),
                ),
                answers=same("For the {topic} you need {items}."),
                needs=("items",),
                category="list",
            ),
        ),
        changes=Wordings(
            train=(
                "New shopping list for the {topic}, the old one is void: {items}.",
                "We planned the {topic} anew and now only need {items}.",
            ),
            held_out=(
                "Scrap the earlier list for the {topic}; it's {items} instead.",
                "Other menu at the {topic}, so what I must buy is {items}.",
            ),
        ),
        changed=("items",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The {topic} is off, no need to buy anything.",
                    "Cancelled: {topic}. The shopping can wait.",
                ),
                held_out=(
                    "{Topic} called off because of all the colds.",
                    "We won't have the {topic} after all.",
                ),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        unsaid=Wordings(
            train=(
                "How many guests come to the {topic}?",
                "Who brings the cake to the {topic}?",
                "How much may the food for the {topic} cost?",
                "Which music do we play at the {topic}?",
            ),
            held_out=(
                "Who is invited to the {topic}?",
                "What does everybody pay for the {topic}?",
                "Who does the washing-up after the {topic}?",
            ),
        ),
    ),
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
        unsaid=Wordings(
            train=(
                "How much was the bill at {topic}?",
                "What did I drink at {topic}?",
                "In which street is {topic}?",
                "At which table did we sit at {topic}?",
            ),
            held_out=(
                "How is {topic} reached by phone?",
                "How expensive was the meal at {topic}?",
                "What was the dessert at {topic}?",
            ),
        ),
    ),
)
