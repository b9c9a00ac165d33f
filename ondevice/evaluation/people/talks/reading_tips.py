"""Talks about a book: who recommended it, when it was read, and what somebody took from it."""

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
)
