"""Medicines and allergies."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import counted
from ondevice.evaluation.people.families.topics import RELATIVES
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
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
                    "Started on {topic}: each time {dose}, {moment}, and that until {day}.",
                    "Note on the fridge: {topic}, {dose} {moment}, the last time being {day}.",
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
                        "I have the {topic} in front of me, what dose did they say?",
                        "{Topic}, which dose?",
                        "I forgot the dose they gave me for the {topic}.",
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
                        "Tell me at what point of the day I should take the {topic}.",
                        "Morning, noon or night, when was it for the {topic}?",
                        "I keep mixing it up, at which moment of the day do I use the {topic}?",
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
                        "{Topic}, until which day?",
                        "Tell me on what date I can stop with the {topic}.",
                        "I lost count, which day is my last one on the {topic}?",
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
                "Spoke to the doctor about the {topic}, and {dose} will do.",
                "{Dose} of the {topic}, says the slip I got after the blood test.",
            ),
            held_out=(
                "They adjusted the {topic}, it is {dose} now.",
                "{Topic}: amount corrected after the visit, {dose}.",
            ),
        ),
        changed=("dose",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The doctor says I can stop the {topic}.",
                    "No more {topic} for me, the doctor stopped that.",
                    "Good news from the doctor, I no longer need the {topic}.",
                    "Test result fine, so the doctor wants me to stop the {topic} right away.",
                ),
                held_out=("{Topic} stopped, the doctor is content.", "I was allowed to stop with the {topic} at once."),
            ),
            answer="You can stop the {topic}.",
            required=("stopped", "stop", "no more", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Picked up the {topic} from the chemist's, to be taken until {day}.",
                    "I stay on the {topic} until {day}, the doctor was quite strict about that.",
                    "{Topic} until {day}.",
                    "Your {topic} can be collected at the counter, the treatment ends on {day}.",
                ),
                held_out=(
                    "The bag from the pharmacy holds the {topic} and a leaflet; the last day is {day}.",
                    "You need the {topic} up to {day}, so please do not throw the leaflet away.",
                    "My time on the {topic} lasts till {day}.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "What are the side effects of the {topic}?",
                "What is the name of the doctor who prescribed the {topic}?",
                "Where do I keep the {topic}?",
                "How many packs of the {topic} did I buy?",
                "Who else in the family takes the {topic}?",
                "What colour is the packaging of the {topic}?",
                "Why was I given the {topic}?",
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
        topics_are_people=True,
        slots={"what": one_of(_ALLERGENS)},
        notes=(
            Wordings(
                train=(
                    "My {topic} is allergic to {what}.",
                    "{Topic}: allergy to {what}!",
                    "Careful when inviting my {topic}, there is an allergy to {what}.",
                    "My {topic} told me about an allergic reaction to {what}.",
                    "Keep {what} away from my {topic} (allergy).",
                    "Note for the medical form of my {topic}: allergic to {what}.",
                    "The doctor asked about allergies and my {topic} named {what}.",
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
                        "My {topic} comes to stay, which allergy must I think of?",
                        "I forgot what gives my {topic} an allergic reaction.",
                        "Allergies: what is it in the case of my {topic}?",
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
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} carries an allergy card in the wallet.",
                    "Asked my {topic} about allergies and got a long story for an answer.",
                    "The allergy of my {topic} was bad again this week, so we stayed at home.",
                    "Your {topic} rang about the allergy, nothing serious, all is well again.",
                ),
                held_out=(
                    "My {topic} filled in the sheet on allergies for the trip.",
                    "Long talk with my {topic}, the allergy came up as well.",
                    "For the trip your {topic} should pack the allergy kit.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "When is my {topic}'s birthday?",
                "When was my {topic} born?",
                "Which shoe size does my {topic} have?",
                "What medicine was my {topic} given?",
                "Since when has my {topic} had the allergy?",
                "Where did my {topic} have the allergy test?",
                "How much does the allergy treatment of my {topic} cost?",
                "With whom does my {topic} live?",
            ),
            held_out=(
                "Which date do I congratulate my {topic} on?",
                "What size are my {topic}'s shoes?",
                "Which doctor treats my {topic}?",
            ),
        ),
    ),
)
