"""What stands in a calendar: appointments and birthdays."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same, when, where
from ondevice.evaluation.people.families.topics import RELATIVES
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
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
                    "Marked in the calendar: {topic} at {place} on {day}, {time}.",
                    "At {time} on {day} it is time for the {topic}, and {place} is where I have to be.",
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
                    "the {topic}",
                    train=(
                        "What time and day is the {topic}?",
                        "Tell me the day of the {topic}.",
                        "{Topic}: on which date?",
                        "I keep mixing up my days, when do I go to the {topic}?",
                    ),
                    held_out=("What date is the {topic}?",),
                ),
                answers=same("The {topic} is on {day} at {time}."),
                needs=("day",),
            ),
            Asking(
                questions=where(
                    "the {topic}",
                    train=(
                        "I am about to leave for the {topic}, which place is it?",
                        "Tell me where they expect me for the {topic}.",
                        "{Topic}: where exactly?",
                    ),
                ),
                answers=same("The {topic} is at {place}."),
                needs=("place",),
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} has been moved to {day} at {time}.",
                "Change of plan: the {topic} is now on {day}, {time}.",
                "{Topic} on {day} at {time} then, as agreed with the others.",
                "The {topic} takes place on {day}, and {time} suits everybody.",
            ),
            held_out=("{Topic} postponed, new date {day} at {time}.", "The {topic} got rescheduled: {day}, {time}."),
        ),
        changed=("day", "time"),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The {topic} is cancelled.",
                    "They called to say that there will be no {topic} after all.",
                    "No {topic} this time, they had to cancel.",
                    "The {topic} is off, so I can stay at home.",
                ),
                held_out=("{Topic} called off, nobody has time.", "Sadly the {topic} won't take place."),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} is at {place}.",
                    "{Topic} at {place}. I told the others that I will be there.",
                    "For your {topic} please come to {place}, we look forward to seeing you.",
                    "For the {topic} I have to go to {place}; I looked it up on the map.",
                ),
                held_out=(
                    "{Place}: that is where the {topic} happens.",
                    "My {topic} will be at {place}, I know the way.",
                    "Good news, we got {place} for your {topic}.",
                ),
            ),
            tells=("place",),
        ),
        unsaid=Wordings(
            train=(
                "How long does the {topic} take?",
                "Who comes along to the {topic}?",
                "How much do I have to pay for the {topic}?",
                "Who told me about the {topic}?",
                "How many people will be at the {topic}?",
                "Which documents do I have to bring to the {topic}?",
            ),
            held_out=("What will the {topic} cost me?", "Which bus goes to the {topic}?"),
        ),
    ),
    Family(
        name="birthday",
        topics=RELATIVES,
        topics_are_people=True,
        slots={"day": day_of_year},
        notes=(
            Wordings(
                train=(
                    "My {topic}'s birthday is on {day}.",
                    "Birthday of my {topic}: {day}.",
                    "My {topic} was born on {day}, so that is when the cake has to be ready.",
                    "Always forget it, so here it is: my {topic} has a birthday on {day}.",
                    "Put into the calendar: {day}, birthday ({topic}).",
                    "Cake and candles on {day}, as it is my {topic}'s birthday.",
                    "The birthday of my {topic} falls on {day}, as every year.",
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
                    train=(
                        "When does my {topic} have a birthday?",
                        "When was my {topic} born?",
                        "Tell me the day on which my {topic} has a birthday.",
                        "I want to send my {topic} a birthday card, for which day?",
                        "{Topic}'s birthday: what date?",
                    ),
                    held_out=("Which date do I congratulate my {topic} on?", "My {topic}'s birthday, when is it?"),
                ),
                answers=same("Your {topic}'s birthday is on {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Found a nice present for my {topic}'s birthday.",
                    "The birthday card for my {topic} is written and lies on the desk.",
                    "My {topic} wants a big cake for the birthday this time.",
                    "I still have to wrap the birthday present for my {topic}, the paper is in the drawer.",
                ),
                held_out=(
                    "Phoned my {topic}, we talked about the birthday for an hour.",
                    "Birthday of my {topic}: order flowers, think of a speech.",
                    "The candles for the birthday cake of my {topic} are bought.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "What is my {topic}'s shoe size?",
                "What is my {topic} allergic to?",
                "What did I give my {topic} last year?",
                "Where was my {topic} born?",
                "What is my {topic}'s age?",
                "How many guests does my {topic} invite?",
                "Who comes to my {topic}'s birthday party?",
                "How much did I spend on the present for my {topic}?",
                "Which colour of wrapping paper does my {topic} like?",
            ),
            held_out=(
                "My {topic} wears which size of shoes?",
                "What must my {topic} not eat?",
                "In which year was my {topic} born?",
                "Where does my {topic} celebrate the birthday?",
            ),
        ),
    ),
)
