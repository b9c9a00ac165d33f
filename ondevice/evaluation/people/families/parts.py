"""Parts that are changed now and then, where the note only says ``today``."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, day_value

_PARTS = (
    "water filter", "vacuum bag", "smoke alarm battery", "doorbell battery", "bed linen", "sofa cover",
    "toothbrush head", "razor blade", "guitar strings", "violin strings", "car tyres", "bike chain", "aquarium water",
    "terrarium sand", "air filter", "pollen filter", "printer toner", "coffee machine seal", "kitchen light bulb",
    "stairway light bulb",
)  # fmt: skip


def _own_day(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Give the day on which the note is written."""
    return day_value(scene.at.date(), scene.at.date(), is_relative=False)


FAMILIES = (
    Family(
        name="changed part",
        topics=_PARTS,
        slots={"day": _own_day},
        notes=(
            Wordings(
                train=(
                    "I changed the {topic} today.",
                    "Today it was finally time, I changed the {topic}.",
                    "The {topic} has been changed today, one thing less on my list.",
                    "Changing the {topic} took me no time this morning.",
                    "I got round to changing the {topic} today.",
                    "Finally rolled up my sleeves and changed the {topic} today.",
                ),
                held_out=(
                    "My job of the day was to change the {topic}, done.",
                    "This evening I changed the {topic}.",
                    "{Topic} changed today, well done me!",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When did I last change the {topic}?",
                        "On which day was the {topic} changed last?",
                        "When was the last change of the {topic}?",
                        "Since when is the {topic} new?",
                        "I forgot when I changed the {topic} the last time.",
                        "Last change of the {topic}: which date?",
                        "Tell me the day I last changed the {topic}.",
                    ),
                    held_out=(
                        "What day did I change the {topic} most recently?",
                        "What is the date of the latest change of the {topic}?",
                        "How fresh is the {topic}, when did I change it?",
                    ),
                ),
                answers=same("You last changed the {topic} on {day}."),
                needs=("day",),
                category="relative day",
            ),
        ),
        changes=Wordings(
            train=(
                "Changed the {topic} once more today, it was time for me to do it.",
                "Again I had to change the {topic}, which I did this morning.",
                "The {topic} had to be changed today, and I did it before breakfast.",
                "I spent a few minutes today changing the {topic}.",
            ),
            held_out=(
                "I changed the {topic} anew this evening.",
                "Another change of the {topic}, all done by me today.",
            ),
        ),
        changed=("day",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Changing the {topic} is easier than it looks.",
                    "I wrote out how to change the {topic}, step by step, for my brother.",
                    "Watched a film on how one changes the {topic}.",
                    "I like changing the {topic}, it calms me down.",
                ),
                held_out=(
                    "Whoever changes the {topic} should put on gloves, I learned that the hard way.",
                    "My flatmate asked me how to change the {topic}.",
                    "There is a knack to changing the {topic}, patience is all it takes.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How much did the new {topic} cost?",
                "Where did I buy the {topic}?",
                "How long does the {topic} last?",
                "Which brand is the {topic}?",
                "Who sold me the {topic}?",
                "Which tool do I need to change the {topic}?",
                "In which colour did I buy the {topic}?",
                "When did the shop send me the {topic}?",
            ),
            held_out=(
                "What shop sells the {topic}?",
                "How often should the {topic} be changed?",
                "Who showed me how to change the {topic}?",
            ),
        ),
    ),
)
