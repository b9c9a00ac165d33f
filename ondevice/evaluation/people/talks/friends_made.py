"""Talks about friends that were made: where, and what is shared with them."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import number, one_of

_FRIENDS = (
    "pen friend", "gym buddy", "running buddy", "new best friend", "surfing friend", "painter friend",
    "gardening friend", "dog-walking friend", "fishing mate", "chess mate", "hiking companion", "travel companion",
    "drummer friend", "baker friend", "writer friend", "beekeeper friend", "sailor friend", "singer friend",
    "crossword friend", "jam session partner",
)  # fmt: skip
_WHERE = (
    "at a pottery course", "at a cookery class", "at the dog park", "at the skate park", "at a bus stop",
    "at a taxi stand", "on a night train", "on a ferry", "in a hospital waiting room", "in a hostel kitchen",
    "at a charity run", "at a street party", "at a flea market", "at a book fair", "in the queue for tickets",
    "in the laundry room", "at a yoga retreat", "at a chess tournament", "at a friend's wedding",
    "at a neighbour's barbecue",
)  # fmt: skip
_SHARED = (
    "a love of old maps", "a love of strong coffee", "a weakness for puns", "a weakness for cheesecake",
    "the same sense of humour", "the same taste in music", "a passion for mountains", "a passion for jazz",
    "an interest in birds", "an interest in stars", "a fear of heights", "a fear of spiders",
    "a difficult childhood", "a strict upbringing", "a faith in people", "a dislike of small talk",
    "a dream of sailing around the world", "a dream of living on a farm", "the habit of getting up early",
    "the habit of talking too much",
)  # fmt: skip

TALKS = (
    Family(
        name="told friend made",
        topics=_FRIENDS,
        topics_are_people=True,
        told_by=("talker",),
        slots={"place": one_of(_WHERE), "years": number(2, 19, "years"), "bond": one_of(_SHARED)},
        notes=(
            Wordings(
                train=(
                    "I met my {topic} {place}, and we've been close for {years} now. We share {bond}, that helps!",
                    "My {topic} and I go back {years}. We got talking {place} and found out that we have "
                    "{bond} in common.",
                    "Can you believe it's been {years} with my {topic}? It all began {place}. "
                    "{Bond} is what connects us.",
                    "You know my {topic}, don't you? We bumped into each other {place}. That's {years} of friendship, "
                    "and what unites us is {bond}.",
                    "I'm so thankful for my {topic}. {Years} of ups and downs, and {bond} between us from the start, "
                    "when we first met {place}.",
                ),
                held_out=(
                    "Some people you just click with. I came across my {topic} {place}, {years} have gone by, "
                    "and we still have {bond} in common.",
                    "{Years}! That's how long my {topic} has put up with me. We found each other {place}, "
                    "and {bond} did the rest.",
                    "It was {place} that I ran into my {topic}, and over {bond} we became friends. "
                    "We've known each other for {years}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where did {talker} meet the {topic}?",
                        "Where did {talker} and the {topic} get to know each other?",
                        "In which place did the friendship of {talker} and the {topic} begin?",
                        "Where did {talker}'s {topic} come into the picture?",
                    ),
                    held_out=(
                        "Where did {talker} first run into the {topic}?",
                        "Where did {talker} and the {topic} become friends?",
                    ),
                ),
                answers=same("{Place}."),
                needs=("place",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How long has {talker} known the {topic}?",
                        "For how many years has {talker} been friends with the {topic}?",
                        "How long have {talker} and the {topic} been friends?",
                        "What length of time has {talker} been close to the {topic}?",
                    ),
                    held_out=(
                        "How many years have {talker} and the {topic} been close?",
                        "How long has the {topic} been in {talker}'s life?",
                    ),
                ),
                answers=same("{Years}."),
                needs=("years",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What do {talker} and the {topic} share?",
                        "What does {talker} have in common with the {topic}?",
                        "What connects {talker} and the {topic}?",
                        "What unites {talker} with the {topic}?",
                    ),
                    held_out=(
                        "What is the bond between {talker} and the {topic}?",
                        "What made {talker} and the {topic} click?",
                    ),
                ),
                answers=same("{Bond}."),
                needs=("bond",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} came over last night. We have {bond} in common, you should see us!",
                    "I had a long call with my {topic}. We share {bond}, so we never run out of topics.",
                    "What my {topic} and I have in common: {bond}. I think you two would get along.",
                ),
                held_out=(
                    "Thank goodness for my {topic}. It's {bond} that made us friends, I guess.",
                    "It does me good to see my {topic}, the bond between us being {bond}.",
                ),
            ),
            tells=("bond",),
        ),
        unsaid=Wordings(
            train=(
                "Where does {talker}'s {topic} live?",
                "How old is the {topic} of {talker}?",
                "What did {talker} and the {topic} quarrel about?",
                "What does {talker}'s {topic} do for a living?",
                "When will {talker} visit the {topic}?",
            ),
            held_out=(
                "Which name does {talker}'s {topic} go by?",
                "What did {talker} give the {topic} for Christmas?",
                "How often does {talker} see the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How do you know your {topic}, {talker}?",
                "I'd love to meet your {topic} one day. You two seem so close.",
                "Tell me a bit about your {topic}!",
            ),
            held_out=(
                "I saw you with your {topic}, {talker}. What's your story?",
                "You mention your {topic} a lot. Are you good friends?",
            ),
        ),
    ),
)
