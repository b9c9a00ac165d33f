"""Sports: how fast one was, how a match ended."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, someone

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
                    "My fastest {topic} yet took me {result}.",
                    "What a day, the {topic} in {result}, which I have never managed before.",
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
                        "{Topic}: what time do I have to beat?",
                        "I forgot my record in the {topic}.",
                        "Tell me the fastest I have ever been over the {topic}.",
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
                "{Result} for the {topic} this time, I could hardly believe my watch.",
                "{Topic}, this morning: {result}, and the last record is history.",
                "With the wind behind me the {topic} took only {result}, faster than ever.",
            ),
            held_out=(
                "My record in the {topic} fell today, {result} is the new one.",
                "I improved to {result} over the {topic}.",
            ),
        ),
        changed=("result",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic} done!",
                    "I did the {topic} today, tired but happy.",
                    "Went for the {topic} again, wonderful light and hardly any wind.",
                    "My plan for the week: stretching, the {topic}, a rest, and plenty of sleep.",
                ),
                held_out=(
                    "Up early for the {topic}, then a big breakfast.",
                    "The {topic} was hard going today because of the rain.",
                    "My knee held out well on the {topic}.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How many people took part in the {topic}?",
                "Which shoes or gear did I use for the {topic}?",
                "Who trains with me for the {topic}?",
                "What was my pulse in the {topic}?",
                "When is the next {topic}?",
                "Where does the {topic} start?",
                "Why did I take up the {topic}?",
                "How many times have I done the {topic}?",
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
                    "{Score} it was against the {topic}. {Person} played better than anybody else.",
                    "Report on the match with the {topic}: result {score}, best player {person}, good sandwiches.",
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
                        "{Topic}: what was the result?",
                        "Tell me the score when we met the {topic}.",
                        "I want to tell my father about the match with the {topic}, how did it end?",
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
                        "{Topic}: who was our best?",
                        "I forgot who was player of the day against the {topic}.",
                        "I am writing about the match with the {topic}, whom do I name as our best player?",
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
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Person} was our best player against the {topic}.",
                    "What a game {person} had against the {topic}, by far the best of us.",
                    "Player of the day in the match with the {topic}: {person}, who got a box of pralines.",
                    "We all agreed on it after playing the {topic}: nobody was better than {person}.",
                ),
                held_out=(
                    "The flowers for the best player went to {person} after our match with the {topic}.",
                    "{Person} outshone the rest of us when we met the {topic}.",
                    "Against the {topic} it was {person} who was voted best, and rightly so.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "How many people watched the match against the {topic}?",
                "Who was the referee in the match against the {topic}?",
                "How much was a ticket for the match against the {topic}?",
                "Which colour did the {topic} wear?",
                "When do we play the {topic} again?",
                "Where was the match against the {topic} played?",
                "Who scored the first goal against the {topic}?",
                "How long did the match against the {topic} last?",
            ),
            held_out=(
                "On what pitch did we play the {topic}?",
                "Who kept goal against the {topic}?",
                "Who drove us to the match against the {topic}?",
            ),
        ),
    ),
)
