"""What no note says alone: one note names somebody, another says where they are or how they are reached."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.asking_more import telephone
from ondevice.evaluation.people.family import Asking, Family
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import full_name, one_of, phone

_MENTORS = (
    "maths tutor", "physics tutor", "thesis supervisor", "internship supervisor", "class teacher", "ballet teacher",
    "case worker", "social worker", "bank adviser", "careers adviser", "team leader", "shift leader", "study coach",
    "voice coach", "mentor at the company", "buddy at the institute", "head of department", "head of the laboratory",
    "exam officer", "housing officer",
)  # fmt: skip
_OFFICES = (
    "room 402", "room 517", "room 033", "room 266", "the basement of the annex", "the attic of the mill",
    "the yellow building", "the round building", "the office by the lift", "the office by the stairs",
    "the container behind the hall", "the cabin at the gate", "building 7", "building 12", "the west wing",
    "the east wing", "the old bakery", "the former stables", "the tower room", "the garden house",
)  # fmt: skip
_RELATED = (
    "Aunt Ida", "Aunt Vilma", "Aunt Sigrid", "Aunt Thekla", "Aunt Lorna", "Aunt Agnes", "Uncle Ted", "Uncle Olaf",
    "Uncle Fritz", "Uncle Henk", "Uncle Basil", "Uncle Casper", "Grandma Elsa", "Grandma Rita", "Grandpa Joe",
    "Grandpa Willem", "neighbour Gerda", "neighbour Norbert", "postman Tim", "postwoman Britt",
)  # fmt: skip
_WORKPLACES = (
    "the lighthouse museum", "the opera house", "the fish market", "the paper mill", "the tram depot",
    "the planetarium", "the animal shelter", "the customs office", "the bell foundry", "the radio station",
    "the seed bank", "the ice rink", "the ferry terminal", "the court of auditors", "the chocolate factory",
    "the shipyard", "the veterinary school", "the cable-car station", "the public records office",
    "the forest nursery",
)  # fmt: skip
_CREWS = (
    "rescue drill", "blood donation day", "clean-up day", "recycling day", "open-air cinema", "soapbox race",
    "lantern parade", "charity auction", "neighbourhood breakfast", "clothes swap", "seed swap", "repair café",
    "bird count", "bat night", "school crossing", "night watch at camp", "library sleepover", "inventors' fair",
    "model railway show", "kite festival",
)  # fmt: skip

FAMILIES = (
    Family(
        name="mentor",
        topics=_MENTORS,
        slots={"person": full_name, "place": one_of(_OFFICES)},
        notes=(
            Wordings(
                train=(
                    "My {topic} is {person}.",
                    "{Person} is going to be my {topic}.",
                    "I met my {topic}, {person}, for the first time.",
                    "Got a {topic} assigned to me: {person}.",
                    "Your {topic} will be {person}.",
                ),
                held_out=(
                    "They gave me {person} as {topic}.",
                    "{Person} (my {topic}) seems nice.",
                    "I'm glad that it was {person} I got as my {topic}.",
                ),
            ),
            Wordings(
                train=(
                    "The office of {person} is in {place}.",
                    "{Person} sits in {place}.",
                    "Whoever looks for {person} has to go to {place}.",
                    "{Person}: {place}, just knock.",
                ),
                held_out=(
                    "In {place} one finds {person}.",
                    "I looked everywhere for {person}, who works in {place} as it turned out.",
                    "There is a new sign in {place}: {person}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where is the office of my {topic}?",
                        "Where do I find my {topic}?",
                        "In which place does my {topic} sit?",
                        "Where do I have to go to see my {topic}?",
                    ),
                    held_out=(
                        "Where is my {topic}'s office?",
                        "Remind me where my {topic} sits.",
                        "I want to talk to my {topic} in person, where?",
                    ),
                ),
                answers=same("Your {topic} is {person}, whose office is in {place}."),
                needs=("place",),
                rests_on=(0, 1),
                category="two notes",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who is my {topic}?",
                        "What is my {topic} called?",
                        "Tell me the name of my {topic}.",
                        "Which person do I have as {topic}?",
                    ),
                    held_out=(
                        "What's the name of my {topic}?",
                        "Do you know who my {topic} is?",
                        "Who was assigned to me as {topic}?",
                    ),
                ),
                answers=same("Your {topic} is {person}."),
                needs=("person",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "{Person} has moved offices and is in {place} now.",
                "New office of {person}: {place}.",
            ),
            held_out=(
                "{Person} is no longer there but in {place}.",
                "As of today one finds {person} in {place}, after the move.",
            ),
        ),
        changed=("place",),
        unsaid=Wordings(
            train=(
                "What is the phone number of my {topic}?",
                "When does my {topic} have time for me?",
                "How long will my {topic} be responsible for me?",
                "Where does my {topic} live?",
            ),
            held_out=(
                "What's my {topic}'s number?",
                "On which day is my next talk with my {topic}?",
                "What city is my {topic} living in?",
            ),
        ),
    ),
    Family(
        name="partner",
        topics=_RELATED,
        slots={"person": full_name, "place": one_of(_WORKPLACES)},
        notes=(
            Wordings(
                train=(
                    "{Topic} got married to {person}.",
                    "{Topic}'s partner is called {person}.",
                    "{Person} and {topic} are a couple.",
                    "I finally met {person}, the partner of {topic}.",
                ),
                held_out=(
                    "{Topic} came to lunch with {person}, the new partner.",
                    "Wedding bells for {topic} and {person}!",
                    "The better half of {topic} is {person}.",
                ),
            ),
            Wordings(
                train=(
                    "{Person} works at {place}.",
                    "{Person} told me about the job at {place}.",
                    "Picked up {person} after work, at {place}, my first time there.",
                    "{Person} has been with {place} for ten years.",
                ),
                held_out=(
                    "At {place} they celebrated {person}, who has a job there.",
                    "{Person} earns a living at {place}.",
                    "I called {person} at work ({place}).",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where does the partner of {topic} work?",
                        "Where does {topic}'s partner work?",
                        "At which place does the partner of {topic} have a job?",
                        "Who does {topic}'s partner work for?",
                    ),
                    held_out=(
                        "What is the place of work of {topic}'s partner?",
                        "Where is {topic}'s partner employed?",
                        "Remind me where {topic}'s partner has a job.",
                    ),
                ),
                answers=same("The partner of {topic} is {person}, who works at {place}."),
                needs=("place",),
                rests_on=(0, 1),
                category="two notes",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who is the partner of {topic}?",
                        "What is {topic}'s partner called?",
                        "Tell me the name of {topic}'s partner.",
                        "With whom is {topic} together?",
                    ),
                    held_out=(
                        "What's the name of the partner of {topic}?",
                        "Who does {topic} share life with?",
                        "Do you know who {topic}'s partner is?",
                    ),
                ),
                answers=same("The partner of {topic} is {person}."),
                needs=("person",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "{Person} has a new job, at {place}.",
                "{Person} left the old job and now works at {place}.",
            ),
            held_out=(
                "{Person} was hired by {place} and has started there.",
                "From this month {person} is employed at {place} instead.",
            ),
        ),
        changed=("place",),
        unsaid=Wordings(
            train=(
                "Where does {topic}'s partner live?",
                "What does the partner of {topic} like to eat?",
                "What is the phone number of {topic}'s partner?",
                "How old is the partner of {topic}?",
            ),
            held_out=(
                "What city is {topic}'s partner living in?",
                "When is the birthday of {topic}'s partner?",
                "What's the number of {topic}'s partner?",
            ),
        ),
    ),
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
        unsaid=Wordings(
            train=(
                "How many people come to the {topic}?",
                "How much money does the {topic} bring in?",
                "Where does the organiser of the {topic} live?",
                "How long does the {topic} last?",
            ),
            held_out=(
                "What does the {topic} cost us?",
                "Who brings the drinks to the {topic}?",
                "What number of helpers does the {topic} need?",
            ),
        ),
    ),
)
