"""Talks about great days of a family that are to come: where, when, who does what, and what worries."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_to_come
from ondevice.evaluation.people.values import one_of

_COMING = (
    "cousin Bianca's engagement party", "cousin Damian's engagement party", "aunt Renate's golden wedding",
    "uncle Alfred's golden wedding", "nephew Linus's confirmation", "niece Svenja's confirmation",
    "cousin Margot's baby shower", "sister Helen's baby shower", "niece Tabea's school concert",
    "nephew Anton's school concert", "cousin Valerie's farewell party", "brother Simon's farewell party",
    "grandma Gerda's jubilee", "grandpa Edgar's jubilee", "aunt Cornelia's garden wedding",
    "uncle Patrick's beach wedding", "cousin Judy's prize ceremony", "cousin Marvin's prize ceremony",
    "niece Pia's christening", "nephew Kai's christening",
)  # fmt: skip
_VENUES = (
    "the old mill", "the boathouse", "the village hall", "the town hall", "a vineyard", "an orchard",
    "the rose garden", "the castle garden", "a mountain hut", "a lakeside inn", "the harbour restaurant",
    "the station restaurant", "the fire station", "the rowing club", "a big barn", "a greenhouse", "the parish hall",
    "the school hall", "the botanical garden", "the sculpture park",
)  # fmt: skip
_TASKS = (
    "baking the cake", "baking the bread", "decorating the tables", "decorating the stairs", "writing the invitations",
    "writing the name cards", "choosing the music", "choosing the flowers", "taking the photos", "filming the speeches",
    "driving the grandparents", "driving the band", "renting the chairs", "renting the tent", "planning the games",
    "planning the menu", "cooking the soup", "mixing the drinks", "minding the children", "welcoming the guests",
)  # fmt: skip
_WORRIES = (
    "the weather", "the heat", "the parking", "the traffic", "the long speeches", "the loud music", "the budget",
    "the seating plan", "the quarrelling uncles", "the gossiping aunts", "the wasps", "the mosquitoes",
    "the narrow road", "the steep stairs", "the dress code", "the tight shoes", "the big crowd", "the small kitchen",
)  # fmt: skip

TALKS = (
    Family(
        name="told coming family day",
        topics=_COMING,
        told_by=("talker",),
        slots={
            "day": day_to_come,
            "venue": one_of(_VENUES),
            "task": one_of(_TASKS),
            "worry": one_of(_WORRIES),
        },
        notes=(
            Wordings(
                train=(
                    "My {topic} is {day}, in {venue}. I'm in charge of {task}, and I worry a bit about {worry}.",
                    "We're all meeting in {venue} {day} for my {topic}! {Task} is my job. If only it weren't for "
                    "{worry}, that's my one worry.",
                    "I said yes to {task} for my {topic}, how could I refuse? It's {day}, they've booked {venue}, "
                    "and {worry} keeps me awake.",
                    "Hooray, {day} is my {topic}. The place is gorgeous, {venue}! I'm less sure about {worry}, "
                    "that scares me more than {task}, which is my part.",
                    "I can't think of anything but my {topic} {day}. {Task}, that's what they've asked me to do. "
                    "I'm happy with {venue} as the place, but {worry} makes me nervous.",
                ),
                held_out=(
                    "I've promised to help at my {topic} {day}: {task}. It'll be held in {venue}, so what troubles me "
                    "is {worry}.",
                    "They chose {venue} for my {topic}, and it's already {day}! I take care of {task} "
                    "and try not to fret over {worry}.",
                    "Guess who got {task} as a duty for my {topic} {day}? Me! I've never been to {venue}, but that's "
                    "where we'll be. I'm anxious about {worry}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When is {talker}'s {topic}?",
                        "On which day will {talker}'s {topic} take place?",
                        "When will {talker} celebrate {topic}?",
                        "What is the date of {talker}'s {topic}?",
                    ),
                    held_out=(
                        "What day does {talker} go to {topic}?",
                        "When does {talker} say {topic} will be?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where will {talker}'s {topic} be?",
                        "In which place is {talker}'s {topic} held?",
                        "Where does {talker} go for {topic}?",
                        "Which place was booked for {talker}'s {topic}?",
                    ),
                    held_out=(
                        "What is the venue of {talker}'s {topic}?",
                        "Where will {talker} and the others celebrate {topic}?",
                    ),
                ),
                answers=same("{Venue}."),
                needs=("venue",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What will {talker} do to help with {topic}?",
                        "What is {talker}'s job at {topic}?",
                        "What is {talker} in charge of at {topic}?",
                        "Which task did {talker} take on for {topic}?",
                    ),
                    held_out=(
                        "What does {talker} contribute to {topic}?",
                        "How is {talker} going to lend a hand at {topic}?",
                    ),
                ),
                answers=same("{Task}."),
                needs=("task",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What worries {talker} about {topic}?",
                        "What is {talker} nervous about before {topic}?",
                        "What does {talker} fear could spoil {topic}?",
                        "Why is {talker} uneasy about {topic}?",
                    ),
                    held_out=(
                        "What concerns does {talker} have about {topic}?",
                        "What is troubling {talker} when it comes to {topic}?",
                    ),
                ),
                answers=same("{Worry}."),
                needs=("worry",),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I still have nothing to wear for my {topic}! And {task} is my job, too.",
                    "They've put me in charge of {task} for my {topic}, I feel honoured.",
                    "I'm looking forward to my {topic}, even if I have to take care of {task}.",
                ),
                held_out=(
                    "I have so much to do for my {topic}, I offered to help with {task}.",
                    "{Task}: that's my part in my {topic}, and I'm happy about it.",
                ),
            ),
            tells=("task",),
        ),
        unsaid=Wordings(
            train=(
                "What will {talker} wear to {topic}?",
                "Which present does {talker} take to {topic}?",
                "How many people are invited to {talker}'s {topic}?",
                "Who pays for {talker}'s {topic}?",
                "With whom does {talker} dance at {topic}?",
            ),
            held_out=(
                "At what time does {talker}'s {topic} begin?",
                "Which hotel does {talker} stay in for {topic}?",
                "Who invited {talker} to {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Isn't your {topic} coming up, {talker}? How are the preparations?",
                "Are you ready for your {topic}?",
                "You mentioned your {topic}. What's the plan?",
            ),
            held_out=(
                "How far are you all with your {topic}, {talker}?",
                "Do you have any news about your {topic}?",
            ),
        ),
    ),
)
