"""Talks about making and liking music: an instrument that somebody learns, and what two friends listen to."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import year_past
from ondevice.evaluation.people.values import one_of

_INSTRUMENTS = (
    "guitar", "cello", "violin", "recorder", "flute", "clarinet", "harp", "button accordion", "oboe", "trumpet",
    "saxophone", "trombone", "banjo", "mandolin", "harmonica", "viola", "double bass", "ukulele", "French horn",
    "tin whistle",
)  # fmt: skip
_PIECES = (
    "a slow waltz", "a gentle lullaby", "an Irish jig", "a Spanish dance", "a sad film theme", "a funny cartoon theme",
    "a wedding march", "a birthday song", "an old sea shanty", "an old folk tune", "a blues in a minor key",
    "a tango in a major key", "a Christmas carol", "a hymn", "a ragtime tune", "a baroque minuet", "a love song",
    "a school anthem", "a jazz standard", "a rock ballad",
)  # fmt: skip
_WHY_MUSIC = (
    "to surprise the family", "to play at a wedding", "to calm down in the evening", "to forget the office",
    "to join a band one day", "to join an orchestra one day", "to keep the brain young", "to train the memory",
    "in memory of an uncle", "in memory of a friend", "to accompany the choir", "to write songs",
    "to fulfil a childhood dream", "to overcome stage fright", "to express feelings", "to find some quiet",
)  # fmt: skip
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
        name="told instrument",
        topics=_INSTRUMENTS,
        told_by=("talker", "talker"),
        slots={"year": year_past, "why": one_of(_WHY_MUSIC), "piece": one_of(_PIECES)},
        notes=(
            Wordings(
                train=(
                    "I've been learning the {topic}! I had my first lesson {year}, and I do it {why}.",
                    "My {topic} and I go way back, I got it {year} and started at once. I play {why}, you know.",
                    "I fell in love with the {topic} {year} and began to learn it. Why? Well, {why}.",
                    "It was {year} that I took up the {topic}, {why}. My neighbours are very patient people.",
                ),
                held_out=(
                    "I'm no star on the {topic}, but I began {year} and stuck with it. I'm doing it {why}.",
                    "The {topic} came into my life {year}. I wanted to learn it {why}, and here I am.",
                ),
            ),
            Wordings(
                train=(
                    "I'm practising {piece} on my {topic} at the moment, and the middle part drives me mad.",
                    "Guess what I can play on the {topic} now: {piece}! Still a bit shaky, but I'm getting there.",
                    "My {topic} teacher gave me {piece} to work on. I play it day and night.",
                    "I spent the whole evening with my {topic} and {piece}. It starts to sound like music!",
                ),
                held_out=(
                    "{Piece} is what I'm playing on the {topic} lately, my cat leaves the room every time.",
                    "I can't get {piece} right on my {topic}, but I won't give up.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} start to learn the {topic}?",
                        "In which year did {talker} take up the {topic}?",
                        "When did {talker} begin with the {topic}?",
                        "Since when has {talker} played the {topic}?",
                    ),
                    held_out=(
                        "What year did {talker} get started on the {topic}?",
                        "When did {talker} first try the {topic}?",
                    ),
                ),
                answers=same("{Year}."),
                needs=("year",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why does {talker} play the {topic}?",
                        "Why did {talker} want to learn the {topic}?",
                        "What is {talker}'s reason for playing the {topic}?",
                        "What does {talker} learn the {topic} for?",
                    ),
                    held_out=(
                        "What made {talker} pick up the {topic}?",
                        "What is behind {talker}'s wish to play the {topic}?",
                    ),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} play on the {topic}?",
                        "What is {talker} practising on the {topic}?",
                        "Which piece is {talker} working on with the {topic}?",
                        "What kind of piece does {talker} play on the {topic}?",
                    ),
                    held_out=(
                        "What music is {talker} rehearsing on the {topic}?",
                        "What can one hear when {talker} takes out the {topic}?",
                    ),
                ),
                answers=same("{Piece}."),
                needs=("piece",),
                rests_on=(1,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I had to get the {topic} repaired again, I'm at the end of my patience.",
                    "My fingers hurt from the {topic}, but I don't want to stop.",
                    "I carried my {topic} up five flights of stairs. Never again!",
                ),
                held_out=(
                    "I polished my {topic} till I could see my face in it.",
                    "I dream of getting really good on the {topic} some day.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who teaches {talker} the {topic}?",
                "What did {talker} pay for the {topic}?",
                "Where did {talker} buy the {topic}?",
                "Who does {talker} play the {topic} with?",
                "How old is {talker}'s {topic}?",
            ),
            held_out=(
                "What brand is {talker}'s {topic}?",
                "Which other instrument than the {topic} does {talker} play?",
                "In which room does {talker} keep the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How's it going with the {topic}, {talker}?",
                "Do you still play the {topic}? I'd love to listen.",
                "Any progress on the {topic}, {talker}?",
            ),
            held_out=(
                "I keep telling everybody about you and your {topic}, {talker}!",
                "When can I hear you on the {topic}? I'm all ears.",
            ),
        ),
    ),
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
