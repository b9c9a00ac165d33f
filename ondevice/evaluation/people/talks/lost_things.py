"""Talks about a thing that was lost: where, who found it, and what it taught."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_THINGS = (
    "leather wallet", "leather handbag", "office key", "bicycle key", "bus pass", "library card", "silver earring",
    "silver bracelet", "wedding ring", "signet ring", "striped umbrella", "spotted umbrella", "travel passport",
    "travel diary", "old camera", "old sketchbook", "wool scarf", "straw hat", "violin case", "reading tablet",
)  # fmt: skip
_SPOTS = (
    "on the tram", "on the ferry", "in a taxi", "in a lift", "at the market", "at the station", "on the beach",
    "on the chairlift", "in the changing room", "in the waiting room", "at the hairdresser's", "at the dentist's",
    "in the cinema", "in the theatre", "at the bus stop", "at the petrol station", "on a park bench",
    "on a mountain path", "in the laundrette", "in the supermarket",
)  # fmt: skip
_UPSET = (
    "helpless", "silly", "desperate", "frustrated", "ashamed", "embarrassed", "worried", "nervous", "angry", "furious",
    "miserable", "heartbroken", "stressed out", "quite upset", "terribly sad", "rather gloomy", "a bit panicky",
    "a bit lost",
)  # fmt: skip
_FINDERS = (
    "the cleaner", "the conductor", "a young mother", "a young soldier", "an honest boy", "an honest tourist",
    "the ticket inspector", "the security guard", "a street sweeper", "a street musician", "a dog walker",
    "a bird watcher", "the barman", "the cashier", "a retired teacher", "a retired judge", "a police officer",
    "a delivery driver",
)  # fmt: skip
_LESSONS = (
    "to slow down", "to stay calm", "to ask for help", "to trust strangers", "to check every pocket",
    "to count everything twice", "to travel light", "to pack the night before", "to put the phone away",
    "to look back before leaving", "to be grateful", "to be patient", "to laugh about bad luck",
    "to let go of things", "to never give up hope", "to write the name on everything", "to keep copies of everything",
    "to do one thing at a time",
)  # fmt: skip

TALKS = (
    Family(
        name="told lost thing",
        topics=_THINGS,
        told_by=("talker",),
        slots={
            "spot": one_of(_SPOTS),
            "feel": one_of(_UPSET),
            "finder": one_of(_FINDERS),
            "lesson": one_of(_LESSONS),
        },
        notes=(
            Wordings(
                train=(
                    "I left my {topic} {spot}! I felt {feel} all day, till {finder} brought it back. I've learned "
                    "{lesson}.",
                    "My {topic} is back! {Finder} found it, after I'd lost it {spot}. I'd been feeling {feel}, but it "
                    "taught me {lesson}.",
                    "Thanks to {finder} I have my {topic} again. I must have dropped it {spot}. I felt {feel} when I "
                    "noticed, and one thing I learned is {lesson}.",
                    "What a day! I lost my {topic} {spot} and felt {feel}. The good part: {finder} handed it in, and "
                    "I know now that I need {lesson}.",
                    "You know how I lose things. This time it was my {topic}, {spot}. It was {finder} who rescued it. "
                    "I felt {feel} without it, and my lesson is {lesson}.",
                ),
                held_out=(
                    "I was feeling {feel} because my {topic} was gone, forgotten {spot}. But {finder} returned it! "
                    "It made me learn {lesson}.",
                    "Guess who turned up with my {topic}? {Finder}! It had been lying {spot}. Before that I felt "
                    "{feel}, I can tell you. My takeaway: {lesson}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where did {talker} lose the {topic}?",
                        "Where did {talker} leave the {topic} behind?",
                        "In which place did {talker}'s {topic} get lost?",
                        "Where was {talker}'s {topic} left?",
                    ),
                    held_out=(
                        "Where had {talker} forgotten the {topic}?",
                        "At what spot did the {topic} go missing for {talker}?",
                    ),
                ),
                answers=same("{Spot}."),
                needs=("spot",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} feel when the {topic} was lost?",
                        "How did {talker} feel without the {topic}?",
                        "What did the loss of the {topic} make {talker} feel?",
                        "How does {talker} describe the feeling after losing the {topic}?",
                    ),
                    held_out=(
                        "How was {talker} feeling while the {topic} was gone?",
                        "What mood was {talker} in because of the lost {topic}?",
                    ),
                ),
                answers=same("{Feel}."),
                needs=("feel",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who found {talker}'s {topic}?",
                        "Who gave {talker} the {topic} back?",
                        "Who helped {talker} to get the {topic} back?",
                        "Thanks to whom does {talker} have the {topic} again?",
                    ),
                    held_out=(
                        "Who returned the {topic} to {talker}?",
                        "From whom did {talker} get back the lost {topic}?",
                    ),
                ),
                answers=same("{Finder}."),
                needs=("finder",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} learn from losing the {topic}?",
                        "What did the loss of the {topic} teach {talker}?",
                        "What lesson did {talker} take from the lost {topic}?",
                        "What does {talker} know now, after the matter of the {topic}?",
                    ),
                    held_out=(
                        "What is {talker}'s takeaway from losing the {topic}?",
                        "What insight did {talker} gain when the {topic} was gone?",
                    ),
                ),
                answers=same("{Lesson}."),
                needs=("lesson",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I can't find my {topic}! I think I left it {spot}.",
                    "My {topic} is gone, I lost it {spot}. I'll call them in the morning.",
                    "Of all things I had to lose my {topic} {spot}!",
                ),
                held_out=(
                    "I'm on my way back, since I forgot my {topic} {spot}.",
                    "Have you seen my {topic}? It went missing {spot}, I'm afraid.",
                ),
            ),
            tells=("spot",),
        ),
        unsaid=Wordings(
            train=(
                "How much had {talker} paid for the {topic}?",
                "Where did {talker} buy the {topic}?",
                "What reward did {talker} give for the {topic}?",
                "Which friend has the same {topic} as {talker}?",
                "Who gave {talker} the {topic} as a present?",
            ),
            held_out=(
                "What was the price of {talker}'s {topic}?",
                "Which shop sold {talker} the {topic}?",
                "For how many years has {talker} had the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Have you got your {topic} back, {talker}?",
                "What happened to your {topic}? I saw your post.",
                "Any news of your {topic}, {talker}?",
            ),
            held_out=(
                "You sounded upset about your {topic}, {talker}. Is it all right now?",
                "I was asking myself what became of your {topic}.",
            ),
        ),
    ),
)
