"""Talks about pets: what they are called, where they came from, and what they like."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import month_past
from ondevice.evaluation.people.values import one_of

_PETS = (
    "kitten", "puppy", "parrot", "zebra finch", "lop-eared bunny", "hedgehog", "hamster", "gerbil",
    "tortoise", "gecko", "budgie",
    "cockatiel", "dwarf goat", "chinchilla", "terrier", "tomcat", "lovebird", "parakeet", "dwarf rabbit", "pet rat",
)  # fmt: skip
_PET_NAMES = (
    "Biscuit", "Pepper", "Mango", "Olive", "Ziggy", "Waffles", "Noodle", "Pickle", "Luna", "Cosmo", "Button", "Pebble",
    "Rocket", "Comet", "Marble", "Toffee", "Socks", "Muffin", "Captain", "Duchess", "Pumpkin", "Clover", "Sherlock",
    "Mozart", "Nugget", "Peanut", "Willow", "Hazel", "Tofu", "Mochi",
)  # fmt: skip
_SOURCES = (
    "the animal shelter", "a rescue centre", "a farm near the lake", "a farm in the hills", "a retired teacher",
    "an elderly neighbour", "the vet", "the pet shop", "a small breeder", "a kind breeder", "a colleague",
    "a cousin in the country", "a family across the road", "a student moving abroad", "the children's zoo",
    "the school caretaker", "a friend of the family", "a nurse at work", "the lost and found", "the "
    "town hall noticeboard",
)  # fmt: skip
_LIKES = (
    "napping in the sun", "sleeping in the laundry basket", "hiding under the sofa", "hiding behind the curtains",
    "watching the rain", "watching the birds outside", "nibbling carrots", "nibbling cucumber",
    "listening to the radio",
    "listening to piano music", "shredding newspapers", "tearing up cardboard boxes", "digging in the flower pots",
    "digging in the sand", "being stroked on the head", "being scratched behind the ears", "looking in the mirror",
    "sitting on the windowsill", "crawling into paper bags", "crawling into boots", "pushing a little ball around",
    "playing with a tiny bell", "stealing pieces of apple", "stealing bits of lettuce",
)  # fmt: skip

TALKS = (
    Family(
        name="told pet",
        topics=_PETS,
        told_by=("talker",),
        slots={"name": one_of(_PET_NAMES), "source": one_of(_SOURCES), "month": month_past, "likes": one_of(_LIKES)},
        notes=(
            Wordings(
                train=(
                    "I've got a {topic} now! It came to me {month}, from {source}. I named it {name}, "
                    "and what it loves is {likes}.",
                    "Meet {name}, my {topic}! I took it in from {source} {month}. Its great passion is {likes}.",
                    "My {topic} {name} is mad about {likes}. I still can't believe that {source} let me have it "
                    "{month}.",
                    "So {month} I got my {topic} from {source}, and the flat isn't quiet any more. {Name} is the name, "
                    "and {likes} is the favourite pastime.",
                    "I was so lonely, so I adopted a {topic} {month}. It's called {name}, it comes from {source} "
                    "and it can't get enough of {likes}.",
                    "You haven't met my {topic} yet, have you? {Name} joined me {month}, straight from {source}, "
                    "and is happiest when {likes}.",
                ),
                held_out=(
                    "We've shared our home with a {topic} since I went to {source} {month}. We call it {name}. All "
                    "it wants is "
                    "{likes}!",
                    "{Likes}, that's all my {topic} {name} cares about. I got it from {source}, that was {month}.",
                    "I couldn't resist any longer {month}: a {topic}, from {source}! {Name} makes me laugh every "
                    "day, {likes} is the "
                    "best thing "
                    "in its world.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is the name of {talker}'s {topic}?",
                        "What did {talker} name the {topic}?",
                        "Which name did {talker} give the {topic}?",
                        "What is {talker}'s {topic} called?",
                    ),
                    held_out=(
                        "Which name does {talker} use for the {topic}?",
                        "What name goes with {talker}'s {topic}?",
                    ),
                ),
                answers=same("{Name}."),
                needs=("name",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where did {talker} get the {topic}?",
                        "From whom or where did {talker} get the {topic}?",
                        "Where does {talker}'s {topic} come from?",
                        "Where was {talker}'s {topic} found?",
                    ),
                    held_out=(
                        "From where did {talker} take the {topic} in?",
                        "Who or what did {talker} get the {topic} from?",
                    ),
                ),
                answers=same("{Source}."),
                needs=("source",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} get the {topic}?",
                        "Since when has {talker} had the {topic}?",
                        "In which month did {talker} bring the {topic} home?",
                        "When did the {topic} come to {talker}?",
                    ),
                    held_out=(
                        "When did {talker}'s {topic} move in?",
                        "What month did {talker} adopt the {topic}?",
                    ),
                ),
                answers=same("{Month}."),
                needs=("month",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker}'s {topic} like to do?",
                        "What does {talker} say the {topic} loves?",
                        "What is {talker}'s {topic} fond of?",
                        "What gives {talker}'s {topic} pleasure?",
                    ),
                    held_out=(
                        "What makes {talker}'s {topic} happy?",
                        "What is the favourite activity of {talker}'s {topic}?",
                    ),
                ),
                answers=same("{Likes}."),
                needs=("likes",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} {name} sat on my lap all evening, it was so sweet.",
                    "I hurried home because {name}, my {topic}, gets bored without me.",
                    "I'd like to show you my {topic}. {Name} looks so funny in the pictures!",
                ),
                held_out=(
                    "{Name} is such a lovely {topic}, I never want to be without it again.",
                    "Life's better with a {topic}, believe me. I talk to {name} all day long.",
                ),
            ),
            tells=("name",),
        ),
        unsaid=Wordings(
            train=(
                "How old is {talker}'s {topic}?",
                "What colour is {talker}'s {topic}?",
                "What did {talker} pay for the {topic}?",
                "Who looks after the {topic} when {talker} is away?",
                "What is {talker}'s {topic} allergic to?",
            ),
            held_out=(
                "How much does {talker}'s {topic} weigh?",
                "Which vet does {talker} take the {topic} to?",
                "Which trick did {talker} teach the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Is it true that you have a {topic}, {talker}? Tell me everything!",
                "How's the {topic} doing?",
                "I heard a little noise on the phone, was that your {topic}?",
            ),
            held_out=(
                "So what about this {topic} of yours, {talker}?",
                "Someone said you've got a {topic} at home now. Really?",
            ),
        ),
    ),
)
