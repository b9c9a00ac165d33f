"""Sports and hobbies: how fast one was, how a match ended, how a machine is set."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, number, someone

_DISTANCES = (
    "8 km run", "10 km run", "1500 m swim", "2000 m swim", "8000 m rowing", "10000 m rowing", "hill climb by bike",
    "time trial by bike", "forest lap on skates", "harbour lap on skates", "forest run", "beach run",
    "cross-country ski loop", "orienteering loop", "kayak loop", "canoe loop", "charity walk", "lake swim",
    "roller-ski course", "mountain run",
)  # fmt: skip
_RIVALS = (
    "Red Falcons", "Blue Herons", "Harbour Lions", "Mill Town Bears", "Old Boys", "Young Stars", "Northside Eleven",
    "Southside Eleven", "Lakeside Wolves", "Hillside Foxes", "Dynamo Quay", "Rapid Bridge", "Post Office team",
    "fire brigade team", "Green Hornets", "Black Swans", "Valley Rangers", "Forest Rovers", "Teachers United",
    "Bakers United",
)  # fmt: skip
_MACHINES = (
    "bread maker", "rice cooker", "pottery kiln", "glass kiln", "yoghurt maker", "slow cooker", "3D printer",
    "laser cutter", "treadmill", "rowing machine", "cross trainer", "home trainer", "ice-cream machine",
    "food dehydrator", "foot massager", "dehumidifier", "wax melter", "sauna oven", "steam oven", "plant lamp",
    "pond pump", "fish tank pump", "sous-vide cooker", "wood dryer",
)  # fmt: skip


def _faster(scene: Scene, values: Mapping[str, Value]) -> Value:
    """Draw a time in minutes and seconds, better than the one before where there is one."""
    most = 59 * 60
    if "result" in values:
        minutes, seconds = values["result"].said.split(":")
        most = int(minutes) * 60 + int(seconds)
    drawn = scene.random.randint(int(most * 0.85), most - 3) if "result" in values else scene.random.randint(1500, most)
    return Value.of(f"{drawn // 60}:{drawn % 60:02}")


def _score(scene: Scene, _: Mapping[str, Value]) -> Value:
    ours, theirs = scene.random.randint(0, 6), scene.random.randint(0, 6)
    return Value(
        forms=(f"{ours}:{theirs}", f"{ours}-{theirs}"),
        said=f"{ours}:{theirs}",
        groups=((f"{ours}:{theirs}", f"{ours} {theirs}", f"{ours} to {theirs}"),),
    )


FAMILIES = (
    Family(
        name="training",
        topics=_DISTANCES,
        slots={"result": _faster},
        notes=(
            Wordings(
                train=(
                    "I finished the {topic} in {result}, my best so far.",
                    "{Topic}: {result}! A personal record for me.",
                    "New record of mine over the {topic}, {result}.",
                    "My watch stopped at {result} after the {topic}, never been faster.",
                ),
                held_out=(
                    "{Result} on the {topic}, I have not been that quick before.",
                    "Training diary, {topic}, {result}. I am proud of that record.",
                    "Nobody believed I could do the {topic} in {result}, but I did, my best ever.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is my best time for the {topic}?",
                        "How fast was I at best in the {topic}?",
                        "What is my record over the {topic}?",
                        "How long did the {topic} take me at best?",
                    ),
                    held_out=(
                        "What's my personal best in the {topic}?",
                        "In what time did I manage the {topic} at best?",
                        "Which time is my record for the {topic}?",
                    ),
                ),
                answers=same("Your best time for the {topic} is {result}."),
                needs=("result",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "Beat my old time in the {topic}: {result} now.",
                "Even faster! I needed just {result} for the {topic}.",
            ),
            held_out=(
                "My record in the {topic} fell today, {result} is the new one.",
                "I improved to {result} over the {topic}.",
            ),
        ),
        changed=("result",),
        unsaid=Wordings(
            train=(
                "How many people took part in the {topic}?",
                "Which shoes or gear did I use for the {topic}?",
                "Who trains with me for the {topic}?",
                "What was my pulse in the {topic}?",
            ),
            held_out=(
                "What does it cost to enter the {topic}?",
                "Who is my coach for the {topic}?",
                "What is the world record in the {topic}?",
            ),
        ),
    ),
    Family(
        name="match",
        topics=_RIVALS,
        slots={"score": _score, "person": someone},
        notes=(
            Wordings(
                train=(
                    "Our match against the {topic} ended {score}, and {person} was the best on the field.",
                    "{Score} against the {topic}. Best player: {person}.",
                    "We played the {topic} today, {score}; everybody cheered for {person}, player of the day.",
                    "Result against the {topic} {score} (player of the day {person}).",
                ),
                held_out=(
                    "With the {topic} as opponents we got a {score}, and {person} was voted player of the match.",
                    "{Person} played best of us all against the {topic}, in the end it was {score}.",
                    "Final whistle, {score}! The {topic} will remember {person}, our best player.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How did the match against the {topic} end?",
                        "What was the result against the {topic}?",
                        "How did we play against the {topic}?",
                        "What was the score against the {topic}?",
                    ),
                    held_out=(
                        "What was the final score with the {topic}?",
                        "Which result did we get against the {topic}?",
                        "Tell me the outcome of the game against the {topic}.",
                    ),
                ),
                answers=same("The match against the {topic} ended {score}."),
                needs=("score",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who was the best player against the {topic}?",
                        "Who was player of the day against the {topic}?",
                        "Which of us played best against the {topic}?",
                        "Tell me who was best in the match against the {topic}.",
                    ),
                    held_out=(
                        "What's the name of our best player against the {topic}?",
                        "Who stood out in the game against the {topic}?",
                        "Who shone in the match with the {topic}?",
                    ),
                ),
                answers=same("{Person} was the best player against the {topic}."),
                needs=("person",),
                category="name",
            ),
        ),
        unsaid=Wordings(
            train=(
                "How many people watched the match against the {topic}?",
                "Who was the referee in the match against the {topic}?",
                "How much was a ticket for the match against the {topic}?",
                "Which colour did the {topic} wear?",
            ),
            held_out=(
                "On what pitch did we play the {topic}?",
                "Who kept goal against the {topic}?",
                "Who drove us to the match against the {topic}?",
            ),
        ),
    ),
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
            ),
            held_out=(
                "The {topic} must be on level {level} instead.",
                "From now on level {level} with the {topic}, same time as before.",
            ),
        ),
        changed=("level",),
        unsaid=Wordings(
            train=(
                "How much did the {topic} cost?",
                "Who repairs the {topic}?",
                "Where did I buy the {topic}?",
                "What is the serial number of the {topic}?",
            ),
            held_out=(
                "How heavy is the {topic}?",
                "Which company made the {topic}?",
                "Until when is there a guarantee on the {topic}?",
            ),
        ),
    ),
)
