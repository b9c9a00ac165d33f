"""Talks about a race: how it went, and what it felt like."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.names import CITIES
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_RACES = (
    "half marathon", "triathlon", "charity run", "city run", "relay race", "sprint race", "mud run", "fun run",
    "open water race", "swim marathon", "bike race", "mountain bike race", "rowing regatta", "sailing regatta",
    "ski race", "sled race", "trail race", "night run", "obstacle race", "colour run", "forest run", "hill race",
)  # fmt: skip
_RESULTS = (
    "third place", "second place", "a gold medal", "a silver medal", "a personal best", "a course record",
    "fourth place", "ninth place", "a dead heat", "a photo finish", "last place", "tenth place",
    "a new club record", "a season best", "a place on the podium", "a place in the top ten",
    "a bronze medal", "a trophy for the team", "seventh place", "a clear win",
)  # fmt: skip
_AFTER_RACE = (
    "tired but proud", "tired but happy", "over the moon", "on top of the world", "a bit overwhelmed",
    "a little lost", "completely exhausted", "utterly drained", "stronger than ever", "lighter than air",
    "grateful and calm", "relieved and happy", "dizzy with joy", "giddy with pride", "sore all over",
    "stiff and sleepy", "wide awake", "deeply moved", "like a champion", "like a child again",
)  # fmt: skip

TALKS = (
    Family(
        name="told race",
        topics=_RACES,
        told_by=("talker",),
        slots={
            "city": one_of(CITIES),
            "day": day_past,
            "result": one_of(_RESULTS),
            "feeling": one_of(_AFTER_RACE),
        },
        notes=(
            Wordings(
                train=(
                    "I did the {topic} in {city} {day}! It ended with {result}, and I felt {feeling} afterwards.",
                    "So the {topic} is behind me. I was in {city} for it {day}. The outcome? {Result}. "
                    "I felt {feeling}, I can tell you.",
                    "{Result}! That's how the {topic} in {city} ended for me {day}. I felt {feeling} on the way home.",
                    "My legs still know about the {topic} {day}. It was {result} for me in {city} and I came away "
                    "feeling {feeling}.",
                    "I was so nervous before my {topic} in {city}, I hardly ate. I had it {day}, and in the end it "
                    "was {result} for me. I felt {feeling}!",
                    "You won't believe it: {result} in my {topic}! That was in {city} {day}, and all evening "
                    "I felt {feeling}.",
                ),
                held_out=(
                    "I made it through the {topic} {day}, in {city} of all places. {Result} was what came of it, and "
                    "I was {feeling}.",
                    "{City} was packed for my {topic} {day}. At the finish, {result}. What can I say, I "
                    "was {feeling} when it was over.",
                    "Remember the {topic} I'd trained for? It's done, in {city}, {day}, with {result}. I felt "
                    "{feeling} and then I had a huge pizza.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where did {talker} do the {topic}?",
                        "In which city was {talker}'s {topic}?",
                        "Where was the {topic} that {talker} took part in?",
                        "Which town did {talker} go to for the {topic}?",
                    ),
                    held_out=(
                        "Where did {talker}'s {topic} take place?",
                        "What city hosted the {topic} {talker} was in?",
                    ),
                ),
                answers=same("{City}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When was {talker}'s {topic}?",
                        "When did {talker} take part in the {topic}?",
                        "On which day did {talker} do the {topic}?",
                        "What was the date of {talker}'s {topic}?",
                    ),
                    held_out=(
                        "What day did {talker} compete in the {topic}?",
                        "When did {talker}'s {topic} take place?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did the {topic} end for {talker}?",
                        "What was {talker}'s result in the {topic}?",
                        "What came out of the {topic} for {talker}?",
                        "How did {talker} do in the {topic}?",
                    ),
                    held_out=(
                        "What was the outcome of {talker}'s {topic}?",
                        "How did it go for {talker} at the {topic}?",
                    ),
                ),
                answers=same("{Result}."),
                needs=("result",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} feel after the {topic}?",
                        "How did the {topic} make {talker} feel?",
                        "What did {talker} say about how the {topic} felt?",
                        "In what mood was {talker} after the {topic}?",
                    ),
                    held_out=(
                        "What were {talker}'s feelings when the {topic} was over?",
                        "How was {talker} feeling at the end of the {topic}?",
                    ),
                ),
                answers=same("{Feeling}."),
                needs=("feeling",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I really did that {topic} in {city}, and I even have a shirt to prove it!",
                    "My photos of the {topic} in {city} have arrived. I look awful on all of them.",
                    "The {topic} took me to {city}. There were so many people along the way!",
                ),
                held_out=(
                    "I'm glad I went to {city} for the {topic}, they had a band and free bananas.",
                    "{City} put on a great {topic}, I'd sign up again any time.",
                ),
            ),
            tells=("city",),
        ),
        unsaid=Wordings(
            train=(
                "Who did {talker} train with for the {topic}?",
                "Which number did {talker} wear at the {topic}?",
                "How many people took part in {talker}'s {topic}?",
                "What did {talker} have for breakfast before the {topic}?",
                "Who cheered for {talker} at the {topic}?",
            ),
            held_out=(
                "What did {talker} pay to enter the {topic}?",
                "Which shoes did {talker} wear for the {topic}?",
                "Who persuaded {talker} to enter the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How did your {topic} go, {talker}?",
                "I've been thinking of you and your {topic}! Well?",
                "Did you survive the {topic}, {talker}?",
            ),
            held_out=(
                "Tell me, {talker}, was the {topic} as hard as they say?",
                "Any news about your {topic}? I kept my fingers crossed.",
            ),
        ),
    ),
)
