"""Talks about a match: how it went, and what decided it."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

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
