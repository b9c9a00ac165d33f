"""Talks about advice: who gave it, and what it changed."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_MATTERS = (
    "job hunt", "flat hunt", "thesis", "driving test", "sleep trouble", "money trouble", "career change",
    "family quarrel", "stage fright", "fear of flying", "house move", "divorce", "burnout", "knee injury",
    "back pain", "wedding speech", "language exam", "messy kitchen", "noise problem", "screen habit",
)  # fmt: skip
_COUNSEL = (
    "cousin", "mentor", "grandpa", "grandma", "physio", "doctor", "priest", "yoga teacher", "tutor", "counsellor",
    "stepfather", "stepmother", "godchild", "old schoolmate", "team leader", "supervisor", "barber", "taxi driver",
    "sister-in-law", "brother-in-law",
)  # fmt: skip
_ADVICE = (
    "to sleep on it", "to write it down", "to take one step at a time", "to start with the easiest part",
    "to breathe slowly", "to go for a walk every day", "to ask for help", "to talk to a professional",
    "to say no more often", "to set clear limits", "to make a list", "to keep a diary", "to stop comparing",
    "to stop rushing", "to rest without guilt", "to laugh about it", "to practise in front of a mirror",
    "to practise with a friend", "to give it more time", "to plan a free day a week",
)  # fmt: skip
_EFFECTS = (
    "much better sleep", "calmer evenings", "far less stress", "fewer worries", "a clear head", "a lighter heart",
    "more confidence", "more patience", "new energy", "new hope", "a fresh start", "a real breakthrough",
    "more time for the family", "more time for hobbies", "a healthier routine", "a tidier life",
    "steady progress", "quick success", "a better mood", "more courage",
)  # fmt: skip

TALKS = (
    Family(
        name="told advice",
        topics=_MATTERS,
        told_by=("talker",),
        slots={"counsel": one_of(_COUNSEL), "advice": one_of(_ADVICE), "effect": one_of(_EFFECTS)},
        notes=(
            Wordings(
                train=(
                    "About my {topic}: my {counsel} advised me {advice}, and I did. The result was {effect}!",
                    "I was close to giving up over the {topic}. Then my {counsel} told me {advice}, "
                    "which brought me {effect}.",
                    "My {counsel} listened to the whole {topic} story and said I ought {advice}. "
                    "It has given me {effect} ever since.",
                    "The best advice on my {topic} was {advice}. It led to {effect}, so I owe my {counsel} a cake.",
                    "Thanks to my {counsel} I see the {topic} differently. The tip was {advice}, so simple! "
                    "I've got {effect} now.",
                ),
                held_out=(
                    "You won't believe who helped me with the {topic}: my {counsel}! I was urged {advice}, "
                    "and {effect} came of it.",
                    "With the {topic} I was at my wits' end, until my {counsel} encouraged me {advice}. "
                    "What I got out of it: {effect}.",
                    "I was too proud {advice}, but my {counsel} insisted, because of the {topic}. "
                    "And look, I'm enjoying {effect}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who gave {talker} advice on the {topic}?",
                        "Who helped {talker} with advice about the {topic}?",
                        "From whom did {talker} get a tip for the {topic}?",
                        "Who did {talker} listen to in the matter of the {topic}?",
                    ),
                    held_out=(
                        "Whose advice did {talker} follow on the {topic}?",
                        "Who had good counsel for {talker} about the {topic}?",
                    ),
                ),
                answers=same("{Talker}'s {counsel}."),
                needs=("counsel",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What advice did {talker} get about the {topic}?",
                        "What was {talker} told to do about the {topic}?",
                        "Which tip did {talker} get for the {topic}?",
                        "What was {talker} advised to do because of the {topic}?",
                    ),
                    held_out=(
                        "What was the suggestion that helped {talker} with the {topic}?",
                        "What was {talker} encouraged to do with the {topic}?",
                    ),
                ),
                answers=same("{Advice}."),
                needs=("advice",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did the advice on the {topic} bring {talker}?",
                        "What changed for {talker} after the advice on the {topic}?",
                        "What did the tip about the {topic} lead to for {talker}?",
                        "How did the advice about the {topic} help {talker}?",
                    ),
                    held_out=(
                        "What did {talker} gain from the advice on the {topic}?",
                        "What good came to {talker} from the tip on the {topic}?",
                    ),
                ),
                answers=same("{Effect}."),
                needs=("effect",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {counsel} gave me some advice on my {topic}, and I'm thinking it over.",
                    "I talked to my {counsel} about the {topic}. There was good advice in it!",
                    "Thanks for asking about my {topic}. My {counsel} had a tip for me, we'll see.",
                ),
                held_out=(
                    "My {counsel} had a lot of counsel for me concerning the {topic}.",
                    "I've followed the advice of my {counsel} on the {topic} to the letter.",
                ),
            ),
            tells=("counsel",),
        ),
        unsaid=Wordings(
            train=(
                "When did the {topic} of {talker} begin?",
                "What did {talker} read about the {topic}?",
                "How much has the {topic} cost {talker}?",
                "Who is to blame for {talker}'s {topic}?",
                "What does {talker}'s family think about the {topic}?",
            ),
            held_out=(
                "Which mistake did {talker} make with the {topic}?",
                "How long has the {topic} kept {talker} busy?",
                "Where did {talker} talk about the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How are you coping with the {topic}, {talker}?",
                "Any progress with your {topic}?",
                "I was thinking of you and the {topic}. Has anybody been able to help?",
            ),
            held_out=(
                "So how do things stand with the {topic}, {talker}?",
                "Did you find someone to talk to about your {topic}?",
            ),
        ),
    ),
)
