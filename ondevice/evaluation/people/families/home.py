"""The home: codes and measures."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import number_of, same
from ondevice.evaluation.people.families.drawing import centimetres
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import code

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
                    "{Code} is what I type for the {topic}.",
                    "I keep forgetting it: the {topic} wants {code}.",
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
                    train=(
                        "Which code does the {topic} have?",
                        "With what do I unlock the {topic}?",
                        "{Topic}: which code?",
                        "I am locked out of the {topic}, what do I type in?",
                        "I forgot what the code for the {topic} was.",
                    ),
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
                "For the {topic} I use {code} from now on.",
                "{Code} it is for the {topic}, I tried it out.",
            ),
            held_out=(
                "As of today only {code} works for the {topic}.",
                "{Topic}: the old code is dead, use {code}.",
                "We changed the access to the {topic} for you. It is {code} now.",
            ),
        ),
        changed=("code",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I changed the code for the {topic} today and tried it twice.",
                    "{Topic}: type the code slowly.",
                    "The {topic} has a longer code now. Safer, I hope.",
                    "Thank you for choosing a safe code for the {topic}.",
                ),
                held_out=(
                    "Please do not share your code for the {topic} with anybody.",
                    "Tried the {topic} this morning, the code works.",
                    "We agreed at breakfast on a code for the {topic}, and all of us learn it by heart.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who else knows the code for the {topic}?",
                "Until when is the code for the {topic} valid?",
                "What is the serial number of the {topic}?",
                "What does the {topic} cost?",
                "How often must I change the code for the {topic}?",
                "How many people use the {topic}?",
                "Who pays for the {topic}?",
                "Where did I write down the code for the {topic}?",
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
                    "Noted at the {topic}: {width} wide, {height} tall.",
                    "The {topic} has these measures, {height} in height and {width} in width.",
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
                        "{Topic}: how wide?",
                        "I am at the shop and forgot how wide the {topic} is.",
                        "Tell me how many centimetres across the {topic} is.",
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
                        "{Topic}: how high?",
                        "I am ordering today, how tall is the {topic}?",
                        "Give me just the height of the {topic}.",
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
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic}, {width} wide.",
                    "The {topic} is {width} wide, a bit more than I thought.",
                    "I held the tape to the {topic} and read {width} for its width.",
                    "Will it fit? The {topic} has a width of {width}.",
                ),
                held_out=(
                    "Width of the {topic}, checked twice: {width}.",
                    "Keep in mind when choosing that the {topic} is {width} across.",
                    "Drew the {topic} on squared paper, {width} in width.",
                ),
            ),
            tells=("width",),
        ),
        unsaid=Wordings(
            train=(
                "How deep is the {topic}?",
                "What does the {topic} weigh?",
                "Who made the {topic}?",
                "What colour is the {topic}?",
                "How much does a new {topic} cost?",
                "When was the {topic} last cleaned?",
                "How thick is the {topic}?",
                "How old is the {topic} by now?",
            ),
            held_out=(
                "What is the depth of the {topic}?",
                "In which year was the {topic} built?",
                "Which material is the {topic} made of?",
            ),
        ),
    ),
)
