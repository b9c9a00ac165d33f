"""Talks about a dish: whose recipe it is, what its secret is, and what it was cooked for."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import year_past
from ondevice.evaluation.people.values import one_of

_DISHES = (
    "lasagne", "moussaka", "goulash", "beef stew", "paella", "risotto", "borscht", "minestrone", "lentil soup",
    "pumpkin soup", "fish stew", "fish curry", "onion tart", "leek tart", "potato gratin", "bean casserole",
    "shepherd's pie", "chicken pie", "ratatouille", "vegetable curry", "chili", "jambalaya",
)  # fmt: skip
_TEACHERS = (
    "grandmother", "grandfather", "aunt", "uncle", "neighbour", "landlady", "father", "stepfather", "mother-in-law",
    "father-in-law", "colleague", "boss", "cousin", "sister", "flatmate", "best friend", "great-aunt", "godmother",
    "host family", "old music teacher",
)  # fmt: skip
_SECRETS = (
    "smoked paprika", "roasted cumin", "dark chocolate", "strong coffee", "orange peel", "lemon zest",
    "a pinch of cinnamon", "a pinch of nutmeg", "a spoon of honey", "a spoon of mustard", "a dash of soy sauce",
    "a dash of vinegar", "fresh ginger", "fresh mint", "black garlic", "white pepper", "dried plums", "dried apricots",
    "apple juice", "maple syrup", "juniper berries", "fennel seeds", "peanut butter", "anchovy paste",
)  # fmt: skip
_OCCASIONS = (
    "the street party", "the office party", "a farewell dinner", "a housewarming", "the choir rehearsal",
    "the chess evening", "the village fair", "the harvest festival", "New Year's Eve", "Mother's Day",
    "a rainy Sunday", "a cold Monday", "the football final", "the election night", "a colleague's birthday",
    "a neighbour's birthday", "the club meeting", "the parents' evening", "a moving day", "a first date",
)  # fmt: skip

TALKS = (
    Family(
        name="told dish",
        topics=_DISHES,
        told_by=("talker",),
        slots={
            "teacher": one_of(_TEACHERS),
            "year": year_past,
            "secret": one_of(_SECRETS),
            "occasion": one_of(_OCCASIONS),
        },
        notes=(
            Wordings(
                train=(
                    "I made my {topic} for {occasion}. My {teacher} taught me how {year}, and the secret is {secret}.",
                    "They all wanted seconds of my {topic}! I cooked it for {occasion}, the way I learned it from my "
                    "{teacher} {year}, with {secret} as the secret ingredient.",
                    "Want to know what's hidden in my {topic}? {Secret}! My {teacher} showed me {year}, and now I "
                    "cooked "
                    "it for {occasion}.",
                    "For {occasion} I stood in the kitchen for hours and made {topic}. My {teacher} gave me cooking "
                    "lessons {year} and told me the secret: {secret}.",
                    "I owe my {topic} to my {teacher}, who taught me {year}. It's {secret} that makes it special. "
                    "I served it for {occasion}, and not a crumb was left.",
                    "{Occasion} was coming and I felt like {topic}, so I cooked what my {teacher} had taught me "
                    "{year}. "
                    "Don't tell anyone, but I put in {secret}.",
                ),
                held_out=(
                    "I've cooked {topic} for {occasion}, and I was so nervous! Thank goodness my {teacher} let me "
                    "in on "
                    "the trick with {secret} {year}.",
                    "My {teacher} passed the {topic} on to me {year}: nobody guesses that there's {secret} in it. "
                    "I brought it to the table for {occasion}.",
                    "What made my {topic} so good? It was {secret}, an idea of my {teacher}, who took me through the "
                    "recipe {year}. I made it for {occasion}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who taught {talker} to make the {topic}?",
                        "From whom did {talker} learn to cook the {topic}?",
                        "Who showed {talker} how to make {topic}?",
                        "Whose recipe is {talker}'s {topic}?",
                    ),
                    held_out=(
                        "Who passed on to {talker} how to make the {topic}?",
                        "Which person gave {talker} the recipe for the {topic}?",
                    ),
                ),
                answers=same("{Talker}'s {teacher}."),
                needs=("teacher",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} learn to make the {topic}?",
                        "In which year was {talker} taught how to cook {topic}?",
                        "When did {talker} get to know the recipe for the {topic}?",
                        "Since when has {talker} known how to make {topic}?",
                    ),
                    held_out=(
                        "What year did {talker} find out how the {topic} is made?",
                        "When was {talker} let in on the making of the {topic}?",
                    ),
                ),
                answers=same("{Year}."),
                needs=("year",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is the secret ingredient of {talker}'s {topic}?",
                        "What does {talker} put into the {topic} as a secret?",
                        "Which ingredient makes {talker}'s {topic} special?",
                        "What does {talker} say is the secret of the {topic}?",
                    ),
                    held_out=(
                        "What is {talker}'s trick for the {topic}?",
                        "What gives {talker}'s {topic} its special taste?",
                    ),
                ),
                answers=same("{Secret}."),
                needs=("secret",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "For which occasion did {talker} make the {topic}?",
                        "What did {talker} cook the {topic} for?",
                        "On what occasion did {talker} serve {topic}?",
                        "What was the reason for {talker} to cook {topic}?",
                    ),
                    held_out=(
                        "Why did {talker} prepare the {topic}?",
                        "What event was {talker}'s {topic} meant for?",
                    ),
                ),
                answers=same("For {occasion}."),
                needs=("occasion",),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I cooked {topic} for {occasion}, and I'm still washing up.",
                    "My {topic} was a hit! I'd made it for {occasion}.",
                    "I burnt my fingers when I made {topic} for {occasion}, but it was worth it.",
                ),
                held_out=(
                    "For {occasion} I tried my hand at a big pot of {topic}.",
                    "There's plenty of {topic} left in my fridge, because I cooked too much for {occasion}.",
                ),
            ),
            tells=("occasion",),
        ),
        unsaid=Wordings(
            train=(
                "How long does {talker} cook the {topic}?",
                "What does {talker} serve with the {topic}?",
                "Where does {talker} buy the vegetables for the {topic}?",
                "Who helped {talker} with the {topic} in the kitchen?",
                "How many people ate {talker}'s {topic}?",
            ),
            held_out=(
                "Which wine does {talker} drink with the {topic}?",
                "What went wrong when {talker} made the {topic}?",
                "In which pot does {talker} cook the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "I keep hearing about your {topic}, {talker}. What's so special about it?",
                "You've been cooking {topic}, haven't you?",
                "Someone praised your {topic}, {talker}! How did that come about?",
            ),
            held_out=(
                "I dream of your {topic}, {talker}. What's behind it?",
                "Tell me about that {topic} of yours, I'm getting hungry.",
            ),
        ),
    ),
)
