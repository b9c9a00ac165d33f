"""Medicines, allergies, and sizes of the people one buys for."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import counted, size
from ondevice.evaluation.people.families.topics import RELATIVES
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.names import COLOURS
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, day_ahead, one_of

_MEDICINES = (
    "cough syrup", "nose spray", "iron tablets", "zinc tablets", "eye drops", "ear drops", "vitamin D capsules",
    "magnesium capsules", "thyroid pills", "blood pressure pills", "antibiotic", "painkiller", "hay fever pills",
    "sleeping pills", "stomach drops", "valerian drops", "fish oil", "cod liver oil", "asthma inhaler", "insulin pen",
    "allergy syrup", "throat lozenges", "fever juice", "worming paste for the dog", "skin lotion", "joint gel",
)  # fmt: skip
_UNITS = {
    "syrup": "spoonfuls", "juice": "spoonfuls", "oil": "spoonfuls", "spray": "puffs", "inhaler": "puffs",
    "tablets": "tablets", "pills": "pills", "capsules": "capsules", "drops": "drops", "lozenges": "lozenges",
    "pen": "units", "lotion": "dabs", "gel": "dabs", "dog": "grams",
}  # fmt: skip
_MOMENTS = (
    "after breakfast", "before breakfast", "with lunch", "before lunch", "at bedtime", "after dinner",
    "in the early morning", "in the late afternoon", "before dinner", "on an empty stomach", "at noon", "at midnight",
    "with the evening meal", "with a warm drink", "during the coffee break", "after brushing teeth",
    "before every meal", "after every meal", "when getting up", "before the midday nap", "after the shower",
    "before leaving the house", "after the morning walk", "before the evening walk", "with the second breakfast",
    "after the siesta",
)  # fmt: skip
_ALLERGENS = (
    "peanuts", "hazelnuts", "shellfish", "celery", "penicillin", "latex", "wasp stings", "bee stings", "cat hair",
    "dog hair", "birch pollen", "grass pollen", "cow's milk", "goat's milk", "sesame", "mustard", "nickel", "aspirin",
    "kiwi fruit", "strawberries", "lupin flour", "rye flour", "soya", "lentils", "house dust", "mould", "egg white",
    "walnuts", "apples", "cherries", "sun cream", "hair dye",
)  # fmt: skip


def _dose(scene: Scene, values: Mapping[str, Value]) -> Value:
    unit = _UNITS.get(values["topic"].said.split()[-1], "tablets")
    return counted(unit)(scene, values)


FAMILIES = (
    Family(
        name="medicine",
        topics=_MEDICINES,
        slots={"dose": _dose, "moment": one_of(_MOMENTS), "day": day_ahead(4, 30)},
        notes=(
            Wordings(
                train=(
                    "The doctor prescribed {topic}: {dose} {moment}, until {day}.",
                    "{Topic}, {dose}, {moment}, last time on {day}.",
                    "I have to take {dose} of the {topic} {moment}, up to {day}.",
                    "Your prescription: {topic}. Dose {dose}. Take {moment}. Stop on {day}.",
                    "Medicine plan ({topic}): {moment}, {dose}, ends {day}.",
                ),
                held_out=(
                    "{Moment}, {dose}: that is how the {topic} must be taken till {day}.",
                    "The pharmacist says {dose} of {topic}, best taken {moment}, and done on {day}.",
                    "Until {day} I am on {topic}. How much? {Dose}, {moment}.",
                    "You take the {topic} {moment} ({dose}) and are finished with it on {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is the dose of the {topic}?",
                        "How much of the {topic} do I take?",
                        "How large a dose of {topic} was I told to take?",
                        "Which amount of {topic} was prescribed?",
                    ),
                    held_out=(
                        "What quantity of {topic} am I supposed to take?",
                        "Tell me the right dose of the {topic}.",
                        "{Topic}: how much at once?",
                    ),
                ),
                answers=same("The dose of the {topic} is {dose}."),
                needs=("dose",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When in the day do I take the {topic}?",
                        "At what moment should I take the {topic}?",
                        "At what time of day do I need the {topic}?",
                        "When during the day is it time for the {topic}?",
                    ),
                    held_out=(
                        "What is the right moment of the day for the {topic}?",
                        "The {topic}, when in my day?",
                        "Which part of the day did they say for the {topic}?",
                    ),
                ),
                answers=same("The {topic} should be taken {moment}."),
                needs=("moment",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Until when do I take the {topic}?",
                        "On which day do I stop the {topic}?",
                        "When is the last day of the {topic}?",
                        "Up to which date did they prescribe the {topic}?",
                    ),
                    held_out=(
                        "How long do I have to go on with the {topic}?",
                        "What date am I done with the {topic}?",
                        "My days with the {topic} end when?",
                    ),
                ),
                answers=same("The {topic} should be taken until {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "New dose for the {topic}: {dose}.",
                "The doctor changed the {topic} to {dose}.",
                "From today I take {dose} of the {topic}.",
            ),
            held_out=(
                "They adjusted the {topic}, it is {dose} now.",
                "{Topic}: amount corrected after the visit, {dose}.",
            ),
        ),
        changed=("dose",),
        ending=Ending(
            notes=Wordings(
                train=("The doctor says I can stop the {topic}.", "No more {topic} for me, the doctor stopped that."),
                held_out=("{Topic} stopped, the doctor is content.", "I was allowed to stop with the {topic} at once."),
            ),
            answer="You can stop the {topic}.",
            required=("stopped", "stop", "no more", "no longer"),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "What are the side effects of the {topic}?",
                "What is the name of the doctor who prescribed the {topic}?",
                "Where do I keep the {topic}?",
            ),
            held_out=(
                "What did I pay for the {topic}?",
                "Where is the {topic} stored?",
                "Which pharmacy has the {topic}?",
            ),
        ),
    ),
    Family(
        name="allergy",
        topics=RELATIVES,
        slots={"what": one_of(_ALLERGENS)},
        notes=(
            Wordings(
                train=(
                    "My {topic} is allergic to {what}.",
                    "{Topic}: allergy to {what}!",
                    "Careful when inviting my {topic}, there is an allergy to {what}.",
                    "My {topic} told me about an allergic reaction to {what}.",
                    "Keep {what} away from my {topic} (allergy).",
                ),
                held_out=(
                    "{What} and my {topic} do not go together, doctors found an allergy.",
                    "Allergy test of my {topic} is back, the culprit is {what}.",
                    "The last rash of my {topic} came from {what}, so it is an allergy.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is my {topic} allergic to?",
                        "Which allergy does my {topic} have?",
                        "What can my {topic} not stand because of an allergy?",
                        "From what must I protect my {topic}?",
                    ),
                    held_out=(
                        "What does my {topic} react to?",
                        "What allergy should I know of in my {topic}?",
                        "My {topic} has an allergy against what?",
                    ),
                ),
                answers=same("Your {topic} is allergic to {what}."),
                needs=("what",),
            ),
        ),
        unsaid=Wordings(
            train=(
                "When is my {topic}'s birthday?",
                "When was my {topic} born?",
                "Which shoe size does my {topic} have?",
                "What medicine was my {topic} given?",
            ),
            held_out=(
                "Which date do I congratulate my {topic} on?",
                "What size are my {topic}'s shoes?",
                "Which doctor treats my {topic}?",
            ),
        ),
    ),
    Family(
        name="size",
        topics=RELATIVES,
        slots={"shoes": size(35, 47), "colour": one_of(COLOURS)},
        notes=(
            Wordings(
                train=(
                    "My {topic} wears shoes in size {shoes}, and likes {colour} best.",
                    "Presents, {topic}: shoe size {shoes}, favourite colour {colour}.",
                    "My {topic}'s shoe size is {shoes} (favourite colour: {colour}).",
                    "I looked into the shoes of my {topic}: size {shoes}. And {colour} is the favourite colour.",
                ),
                held_out=(
                    "Shoes for my {topic}? Take {shoes}, and {colour}, the colour my {topic} loves.",
                    "{Colour} is the favourite colour of my {topic}, {shoes} the shoe size.",
                    "At the shoe shop they measured my {topic}: size {shoes}. Loves everything {colour}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is my {topic}'s shoe size?",
                        "Which shoe size does my {topic} have?",
                        "In which size do I buy shoes for my {topic}?",
                        "How big are my {topic}'s feet, in shoe size?",
                    ),
                    held_out=(
                        "My {topic} wears which size of shoes?",
                        "What size are my {topic}'s shoes?",
                        "Shoes for my {topic}: what size?",
                    ),
                ),
                answers=same("Your {topic}'s shoe size is {shoes}."),
                needs=("shoes",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is the favourite colour of my {topic}?",
                        "Which colour does my {topic} like best?",
                        "In which colour should a present for my {topic} be?",
                        "What colour makes my {topic} happy?",
                    ),
                    held_out=(
                        "Which colour is my {topic} fond of?",
                        "My {topic} loves what colour?",
                        "Name the colour my {topic} prefers.",
                    ),
                ),
                answers=same("Your {topic}'s favourite colour is {colour}."),
                needs=("colour",),
            ),
        ),
        changes=Wordings(
            train=(
                "My {topic} needs shoe size {shoes} by now.",
                "New shoe size of my {topic}: {shoes}.",
                "The shoes were wrong, my {topic} takes {shoes}.",
            ),
            held_out=(
                "I have to correct myself, {shoes} is what fits my {topic} as shoe size.",
                "My {topic} exchanged the shoes for size {shoes}, note that down.",
            ),
        ),
        changed=("shoes",),
        unsaid=Wordings(
            train=(
                "When is my {topic}'s birthday?",
                "What is my {topic} allergic to?",
                "Which ring size does my {topic} have?",
                "What is my {topic}'s hat size?",
            ),
            held_out=(
                "My {topic}'s birthday, when is it?",
                "What does my {topic} react to?",
                "What glove size does my {topic} take?",
            ),
        ),
    ),
)
