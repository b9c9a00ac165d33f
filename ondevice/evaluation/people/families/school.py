"""What a child's school plans, and what to bring to it."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same, when
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, day_ahead, one_of

_SCHOOL = (
    "sports day", "invention fair", "class trip", "reading night", "swimming gala", "project week", "museum visit",
    "forest day", "spelling contest", "maths olympiad", "summer fête", "carnival party", "cake sale", "flea market day",
    "theatre rehearsal", "recorder recital", "graduation ceremony", "enrolment day", "bicycle exam", "first-aid day",
    "zoo excursion", "farm excursion", "skiing week", "lantern walk",
)  # fmt: skip
_BROUGHT = (
    "rubber boots", "a packed lunch", "an old shirt", "a head torch", "indoor shoes", "a white T-shirt",
    "five empty jars", "a bath towel", "a sun hat", "a rain jacket", "a pair of scissors", "a cake tin",
    "a signed slip", "a library card", "watercolours", "modelling clay", "a bicycle helmet", "a warm blanket",
    "a thermos flask", "egg cartons", "a cardboard box", "a ball of wool", "a pocket mirror", "a tape measure",
    "a fruit salad", "a bag of crisps", "coloured pencils", "wax crayons",
)  # fmt: skip

FAMILIES = (
    Family(
        name="school event",
        topics=_SCHOOL,
        slots={"day": day_ahead(), "thing": one_of(_BROUGHT), "time": clock},
        notes=(
            Wordings(
                train=(
                    "The {topic} is on {day} at {time}, and every child brings {thing}.",
                    "School news: {topic} {day}, start {time}, needed: {thing}.",
                    "Please give your child {thing} for the {topic} on {day}. We begin at {time}.",
                    "From the teacher: on {day} at {time} there is the {topic} (pack {thing}).",
                    "For the {topic} I have to pack {thing}; it is on {day}, {time} sharp.",
                    "Letter from school: {topic} on {day} at {time}, each child with {thing}.",
                    "We start the {topic} at {time} on {day}; please send your child with {thing}.",
                ),
                held_out=(
                    "{Topic}, {day}, {time}. To bring along: {thing}.",
                    'The note in the school bag says: "{Topic} on {day}, {time}. Do not forget {thing}."',
                    "Your class has its {topic} on {day}; it starts at {time}, with {thing} in every bag.",
                    "On {day} the little one has the {topic} at {time} and needs {thing} for it.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=when(
                    "the {topic}",
                    train=(
                        "What is the date of the {topic}?",
                        "I have to take a day off for the {topic}, which one?",
                        "{Topic}, on which day?",
                        "Tell me for what day the school plans the {topic}.",
                    ),
                ),
                answers=same("The {topic} is on {day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "At what time does the {topic} start?",
                        "What time is the {topic}?",
                        "When on the day does the {topic} begin?",
                        "How early does the {topic} start?",
                        "Tell me the time for the {topic}, I know the day already.",
                        "{Topic}: from what time on?",
                        "We are still at home, at what time do the children have to be at the {topic}?",
                    ),
                    held_out=(
                        "Starting time of the {topic}?",
                        "The {topic} begins at what hour?",
                        "Tell me the hour at which the {topic} starts.",
                    ),
                ),
                answers=same("The {topic} starts at {time}."),
                needs=("time",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does my child have to bring to the {topic}?",
                        "What do I pack for the {topic}?",
                        "What is needed for the {topic}?",
                        "Which thing must not be missing at the {topic}?",
                        "Tell me what the teacher wants us to pack for the {topic}.",
                        "{Topic}: what to bring?",
                        "I am standing in the shop, what do we still need for the {topic}?",
                    ),
                    held_out=(
                        "What goes into the bag for the {topic}?",
                        "What should the kids take along to the {topic}?",
                        "Packing for the {topic}: what?",
                    ),
                ),
                answers=same("For the {topic} you need {thing}."),
                needs=("thing",),
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} is put off until {day}, and starts at {time} then.",
                "New date for the {topic}: {day} at {time}.",
                "Because of the weather the school moved the {topic} to {day}, {time}.",
                "{Topic} on {day} at {time}, as most of the parents wished.",
                "The hall is taken, so the {topic} is on {day}, start {time}.",
            ),
            held_out=(
                "The {topic} won't be on the day they said but on {day} at {time}.",
                "{Topic}: now {day}, {time}, writes the school.",
            ),
        ),
        changed=("day", "time"),
        ending=Ending(
            notes=Wordings(
                train=(
                    "There will be no {topic} this year.",
                    "The school has cancelled the {topic}.",
                    "Too few teachers, so the school has to drop the {topic}.",
                    "Letter from the head teacher: the {topic} is called off.",
                ),
                held_out=("The {topic} does not take place, too many are ill.", "{Topic}: cancelled, says the school."),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "not take place", "won't take place", "called off"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic} on {day}.",
                    "The school writes that the {topic} is on {day}. Signed and sent back.",
                    "Please note that your child has the {topic} on {day}.",
                    "The children talk of nothing else: the {topic} is on {day}.",
                ),
                held_out=(
                    "Took {day} off, it is the {topic}.",
                    "Dear parents, we have chosen {day} for the {topic} and hope you like the idea.",
                    "Written on the fridge: {topic}, {day}.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "Where is the {topic}?",
                "How much is the {topic}?",
                "Who is the teacher in charge of the {topic}?",
                "When is the {topic} over?",
                "How many children take part in the {topic}?",
                "Who picks up my child after the {topic}?",
                "Which other parents help at the {topic}?",
                "Which bus takes the children to the {topic}?",
            ),
            held_out=(
                "What is the price of the {topic}?",
                "Where does the {topic} take place?",
                "What's the name of the teacher at the {topic}?",
            ),
        ),
    ),
)
