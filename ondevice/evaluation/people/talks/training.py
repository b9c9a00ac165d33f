"""Talks about a sport that somebody does: why, since when, where, and what it is practised for."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_to_come, year_past
from ondevice.evaluation.people.values import one_of

_SPORTS = (
    "running", "swimming", "rowing", "cycling", "boxing", "fencing", "judo", "karate", "bouldering", "climbing",
    "ice skating", "roller skating", "surfing", "kayaking", "gymnastics", "weightlifting", "jogging", "Nordic walking",
    "skateboarding", "snowboarding", "aqua fitness", "Pilates",
)  # fmt: skip
_WHY_SPORT = (
    "to keep fit", "to stay healthy", "to lower the stress", "to fight the blues", "to get rid of back pain",
    "to strengthen the knees", "to feel free", "to feel alive", "to think things over", "to quiet the mind",
    "to be among people", "to be alone for once", "to raise money for a hospital", "to train for a marathon",
    "to set an example for the kids", "to keep up with the kids", "to stop smoking", "to lose some weight",
    "to get over a loss", "to build up confidence",
)  # fmt: skip
_SPOTS = (
    "along the canal", "along the coast", "behind the old mill", "behind the school", "at the community centre",
    "at the sports hall", "in the park", "in the valley", "by the harbour", "by the reservoir",
    "at a club downtown", "at a small club nearby", "out in the suburbs", "out at the lake", "near the office",
    "near the station",
)  # fmt: skip
_GOALS = (
    "a charity event", "a club championship", "a weekend course", "a training camp", "a first competition",
    "a show for the parents", "a test for a badge", "an exam for trainers", "a friendly contest", "a team contest",
    "a trial session with friends", "an open day", "a national contest", "a regional contest",
    "a long-distance challenge", "a charity challenge",
)  # fmt: skip

TALKS = (
    Family(
        name="told sport",
        topics=_SPORTS,
        told_by=("talker", "talker"),
        slots={
            "why": one_of(_WHY_SPORT),
            "year": year_past,
            "spot": one_of(_SPOTS),
            "goal": one_of(_GOALS),
            "day": day_to_come,
        },
        notes=(
            Wordings(
                train=(
                    "I do my {topic} {why}, that's the whole secret. I began {year} and I'm still terribly slow.",
                    "Why {topic}? Well, {why}! I took my first steps in it {year}, and I'd never give it up now.",
                    "{Topic} is hard work, but I go {why}. I signed up {year} after a lot of excuses.",
                    "I got into {topic} {year}. I mostly do it {why}, the muscles are a bonus.",
                ),
                held_out=(
                    "People ask why I bother with {topic}. It's {why}, simple as that. It began {year} with a pair of "
                    "borrowed shoes.",
                    "I never was sporty until I found {topic} {year}. What keeps me going? I want {why}.",
                ),
            ),
            Wordings(
                train=(
                    "I do my {topic} {spot} these days, and I have {goal} coming up {day}. I'm getting nervous!",
                    "My {topic} buddies and I meet {spot}. We've signed up for {goal} {day}, wish us luck.",
                    "There's {goal} in {topic} {day} and I'm in! So I train {spot} as much as I can.",
                    "You'll find me {spot} for {topic}, rain or shine. I'm getting ready for {goal} {day}.",
                ),
                held_out=(
                    "We're practising {topic} {spot}, my favourite place for it, since {goal} awaits me {day}.",
                    "My next step in {topic} is {goal}, which I have {day}. Until then I'll be sweating {spot}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Why does {talker} do {topic}?",
                        "What is {talker}'s reason for {topic}?",
                        "What does {talker} do {topic} for?",
                        "For what purpose did {talker} choose {topic}?",
                    ),
                    held_out=(
                        "What motivates {talker} to keep up the {topic}?",
                        "What does {talker} hope to get out of {topic}?",
                    ),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} start {topic}?",
                        "In which year did {talker} begin with {topic}?",
                        "Since when has {talker} been into {topic}?",
                        "When did {talker} get into {topic}?",
                    ),
                    held_out=(
                        "What year did {talker} take up {topic}?",
                        "When did {talker} make the first steps in {topic}?",
                    ),
                ),
                answers=same("{Year}."),
                needs=("year",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where does {talker} go for {topic}?",
                        "Where does {talker} train for {topic}?",
                        "In which place does {talker} do {topic}?",
                        "Where can {talker} be found for {topic}?",
                    ),
                    held_out=(
                        "Where does {talker} practise {topic}?",
                        "Which place did {talker} pick for the {topic}?",
                    ),
                ),
                answers=same("{Spot}."),
                needs=("spot",),
                rests_on=(1,),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker} training for in {topic}?",
                        "What does {talker} have coming up in {topic}?",
                        "What is {talker}'s next goal in {topic}?",
                        "What has {talker} signed up for in {topic}?",
                    ),
                    held_out=(
                        "What does {talker} plan to do next in {topic}?",
                        "For what is {talker} getting ready with all the {topic}?",
                    ),
                ),
                answers=same("{Goal}."),
                needs=("goal",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When is the next event in {topic} for {talker}?",
                        "When does {talker} have the next big day in {topic}?",
                        "For which day is {talker} preparing in {topic}?",
                        "On what date can {talker} show some skill in {topic}?",
                    ),
                    held_out=(
                        "What day is the event that {talker} has planned in {topic}?",
                        "When will it get serious for {talker} in {topic}?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                rests_on=(1,),
                category="date",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I was out for my {topic} again and I ache all over.",
                    "I can't imagine a week without {topic} any more. Who'd have thought!",
                    "I got new gear for my {topic}, bright orange so nobody can miss me.",
                ),
                held_out=(
                    "{Topic} makes me so hungry, I could eat a whole cake now.",
                    "I had to skip my {topic} because of a cold, and I'm grumpy about it.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who coaches {talker} in {topic}?",
                "What does {talker} wear for {topic}?",
                "How much does {talker} pay for {topic}?",
                "Which injury did {talker} get from {topic}?",
                "Who got {talker} interested in {topic}?",
            ),
            held_out=(
                "What does {talker} eat before {topic}?",
                "Which music does {talker} listen to during {topic}?",
                "What does the gear for {topic} cost {talker}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Are you still doing {topic}, {talker}?",
                "How's the {topic} going? I admire your energy.",
                "What's new with your {topic}, {talker}?",
            ),
            held_out=(
                "Tell me about {topic}, {talker}, I might try it myself.",
                "You and your {topic}! I'd love to know more.",
            ),
        ),
    ),
)
