"""The home: codes, measures, and who looks after what lives there."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import number_of, same
from ondevice.evaluation.people.families.drawing import centimetres
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, code, day_ahead, someone

_LOCKED = (
    "front gate", "bike cellar", "office alarm", "house alarm", "guest wifi", "holiday flat wifi", "garage keypad",
    "laundry room door", "school portal", "tax portal", "old laptop", "family tablet", "photo backup", "mail account",
    "key box", "parcel box", "luggage lock", "locker at the gym", "door of the club", "server room", "voicemail",
    "SIM card", "banking app", "parking app", "smart television", "safe deposit", "choir website", "pool cabin",
)  # fmt: skip
_MEASURED = (
    "bathroom window", "kitchen window", "bedroom door", "balcony door", "living room wall", "hallway wall",
    "dormer window", "attic window", "stairwell niche", "wall niche", "bedroom mattress", "guest mattress", "fireplace",
    "chimney breast", "boot of the car", "lift cabin", "dining corner", "desk corner", "terrace", "loggia",
    "pantry shelf", "cellar shelf", "curtain rod", "cupboard front", "fish tank", "terrarium",
)  # fmt: skip
_CARED_FOR = (
    "balcony garden", "tomato bed", "tabby cat", "old tomcat", "guinea pig", "rabbit", "goldfish", "koi carp", "orchid",
    "cactus", "canary", "budgerigar", "henhouse", "duck pond", "tortoise", "gecko", "seed tray", "herb box", "hamster",
    "ferret", "sourdough starter", "kefir culture", "bonsai", "palm tree", "beehive", "ant farm",
)  # fmt: skip

FAMILIES = (
    Family(
        name="code",
        topics=_LOCKED,
        slots={"code": code},
        notes=(
            Wordings(
                train=(
                    "The code for the {topic} is {code}.",
                    "{Topic}: {code}.",
                    "To get into the {topic}, type {code}.",
                    "I set the code of the {topic} to {code}.",
                    "You will need this for the {topic}: {code}. Keep it to yourself.",
                ),
                held_out=(
                    "{Code} opens the {topic}.",
                    "For the {topic} one has to enter {code}.",
                    "Code, {topic} -> {code}",
                    "Please learn it by heart and delete this. Your access to the {topic} is {code}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=number_of(
                    "the code for the {topic}",
                    train=("Which code does the {topic} have?", "With what do I unlock the {topic}?"),
                    held_out=("How do I get into the {topic}?", "What must I enter for the {topic}?"),
                ),
                answers=same("The code for the {topic} is {code}."),
                needs=("code",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "The code for the {topic} was changed to {code}.",
                "New code for the {topic}: {code}.",
                "I had to change the {topic}, from today it is {code}.",
            ),
            held_out=(
                "As of today only {code} works for the {topic}.",
                "{Topic}: the old code is dead, use {code}.",
                "We changed the access to the {topic} for you. It is {code} now.",
            ),
        ),
        changed=("code",),
        unsaid=Wordings(
            train=(
                "Who else knows the code for the {topic}?",
                "Until when is the code for the {topic} valid?",
                "What is the serial number of the {topic}?",
                "What does the {topic} cost?",
            ),
            held_out=(
                "Who do I call when the {topic} fails?",
                "What is the user name for the {topic}?",
                "How many tries do I have at the {topic}?",
            ),
        ),
    ),
    Family(
        name="measure",
        topics=_MEASURED,
        slots={"width": centimetres(60, 240), "height": centimetres(30, 320)},
        notes=(
            Wordings(
                train=(
                    "The {topic} is {width} wide and {height} high.",
                    "{Topic}: width {width}, height {height}.",
                    "I measured the {topic}, {width} across, and {height} in height.",
                    "Before buying anything: {topic}, {width} in width, height is {height}.",
                ),
                held_out=(
                    "Measures of the {topic} - height {height}; width {width}.",
                    "With the tape at hand: {height} high, {width} wide, that is the {topic}.",
                    "Our {topic} has a height of {height} and a width of {width}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How wide is the {topic}?",
                        "What is the width of the {topic}?",
                        "How many centimetres wide is the {topic}?",
                        "Which width does the {topic} have?",
                    ),
                    held_out=(
                        "Width of the {topic}?",
                        "The {topic} measures how much from left to right?",
                        "Tell me the width that the {topic} has.",
                    ),
                ),
                answers=same("The {topic} is {width} wide."),
                needs=("width",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How high is the {topic}?",
                        "What is the height of the {topic}?",
                        "How many centimetres high is the {topic}?",
                        "Which height does the {topic} have?",
                    ),
                    held_out=(
                        "Height of the {topic}?",
                        "The {topic} measures how much from bottom to top?",
                        "Tell me the height that the {topic} has.",
                    ),
                ),
                answers=same("The {topic} is {height} high."),
                needs=("height",),
                category="number",
            ),
        ),
        unsaid=Wordings(
            train=(
                "How deep is the {topic}?",
                "What does the {topic} weigh?",
                "Who measured the {topic}?",
                "What colour is the {topic}?",
            ),
            held_out=(
                "What is the depth of the {topic}?",
                "In which year was the {topic} built?",
                "Which material is the {topic} made of?",
            ),
        ),
    ),
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
                ),
                held_out=(
                    "I told the sitter that I am here myself for the {topic}, no help needed.",
                    "No visits to the {topic} needed after all, we do not go away.",
                ),
            ),
            answer="Nobody needs to look after the {topic} any more.",
            required=("nobody", "no one", "not needed", "no sitter", "no help", "no longer"),
        ),
        unsaid=Wordings(
            train=(
                "How much does looking after the {topic} cost?",
                "Where is the food or feed for the {topic}?",
                "How old is the {topic}, in years?",
                "What is the phone number of the sitter for the {topic}?",
            ),
            held_out=(
                "What do I pay for the care of the {topic}?",
                "How many times a week is the {topic} fed or watered?",
                "Where do I keep what the {topic} needs?",
            ),
        ),
    ),
)
