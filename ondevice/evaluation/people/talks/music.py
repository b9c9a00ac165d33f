"""Talks about concerts: who played, where, when, with whom, and what was best."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.names import CITIES
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_CONCERTS = (
    "quayside concert", "rock concert", "jazz concert", "church concert", "choir concert", "charity concert",
    "piano recital", "organ recital", "opera night", "musical night", "folk festival", "blues festival",
    "metal festival", "reggae festival", "orchestra concert", "chamber concert", "Christmas concert",
    "New Year's concert", "harbour concert", "club gig", "living-room gig", "open-air concert",
)  # fmt: skip
_BANDS = (
    "the Velvet Foxes", "the Paper Moons", "the Tin Sailors", "the Brass Owls", "Northern Echo", "Silent Harbour",
    "the Lost Umbrellas", "the Green Pianos", "Marble Sky", "Copper River", "the Midnight Bakers",
    "the Morning Tailors", "Sugar Thunder", "Velvet Rain", "the Wandering Lamps", "the Barefoot Kings",
    "Electric Meadow", "Golden Gravel", "the Little Giants", "the Polite Pirates",
)  # fmt: skip
_CONCERT_COMPANY = (
    "brother-in-law", "godmother", "flatmate", "ex-colleague", "nephew", "niece", "piano teacher", "boss",
    "boyfriend", "girlfriend", "grandma", "grandpa", "oldest son", "eldest daughter", "running partner",
    "old classmate",
)  # fmt: skip
_MOMENTS = (
    "the drum solo", "the violin solo", "the last encore", "the first song", "the singer's warm voice",
    "the pianist's light touch", "the light show", "the fireworks", "the whole crowd singing along",
    "the silence before the applause", "the quiet ballad", "the wild finale", "the duet", "the dancing",
    "the trumpet player", "the bass player",
)  # fmt: skip

TALKS = (
    Family(
        name="told concert",
        topics=_CONCERTS,
        told_by=("talker",),
        slots={
            "band": one_of(_BANDS),
            "city": one_of(CITIES),
            "person": one_of(_CONCERT_COMPANY),
            "day": day_past,
            "moment": one_of(_MOMENTS),
        },
        notes=(
            Wordings(
                train=(
                    "I heard {band} at the {topic} in {city} {day}. My {person} came along, and I was thrilled by "
                    "{moment}.",
                    "What a {topic}! {Band} played, I was in {city} with my {person} for it {day}, and {moment} "
                    "was the best of it all.",
                    "My {person} and I got into the {topic} in {city} {day}. {Band} were on stage. I had "
                    "goosebumps because of {moment}.",
                    "Still humming! It was {day} that I took my {person} to the {topic} in {city}. I'm a fan of "
                    "{band} now, mostly for {moment}.",
                    "{Band} live, at last! I went to the {topic} in {city} {day}, together with my {person}, and "
                    "I keep thinking of {moment}.",
                    "You missed a great {topic} {day}. {City} went crazy for {band}! What stayed with me and my "
                    "{person}, who I went with, is {moment}.",
                ),
                held_out=(
                    "I've been to the {topic}! {City}, {day}, my {person} beside me, and {band} up there. For me "
                    "{moment} made it worth every penny.",
                    "My ears are ringing from the {topic} {day}. I'd driven to {city} with my {person} to see "
                    "{band}. Nothing moved me like {moment}.",
                    "My {person} dragged me to {city} for a {topic} {day}. I'd never heard of {band}, but "
                    "{moment} won me over.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who did {talker} hear at the {topic}?",
                        "Which band did {talker} see at the {topic}?",
                        "Who played at the {topic} that {talker} went to?",
                        "Which musicians did {talker} listen to at the {topic}?",
                    ),
                    held_out=(
                        "What band was on stage at {talker}'s {topic}?",
                        "Who performed at the {topic} {talker} attended?",
                    ),
                ),
                answers=same("{Band}."),
                needs=("band",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where was the {topic} that {talker} went to?",
                        "In which city did {talker} go to the {topic}?",
                        "Where did {talker} go to the {topic}?",
                        "Which town was {talker} in for the {topic}?",
                    ),
                    held_out=(
                        "Where did the {topic} with {talker} in the audience take place?",
                        "What city did {talker} visit because of the {topic}?",
                    ),
                ),
                answers=same("{City}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "With whom did {talker} go to the {topic}?",
                        "Who went to the {topic} with {talker}?",
                        "Who was with {talker} at the {topic}?",
                        "Who did {talker} share the {topic} with?",
                    ),
                    held_out=(
                        "Who accompanied {talker} to the {topic}?",
                        "In whose company did {talker} enjoy the {topic}?",
                    ),
                ),
                answers=same("{Talker}'s {person}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When was {talker} at the {topic}?",
                        "When did {talker} go to the {topic}?",
                        "On which day did {talker} hear the {topic}?",
                        "When did the {topic} take place that {talker} went to?",
                    ),
                    held_out=(
                        "What day did {talker} attend the {topic}?",
                        "Which date did the {topic} have that {talker} saw?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} like best at the {topic}?",
                        "What impressed {talker} most at the {topic}?",
                        "What was special about the {topic} for {talker}?",
                        "Which part of the {topic} was {talker}'s favourite?",
                    ),
                    held_out=(
                        "What was the highlight of the {topic} for {talker}?",
                        "What touched {talker} at the {topic}?",
                    ),
                ),
                answers=same("{Moment}."),
                needs=("moment",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I went to the {topic} with my {person}, and we danced all night.",
                    "My {person} and I had such fun at the {topic}, I need earplugs though.",
                    "The {topic} with my {person} was a treat. I'd go again right now!",
                ),
                held_out=(
                    "My {person} had a spare ticket for the {topic}, so I came too, lucky me.",
                    "I've got a poster from the {topic}, where I was with my {person}.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "What did {talker} pay for the ticket to the {topic}?",
                "Which row did {talker} sit in at the {topic}?",
                "How did {talker} get home from the {topic}?",
                "What did {talker} drink at the {topic}?",
                "What did {talker} wear to the {topic}?",
            ),
            held_out=(
                "How much were the tickets for {talker}'s {topic}?",
                "How long did the {topic} last that {talker} went to?",
                "Which autograph did {talker} get at the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How was the {topic}, {talker}? Was it loud?",
                "I heard you went to a {topic}! Tell me everything.",
                "So did you like the {topic}, {talker}?",
            ),
            held_out=(
                "I'm jealous, {talker}! What about that {topic}?",
                "I wish I'd been at the {topic} too. Was it good?",
            ),
        ),
    ),
)
