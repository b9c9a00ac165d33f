"""What stands in a calendar: appointments, deadlines, journeys."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same, when, where
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.names import PLACES
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, day_ahead, one_of

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
            held_out=("What does the {topic} cost?", "Which bus goes to the {topic}?"),
        ),
    ),
)
