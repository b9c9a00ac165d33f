"""Talks about races and matches: how they went, what decided them and what it felt like."""

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
_MATCHES = (
    "cup final", "derby", "friendly match", "basketball match", "handball match", "football match",
    "volleyball match", "hockey match", "tennis match", "squash match", "badminton match", "rugby match",
    "water polo match", "cricket match", "table tennis match", "ice hockey match", "charity match", "league match",
    "season opener", "play-off",
)  # fmt: skip
_ENDINGS = (
    "a draw", "a narrow win", "a big win", "a bitter defeat", "a defeat in overtime", "a win in overtime",
    "a hard-won victory", "a last-minute equaliser", "a last-second loss", "a last-second win", "a close defeat",
    "a crushing defeat", "a comeback win", "a surprise victory", "a lucky win",
    "an embarrassing defeat",
)  # fmt: skip
_WATCHERS = (
    "dad", "aunt", "mother", "grandpa", "two nephews", "two cousins", "wife", "husband", "whole office",
    "whole class", "sister", "brother", "oldest friend", "former coach", "dentist", "landlord",
)  # fmt: skip
_DECIDED_BY = (
    "the young referee", "the defence", "the loud crowd", "the tough training", "the new coach",
    "the new captain", "the tactics", "a lucky bounce", "the bad light", "the great heat", "the team spirit",
    "the nerves", "a wrong whistle", "a foul early on", "an injured player", "the tired legs",
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
    Family(
        name="told match",
        topics=_MATCHES,
        told_by=("talker",),
        slots={"end": one_of(_ENDINGS), "watcher": one_of(_WATCHERS), "cause": one_of(_DECIDED_BY)},
        notes=(
            Wordings(
                train=(
                    "Our {topic} ended with {end}! My {watcher} came to watch. If you ask me, {cause} made "
                    "the difference.",
                    "What a {topic}! {End} in the end, and I put it down to {cause}. My {watcher} sat in the "
                    "front row.",
                    "I played in the {topic} with my {watcher} in the stands. It was {end}, all because of {cause}.",
                    "So, {end} in my {topic}. I'm sure {cause} decided it. At least my {watcher} came along to watch.",
                    "{End}, that's how my {topic} finished. It was down to {cause}, we all agreed. My {watcher} "
                    "watched from the side and filmed everything.",
                ),
                held_out=(
                    "My voice is gone after our {topic}. It was {end} because of {cause}. My {watcher} saw it all.",
                    "I've got my {watcher} to thank for watching the {topic} in that cold. It turned out to be {end}. "
                    "The reason, I think, was {cause}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker}'s {topic} end?",
                        "What was the result of {talker}'s {topic}?",
                        "How did the {topic} go for {talker}'s team?",
                        "With what did the {topic} that {talker} played in end?",
                    ),
                    held_out=(
                        "What was the outcome for {talker} in the {topic}?",
                        "How did the {topic} turn out for {talker}?",
                    ),
                ),
                answers=same("{End}."),
                needs=("end",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who watched {talker}'s {topic}?",
                        "Who came to see {talker} play in the {topic}?",
                        "Who was there to watch {talker} at the {topic}?",
                        "Who looked on while {talker} played in the {topic}?",
                    ),
                    held_out=(
                        "Which spectator does {talker} mention for the {topic}?",
                        "Who saw the {topic} that {talker} was in?",
                    ),
                ),
                answers=same("{Talker}'s {watcher}."),
                needs=("watcher",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What decided the {topic}, according to {talker}?",
                        "Why did the {topic} end like that, in {talker}'s opinion?",
                        "What does {talker} think made the difference in the {topic}?",
                        "What does {talker} say was the reason for the result of the {topic}?",
                    ),
                    held_out=(
                        "To what does {talker} put down how the {topic} went?",
                        "What explains the outcome of the {topic} for {talker}?",
                    ),
                ),
                answers=same("{Cause}."),
                needs=("cause",),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {watcher} came to watch our {topic}, that was so sweet.",
                    "I lost my voice at the {topic}, and my {watcher}, who watched, did too!",
                    "The {topic} was quite something. Even my {watcher} wanted to watch.",
                ),
                held_out=(
                    "I was glad to see my {watcher} among the spectators at our {topic}.",
                    "Guess who showed up to see me in the {topic}: my {watcher}!",
                ),
            ),
            tells=("watcher",),
        ),
        unsaid=Wordings(
            train=(
                "Against whom did {talker} play in the {topic}?",
                "Where did {talker} play the {topic}?",
                "When was the {topic} that {talker} played in?",
                "Which position did {talker} play in the {topic}?",
                "Who was the referee in {talker}'s {topic}?",
            ),
            held_out=(
                "How long did {talker}'s {topic} last?",
                "What was the name of the other team in {talker}'s {topic}?",
                "Where did {talker} celebrate after the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How was the {topic}, {talker}? I couldn't make it.",
                "Did you play well in the {topic}? I want to know everything.",
                "So what about your {topic}, {talker}?",
            ),
            held_out=(
                "Are you still hoarse from the {topic}, {talker}?",
                "I'm dying to know how it went in the {topic}!",
            ),
        ),
    ),
)
