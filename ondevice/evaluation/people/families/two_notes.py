"""What no note says alone: one note names somebody, another says where they are."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import full_name, one_of

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

FAMILIES = (
    Family(
        name="mentor",
        topics=_MENTORS,
        topics_are_people=True,
        slots={"person": full_name, "place": one_of(_OFFICES)},
        notes=(
            Wordings(
                train=(
                    "My {topic} is {person}.",
                    "{Person} is going to be my {topic}.",
                    "I met my {topic}, {person}, for the first time.",
                    "Got a {topic} assigned to me: {person}.",
                    "Your {topic} will be {person}.",
                    "Since this week {person} has been my {topic}.",
                    "A letter came: {person} has been named as my {topic}.",
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
                    "You will find {person} in {place}.",
                    "Went to see {person}, in {place}, where the coffee is good.",
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
                        "My {topic}: where is the office?",
                        "Tell me at which door to knock for my {topic}.",
                        "I am about to visit my {topic}, which place do I go to?",
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
                        "My {topic}: who?",
                        "I forgot the name of my {topic}.",
                        "I am writing to my {topic}, what name do I put on the letter?",
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
                "{Place} is where {person} works these days.",
                "{Person} receives visitors in {place}.",
                "I met {person} in {place}, all the books still in boxes.",
            ),
            held_out=(
                "{Person} is no longer there but in {place}.",
                "As of today one finds {person} in {place}, after the move.",
            ),
        ),
        changed=("place",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic}: {person}.",
                    "{Person} is my {topic} from now on.",
                    "Had a long talk with {person}, my {topic}, and felt better afterwards.",
                    "Let me introduce {person}, who is your {topic} from today on.",
                ),
                held_out=(
                    "As {topic} I have {person}, and we got on well at once.",
                    "Lunch with {person}, who agreed to be my {topic}.",
                    "Flowers for {person}, the best {topic} I ever had.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "What is the phone number of my {topic}?",
                "When does my {topic} have time for me?",
                "How long will my {topic} be responsible for me?",
                "Where does my {topic} live?",
                "How many years has my {topic} been in that job?",
                "When is the birthday of my {topic}?",
                "With whom does my {topic} share the office?",
                "How many others does my {topic} look after?",
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
        topics_are_people=True,
        slots={"person": full_name, "place": one_of(_WORKPLACES)},
        notes=(
            Wordings(
                train=(
                    "{Topic} got married to {person}.",
                    "{Topic}'s partner is called {person}.",
                    "{Person} and {topic} are a couple.",
                    "I finally met {person}, the partner of {topic}.",
                    "{Topic} and {person} are engaged.",
                    "Invite {topic} together with {person}, they are a couple.",
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
                    "{Person} does shifts at {place}.",
                    "The boss of {place} speaks highly of {person}, who works there.",
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
                        "{Topic}'s partner: works where?",
                        "I forgot at which place {topic}'s partner earns a living.",
                        "I want to fetch the partner of {topic} from work, where do I drive?",
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
                        "{Topic}'s partner: what name?",
                        "I forgot who is together with {topic}.",
                        "I am writing a card to {topic} and partner, what name do I put next to {topic}?",
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
                "{Person} is on the staff of {place}.",
                "{Person} had the first week at {place} and likes the job.",
                "Met {person} on duty at {place}, in a fine uniform.",
            ),
            held_out=(
                "{Person} was hired by {place} and has started there.",
                "From this month {person} is employed at {place} instead.",
            ),
        ),
        changed=("place",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic} and {person} have moved in together.",
                    "Card to {topic} and {person} for their wedding.",
                    "{Person} is the partner of {topic}, as I learned at the party.",
                    "{Topic} brought {person} along, the two are a couple and very happy.",
                ),
                held_out=(
                    "{Topic} is together with {person}.",
                    "Dinner with {topic} and partner {person}, it got late.",
                    "{Topic} introduced {person} to us as the love of a lifetime.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "Where does {topic}'s partner live?",
                "What does the partner of {topic} like to eat?",
                "What is the phone number of {topic}'s partner?",
                "How old is the partner of {topic}?",
                "Where did {topic} meet the partner?",
                "How much does the partner of {topic} earn?",
                "Which car does {topic}'s partner drive?",
                "How many children do {topic} and the partner have?",
            ),
            held_out=(
                "What city is {topic}'s partner living in?",
                "When is the birthday of {topic}'s partner?",
                "What's the number of {topic}'s partner?",
            ),
        ),
    ),
)
