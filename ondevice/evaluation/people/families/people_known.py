"""People one knows: how to reach them, what they do, where they live."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people import names
from ondevice.evaluation.people.families.asking import same, who
from ondevice.evaluation.people.families.asking_more import lives, telephone, works
from ondevice.evaluation.people.family import Asking, Family
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, full_name, one_of, phone

_HELPERS = (
    "landlord", "caretaker", "plumber", "electrician", "piano tuner", "roofer", "tax adviser", "insurance agent",
    "house cleaner", "locksmith", "car mechanic", "midwife", "babysitter", "speech therapist", "window cleaner",
    "notary", "gardener", "tree surgeon", "dog walker", "driving instructor", "physiotherapist", "bike mechanic",
    "carpenter", "chimney sweep",
)  # fmt: skip
_WORKERS = (
    "cousin Mira", "cousin Nils", "cousin Leo", "cousin Olga", "uncle Samir", "uncle Pavel", "old Mrs. Fontana",
    "old Mr. Ziegler", "Tilda from next door", "Jana from downstairs", "Wanda's son", "Kurt's daughter",
    "Greta from school", "Hanna from college", "Paula's sister", "Emil's brother", "Marek from the band",
    "Marta from the choir", "Ruth from playgroup", "Ruben from the nursery", "Farid's twin", "Fiona's twin",
)  # fmt: skip
_JOBS = (
    "a baker", "a roofer", "an optician", "an usher", "a bus driver", "a tram driver", "a nurse", "a midwife",
    "a bookkeeper", "a proofreader", "a carpenter", "a glazier", "a chemist", "a geologist", "a translator",
    "a receptionist", "a beekeeper", "a fisherman", "an architect", "an engraver", "a cook", "a waiter",
    "a stage designer", "a sound engineer", "a surveyor", "a paralegal", "a welder", "a crane operator", "a librarian",
    "an archivist",
)  # fmt: skip
_EMPLOYERS = (
    "the town library", "the state archive", "Halvorsen Foods", "Brunnen Logistics", "the children's hospital",
    "the eye hospital", "the city theatre", "the puppet theatre", "Lindgren Timber", "Orlov Instruments",
    "the water works", "the gas works", "the airport", "the cargo port", "the railway museum", "the aquarium",
    "Castor Software", "Pollux Insurance", "the regional court", "the land registry", "Merian Seeds", "Tarn Textiles",
    "the botanical garden", "the observatory", "the savings bank", "the credit union",
)  # fmt: skip
_FAR_AWAY = (
    "brother-in-law", "sister-in-law", "half-sister", "half-brother", "great-aunt", "great-uncle", "godson",
    "goddaughter", "former flatmate", "former boss", "old maths teacher", "old music teacher", "pen friend",
    "school friend", "second cousin", "stepbrother", "old rowing coach", "old fencing coach", "best man",
    "bridesmaid",
)  # fmt: skip
_STREETS = (
    "Lime Street", "Poplar Street", "Quay Road", "Tower Road", "Station Lane", "Orchard Lane", "Bridge Street",
    "Windmill Street", "Cedar Avenue", "Acacia Avenue", "Well Lane", "Priory Lane", "Foundry Road", "Meadow Road",
    "Swan Street", "Falcon Street", "Hill Road", "Valley Road", "Tanner's Row", "Weaver's Row",
)  # fmt: skip


def _address(scene: Scene, _: Mapping[str, Value]) -> Value:
    street = scene.pick(_STREETS)
    return Value.of(f"{scene.random.randint(2, 98)} {street}")


FAMILIES = (
    Family(
        name="contact",
        topics=_HELPERS,
        slots={"person": full_name, "number": phone},
        notes=(
            Wordings(
                train=(
                    "Our {topic} is {person}, phone {number}.",
                    "{Topic}: {person}, {number}.",
                    "If anything happens call {person}, the {topic}, on {number}.",
                    "I saved the number of my {topic}: {number} ({person}).",
                    "Your {topic} will be {person}, who can be reached on {number}.",
                ),
                held_out=(
                    "{Person} ({topic}), tel. {number}.",
                    "I found a {topic} at last, {person} is the name and {number} the number.",
                    "For questions to the {topic} please dial {number} and ask for {person}.",
                    "From this week on {person} is your {topic}; the number is {number}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=who(
                    "my {topic}",
                    train=("Which person do I have as {topic}?",),
                    held_out=("Whom do I call when I need the {topic}?",),
                ),
                answers=same("Your {topic} is {person}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=telephone("my {topic}"),
                answers=same("The number of your {topic} is {number}."),
                needs=("number",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "{Topic} new: {person}, {number}.",
                "My {topic} has stopped working, {person} takes over ({number}).",
                "We have a new {topic}, {person}, to be reached on {number}.",
            ),
            held_out=(
                "The {topic} is somebody else now. {Person}, {number}.",
                "Change of {topic}! I now call {person} on {number}.",
            ),
        ),
        changed=("person", "number"),
        unsaid=Wordings(
            train=(
                "What is the email address of my {topic}?",
                "On which days does my {topic} work?",
                "When does my {topic} go on holiday?",
                "How long has the {topic} been in business?",
            ),
            held_out=(
                "In which street is my {topic}?",
                "Who recommended the {topic} to me?",
                "Since when have I had this {topic}?",
            ),
        ),
    ),
    Family(
        name="job",
        topics=_WORKERS,
        slots={"job": one_of(_JOBS), "employer": one_of(_EMPLOYERS)},
        notes=(
            Wordings(
                train=(
                    "{Topic} works as {job} at {employer}.",
                    "Had no idea that {topic} is {job}, with {employer} of all places.",
                    "I ran into {topic} today, {job} at {employer} these days.",
                    "{Topic}: {job}, {employer}.",
                    "What {topic} does? Being {job}, at {employer}.",
                ),
                held_out=(
                    "At {employer} they have {job} I know: {topic}!",
                    "So {topic} earns a living as {job} (employer: {employer}).",
                    "Did I mention that {employer} employs {topic} as {job}?",
                    "By the way, {topic} is with {employer}, as {job}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does {topic} do for a living?",
                        "What is {topic}'s job?",
                        "What does {topic} work as?",
                        "Which profession does {topic} have?",
                    ),
                    held_out=(
                        "How does {topic} earn a living?",
                        "What's the occupation of {topic}?",
                        "Remind me what {topic} does at work.",
                    ),
                ),
                answers=same("{Topic} works as {job}."),
                needs=("job",),
            ),
            Asking(
                questions=works("{topic}"),
                answers=same("{Topic} works at {employer}."),
                needs=("employer",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "{Topic} has changed jobs and is now {job} at {employer}.",
                "News of {topic}: left the old job, {job} with {employer} from now on.",
            ),
            held_out=(
                "{Employer} has hired {topic} as {job}.",
                "A new start for {topic}, who is {job} at {employer} as of this month.",
            ),
        ),
        changed=("job", "employer"),
        unsaid=Wordings(
            train=(
                "Where does {topic} live?",
                "How much does {topic} earn?",
                "What is the phone number of {topic}?",
                "Who is {topic}'s boss?",
            ),
            held_out=(
                "What city is {topic} living in?",
                "What did {topic} study?",
                "When does {topic} retire?",
            ),
        ),
    ),
    Family(
        name="home",
        topics=_FAR_AWAY,
        slots={"city": one_of(names.CITIES), "address": _address},
        notes=(
            Wordings(
                train=(
                    "My {topic} lives in {city}, {address}.",
                    "Address of my {topic}: {address}, {city}.",
                    "I sent my {topic} a card, to {address} in {city}.",
                    "{City}, {address}: that is where my {topic} lives.",
                    "Your {topic} can be found at {address} in {city}.",
                ),
                held_out=(
                    "For my address book: {topic}, {address}, {city}.",
                    "When I am in {city} I can ring at {address}, my {topic} has a flat there.",
                    "The doorbell of my {topic} is at {address} ({city}).",
                    "Letters for your {topic} go to {address}, {city}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=lives("my {topic}"),
                answers=same("Your {topic} lives in {city}."),
                needs=("city",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "In which street does my {topic} live?",
                        "What is the address of my {topic}?",
                        "Which street and number do I write on a letter to my {topic}?",
                        "Give me the street of my {topic}.",
                    ),
                    held_out=(
                        "What's my {topic}'s address?",
                        "To which address do I send a parcel for my {topic}?",
                        "Remind me of the street my {topic} lives in.",
                    ),
                ),
                answers=same("Your {topic} lives at {address}."),
                needs=("address",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "My {topic} has moved to {city}, {address}.",
                "New address of my {topic}: {address}, {city}.",
                "We helped my {topic} move. New home: {city}, {address}.",
            ),
            held_out=(
                "My {topic} doesn't live there any more, it's {address} in {city} now.",
                "{Address}, {city}, that's my {topic}'s new flat.",
            ),
        ),
        changed=("city", "address"),
        unsaid=Wordings(
            train=(
                "Where does my {topic} work?",
                "What is the phone number of my {topic}?",
                "How much rent does my {topic} pay?",
                "Who shares a flat with my {topic}?",
            ),
            held_out=(
                "How does my {topic} earn a living?",
                "When did my {topic} get married?",
                "I need to call my {topic}, what number?",
            ),
        ),
    ),
)
