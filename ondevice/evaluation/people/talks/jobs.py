"""Talks about a new job."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.names import CITIES
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import month_past
from ondevice.evaluation.people.values import one_of

_JOBS = (
    "bakery job", "library job", "museum job", "hotel job", "nursing job", "teaching job", "design job",
    "editing job", "reception job", "warehouse job", "laboratory job", "workshop job", "radio job", "newspaper job",
    "insurance job", "accounting job", "gardening job", "forestry job", "translation job", "research job",
    "railway job", "airport job",
)  # fmt: skip
_REASONS = (
    "the better pay", "the shorter commute", "the friendly team", "the flexible hours", "the chance to learn",
    "the quiet office", "the free weekends", "the extra responsibility", "the lovely boss", "the long holidays",
    "the modern equipment", "the good reputation", "the creative tasks", "the varied work", "the safe contract",
    "the company nursery", "the regular shifts", "the open atmosphere", "the travelling", "the good training",
)  # fmt: skip
_FIRST_DAY = (
    "nervous", "proud", "lost", "shy", "welcome", "at ease", "thrilled", "excited", "out of place", "overwhelmed",
    "curious", "hopeful", "clumsy", "a bit scared", "relieved", "right at home", "tired but happy", "full of energy",
    "very small", "wide awake",
)  # fmt: skip

TALKS = (
    Family(
        name="told new job",
        topics=_JOBS,
        told_by=("talker",),
        slots={
            "city": one_of(CITIES),
            "month": month_past,
            "reason": one_of(_REASONS),
            "feel": one_of(_FIRST_DAY),
        },
        notes=(
            Wordings(
                train=(
                    "I did it, I switched! My {topic} in {city} began {month}. I took it for {reason}, "
                    "and on my first day I felt {feel}.",
                    "I started my {topic} over in {city} {month}. It was {reason} that won me over, "
                    "though I have to say I felt {feel} on day one.",
                    "On the first day of my {topic} I felt {feel}, with my new badge and all. That was {month}, in "
                    "{city}. Why I changed? Because of {reason}.",
                    "I never told you about my {topic}! It's in {city}, I began {month}, and the first day left me "
                    "feeling {feel}. The big plus for me was {reason}.",
                    "{Reason} made me change, so now I've got a {topic} in {city}. I began {month} and felt {feel} "
                    "when I walked in on my first day.",
                    "My old place had become so dull. Then came this {topic} in {city}, and I said yes because of "
                    "{reason}. I started {month}, and I felt {feel} that first day.",
                ),
                held_out=(
                    "Yes, I work in {city} now! What spoke for it was {reason}. The {topic} started {month}, and my "
                    "first day there made me feel {feel}.",
                    "I've been enjoying my {topic} a lot. {City} is my workplace, I joined {month}, it was {reason} "
                    "that convinced me, and on day one I was feeling {feel}.",
                    "How my first day went? I felt {feel}! I took up the {topic} in {city} {month}, for {reason} "
                    "more than anything.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where is {talker}'s {topic}?",
                        "In which city does {talker} have the {topic}?",
                        "Which city does {talker} work in since taking the {topic}?",
                        "Where does {talker} work in the {topic}?",
                    ),
                    held_out=(
                        "What city is {talker}'s {topic} in?",
                        "To which town does the {topic} take {talker}?",
                    ),
                ),
                answers=same("{City}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} start the {topic}?",
                        "Since when has {talker} had the {topic}?",
                        "In which month did {talker}'s {topic} begin?",
                        "From which month on has {talker} had the {topic}?",
                    ),
                    held_out=(
                        "When did {talker} first turn up for the {topic}?",
                        "What month was the start of {talker}'s {topic}?",
                    ),
                ),
                answers=same("{Month}."),
                needs=("month",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why did {talker} change to the {topic}?",
                        "What made {talker} take the {topic}?",
                        "What was {talker}'s reason for choosing the {topic}?",
                        "What attracted {talker} to the {topic}?",
                    ),
                    held_out=(
                        "Why did {talker} say yes to the {topic}?",
                        "What convinced {talker} to go for the {topic}?",
                    ),
                ),
                answers=same("{Reason}."),
                needs=("reason",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} feel on the first day of the {topic}?",
                        "What did the first day of the {topic} feel like for {talker}?",
                        "How does {talker} describe the first day of the {topic}?",
                        "What feeling did {talker} have when the {topic} began?",
                    ),
                    held_out=(
                        "How was {talker} feeling on day one of the {topic}?",
                        "What does {talker} say about the first day of the {topic}?",
                    ),
                ),
                answers=same("{Feel}."),
                needs=("feel",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I have a {topic} in {city} now, can you believe it? I still have to learn everybody's name.",
                    "My {topic} keeps me busy. I'm in {city} all week and hardly at home.",
                    "I'm on the way to {city} for my {topic}, so I'll write more tonight.",
                ),
                held_out=(
                    "It's official, I work in {city} now! The {topic} is mine.",
                    "I forgot to tell you that my {topic} is in {city}, so let's meet there for lunch.",
                ),
            ),
            tells=("city",),
        ),
        unsaid=Wordings(
            train=(
                "How much does {talker} earn in the {topic}?",
                "How many colleagues does {talker} have in the {topic}?",
                "How does {talker} get to the {topic} in the morning?",
                "Who told {talker} about the {topic}?",
                "What is the name of {talker}'s boss in the {topic}?",
            ),
            held_out=(
                "What salary does the {topic} bring {talker}?",
                "At what time does {talker} begin work in the {topic}?",
                "Who shares an office with {talker} in the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "I heard about your {topic}, {talker}! How did that come about?",
                "So you've got a {topic} now? I want to know everything!",
                "How is the {topic} treating you, {talker}?",
            ),
            held_out=(
                "Someone told me that you have a {topic}. Is that so, {talker}?",
                "What's new at work? Are you happy with your {topic}?",
            ),
        ),
    ),
)
