"""Machines: on which level and for how long each runs."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import number

_MACHINES = (
    "bread maker", "rice cooker", "pottery kiln", "glass kiln", "yoghurt maker", "slow cooker", "3D printer",
    "laser cutter", "treadmill", "rowing machine", "cross trainer", "home trainer", "ice-cream machine",
    "food dehydrator", "foot massager", "dehumidifier", "wax melter", "sauna oven", "steam oven", "plant lamp",
    "pond pump", "fish tank pump", "sous-vide cooker", "wood dryer",
)  # fmt: skip

FAMILIES = (
    Family(
        name="setting",
        topics=_MACHINES,
        slots={"level": number(2, 40), "minutes": number(41, 95)},
        notes=(
            Wordings(
                train=(
                    "The {topic} works best on level {level} for {minutes} minutes.",
                    "{Topic}: level {level}, {minutes} minutes.",
                    "I tried the {topic}. Level {level} was right and {minutes} minutes were enough.",
                    "Set the {topic} to level {level} and never run it for more than {minutes} minutes.",
                    "For the {topic} I take level {level} and let it run for {minutes} minutes.",
                    "Note to self about the {topic}: {minutes} minutes, level {level}.",
                ),
                held_out=(
                    "My setting of the {topic} is level {level}, time {minutes} minutes.",
                    "{Minutes} minutes on level {level}, that is how the {topic} should run.",
                    "Turn the dial of your {topic} to level {level}, then wait {minutes} minutes.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "To which level do I set the {topic}?",
                        "On which level does the {topic} run?",
                        "What is the right level of the {topic}?",
                        "Which setting does the {topic} need?",
                        "{Topic}: which level?",
                        "I forgot the level for the {topic}.",
                        "I am standing in front of the {topic}, which level do I choose?",
                    ),
                    held_out=(
                        "What level was it for the {topic}?",
                        "How do I set the dial of the {topic}?",
                        "What number must the {topic} be turned to?",
                    ),
                ),
                answers=same("The {topic} runs on level {level}."),
                needs=("level",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How many minutes does the {topic} run?",
                        "How long do I run the {topic}?",
                        "For how many minutes is the {topic} on?",
                        "How long should the {topic} be on?",
                        "{Topic}: how many minutes?",
                        "I forgot how long the {topic} has to run.",
                        "I have switched on the {topic}, for what length of time do I leave it running?",
                    ),
                    held_out=(
                        "What running time does the {topic} take?",
                        "After how many minutes do I stop the {topic}?",
                        "What is the time for the {topic} in minutes?",
                    ),
                ),
                answers=same("The {topic} runs for {minutes} minutes."),
                needs=("minutes",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "Level {level} is better for the {topic}, as I know now.",
                "Changed the {topic} to level {level}.",
                "{Topic} on level {level}, and everything turned out well.",
                "I keep the {topic} on level {level} these days.",
                "Level {level} for the {topic}, says the woman from the shop.",
            ),
            held_out=(
                "The {topic} must be on level {level} instead.",
                "From now on level {level} with the {topic}, same time as before.",
            ),
        ),
        changed=("level",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic}: level {level}.",
                    "Level {level} is what I use for the {topic}.",
                    "Turned the {topic} to level {level}, it hums quietly in the corner.",
                    "The leaflet is lost, but I know that the {topic} has to be on level {level}.",
                ),
                held_out=(
                    "With the {topic} it is level {level} that gives the best result.",
                    "A sticker on the {topic} says level {level}, in red ink.",
                    "I asked the neighbour, and the {topic} should stand at level {level}.",
                ),
            ),
            tells=("level",),
        ),
        unsaid=Wordings(
            train=(
                "How much did the {topic} cost?",
                "Who repairs the {topic}?",
                "Where did I buy the {topic}?",
                "What is the serial number of the {topic}?",
                "Who gave me the {topic}?",
                "Which colour is the {topic}?",
                "When did I last clean the {topic}?",
                "How much power does the {topic} use?",
            ),
            held_out=(
                "How heavy is the {topic}?",
                "Which company made the {topic}?",
                "Until when is there a guarantee on the {topic}?",
            ),
        ),
    ),
)
