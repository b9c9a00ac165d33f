"""People one knows: how to reach them, and what they do."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same, telephone, who, works
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import full_name, one_of, phone

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


FAMILIES = (
    Family(
        name="contact",
        topics=_HELPERS,
        topics_are_people=True,
        slots={"person": full_name, "number": phone},
        notes=(
            Wordings(
                train=(
                    "Our {topic} is {person}, phone {number}.",
                    "{Topic}: {person}, {number}.",
                    "If anything happens call {person}, the {topic}, on {number}.",
                    "I saved the number of my {topic}: {number} ({person}).",
                    "Your {topic} will be {person}, who can be reached on {number}.",
                    "Card on the fridge: {topic} {person}, {number}.",
                    "We took on {person} as {topic}, and {number} is the number to ring.",
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
                    train=(
                        "Which person do I have as {topic}?",
                        "My {topic}, what name was it?",
                        "I am writing a card to my {topic}, what name goes on it?",
                        "Tell me the name my {topic} goes by.",
                    ),
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
                "Please call {person} on {number} when you need the {topic}, the other one has retired.",
                "{Topic}, as of this week: {person}, {number}.",
            ),
            held_out=(
                "The {topic} is somebody else now. {Person}, {number}.",
                "Change of {topic}! I now call {person} on {number}.",
            ),
        ),
        changed=("person", "number"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Person} is our {topic} and never in a bad mood.",
                    "Met {person} today, our {topic}, a cheerful soul.",
                    "{Topic}: {person}.",
                    "Your {topic} is {person}, and I can only say good things about the work.",
                ),
                held_out=(
                    "I sent a thank-you card to my {topic}, {person}, for all the help.",
                    "Our {topic} goes by the name of {person}, I had that wrong for weeks.",
                    "{Person} ({topic}) was here and left everything tidy.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "What is the email address of my {topic}?",
                "On which days does my {topic} work?",
                "When does my {topic} go on holiday?",
                "How long has the {topic} been in business?",
                "How much does my {topic} charge by the hour?",
                "Where does my {topic} have an office?",
                "Why did we choose this {topic}?",
                "Who stands in for my {topic} in summer?",
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
        topics_are_people=True,
        slots={"job": one_of(_JOBS), "employer": one_of(_EMPLOYERS)},
        notes=(
            Wordings(
                train=(
                    "{Topic} works as {job} at {employer}.",
                    "Had no idea that {topic} is {job}, with {employer} of all places.",
                    "I ran into {topic} today, {job} at {employer} these days.",
                    "{Topic}: {job}, {employer}.",
                    "What {topic} does? Being {job}, at {employer}.",
                    "Long chat with {topic}, who is {job} and has a post at {employer}.",
                    "If we ever need {job}: {topic} is one, over at {employer}.",
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
                        "Tell me what kind of job {topic} has.",
                        "I forgot what {topic} is by profession.",
                        "When I introduce {topic}, which occupation do I name?",
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
                "Coffee with {topic}, very happy as {job} at {employer}.",
                "{Topic} says hello from the first week at {employer}, as {job}.",
            ),
            held_out=(
                "{Employer} has hired {topic} as {job}.",
                "A new start for {topic}, who is {job} at {employer} as of this month.",
            ),
        ),
        changed=("job", "employer"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic} is {job} by trade.",
                    "Turns out {topic} is {job}, I had always guessed something with computers.",
                    "{Topic} works as {job} and gets up very early for it.",
                    "My favourite story tonight came from {topic}, who is {job} and never short of a tale.",
                ),
                held_out=(
                    "{Topic}, {job}, sends greetings to everybody.",
                    "Now I know what {topic} does: {job}! We laughed about my wrong guess.",
                    "Being {job} suits {topic} well, no doubt about that.",
                ),
            ),
            tells=("job",),
        ),
        unsaid=Wordings(
            train=(
                "Where does {topic} live?",
                "How much does {topic} earn?",
                "What is the phone number of {topic}?",
                "Who is {topic}'s boss?",
                "How long has {topic} had the job?",
                "Where did {topic} learn the trade?",
                "Which days of the week does {topic} have off?",
                "With whom does {topic} share an office?",
            ),
            held_out=(
                "What city is {topic} living in?",
                "What did {topic} study?",
                "When does {topic} retire?",
            ),
        ),
    ),
)
