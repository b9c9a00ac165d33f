"""What people like and wish for."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_GIVEN = (
    "father", "godfather", "garden neighbour", "yoga neighbour", "boss", "secretary", "mother-in-law", "quiz partner",
    "neighbour upstairs", "neighbour across the street", "tennis partner", "dance partner", "nanny", "hairdresser",
    "doorman", "janitor", "fitness trainer", "swimming trainer", "Secret Santa partner", "bowling team captain",
    "ski instructor", "car-pool driver",
)  # fmt: skip
_GIFTS = (
    "a silk scarf", "a wool blanket", "a bread knife", "a teapot", "a board game", "a jigsaw puzzle", "a fountain pen",
    "a leather wallet", "a bird feeder", "a bonsai tree", "a cookery book", "a photo album", "a pair of slippers",
    "a pair of gloves", "a bicycle bell", "a headlamp", "a chess set", "a set of paints", "a theatre voucher",
    "a massage voucher", "a hip flask", "a picnic basket", "a music box", "a snow globe", "a pocket knife",
    "a spice rack", "a rain jacket", "a straw hat", "a desk lamp", "a wall clock",
)  # fmt: skip
_GIFT_SHOPS = (
    "Benson's", "Tillmann's", "the craft market", "the flea market", "the museum shop", "the garden centre",
    "the department store", "the second-hand shop", "Papillon", "Kontor 9", "the gift shop in the arcade",
    "the corner shop by the church", "Hedwig's", "Old & Odd",
)  # fmt: skip
_EATERS = (
    "colleague", "trainee", "neighbour", "ballroom partner", "weekend visitor", "morning visitor", "daughter's friend",
    "son's friend", "exchange student", "au pair", "boyfriend", "girlfriend", "babysitting teenager", "homework pupil",
    "theatre friend", "sauna friend", "Sunday guest", "Friday guest", "chess opponent", "card partner",
)  # fmt: skip
_FOODS = (
    "mushrooms", "aubergines", "olives", "capers", "raw onions", "garlic", "liver", "lamb", "coriander", "parsley",
    "blue cheese", "goat's cheese", "beetroot", "celery", "peanuts", "walnuts", "raisins", "figs", "oysters", "squid",
    "spinach", "kale", "marzipan", "liquorice", "lentils", "chickpeas", "gooseberries", "rhubarb", "horseradish",
    "mustard",
)  # fmt: skip
_FAVOURITES = (
    "potato pancakes", "fish pie", "tomato soup", "noodle soup", "cherry cake", "lemon tart", "roast chicken",
    "meatballs", "cheese fondue", "raclette", "apricot dumplings", "plum dumplings", "rice pudding",
    "chocolate mousse", "stuffed peppers", "stuffed cabbage", "vegetable curry", "fish curry", "waffles", "crêpes",
)  # fmt: skip

FAMILIES = (
    Family(
        name="gift",
        topics=_GIVEN,
        topics_are_people=True,
        slots={"gift": one_of(_GIFTS), "shop": one_of(_GIFT_SHOPS)},
        notes=(
            Wordings(
                train=(
                    "Present for my {topic}: {gift}, to be had at {shop}.",
                    "My {topic} would love {gift}, and {shop} has it.",
                    "I want to give my {topic} {gift}. Saw it at {shop}.",
                    "Gift idea! {Gift} from {shop} for my {topic}.",
                    "Your {topic} told me in secret about wanting {gift}, have a look at {shop}.",
                    "My {topic} stopped in front of {shop} and looked at {gift} for ages, so that is the present.",
                    "Present list. {Topic}: {gift}, from {shop}.",
                ),
                held_out=(
                    "{Gift} for my {topic} (sold at {shop}).",
                    "At {shop} I found what my {topic} is going to get from me: {gift}.",
                    "My {topic} keeps talking about {gift}; I could get that at {shop}.",
                    "You were looking for something for your {topic}? {Shop} has {gift}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What do I want to give my {topic}?",
                        "What could I give my {topic} as a present?",
                        "Which present did I think of for my {topic}?",
                        "What would my {topic} like to get?",
                        "I forgot what I wanted to get my {topic}.",
                        "Present for my {topic}: which one?",
                        "Tell me what my {topic} gets from me.",
                    ),
                    held_out=(
                        "What was the gift idea for my {topic}?",
                        "I need a present for my {topic}, what was it?",
                        "What does my {topic} wish for?",
                    ),
                ),
                answers=same("The present for your {topic} is {gift}."),
                needs=("gift",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where do I buy the present for my {topic}?",
                        "Which shop has the present for my {topic}?",
                        "Where is the gift for my {topic} sold?",
                        "In which shop do I get what I want to give my {topic}?",
                        "I am in town, which shop do I go to for my {topic}'s present?",
                        "The present for my {topic}: from which shop?",
                        "Tell me where they sell what I picked for my {topic}.",
                    ),
                    held_out=(
                        "Where can I find the gift for my {topic}?",
                        "What shop sells my {topic}'s present?",
                        "Remind me where to get the present for my {topic}.",
                    ),
                ),
                answers=same("The present for your {topic} is sold at {shop}."),
                needs=("shop",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "Better idea for my {topic}'s present: {gift} from {shop}.",
                "I changed my mind, my {topic} gets {gift}, from {shop}.",
                "It will be {gift} from {shop} for my {topic}, everybody agrees.",
                "For my {topic} I have settled on {gift}, put aside for me at {shop}.",
            ),
            held_out=(
                "My {topic} already has that, so I'll take {gift} at {shop} instead.",
                "Forget the old plan for my {topic}. {Gift}, {shop}.",
            ),
        ),
        changed=("gift", "shop"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The present for my {topic} comes from {shop}.",
                    "Went to {shop} for my {topic}'s present, they wrap things beautifully.",
                    "They have what I want to give my {topic} at {shop}, and it is not even far.",
                    "Your {topic}'s present is waiting for you at {shop}.",
                ),
                held_out=(
                    "{Shop} will do for the present for my {topic}.",
                    "At {shop} they put my {topic}'s present in a box with a ribbon.",
                    "I get my {topic}'s gift at {shop}, the staff there know me.",
                ),
            ),
            tells=("shop",),
        ),
        unsaid=Wordings(
            train=(
                "How much may the present for my {topic} cost?",
                "Which size does my {topic} wear?",
                "Who chips in for the present for my {topic}?",
                "What did my {topic} give me last year?",
                "On which day do I hand over the present for my {topic}?",
                "What colour is the wrapping paper for my {topic}'s present?",
                "Who goes with me to buy the present for my {topic}?",
                "Where do I hide the present for my {topic}?",
            ),
            held_out=(
                "What is my {topic}'s favourite colour?",
                "How old is my {topic}?",
                "When will the present for my {topic} be delivered?",
            ),
        ),
    ),
    Family(
        name="taste",
        topics=_EATERS,
        topics_are_people=True,
        slots={"dislike": one_of(_FOODS), "dish": one_of(_FAVOURITES)},
        notes=(
            Wordings(
                train=(
                    "My {topic} can't stand {dislike}, but loves {dish}.",
                    "When my {topic} comes to dinner: no {dislike}! {Dish} would be a hit.",
                    "I learned that {dish} is what my {topic} likes best, and {dislike} what my {topic} never eats.",
                    "Your {topic} asked for {dish} again and left all the {dislike} on the plate.",
                    "For my {topic}: yes to {dish}, the best food there is, no to {dislike}.",
                    "My {topic} listed favourite meals ({dish} comes first) and pulled a face at the word {dislike}.",
                ),
                held_out=(
                    "Cooking for my {topic}: {dish} goes down well, {dislike} not at all.",
                    "{Dislike}? Not with my {topic}. I should rather make {dish}, the all-time favourite.",
                    "Your {topic} is picky: anything with {dislike} is refused, {dish} is adored.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does my {topic} not eat?",
                        "Which food can my {topic} not stand?",
                        "What should I leave out when I cook for my {topic}?",
                        "What does my {topic} dislike?",
                        "I forgot which food my {topic} won't touch.",
                        "My {topic} comes to dinner, which ingredient do I keep off the table?",
                        "Tell me what my {topic} never eats.",
                    ),
                    held_out=(
                        "Is there something my {topic} refuses to eat, and what?",
                        "What must not be in the food for my {topic}?",
                        "What food does my {topic} hate?",
                    ),
                ),
                answers=same("Your {topic} does not eat {dislike}."),
                needs=("dislike",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does my {topic} like to eat best?",
                        "Which dish does my {topic} love?",
                        "What should I cook for my {topic}?",
                        "What is the favourite dish of my {topic}?",
                        "Tell me which meal my {topic} likes more than any other.",
                        "I want to spoil my {topic}, so which dish is it?",
                        "Favourite meal of my {topic}: what was it?",
                    ),
                    held_out=(
                        "What meal makes my {topic} happy?",
                        "With which dish do I please my {topic}?",
                        "What's my {topic}'s favourite food?",
                    ),
                ),
                answers=same("Your {topic} likes {dish} best."),
                needs=("dish",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} likes {dish} best of all.",
                    "Made {dish} for my {topic}, the favourite dish by far, and there was nothing left.",
                    "Nothing beats {dish} in the eyes of my {topic}.",
                    "Your {topic} was here and we had {dish}, the favourite dish, as you know.",
                ),
                held_out=(
                    "Whenever my {topic} visits I make {dish}, the favourite meal.",
                    "{Dish}! My {topic} lights up at the very word, there is no better dish.",
                    "Ask your {topic} about the best dish in the world and you will hear: {dish}.",
                ),
            ),
            tells=("dish",),
        ),
        unsaid=Wordings(
            train=(
                "What does my {topic} like to drink?",
                "Which book does my {topic} like best?",
                "How many spoons of sugar does my {topic} take?",
                "At what time does my {topic} have dinner?",
                "Where does my {topic} like to eat out?",
                "How many portions does my {topic} eat?",
                "Who taught my {topic} to cook?",
                "How spicy does my {topic} like the food?",
            ),
            held_out=(
                "Which film does my {topic} love?",
                "Who cooks for my {topic} at home?",
                "Which medicine does my {topic} take?",
            ),
        ),
    ),
)
