"""Talks about a promotion, and what came with it."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_PROMOTIONS = (
    "promotion to head chef", "promotion to head nurse", "promotion to team leader", "promotion to branch manager",
    "promotion to head gardener", "promotion to head librarian", "promotion to senior editor",
    "promotion to senior engineer", "promotion to shift leader", "promotion to site manager",
    "promotion to deputy director", "promotion to deputy head teacher", "promotion to lead designer",
    "promotion to lead developer", "promotion to chief buyer", "promotion to chief accountant",
    "promotion to store manager", "promotion to sales manager", "promotion to project manager",
    "promotion to office manager",
)  # fmt: skip
_TELLERS = (
    "the owner", "the director", "the founder", "the personnel manager", "the boss", "the chairwoman",
    "the head of department", "the vice president", "the secretary", "the general manager", "the old manager",
    "the team assistant", "the regional manager", "the head of staff", "the co-founder", "the managing partner",
)  # fmt: skip
_CHANGES = (
    "shorter meetings", "longer breaks", "a fair rota", "a quiet room", "weekly team lunches", "monthly workshops",
    "a suggestion box", "a mentor scheme", "clearer roles", "flexible shifts", "a shared calendar", "an open door",
    "better tools", "new software", "more training", "less paperwork", "free fruit", "fresh coffee",
    "a morning briefing", "a feedback hour",
)  # fmt: skip
_TREATS = (
    "a huge cake", "a barbecue", "a bottle of champagne", "a candlelit dinner", "a garden party", "a karaoke night",
    "a bowl of punch", "a long massage", "a weekend by the sea", "a trip to the opera", "a picnic by the river",
    "a pizza evening", "a big breakfast", "a dance in the kitchen", "a pot of fondue", "a tray of oysters",
)  # fmt: skip

TALKS = (
    Family(
        name="told promotion",
        topics=_PROMOTIONS,
        told_by=("talker",),
        slots={
            "day": day_past,
            "teller": one_of(_TELLERS),
            "change": one_of(_CHANGES),
            "treat": one_of(_TREATS),
        },
        notes=(
            Wordings(
                train=(
                    "I heard about my {topic} {day}, from {teller}! I want to bring in {change} right away. "
                    "And of course I celebrated, with {treat}.",
                    "It was {day}. {Teller} called me in and told me about my {topic}, and I nearly cried. We "
                    "celebrated with {treat}, and the first thing I'll introduce is {change}.",
                    "My plan after the {topic}: {change}, it's overdue. {Teller} gave me the news {day}, and I "
                    "treated myself to {treat}.",
                    "All those late evenings paid off! I learned of my {topic} {day}, {teller} told me in person. "
                    "I celebrated with {treat}, and now I want {change} for the team.",
                    "Guess who had {treat} to celebrate? Me! It was {day} that {teller} told me of my {topic}, "
                    "and I'm already planning {change}.",
                ),
                held_out=(
                    "I got the {topic}! {Teller} broke it to me {day}. {Treat} was my way to celebrate, and "
                    "{change} will be my first step.",
                    "So {teller} rang me up about my {topic} {day}, and I was speechless. My people can look "
                    "forward to {change}. I marked the occasion with {treat}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} hear about the {topic}?",
                        "On which day did {talker} learn of the {topic}?",
                        "When did {talker} get the news of the {topic}?",
                        "When was {talker} told about the {topic}?",
                    ),
                    held_out=(
                        "What day did {talker} find out about the {topic}?",
                        "Since when has {talker} known about the {topic}?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who told {talker} about the {topic}?",
                        "From whom did {talker} hear about the {topic}?",
                        "Who gave {talker} the news of the {topic}?",
                        "Who let {talker} know about the {topic}?",
                    ),
                    held_out=(
                        "Who was it that informed {talker} of the {topic}?",
                        "Who brought {talker} the good news about the {topic}?",
                    ),
                ),
                answers=same("{Teller}."),
                needs=("teller",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} want to introduce after the {topic}?",
                        "What is {talker} planning for the team after the {topic}?",
                        "What will {talker} bring in first after the {topic}?",
                        "Which change does {talker} have in mind after the {topic}?",
                    ),
                    held_out=(
                        "What would {talker} like to do first after the {topic}?",
                        "What are {talker}'s plans at work since the {topic}?",
                    ),
                ),
                answers=same("{Change}."),
                needs=("change",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} celebrate the {topic} with?",
                        "How did {talker} celebrate the {topic}?",
                        "What treat did {talker} have because of the {topic}?",
                        "With what did {talker} mark the {topic}?",
                    ),
                    held_out=(
                        "What did {talker} do to celebrate the {topic}?",
                        "In what way was {talker}'s {topic} celebrated?",
                    ),
                ),
                answers=same("{Treat}."),
                needs=("treat",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "It was {teller} who told me about my {topic}. My hands were shaking!",
                    "I didn't expect the {topic} at all. When {teller} told me, I had to sit down.",
                    "{Teller} told me about the {topic}, and I still pinch myself every morning.",
                ),
                held_out=(
                    "I thought {teller} was joking when I was told of my {topic}!",
                    "The news of my {topic} came from {teller}, and I'm over the moon.",
                ),
            ),
            tells=("teller",),
        ),
        unsaid=Wordings(
            train=(
                "How much more does {talker} earn since the {topic}?",
                "How many people does {talker} lead since the {topic}?",
                "Who else had hoped for {talker}'s {topic}?",
                "Which office did {talker} get with the {topic}?",
                "What did {talker}'s parents say about the {topic}?",
            ),
            held_out=(
                "What pay rise came with {talker}'s {topic}?",
                "Who had {talker}'s post before the {topic}?",
                "Which colleague was jealous of {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Is it true about your {topic}, {talker}? Congratulations!",
                "I want to hear about your {topic}! How did it go?",
                "A little bird told me about a {topic}, {talker}.",
            ),
            held_out=(
                "Any news about the {topic} you were hoping for, {talker}?",
                "Well done on your {topic}! What happens now?",
            ),
        ),
    ),
)
