"""What stands in a calendar: appointments, birthdays, days at school."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same, when, where
from ondevice.evaluation.people.families.topics import RELATIVES
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.names import PLACES
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, day_ahead, day_of_year, one_of

_APPOINTMENTS = (
    "choir rehearsal", "parents' evening", "yoga class", "pottery class", "team meeting", "budget meeting", "book club",
    "film club", "dentist appointment", "eye test", "car inspection", "boiler inspection", "piano lesson",
    "driving lesson", "flat viewing", "house viewing", "football training", "handball training", "flu vaccination",
    "blood test", "photo workshop", "baking workshop", "school concert", "summer concert", "tenants' meeting",
    "sailing course", "first-aid course", "job interview", "works council", "haircut",
)  # fmt: skip

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
        name="appointment",
        topics=_APPOINTMENTS,
        slots={"day": day_ahead(), "time": clock, "place": one_of(PLACES)},
        notes=(
            Wordings(
                train=(
                    "The {topic} is on {day} at {time} in {place}.",
                    "{Topic}: {day}, {time}, {place}.",
                    "Reminder that the {topic} takes place on {day} at {time} at {place}.",
                    "Don't forget the {topic}! {Day}, {time}, {place}.",
                    "They confirmed my {topic} for {day}, {time}, at {place}.",
                ),
                held_out=(
                    "{Day}, {time}: {topic} ({place}).",
                    "I have a {topic} at {place} on {day}, starting at {time}.",
                    "Note to self, {topic} happens {day} at {time}, we meet at {place}.",
                    "We would like to see you at the {topic} on {day} at {time}, as always at {place}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=when(
                    "the {topic}", train=("What time and day is the {topic}?",), held_out=("What date is the {topic}?",)
                ),
                answers=same("The {topic} is on {day} at {time}."),
                needs=("day",),
            ),
            Asking(
                questions=where("the {topic}"),
                answers=same("The {topic} is at {place}."),
                needs=("place",),
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} has been moved to {day} at {time}.",
                "Change of plan: the {topic} is now on {day}, {time}.",
            ),
            held_out=("{Topic} postponed, new date {day} at {time}.", "The {topic} got rescheduled: {day}, {time}."),
        ),
        changed=("day", "time"),
        ending=Ending(
            notes=Wordings(
                train=("The {topic} is cancelled.", "They called to say that there will be no {topic} after all."),
                held_out=("{Topic} called off, nobody has time.", "Sadly the {topic} won't take place."),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        unsaid=Wordings(
            train=("How long does the {topic} take?", "Who comes along to the {topic}?"),
            held_out=("What will the {topic} cost me?", "Which bus goes to the {topic}?"),
        ),
    ),
    Family(
        name="birthday",
        topics=RELATIVES,
        slots={"day": day_of_year},
        notes=(
            Wordings(
                train=(
                    "My {topic}'s birthday is on {day}.",
                    "Birthday of my {topic}: {day}.",
                    "My {topic} was born on {day}, so that is when the cake has to be ready.",
                    "Always forget it, so here it is: my {topic} has a birthday on {day}.",
                    "Put into the calendar: {day}, birthday ({topic}).",
                ),
                held_out=(
                    "{Day} is the day my {topic} turns a year older.",
                    "{Topic}: birthday {day}!",
                    "Every year on {day} we celebrate my {topic}'s birthday.",
                    "I finally asked my {topic} about the birthday, and it is {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=when(
                    "my {topic}'s birthday",
                    train=("When does my {topic} have a birthday?", "When was my {topic} born?"),
                    held_out=("Which date do I congratulate my {topic} on?", "My {topic}'s birthday, when is it?"),
                ),
                answers=same("Your {topic}'s birthday is on {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        unsaid=Wordings(
            train=(
                "What is my {topic}'s shoe size?",
                "What is my {topic} allergic to?",
                "What did I give my {topic} last year?",
                "Where was my {topic} born?",
                "What is my {topic}'s age?",
            ),
            held_out=(
                "My {topic} wears which size of shoes?",
                "What must my {topic} not eat?",
                "In which year was my {topic} born?",
                "Where does my {topic} celebrate the birthday?",
            ),
        ),
    ),
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
                questions=when("the {topic}", train=("What is the date of the {topic}?",)),
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
            ),
            held_out=(
                "The {topic} won't be on the day they said but on {day} at {time}.",
                "{Topic}: now {day}, {time}, writes the school.",
            ),
        ),
        changed=("day", "time"),
        ending=Ending(
            notes=Wordings(
                train=("There will be no {topic} this year.", "The school has cancelled the {topic}."),
                held_out=("The {topic} does not take place, too many are ill.", "{Topic}: cancelled, says the school."),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "not take place", "won't take place", "called off"),
        ),
        unsaid=Wordings(
            train=(
                "Where is the {topic}?",
                "How much is the {topic}?",
                "Who is the teacher in charge of the {topic}?",
                "When is the {topic} over?",
            ),
            held_out=(
                "What is the price of the {topic}?",
                "Where does the {topic} take place?",
                "What's the name of the teacher at the {topic}?",
            ),
        ),
    ),
)
