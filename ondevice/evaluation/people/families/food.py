"""What is cooked and bought: amounts of recipes, shopping lists."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import how_many, same
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, number, one_of, several_of

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
                    "Made the {topic} again: {heat} degrees, {minutes} minutes, {amount} of {ingredient} in the mix.",
                    "{Amount} of {ingredient} for the {topic}, then {heat} degrees for {minutes} minutes, that is all.",
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
                    train=(
                        "How much {ingredient} do I need for the {topic}?",
                        "{Ingredient} for the {topic}, what weight?",
                        "I am weighing the {ingredient} for the {topic}, tell me the grams.",
                        "The scales are out: how much {ingredient} does the {topic} want?",
                    ),
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
                        "I set the timer for the {topic}, to how many minutes?",
                        "Tell me the minutes the {topic} bakes.",
                        "The {topic} just went into the oven, how long does it stay there?",
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
                        "I am heating the oven for the {topic}, what temperature do I choose?",
                        "{Topic}, which oven temperature?",
                        "Tell me how hot the {topic} is baked.",
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
                "{Topic} for the visitors, with {amount} of {ingredient}, and they all wanted more.",
                "Weighed it properly this time, the {topic} needs {amount} of {ingredient}.",
            ),
            held_out=(
                "The {topic} is better with {amount} of {ingredient} than with what I wrote.",
                "Tried the {topic} again. {Amount} of {ingredient}, that's the way.",
            ),
        ),
        changed=("amount",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} needs {minutes} minutes in the oven, and the kitchen smells lovely all that time.",
                    "{Topic}: {minutes} minutes of baking.",
                    "Baked the {topic} for {minutes} minutes, which was just right.",
                    "Leave your {topic} in the oven for {minutes} minutes, then let it cool on the rack.",
                ),
                held_out=(
                    "Timer for the {topic}: {minutes} minutes.",
                    "After {minutes} minutes I took the {topic} out, golden brown and perfect.",
                    "Your {topic} wants {minutes} minutes of baking, so there is time to tidy up.",
                ),
            ),
            tells=("minutes",),
        ),
        unsaid=Wordings(
            train=(
                "How many eggs go into the {topic}?",
                "Who gave me the recipe for the {topic}?",
                "How many people does the {topic} serve?",
                "Which tin do I use for the {topic}?",
                "How much did the ingredients for the {topic} cost?",
                "How long must the {topic} cool before it is cut?",
                "How many slices do I cut the {topic} into?",
                "On which shelf of the oven does the {topic} go?",
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
                    "My turn to shop for the {topic}, so {items} it is.",
                    "Don't let me come home from the shop without {items}, the {topic} depends on it.",
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
                        "Tell me what I should put in the trolley for the {topic}.",
                        "I am writing the shopping list for the {topic}, what goes on it?",
                        "{Topic}: what do we have to get?",
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
                "Talked the {topic} through with the others: the things to buy are {items}.",
                "I am in charge of {items} for the {topic}, the others see to the rest.",
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
                    "Too few people had time, so the {topic} does not take place.",
                    "No {topic} this year, we dropped the whole plan.",
                ),
                held_out=(
                    "{Topic} called off because of all the colds.",
                    "We won't have the {topic} after all.",
                ),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Shopping for the {topic} is my job this time.",
                    "We have to go to the shop before the {topic}, let us take the car.",
                    "The list for the {topic} hangs on the fridge.",
                    "You offered to go shopping for the {topic}, thank you, that is a great help.",
                ),
                held_out=(
                    "I carried heavy bags home for the {topic}.",
                    "So much to buy for the {topic}, the trolley will be full.",
                    "Thank you for taking over the groceries for the {topic}, I owe you one.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How many guests come to the {topic}?",
                "Who brings the cake to the {topic}?",
                "How much may the food for the {topic} cost?",
                "Which music do we play at the {topic}?",
                "At what time does the {topic} begin?",
                "Where do we hold the {topic}?",
                "How many chairs do we need for the {topic}?",
                "Who pays for the shopping for the {topic}?",
            ),
            held_out=(
                "Who is invited to the {topic}?",
                "What does everybody pay for the {topic}?",
                "Who does the washing-up after the {topic}?",
            ),
        ),
    ),
)
