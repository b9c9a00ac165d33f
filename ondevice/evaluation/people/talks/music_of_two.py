"""Talks about the music that two friends like for an occasion, and why."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_OCCASIONS = (
    "car rides", "long drives", "cooking", "cleaning", "workouts", "dinner parties", "rainy evenings",
    "lazy mornings", "studying", "train rides", "gardening", "ironing", "falling asleep", "waking up",
    "painting walls", "bad moods", "house parties", "jigsaw nights", "barbecues", "long flights",
)  # fmt: skip
_MUSIC_OF_ONE = (
    "classic rock", "soft jazz", "piano sonatas", "string quartets", "country music", "bluegrass", "reggae",
    "salsa", "heavy metal", "punk", "film scores", "musical songs", "Irish folk", "Balkan brass", "Motown soul",
    "smooth funk",
)  # fmt: skip
_MUSIC_OF_TWO = (
    "hip-hop", "techno", "gospel choirs", "boys' choirs", "swing", "rockabilly", "Italian opera", "French chansons",
    "fado", "flamenco", "indie pop", "synth pop", "baroque music", "medieval music", "blues", "grunge",
)  # fmt: skip
_WHY_ONE = (
    "the strong rhythm", "the steady beat", "the honest feeling", "the playful mood", "the good energy",
    "the calm mood", "the warm sound", "the raw sound", "the old memories", "the childhood memories",
    "the sad melodies", "the catchy melodies", "the rich harmonies", "the simple chords", "the deep tones",
    "the bright tones",
)  # fmt: skip

TALKS = (
    Family(
        name="told music of two",
        topics=_OCCASIONS,
        told_by=("talker", "listener"),
        slots={"one": one_of(_MUSIC_OF_ONE), "why": one_of(_WHY_ONE), "two": one_of(_MUSIC_OF_TWO)},
        notes=(
            Wordings(
                train=(
                    "For {topic} I put on {one}, there's nothing better. I love it for {why}.",
                    "I always listen to {one} when it comes to {topic}. It's {why} that I like.",
                    "You'll laugh, but {one} is my music for {topic}. It's because of {why}!",
                    "I made a playlist of {one} for {topic}. I can't get enough of {why}.",
                ),
                held_out=(
                    "My ears want {one} with {topic}. What I enjoy is {why}, simple as that.",
                    "{One} goes with {topic} in my book. {Why}, that's what does it for me!",
                ),
            ),
            Wordings(
                train=(
                    "Interesting! When it's time for {topic}, I turn on {two} and sing along.",
                    "Not my taste, sorry! I prefer {two} for {topic}, my flatmates know it by heart.",
                    "For {topic} I've always been a {two} person. My dad played that all the time.",
                    "I'm with {two} when it comes to {topic}. Each to their own!",
                ),
                held_out=(
                    "Funny, with me it has to be {two} for {topic}, the louder the better.",
                    "Oh no, {topic} without {two} would be unthinkable for me.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What kind of music does {talker} like for {topic}?",
                        "What does {talker} listen to for {topic}?",
                        "Which music does {talker} put on for {topic}?",
                        "What is {talker}'s music for {topic}?",
                    ),
                    held_out=(
                        "What sort of music goes with {topic} for {talker}?",
                        "What would {talker} play to go with {topic}?",
                    ),
                ),
                answers=same("{One}."),
                needs=("one",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why does {talker} like that music for {topic}?",
                        "What does {talker} love about the music for {topic}?",
                        "What is {talker}'s reason for the choice of music for {topic}?",
                        "What does {talker} say about why that music is right for {topic}?",
                    ),
                    held_out=(
                        "What does {talker} enjoy in the tunes picked for {topic}?",
                        "What explains {talker}'s taste in music for {topic}?",
                    ),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What kind of music does {listener} like for {topic}?",
                        "What does {listener} listen to for {topic}?",
                        "Which music does {listener} put on for {topic}?",
                        "What is {listener}'s music for {topic}?",
                    ),
                    held_out=(
                        "What sort of music goes with {topic} for {listener}?",
                        "What would {listener} play to go with {topic}?",
                    ),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I can't do without music when it comes to {topic}.",
                    "I've been looking for new songs for {topic}, mine are so worn out.",
                    "My old speaker broke, so {topic} will be silent for me for a while.",
                ),
                held_out=(
                    "I get through {topic} much better with some music on.",
                    "I'm making a new playlist for {topic}, it takes me ages.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Which singer does {talker} like best for {topic}?",
                "How loud is the music that {talker} plays for {topic}?",
                "Which headphones does {listener} use for {topic}?",
                "Which radio station does {talker} turn on for {topic}?",
                "Who sent {listener} a playlist for {topic}?",
            ),
            held_out=(
                "Which album does {talker} choose for {topic}?",
                "Who complains about {listener}'s music for {topic}?",
                "What does {talker} pay for the music app used for {topic}?",
            ),
        ),
    ),
)
