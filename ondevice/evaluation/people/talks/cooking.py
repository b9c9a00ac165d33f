"""Talks, over several turns, about what somebody likes to make for guests."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_GATHERINGS = (
    "brunch", "picnic", "barbecue", "porch party", "game night", "movie night", "potluck", "buffet", "school fair",
    "fundraising brunch", "Sunday lunch", "Sunday dinner", "poker evening", "book evening", "birthday party",
    "children's party", "coffee morning", "tea party", "family meal", "team lunch",
)  # fmt: skip
_SAVOURY = (
    "spinach quiche", "mushroom quiche", "potato salad", "pasta salad", "tomato soup", "carrot soup", "cheese rolls",
    "sausage rolls", "stuffed peppers", "stuffed tomatoes", "fried rice", "spring rolls", "pea fritters",
    "corn fritters", "salmon pasta", "chicken skewers", "vegetable skewers", "mini pizzas", "mini burgers",
    "meatballs",
)  # fmt: skip
_SWEET = (
    "lemon cake", "carrot cake", "cherry tart", "apple tart", "chocolate brownies", "walnut brownies", "plum crumble",
    "rhubarb crumble", "cinnamon buns", "raisin buns", "oat biscuits", "almond biscuits", "cheesecake", "tiramisu",
    "banana muffins", "blueberry muffins", "vanilla pudding", "rice pudding", "apricot strudel", "poppy seed roll",
)  # fmt: skip
_BREADS = (
    "rye bread", "walnut bread", "olive bread", "garlic bread", "rosemary focaccia", "onion focaccia", "pumpkin bread",
    "potato bread", "flatbread", "cornbread", "sesame rings", "salt pretzels", "spelt rolls", "milk rolls",
    "sourdough baguette", "herb baguette", "cheese scones", "oat scones", "sunflower loaf", "fennel loaf",
)  # fmt: skip

TALKS = (
    Family(
        name="told things to cook",
        topics=_GATHERINGS,
        told_by=("talker", "talker", "talker"),
        slots={"one": one_of(_SAVOURY), "two": one_of(_SWEET), "three": one_of(_BREADS)},
        notes=(
            Wordings(
                train=(
                    "When I have people over for a {topic}, I like to make {one}. It's hearty and I can do it half "
                    "asleep.",
                    "I always make {one} for a {topic}, my friends would be cross if I didn't!",
                    "{One} never fails me at a {topic}. I love making it, it calms me down after work.",
                    "For a {topic} I reach for something savoury, and {one} it is. My kitchen smells wonderful then.",
                ),
                held_out=(
                    "You know my rule for every {topic}: there must be {one}. I enjoy making that most.",
                    "What do I cook for a {topic}? Often it's {one}, something salty to begin with.",
                ),
            ),
            Wordings(
                train=(
                    "Something sweet belongs to a {topic}, so I like to bake {two}. I lick the bowl, of course.",
                    "My dessert for a {topic} is {two}, I've made that for ages and it's never boring.",
                    "I get so many compliments for {two}, that's the sweet thing I make for a {topic}.",
                    "At a {topic} I wait for the dessert, and that's why I make {two}. I've got a sweet tooth!",
                ),
                held_out=(
                    "The sweet part of a {topic} is the one I care about: I make {two} and hide a piece for myself.",
                    "{Two} for dessert, that's what I love to prepare when there's a {topic}.",
                ),
            ),
            Wordings(
                train=(
                    "I also bake {three} for a {topic}, because bought bread is so dull.",
                    "If there's time before a {topic}, I bake {three}. Kneading is my kind of sport!",
                    "From my oven to the {topic}: {three}! I bake that with real pleasure.",
                    "The basket that I take to a {topic} has {three} in it, still warm. I like baking that early "
                    "in the morning.",
                ),
                held_out=(
                    "Flour all over my jumper again, since I bake {three} whenever a {topic} comes up.",
                    "No {topic} without {three}, I say, and of course I bake that myself.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} like to make for a {topic}?",
                        "Which dishes does {talker} prepare for a {topic}?",
                        "What kinds of food does {talker} cook and bake for a {topic}?",
                        "Which things does {talker} make when there is a {topic}?",
                    ),
                    held_out=(
                        "What does {talker} usually cook or bake for a {topic}?",
                        "Name the food that {talker} prepares for a {topic}.",
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
                        "What does {talker} make for dessert at a {topic}?",
                        "Which sweet thing does {talker} make for a {topic}?",
                        "What kind of dessert does {talker} like to prepare for a {topic}?",
                        "What sweet food does {talker} bring to a {topic}?",
                    ),
                    held_out=(
                        "What is {talker}'s dessert for a {topic}?",
                        "With what does {talker} end a {topic} on a sweet note?",
                    ),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'm always happy when there's a {topic}, I love being in the kitchen for others.",
                    "I've had guests for a {topic}, and everything on the table was homemade!",
                    "A {topic} without good food is no fun, that's my opinion.",
                ),
                held_out=(
                    "I ate far too much at the last {topic}, it was all so good.",
                    "There'll be a {topic} at my place again soon, and I'm already writing the shopping list.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How many guests does {talker} invite to a {topic}?",
                "What does {talker} drink at a {topic}?",
                "Who helps {talker} in the kitchen before a {topic}?",
                "At what time does {talker} start a {topic}?",
                "Which music does {talker} play at a {topic}?",
            ),
            held_out=(
                "How does {talker} dress for a {topic}?",
                "Which plates does {talker} use for a {topic}?",
                "Who cleans up after {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "What do we get to eat at your next {topic}, {talker}?",
                "I need ideas for a {topic}. You're good at that!",
                "You always have such nice food at a {topic}, {talker}. What's your plan?",
            ),
            held_out=(
                "I'm hosting a {topic} and have no clue what to serve. Any tips, {talker}?",
                "Are you in the kitchen again, {talker}? For a {topic}?",
            ),
        ),
    ),
)
