"""Organisers: one note names them, another says how they are reached."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same, telephone
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import full_name, phone

_CREWS = (
    "rescue drill", "blood donation day", "clean-up day", "recycling day", "open-air cinema", "soapbox race",
    "lantern parade", "charity auction", "neighbourhood breakfast", "clothes swap", "seed swap", "repair café",
    "bird count", "bat night", "school crossing", "night watch at camp", "library sleepover", "inventors' fair",
    "model railway show", "kite festival",
)  # fmt: skip

FAMILIES = (
    Family(
        name="crew",
        topics=_CREWS,
        slots={"person": full_name, "number": phone},
        notes=(
            Wordings(
                train=(
                    "{Person} organises the {topic} this year.",
                    "The {topic} is in the hands of {person}.",
                    "Organiser of the {topic}: {person}.",
                    "I heard that {person} has agreed to organise the {topic}.",
                    "We voted, and {person} is to organise the {topic}.",
                    "{Person} said yes and runs the {topic}, lists and all.",
                ),
                held_out=(
                    "For the {topic} they found {person} as organiser.",
                    "Whoever wants to help with the {topic} should ask its organiser {person}.",
                    "This time the {topic} is organised by {person}.",
                ),
            ),
            Wordings(
                train=(
                    "The number of {person} is {number}.",
                    "{Person}, phone {number}.",
                    "I saved {number} for {person}.",
                    "You can reach {person} on {number}.",
                    "Whoever needs {person} dials {number}.",
                    "{Number}, that is the phone of {person}.",
                ),
                held_out=(
                    "{Number} is what I have to dial for {person}.",
                    "Address book: {person} {number}.",
                    "Call {person} any time, {number}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=telephone("the organiser of the {topic}"),
                answers=same("The {topic} is organised by {person}, whose number is {number}."),
                needs=("number",),
                rests_on=(0, 1),
                category="two notes",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who organises the {topic}?",
                        "Who is the organiser of the {topic}?",
                        "In whose hands is the {topic}?",
                        "Tell me who runs the {topic}.",
                        "{Topic}: who is in charge?",
                        "I forgot who has the {topic} in hand.",
                        "I want to help with the {topic}, whom do I have to ask?",
                    ),
                    held_out=(
                        "By whom is the {topic} organised?",
                        "What's the name of the organiser of the {topic}?",
                        "Who is behind the {topic}?",
                    ),
                ),
                answers=same("The {topic} is organised by {person}."),
                needs=("person",),
                category="name",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic}: {person} is in charge.",
                    "The {topic} has an organiser at last, {person}.",
                    "Ask {person}, who organises the {topic}, for a poster.",
                    "{Person} organises the {topic} again, with the same good humour as ever.",
                ),
                held_out=(
                    "Without {person} as organiser there would be no {topic}.",
                    "Posters for the {topic} are up, the organiser is {person}.",
                    "{Person} has taken on the organisation of the {topic}, and cake is promised.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "How many people come to the {topic}?",
                "How much money does the {topic} bring in?",
                "Where does the organiser of the {topic} live?",
                "How long does the {topic} last?",
                "Who pays for the {topic}?",
                "When does the {topic} begin?",
                "Where do we meet for the {topic}?",
                "With whom did I go to the {topic} last time?",
            ),
            held_out=(
                "What does the {topic} cost us?",
                "Who brings the drinks to the {topic}?",
                "What number of helpers does the {topic} need?",
            ),
        ),
    ),
)
