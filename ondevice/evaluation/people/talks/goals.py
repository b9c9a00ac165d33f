"""Talks about goals: what two friends each want to reach, and why."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_SPANS = (
    "coming year", "new year", "new season", "next quarter", "spring months", "summer months", "dark months",
    "autumn months", "first half-year", "second half-year", "new term", "next term", "rest of the year",
    "months ahead", "time after the exams", "time after the move",
)  # fmt: skip
_GOALS = (
    "to run a half marathon", "to swim a mile", "to learn Italian", "to learn sign language", "to read more novels",
    "to write a novel", "to save for a house", "to pay off the loan", "to get a promotion", "to change jobs",
    "to finish the degree", "to finish the album", "to quit smoking", "to quit sugar", "to play in a band",
    "to sing in public", "to hike across the Alps", "to sail across the Baltic", "to cook at home every day",
    "to meditate every day",
)  # fmt: skip
_SPURS = (
    "to feel fitter", "to feel stronger", "to prove the doubters wrong", "to make the family proud",
    "to gain confidence", "to gain freedom", "to clear the head", "to calm the mind", "to meet new people",
    "to surprise old friends", "to be a good example", "to be ready for change", "to worry less", "to live longer",
    "to enjoy life more", "to have more energy",
)  # fmt: skip

TALKS: tuple[Family, ...] = (
    Family(
        name="told goals of two",
        topics=_SPANS,
        told_by=("talker", "listener"),
        slots={
            "goal": one_of(_GOALS),
            "spur": one_of(_SPURS),
            "aim": one_of(_GOALS),
            "drive": one_of(_SPURS),
        },
        notes=(
            Wordings(
                train=(
                    "My goal for the {topic} is {goal}. I'm doing it {spur}.",
                    "I've set myself a goal for the {topic}: {goal}! My reason is {spur}, nothing else.",
                    "For the {topic} I promised myself {goal}. You may laugh, but I need that {spur}.",
                    "In the {topic} I really want {goal}, {spur}. I wrote it on the fridge.",
                ),
                held_out=(
                    "The {topic} will be different, I intend {goal}. Why? Simply {spur}.",
                    "{Spur}, that's what drives me. So I've made up my mind {goal} in the {topic}.",
                ),
            ),
            Wordings(
                train=(
                    "I like that! As for me, I hope {aim} in the {topic}, it's a way {drive}.",
                    "My own goal for the {topic} is {aim}. It would help me {drive}.",
                    "Then I'll tell you mine for the {topic}: {aim}. I'm tired of excuses and I want {drive}.",
                    "For the {topic} I picked something else, namely {aim}. I've got to do something {drive}.",
                ),
                held_out=(
                    "Impressive. I've resolved {aim} in the {topic}, mostly {drive}.",
                    "Mine is humbler: {aim}. I chose it for the {topic} just {drive}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s goal for the {topic}?",
                        "What does {talker} want to achieve in the {topic}?",
                        "Which goal has {talker} set for the {topic}?",
                        "What did {talker} resolve to do in the {topic}?",
                    ),
                    held_out=(
                        "What does {talker} intend to do in the {topic}?",
                        "What is {talker} aiming for in the {topic}?",
                    ),
                ),
                answers=same("{Goal}."),
                needs=("goal",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why did {talker} choose that goal for the {topic}?",
                        "What is {talker}'s reason for the goal of the {topic}?",
                        "What does {talker} hope to get from the goal for the {topic}?",
                        "For what reason has {talker} set that goal for the {topic}?",
                    ),
                    held_out=(
                        "What is driving {talker} towards the goal in the {topic}?",
                        "Why is the plan for the {topic} important to {talker}?",
                    ),
                ),
                answers=same("{Spur}."),
                needs=("spur",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {listener}'s goal for the {topic}?",
                        "What does {listener} want to achieve in the {topic}?",
                        "Which goal has {listener} set for the {topic}?",
                        "What did {listener} resolve to do in the {topic}?",
                    ),
                    held_out=(
                        "What does {listener} intend to do in the {topic}?",
                        "What is {listener} aiming for in the {topic}?",
                    ),
                ),
                answers=same("{Aim}."),
                needs=("aim",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why did {listener} choose that goal for the {topic}?",
                        "What is {listener}'s reason for the goal of the {topic}?",
                        "What does {listener} hope to get from the goal for the {topic}?",
                        "For what reason has {listener} set that goal for the {topic}?",
                    ),
                    held_out=(
                        "What is driving {listener} towards the goal in the {topic}?",
                        "Why is the plan for the {topic} important to {listener}?",
                    ),
                ),
                answers=same("{Drive}."),
                needs=("drive",),
                rests_on=(1,),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I should set myself a goal for the {topic}, don't you think?",
                    "The {topic} can come, I feel ready for something new.",
                    "I'm making my list of goals for the {topic}, it's getting long.",
                ),
                held_out=(
                    "I want the {topic} to be a good time, with a bit of ambition.",
                    "Talking of resolutions, I still have to think about the {topic}.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who will help {talker} with the goal for the {topic}?",
                "What did {talker} fail to do before the {topic}?",
                "How does {listener} track the goal for the {topic}?",
                "How much money has {talker} put aside for the {topic}?",
                "What reward will {listener} get for reaching the goal of the {topic}?",
            ),
            held_out=(
                "Who doubts that {talker} reaches the goal of the {topic}?",
                "How many hours a week does {listener} have for the goal in the {topic}?",
                "What stands in {talker}'s way in the {topic}?",
            ),
        ),
    ),
)
