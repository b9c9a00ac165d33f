"""What people like, wish for, and teach."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of, someone

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
_SUBJECTS = (
    "geometry", "algebra", "life drawing", "watercolour", "beginners' Spanish", "beginners' Greek",
    "organic chemistry", "astronomy", "Latin", "rhetoric", "bookbinding", "woodcarving", "music theory", "harmony",
    "sign language", "shorthand", "evening Italian", "evening Polish", "economic history", "law for beginners",
)  # fmt: skip
_CLASSROOMS = (
    "room A12", "room B21", "room C05", "room D18", "the chemistry lab", "the physics lab", "the attic room",
    "the basement room", "lecture hall 2", "lecture hall 6", "the red pavilion", "the glass pavilion", "room 311",
    "room 127", "the old refectory", "the map room",
)  # fmt: skip

FAMILIES = (
    Family(
        name="gift",
        topics=_GIVEN,
        slots={"gift": one_of(_GIFTS), "shop": one_of(_GIFT_SHOPS)},
        notes=(
            Wordings(
                train=(
                    "Present for my {topic}: {gift}, to be had at {shop}.",
                    "My {topic} would love {gift}, and {shop} has it.",
                    "I want to give my {topic} {gift}. Saw it at {shop}.",
                    "Gift idea! {Gift} from {shop} for my {topic}.",
                    "Your {topic} told me in secret about wanting {gift}, have a look at {shop}.",
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
            ),
            held_out=(
                "My {topic} already has that, so I'll take {gift} at {shop} instead.",
                "Forget the old plan for my {topic}. {Gift}, {shop}.",
            ),
        ),
        changed=("gift", "shop"),
        unsaid=Wordings(
            train=(
                "How much may the present for my {topic} cost?",
                "Which size does my {topic} wear?",
                "Who chips in for the present for my {topic}?",
                "What did my {topic} give me last year?",
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
        slots={"dislike": one_of(_FOODS), "dish": one_of(_FAVOURITES)},
        notes=(
            Wordings(
                train=(
                    "My {topic} can't stand {dislike}, but loves {dish}.",
                    "When my {topic} comes to dinner: no {dislike}! {Dish} would be a hit.",
                    "I learned that {dish} is what my {topic} likes best, and {dislike} what my {topic} never eats.",
                    "Your {topic} asked for {dish} again and left all the {dislike} on the plate.",
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
        unsaid=Wordings(
            train=(
                "What does my {topic} like to drink?",
                "Which book does my {topic} like best?",
                "How many spoons of sugar does my {topic} take?",
                "At what time does my {topic} have dinner?",
            ),
            held_out=(
                "Which film does my {topic} love?",
                "Who cooks for my {topic} at home?",
                "Which medicine does my {topic} take?",
            ),
        ),
    ),
    Family(
        name="class",
        topics=_SUBJECTS,
        slots={"person": someone, "room": one_of(_CLASSROOMS)},
        notes=(
            Wordings(
                train=(
                    "{Person} teaches {topic} in {room}.",
                    "My course in {topic}: {person}, {room}.",
                    "I have {topic} with {person}, always in {room}.",
                    "For {topic} we go to {room}. The teacher is {person}.",
                ),
                held_out=(
                    "{Topic} ({room}), taught by {person}.",
                    "In {room} I sat down for {topic}, and {person} turned out to be the teacher.",
                    "Your teacher in {topic} will be {person}; please come to {room}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who teaches {topic}?",
                        "With whom do I have {topic}?",
                        "Who is my teacher in {topic}?",
                        "Tell me who gives the course in {topic}.",
                    ),
                    held_out=(
                        "What's the name of the teacher in {topic}?",
                        "Who do I learn {topic} from?",
                        "Who leads the course in {topic}?",
                    ),
                ),
                answers=same("{Person} teaches {topic}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "In which room is {topic}?",
                        "Where do I have {topic}?",
                        "Where do I have to go for {topic}?",
                        "Which room is the course in {topic} in?",
                    ),
                    held_out=(
                        "What room is {topic} taught in?",
                        "Where does the course in {topic} meet?",
                        "Where is {topic} taking place?",
                    ),
                ),
                answers=same("{Topic} is in {room}."),
                needs=("room",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "{Person} is now teaching {topic} instead.",
                "New teacher in {topic}: {person}.",
            ),
            held_out=(
                "{Topic} has been taken over by {person}.",
                "From now on I have {person} in {topic}.",
            ),
        ),
        changed=("person",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The course in {topic} is cancelled this term.",
                    "{Topic} will not be taught any more, they wrote to us.",
                ),
                held_out=(
                    "Nobody signed up, so there is no more {topic}.",
                    "They called off the course in {topic}.",
                ),
            ),
            answer="The course in {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        unsaid=Wordings(
            train=(
                "How many people are in the course in {topic}?",
                "Which textbook do we use in {topic}?",
                "What does the course in {topic} cost?",
                "When is the exam in {topic}?",
            ),
            held_out=(
                "What mark did I get in {topic}?",
                "How many weeks does the course in {topic} run?",
                "What is the homework in {topic}?",
            ),
        ),
    ),
)
