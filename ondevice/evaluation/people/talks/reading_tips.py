"""Talks about books, films and games: who recommended what, when it was read, and what somebody took from it."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_BOOKS = (
    "crime novel", "travel memoir", "ghost story", "poetry book", "war novel", "love story", "sea novel",
    "family saga", "science book", "history book", "gardening book", "fantasy trilogy", "short story collection",
    "thick biography", "graphic novel", "philosophy book", "fairy tale book", "cookery memoir", "diary of a nurse",
    "book about bees", "book about sleep", "western novel",
)  # fmt: skip
_ADVISERS = (
    "sister", "brother", "librarian", "bookseller", "hairdresser", "dentist", "aunt", "uncle", "flatmate", "boss",
    "old teacher", "running partner", "niece", "nephew", "mother-in-law", "father-in-law", "book club", "choir leader",
    "therapist", "landlady",
)  # fmt: skip
_LESSONS = (
    "small steps count", "small habits matter", "it is fine to fail", "it is never too late", "anger helps nobody",
    "fear is a bad adviser", "everyone carries a secret", "everyone needs a friend", "silence can heal",
    "laughter can heal", "home is where people wait", "luck favours the brave", "nature needs no hurry",
    "good things take time", "kind words go far", "honest words save time", "asking for help is strength",
    "sharing makes things lighter", "money is not everything", "work is not everything",
)  # fmt: skip
_WORKS = (
    "comfort film", "rainy-day film", "favourite comic", "favourite series", "party game", "favourite card game",
    "bedtime audiobook", "Sunday podcast", "Christmas film", "childhood picture book", "favourite musical",
    "favourite computer game", "train-ride audiobook", "favourite documentary", "family board game",
    "favourite cartoon", "holiday read", "favourite stage play",
)  # fmt: skip
_TITLES = (
    "The Lantern Road", "Seven Small Suns", "Harbour Lights", "Winter Orchard", "A Fox in May", "The Paper Boat",
    "Salt and Silver", "Moss and Marble", "The Last Beekeeper", "The Third Clockmaker", "Goodbye Marigold",
    "Hello Juniper", "Under Blue Roofs", "Beyond Grey Hills", "Tales of Little Brook", "Songs of Old Mill",
    "The Owl Parade", "The Cat Express", "Nine Doors Down", "Three Stops Later", "Copper Moon", "Velvet River",
    "Dust on the Stairs", "Rain in the Attic", "The Secret of Elm Farm", "The Riddle of Pine Court",
)  # fmt: skip
_CHARMS = (
    "the clever jokes", "the gentle humour", "the surprising end", "the sudden twists", "the brave heroine",
    "the grumpy hero", "the talking animals", "the strange creatures", "the cosy mood", "the dark mood",
    "the odd characters", "the lovable villains", "the touch of magic", "the sense of adventure", "the slow pace",
    "the constant suspense", "the silly fun", "the warm feeling",
)  # fmt: skip

TALKS = (
    Family(
        name="told reading",
        topics=_BOOKS,
        told_by=("talker",),
        slots={"adviser": one_of(_ADVISERS), "day": day_past, "lesson": one_of(_LESSONS)},
        notes=(
            Wordings(
                train=(
                    "I finished the {topic} {day}. My {adviser} told me to read it, and it taught me that {lesson}.",
                    "Remember the {topic} my {adviser} recommended? I read the last page {day}. "
                    "What I took from it: {lesson}.",
                    "Page after page, and {day} I was through with my {topic}. It showed me that {lesson}. "
                    "A tip of my {adviser}, by the way.",
                    "My {adviser} was right about the {topic}. I closed it {day} with a sigh, because now "
                    "I know that {lesson}.",
                    "So, the {topic}: I got it done {day}! The message that stuck with me is that {lesson}. "
                    "I must thank my {adviser} for the suggestion.",
                ),
                held_out=(
                    "It was {day} that I got to the end of that {topic}, and I learned that {lesson}. "
                    "I'd never have picked it up without my {adviser}.",
                    "I couldn't put the {topic} down until I was finished {day}. On the advice of my {adviser}, "
                    "imagine that! For me it all comes down to this: {lesson}.",
                    "Lesson of my {topic}: {lesson}. My {adviser} pressed it into my hands, and I completed it {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who recommended the {topic} to {talker}?",
                        "Who told {talker} to read the {topic}?",
                        "Whose tip was the {topic} that {talker} read?",
                        "From whom did {talker} hear about the {topic}?",
                    ),
                    held_out=(
                        "Who made {talker} curious about the {topic}?",
                        "On whose advice did {talker} pick up the {topic}?",
                    ),
                ),
                answers=same("{Talker}'s {adviser}."),
                needs=("adviser",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} finish the {topic}?",
                        "On which day did {talker} read the end of the {topic}?",
                        "When was {talker} done with the {topic}?",
                        "When did {talker} come to the last page of the {topic}?",
                    ),
                    held_out=(
                        "When did {talker} get through the {topic}?",
                        "What day did {talker} complete the {topic}?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} learn from the {topic}?",
                        "What did {talker} take from the {topic}?",
                        "What did the {topic} teach {talker}?",
                        "Which message of the {topic} stuck with {talker}?",
                    ),
                    held_out=(
                        "What lesson did {talker} find in the {topic}?",
                        "What does {talker} say about the message of the {topic}?",
                    ),
                ),
                answers=same("{Lesson}."),
                needs=("lesson",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I've begun the {topic} that my {adviser} keeps praising.",
                    "My {adviser} recommended a {topic} to me, it's lying on my bedside table.",
                    "Reading a {topic} these days, on the advice of my {adviser}.",
                ),
                held_out=(
                    "There's this {topic} on my desk. My {adviser} suggested it.",
                    "My {adviser} talked me into the {topic}, so here I am, reading.",
                ),
            ),
            tells=("adviser",),
        ),
        unsaid=Wordings(
            train=(
                "How many pages has the {topic} that {talker} read?",
                "Where did {talker} buy the {topic}?",
                "Who wrote the {topic} that {talker} read?",
                "To whom will {talker} lend the {topic}?",
                "Which chapter of the {topic} bored {talker}?",
            ),
            held_out=(
                "What is on the cover of {talker}'s {topic}?",
                "Which figure in the {topic} does {talker} like?",
                "How much money did {talker} spend on the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How's your {topic} going, {talker}?",
                "Is the {topic} any good? I need something to read.",
                "Tell me about your {topic}! I hardly find time for reading.",
            ),
            held_out=(
                "Would you recommend your {topic}, {talker}?",
                "Did you get anything out of that {topic}?",
            ),
        ),
    ),
    Family(
        name="told favourites of two",
        topics=_WORKS,
        told_by=("talker", "listener"),
        slots={
            "one": one_of(_TITLES),
            "charm": one_of(_CHARMS),
            "two": one_of(_TITLES),
            "appeal": one_of(_CHARMS),
        },
        notes=(
            Wordings(
                train=(
                    "My {topic} is {one}, hands down. It's {charm} that I love.",
                    "{One} will always be my {topic}, because of {charm}.",
                    "If you want to know my {topic}: {one}! I can't get enough of {charm}.",
                    "After a bad day I need my {topic}, and that's {one}. Nothing beats {charm}.",
                ),
                held_out=(
                    "For {charm} alone, {one} is my {topic}. I know it by heart.",
                    "Guess my {topic}! It's {one}, and I like it for {charm}.",
                ),
            ),
            Wordings(
                train=(
                    "Good choice, though my {topic} is {two}. I'm fond of {appeal}.",
                    "I'd say {two} when it comes to my {topic}. What draws me in: {appeal}.",
                    "Mine's different! My own {topic} would be {two}, just for {appeal}.",
                    "Ha, we don't have the same taste. {Two} is my {topic}, I adore {appeal}.",
                ),
                held_out=(
                    "Not mine, sorry. I swear by {two} as my {topic}, thanks to {appeal}.",
                    "I must show you my {topic}, it's called {two}. Nothing tops {appeal}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s {topic}?",
                        "What is the title of {talker}'s {topic}?",
                        "Which one did {talker} pick as the {topic}?",
                        "What did {talker} say the {topic} was?",
                    ),
                    held_out=("Which title is {talker}'s {topic}?", "By what title does {talker}'s {topic} go?"),
                ),
                answers=same("{One}."),
                needs=("one",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} like about the {topic}?",
                        "Why does {talker} love that {topic}?",
                        "What draws {talker} to the {topic}?",
                        "What is it about the {topic} that pleases {talker}?",
                    ),
                    held_out=("Why is {talker} so fond of the {topic}?", "What does {talker} praise in the {topic}?"),
                ),
                answers=same("{Charm}."),
                needs=("charm",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {listener}'s {topic}?",
                        "What is the title of {listener}'s {topic}?",
                        "Which one did {listener} pick as the {topic}?",
                        "What did {listener} say the {topic} was?",
                    ),
                    held_out=("Which title is {listener}'s {topic}?", "By what title does {listener}'s {topic} go?"),
                ),
                answers=same("{Two}."),
                needs=("two",),
                rests_on=(1,),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {listener} like about the {topic}?",
                        "Why does {listener} love that {topic}?",
                        "What draws {listener} to the {topic}?",
                        "What is it about the {topic} that pleases {listener}?",
                    ),
                    held_out=(
                        "Why is {listener} so fond of the {topic}?",
                        "What does {listener} praise in the {topic}?",
                    ),
                ),
                answers=same("{Appeal}."),
                needs=("appeal",),
                rests_on=(1,),
                category="reason",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I could do with my {topic} tonight, what a day.",
                    "My {topic} never gets old, it's my cure for everything.",
                    "Everybody should have a {topic}, I have had mine for years.",
                ),
                held_out=(
                    "I enjoyed my {topic} again, under a blanket and with tea.",
                    "No plans for tonight, only me and my {topic}.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "How often has {talker} enjoyed the {topic}?",
                "Who shares the {topic} with {listener}?",
                "When did {talker} discover the {topic}?",
                "Where did {listener} get the {topic}?",
                "How long does {talker}'s {topic} take?",
            ),
            held_out=(
                "Who made {talker}'s {topic}?",
                "How much did {listener} pay for the {topic}?",
                "Who showed {talker} the {topic}?",
            ),
        ),
    ),
)
