"""Talks of two about their pets: the funny habits these have, and what they are afraid of."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

_BREEDS = (
    "beagle", "poodle", "tabby cat", "Siamese cat", "dachshund", "spaniel", "Persian cat", "ginger cat", "labrador",
    "collie", "black cat", "white cat", "corgi", "bulldog", "grey cat", "striped cat", "pug", "greyhound", "old cat",
    "rescue dog",
)  # fmt: skip
_HABITS = (
    "stealing socks", "stealing gloves", "hiding spoons", "hiding keys", "chasing shadows", "chasing soap bubbles",
    "begging for toast", "begging for cheese", "licking the windows", "licking the fridge", "sleeping in the bathtub",
    "sleeping in the wardrobe", "drinking from the watering can", "drinking from the flower vase",
    "carrying a slipper around", "carrying a teddy around", "staring at the washing machine", "staring at the oven",
    "sitting on the newspaper", "sitting on the keyboard", "singing along with the radio", "snoring during films",
)  # fmt: skip
_MISCHIEF = (
    "unrolling the toilet paper", "unpacking the shopping bags", "opening the kitchen drawers", "opening the bin",
    "pulling laces out of shoes", "pulling washing off the line", "sleeping on top of the piano",
    "sleeping under the duvet", "greeting the postman", "greeting every cyclist", "following the lawnmower",
    "following the broom", "collecting sticks", "collecting bottle caps", "knocking over plants", "knocking over cups",
    "rolling in the leaves", "rolling down the hill", "talking to the goldfish", "talking to the mirror",
)  # fmt: skip
_FEARS = (
    "the vacuum cleaner", "the hairdryer", "balloons", "umbrellas", "thunder", "fireworks", "the doorbell",
    "the coffee grinder", "garden gnomes", "snowmen", "plastic bags", "paper planes", "ducks", "geese", "escalators",
    "lifts", "sneezes", "hiccups", "the mixer", "the shower",
)  # fmt: skip

TALKS = (
    Family(
        name="told pets of two",
        topics=_BREEDS,
        told_by=("talker", "listener"),
        slots={
            "habit": one_of(_HABITS),
            "fear": one_of(_FEARS),
            "mischief": one_of(_MISCHIEF),
            "terror": one_of(_FEARS),
        },
        notes=(
            Wordings(
                train=(
                    "My {topic} has a new hobby: {habit}! So brave there, and yet terrified of {fear}.",
                    "I can't stop laughing about my {topic}. {Habit} all day long, but {fear}? Off it runs.",
                    "You know what my {topic} is up to lately? {Habit}. The only thing that stops it is {fear}, "
                    "it's so scared of that.",
                    "Nobody warned me that a {topic} would be {habit} from morning to night. And it trembles "
                    "because of "
                    "{fear}, poor thing.",
                    "My {topic} drives me crazy by {habit}. I do feel sorry for it, though, it's really afraid of "
                    "{fear}.",
                ),
                held_out=(
                    "{Habit}: that's how my {topic} spends the day. Only {fear} can frighten it.",
                    "I caught my {topic} {habit} again! It's a funny animal, and such a coward when it comes to "
                    "{fear}.",
                ),
            ),
            Wordings(
                train=(
                    "Ha, my {topic} is no better, it keeps {mischief}. And it fears {terror} more than anything.",
                    "As for my own {topic}, I find it {mischief} every single day. Mention {terror}, though, and it "
                    "hides.",
                    "I wouldn't trade my {topic}, even if {mischief} is all it does. I've learned that {terror} "
                    "scares it to death.",
                    "With my {topic} it's {mischief}, I gave up on stopping that. It panics because of {terror}, "
                    "so I hold it tight.",
                    "Mine is a {topic} too, and it's addicted to {mischief}. It's also afraid of {terror}, how silly!",
                ),
                held_out=(
                    "That reminds me of my {topic}: {mischief} whenever I turn my back, but what a fright it gets "
                    "from {terror}!",
                    "I've a {topic} myself, and {mischief} is its specialty. It dreads {terror}, by the way.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What funny habit does {talker}'s {topic} have?",
                        "What does {talker}'s {topic} do all the time?",
                        "Which habit of the {topic} does {talker} talk about?",
                        "What is {talker}'s {topic} always up to?",
                    ),
                    held_out=(
                        "What odd thing does {talker}'s {topic} keep doing?",
                        "How does {talker}'s {topic} make people laugh?",
                    ),
                ),
                answers=same("{Habit}."),
                needs=("habit",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s {topic} afraid of?",
                        "What scares {talker}'s {topic}?",
                        "What does {talker}'s {topic} fear?",
                        "What does {talker} say frightens the {topic}?",
                    ),
                    held_out=(
                        "Which thing is {talker}'s {topic} scared of?",
                        "What makes {talker}'s {topic} run away?",
                    ),
                ),
                answers=same("{Fear}."),
                needs=("fear",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What funny habit does {listener}'s {topic} have?",
                        "What does {listener}'s {topic} do all the time?",
                        "Which habit of the {topic} does {listener} talk about?",
                        "What is {listener}'s {topic} always up to?",
                    ),
                    held_out=(
                        "What odd thing does {listener}'s {topic} keep doing?",
                        "How does {listener}'s {topic} make people laugh?",
                    ),
                ),
                answers=same("{Mischief}."),
                needs=("mischief",),
                rests_on=(1,),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What is {listener}'s {topic} afraid of?",
                        "What scares {listener}'s {topic}?",
                        "What does {listener}'s {topic} fear?",
                        "What does {listener} say frightens the {topic}?",
                    ),
                    held_out=(
                        "Which thing is {listener}'s {topic} scared of?",
                        "What makes {listener}'s {topic} run away?",
                    ),
                ),
                answers=same("{Terror}."),
                needs=("terror",),
                rests_on=(1,),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} kept me company on the sofa yesterday, we're a good team.",
                    "I took my {topic} to the vet and all is well, what a relief!",
                    "I couldn't live without my {topic}, it's the soul of the house.",
                ),
                held_out=(
                    "Everyone on our street knows my {topic} by now.",
                    "I've been brushing my {topic} for an hour, there's hair everywhere!",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "What is the name of {talker}'s {topic}?",
                "How old is {listener}'s {topic}?",
                "Who trained {talker}'s {topic}?",
                "Where did {listener} buy the {topic}?",
                "Who takes care of {talker}'s {topic} in the holidays?",
            ),
            held_out=(
                "Which name did {listener} choose for the {topic}?",
                "How much does {talker}'s {topic} eat in a day?",
                "What weight has {talker}'s {topic} by now?",
            ),
        ),
    ),
)
