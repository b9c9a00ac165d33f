"""Talks about a project of one's own: why it was begun, and when it opens."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import month_to_come
from ondevice.evaluation.people.values import one_of

_PROJECTS = (
    "flower shop", "record shop", "bakery", "bike workshop", "food truck", "ice cream parlour", "dance studio",
    "yoga studio", "book cafe", "cat cafe", "tea house", "guest house", "art gallery", "photo gallery",
    "language school", "sewing school", "market stall", "farm stall", "youth theatre", "puppet theatre",
    "repair cafe", "toy library",
)  # fmt: skip
_MOTIVES = (
    "to bring people together", "to make people smile", "to be independent", "to be more creative",
    "to give something back", "to keep an old craft alive", "to follow a childhood dream", "to follow a passion",
    "to escape the office", "to escape the daily grind", "to work with the hands", "to work with children",
    "to help the neighbourhood", "to help young artists", "to earn a living with joy",
    "to earn some extra money", "to save a lovely old building", "to save things from the bin",
)  # fmt: skip
_HURDLES = (
    "the paperwork", "the building permit", "the bank loan", "the high rent", "the leaking roof", "the old wiring",
    "the long nights", "the early mornings", "the lack of staff", "the lack of money", "the late deliveries",
    "the grumpy landlord", "the tax forms", "the insurance", "the noise rules", "the fire rules",
    "the self-doubt", "the loneliness",
)  # fmt: skip
_NEXT = (
    "a weekend workshop", "a monthly newsletter", "an online store", "a loyalty card", "a summer party",
    "a winter market", "a small terrace", "a second room", "a children's corner", "a reading corner",
    "a free course for beginners", "a discount for students", "a charity evening", "a live music night",
    "a website", "a podcast", "a mural on the wall", "a new sign over the door",
)  # fmt: skip

TALKS = (
    Family(
        name="told project",
        topics=_PROJECTS,
        told_by=("talker",),
        slots={
            "motive": one_of(_MOTIVES),
            "month": month_to_come,
            "hurdle": one_of(_HURDLES),
            "next": one_of(_NEXT),
        },
        notes=(
            Wordings(
                train=(
                    "My own {topic} opens {month}! I started it {motive}. The hardest part was {hurdle}, "
                    "and my next plan is {next}.",
                    "So I'm really doing it: I'm opening a {topic} {month}, {motive}. {Hurdle} nearly broke me. "
                    "Later I want to add {next}.",
                    "Opening day of the {topic} is {month} and I can't sleep! I did it all {motive}. I struggled "
                    "most with {hurdle}, but I'm already dreaming of {next}.",
                    "Why a {topic}? Well, {motive}. If all goes well we open {month}. You've no idea how I fought "
                    "with {hurdle}! Once it runs, there'll be {next} too.",
                    "I can finally tell you that my {topic} will open its doors {month}. I wanted {motive}. "
                    "{Hurdle} gave me headaches, and after the opening I'll work on {next}.",
                ),
                held_out=(
                    "The {topic} takes shape! It's launching {month}. The whole thing began because I longed {motive}; "
                    "what cost me most nerves was {hurdle}. Up next: {next}.",
                    "I've put everything into this {topic}, just {motive}. After all the trouble with {hurdle} "
                    "we're ready to open {month}, with {next} to follow.",
                    "Mark your calendar, my {topic} starts {month}! I've got {next} in mind for afterwards. "
                    "I had a tough time with {hurdle}, but I went for it {motive}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Why did {talker} start the {topic}?",
                        "For what reason did {talker} begin the {topic}?",
                        "Why does {talker} want to have a {topic}?",
                        "What moved {talker} to set up the {topic}?",
                    ),
                    held_out=(
                        "What is {talker}'s motive behind the {topic}?",
                        "What inspired {talker} to open a {topic}?",
                    ),
                ),
                answers=same("{Motive}."),
                needs=("motive",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When does {talker}'s {topic} open?",
                        "When will {talker} open the {topic}?",
                        "In which month is the opening of {talker}'s {topic}?",
                        "When can people first go to the {topic} of {talker}?",
                    ),
                    held_out=(
                        "When is {talker} launching the {topic}?",
                        "What month does {talker} plan to start the {topic}?",
                    ),
                ),
                answers=same("{Month}."),
                needs=("month",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What was the hardest part of the {topic} for {talker}?",
                        "What was hard for {talker} with the {topic}?",
                        "What did {talker} struggle with when setting up the {topic}?",
                        "Which problem did {talker} have with the {topic}?",
                    ),
                    held_out=(
                        "What was the biggest challenge in {talker}'s {topic}?",
                        "What about the {topic} cost {talker} the most nerves?",
                    ),
                ),
                answers=same("{Hurdle}."),
                needs=("hurdle",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s next plan for the {topic}?",
                        "What does {talker} want to add to the {topic}?",
                        "What is {talker} going to do next with the {topic}?",
                        "What does {talker} plan for the {topic} after the opening?",
                    ),
                    held_out=(
                        "What comes next for {talker}'s {topic}?",
                        "Which idea does {talker} have for the future of the {topic}?",
                    ),
                ),
                answers=same("{Next}."),
                needs=("next",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'm exhausted but happy, my {topic} is nearly there. The hard part was {hurdle}.",
                    "You know, a {topic} of my own is a lot of work, I struggled most with {hurdle}.",
                    "All I do is think about my {topic}. The biggest problem has been {hurdle}.",
                ),
                held_out=(
                    "If it weren't for {hurdle}, my biggest challenge, I'd say the {topic} is pure joy.",
                    "Running after everything for my {topic}! What costs me most nerves is {hurdle}.",
                ),
            ),
            tells=("hurdle",),
        ),
        unsaid=Wordings(
            train=(
                "How much did {talker} invest in the {topic}?",
                "What is the name of {talker}'s {topic}?",
                "Who works with {talker} in the {topic}?",
                "In which street is {talker}'s {topic}?",
                "Who lent {talker} money for the {topic}?",
            ),
            held_out=(
                "How many customers does {talker} expect in the {topic}?",
                "What did {talker} do before the {topic}?",
                "Which colour are the walls of {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "What's new with the {topic}, {talker}?",
                "Is your {topic} still the plan? I'm so curious.",
                "I told my mum about your {topic}, she wants to hear more!",
            ),
            held_out=(
                "How far along are you with your {topic}, {talker}?",
                "Give me an update on the {topic}, please!",
            ),
        ),
    ),
)
