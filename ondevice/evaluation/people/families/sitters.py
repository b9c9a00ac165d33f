"""Who looks after what lives in a home while its people are away."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, day_ahead, someone

_CARED_FOR = (
    "balcony garden", "tomato bed", "tabby cat", "old tomcat", "guinea pig", "rabbit", "goldfish", "koi carp", "orchid",
    "cactus", "canary", "budgerigar", "henhouse", "duck pond", "tortoise", "gecko", "seed tray", "herb box", "hamster",
    "ferret", "sourdough starter", "kefir culture", "bonsai", "palm tree", "beehive", "ant farm",
)  # fmt: skip

FAMILIES = (
    Family(
        name="care",
        topics=_CARED_FOR,
        slots={"who": someone, "day": day_ahead(3, 40), "time": clock},
        notes=(
            Wordings(
                train=(
                    "{Who} looks after the {topic} until {day}, always at {time}.",
                    "While we are away {who} takes care of the {topic}, daily at {time}, until {day}.",
                    "Care of the {topic}: {who}, {time} each day, last time {day}.",
                    "I asked {who} to mind the {topic} at {time} every day until {day}.",
                    "{Who} comes for the {topic} at {time} every day, for the last time on {day}.",
                    "Every day at {time} somebody sees to the {topic}, namely {who}, until {day}.",
                ),
                held_out=(
                    "The {topic} will not starve: {who} comes at {time} each day up to {day}.",
                    "Until {day} our {topic} is in the hands of {who}, who comes by at {time}.",
                    "{Topic}, holiday plan. {Who} at {time}, every day, ends {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who looks after the {topic}?",
                        "Who takes care of the {topic}?",
                        "To whom did I entrust the {topic}?",
                        "Who minds the {topic} while I am away?",
                        "{Topic}: who is on duty?",
                        "I want to thank the person who minds the {topic}, who is it?",
                        "Tell me on whom I can count for the {topic}.",
                    ),
                    held_out=(
                        "Who is in charge of the {topic} in my absence?",
                        "The {topic} is whose job?",
                        "Which person cares for the {topic}?",
                    ),
                ),
                answers=same("{Who} looks after the {topic}."),
                needs=("who",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Until when is the {topic} looked after?",
                        "Until which day does somebody look after the {topic}?",
                        "Up to what date is there somebody for the {topic}?",
                        "When does the care of the {topic} end?",
                        "{Topic}: cared for until when?",
                        "I forgot until what date somebody comes for the {topic}.",
                        "Tell me the final day of the plan for the {topic}.",
                    ),
                    held_out=(
                        "How long is somebody there for the {topic}?",
                        "What's the last day on which the {topic} gets a visit?",
                        "The {topic} can count on help until what day?",
                    ),
                ),
                answers=same("The care of the {topic} lasts until {day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "At what time is somebody there for the {topic}?",
                        "What time of day does somebody look after the {topic}?",
                        "At which hour is care of the {topic} planned?",
                        "What is the daily time for the {topic}?",
                        "{Topic}: at what hour each day?",
                        "I forgot at which time of day somebody comes for the {topic}.",
                        "Tell me at what time they see to the {topic}.",
                    ),
                    held_out=(
                        "What time does the {topic} get its visit?",
                        "The hour for the {topic} is which?",
                        "When during the day does help for the {topic} come?",
                    ),
                ),
                answers=same("The daily time for the {topic} is {time}."),
                needs=("time",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "Somebody else looks after the {topic} now: {who}.",
                "{Who} steps in and takes care of the {topic} instead.",
                "I found a new sitter for the {topic}, {who}.",
                "{Who} will see to the {topic}, we talked it over.",
                "{Topic}: {who} does it, and gladly.",
            ),
            held_out=(
                "Swap: the {topic} went over to {who}.",
                "The first sitter is ill, so {who} minds the {topic} from here on.",
            ),
        ),
        changed=("who",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "Nobody has to look after the {topic} any more, we stay at home.",
                    "The trip is off, so no sitter is needed for the {topic}.",
                    "Holiday cancelled; I mind the {topic} on my own.",
                    "Our trip fell through, so the {topic} stays in my own care.",
                ),
                held_out=(
                    "I told the sitter that I am here myself for the {topic}, no help needed.",
                    "No visits to the {topic} needed after all, we do not go away.",
                ),
            ),
            answer="Nobody needs to look after the {topic} any more.",
            required=("nobody", "no one", "not needed", "no sitter", "no help", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Sitter for the {topic}: {who}.",
                    "{Who} takes care of the {topic} while we are on holiday.",
                    "I showed {who} how to look after the {topic}; it went well.",
                    "I am glad that {who} minds the {topic} again this year.",
                ),
                held_out=(
                    "{Who} is the one who cares for the {topic} in the holidays.",
                    "No worries about the {topic}, I found {who} for looking after it.",
                    "The {topic} is in good hands: {who} does the visits.",
                ),
            ),
            tells=("who",),
        ),
        unsaid=Wordings(
            train=(
                "How much does looking after the {topic} cost?",
                "Where is the food or feed for the {topic}?",
                "How old is the {topic}, in years?",
                "What is the phone number of the sitter for the {topic}?",
                "Where do I leave the key for the sitter of the {topic}?",
                "How much water does the {topic} need?",
                "How many minutes a day does the {topic} take?",
                "How long have I had the {topic}?",
            ),
            held_out=(
                "What do I pay for the care of the {topic}?",
                "How many times a week is the {topic} fed or watered?",
                "Where do I keep what the {topic} needs?",
            ),
        ),
    ),
)
