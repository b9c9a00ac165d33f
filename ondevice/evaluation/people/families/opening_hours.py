"""When places open and close."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import hour, weekly
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings

_OPEN = (
    "recycling centre", "passport office", "bike repair shop", "toy library", "swimming hall", "tile museum",
    "farm shop", "cheese counter", "garden nursery", "tailor's workshop", "registry office", "lost property office",
    "copy shop", "key cutter", "charity shop", "map archive", "climbing hall", "ice rink", "fish market",
    "flower market", "dental lab", "print shop", "tourist office", "ferry ticket booth",
)  # fmt: skip

FAMILIES = (
    Family(
        name="opening hours",
        topics=_OPEN,
        slots={"opens": hour(7, 11), "closes": hour(16, 21), "shut": weekly},
        notes=(
            Wordings(
                train=(
                    "The {topic} is open from {opens} to {closes}, but closed every {shut}.",
                    "{Topic}: open {opens} to {closes}, closed on {shut}.",
                    "The sign at the {topic} says: opens at {opens}, closes at {closes}, {shut} closed.",
                    "We open the {topic} for you at {opens} and stay until {closes}; on {shut} we rest.",
                    "I checked, the {topic} opens {opens} and shuts {closes} (never on a {shut}).",
                    "Hours of the {topic}: {opens} to {closes}, {shut} off.",
                    "They unlock the {topic} at {opens} and lock up at {closes}; nobody is there on {shut}.",
                ),
                held_out=(
                    "Between {opens} and {closes} one can go to the {topic}, except on {shut}.",
                    "New times, {topic}: {opens} - {closes}. {Shut}: closed.",
                    "Stood before a locked {topic}: no service on {shut}, else from {opens} until {closes}.",
                    "You find the {topic} open every day but {shut}, {opens} until {closes}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When does the {topic} open?",
                        "From what time is the {topic} open?",
                        "At what hour does the {topic} open its door?",
                        "How early can I go to the {topic}?",
                        "Tell me how soon in the morning I can go to the {topic}.",
                        "{Topic}: open from when?",
                        "I want to be the first at the {topic}, at what time do they open?",
                    ),
                    held_out=(
                        "What is the opening time of the {topic}?",
                        "The {topic} opens at what time?",
                        "Starting when do they let me into the {topic}?",
                    ),
                ),
                answers=same("The {topic} opens at {opens}."),
                needs=("opens",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Until what time is the {topic} open?",
                        "When does the {topic} close?",
                        "How late can I go to the {topic}?",
                        "At what hour does the {topic} close its door?",
                        "Tell me when they lock up the {topic} for the night.",
                        "{Topic}: open till when?",
                        "I am running late, until when will they let me into the {topic}?",
                    ),
                    held_out=(
                        "What is the closing time of the {topic}?",
                        "The {topic} shuts at what time?",
                        "By when in the evening must I be at the {topic}?",
                    ),
                ),
                answers=same("The {topic} closes at {closes}."),
                needs=("closes",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "On which day is the {topic} closed?",
                        "Which weekday is the {topic} not open?",
                        "When is the {topic} shut all day?",
                        "Is there a day on which the {topic} is closed?",
                        "Tell me the day on which nobody is at the {topic}.",
                        "{Topic}: closed on what day?",
                        "I stood before a locked door once, on which weekday does the {topic} stay shut?",
                    ),
                    held_out=(
                        "What day of the week should I avoid the {topic}?",
                        "Which is the closing day of the {topic}?",
                        "The {topic} has its day off when?",
                    ),
                ),
                answers=same("The {topic} is closed on {shut}."),
                needs=("shut",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} has new hours: from {opens} to {closes}.",
                "From now on the {topic} opens at {opens} and closes at {closes}.",
                "Changed hours, {topic}: {opens} until {closes}.",
                "Read the sign at the {topic}: {opens} to {closes}.",
                "The {topic} opens at {opens} and closes at {closes}, as I was told at the counter.",
            ),
            held_out=(
                "They now start at {opens} and go home at {closes} at the {topic}.",
                "{Topic}: winter timetable, {opens} to {closes}.",
            ),
        ),
        changed=("opens", "closes"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} opens at {opens}.",
                    "{Topic}: from {opens} on, says the sign.",
                    "We open the {topic} for you at {opens}; please ring the bell.",
                    "I will be at the {topic} at {opens} when they open, with the list in my pocket.",
                ),
                held_out=(
                    "Was told that they unlock the {topic} at {opens}.",
                    "You are welcome at the {topic} from {opens}.",
                    "No use in hurrying, the {topic} only opens at {opens}; I can read the paper first.",
                ),
            ),
            tells=("opens",),
        ),
        unsaid=Wordings(
            train=(
                "Where is the {topic}?",
                "Who runs the {topic}?",
                "What does the entrance to the {topic} cost?",
                "What is the phone number of the {topic}?",
                "Which tram do I take to the {topic}?",
                "How many people work at the {topic}?",
                "Who went to the {topic} with me last time?",
                "What colour is the front door of the {topic}?",
            ),
            held_out=(
                "In which street is the {topic}?",
                "What's the name of the owner of the {topic}?",
                "How do I call the {topic}?",
                "How much do they charge at the {topic}?",
            ),
        ),
    ),
)
