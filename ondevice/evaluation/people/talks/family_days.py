"""Talks about the great days of a family: when they were, what was given, how it felt."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_DAYS = (
    "cousin Maya's wedding", "cousin Finn's wedding", "grandma Elsbeth's birthday", "grandpa Harold's birthday",
    "niece Clara's graduation", "nephew Arlo's graduation", "uncle Ralph's retirement party",
    "aunt Judith's retirement party", "aunt Sylvia's wedding", "uncle Conrad's wedding", "cousin Lotte's birthday",
    "cousin Bastian's birthday", "cousin Edith's graduation", "cousin Rupert's graduation",
    "goddaughter Nell's birthday", "godson Milo's birthday", "aunt Helga's silver wedding",
    "uncle Walter's silver wedding", "niece Saskia's wedding", "nephew Gregor's wedding", "brother Theo's graduation",
    "sister Amelie's graduation",
)  # fmt: skip
_PRESENTS = (
    "a framed photo", "a photo album", "a patchwork quilt", "a wool blanket", "a lemon tree", "a rose bush",
    "a music box", "a wooden chest", "a painted vase", "a painted plate", "a box of chocolates", "a basket of fruit",
    "a train ticket to the sea", "a voucher for a balloon ride", "a book of poems", "a book of old maps",
    "a pair of theatre tickets", "a pair of concert tickets", "a silver pen", "a silver spoon", "a garden bench",
    "a hammock", "a new suitcase", "a leather bag",
)  # fmt: skip
_FEELINGS = (
    "proud and happy", "moved to tears", "tired but happy", "happy but exhausted", "very grateful", "deeply touched",
    "a little sentimental", "a bit melancholic", "nervous at first", "shy at first", "full of joy", "full of hope",
    "young again", "terribly old", "completely overwhelmed", "totally relaxed", "a bit lonely", "slightly jealous",
    "excited like a child", "calm and content", "surprised and glad", "relieved and cheerful",
)  # fmt: skip
_MOMENTS = (
    "the surprise song", "the surprise guest", "the last dance", "the dancing in the rain", "the group photo",
    "the old slide show", "the fireworks", "the paper lanterns", "the huge cake", "the chocolate fountain",
    "the funny poem", "the funny quiz", "the brass band", "the children's choir", "the walk to the river",
    "the boat ride", "the magic trick", "the puppet show", "the piano piece", "the violin solo", "the long toast",
    "the short speech",
)  # fmt: skip

TALKS = (
    Family(
        name="told family day",
        topics=_DAYS,
        told_by=("talker",),
        slots={
            "day": day_past,
            "gift": one_of(_PRESENTS),
            "feeling": one_of(_FEELINGS),
            "moment": one_of(_MOMENTS),
        },
        notes=(
            Wordings(
                train=(
                    "We celebrated my {topic} {day}! I brought {gift} as a present, felt {feeling}, and "
                    "{moment} was the best part.",
                    "I was {feeling} at my {topic} {day}. My gift was {gift}, it went down well. I'll always "
                    "remember {moment}.",
                    "My {topic} was {day}. I'd thought about a present for ages and then gave {gift}. Honestly, I felt "
                    "{feeling}, most of all during {moment}, my favourite moment.",
                    "So {day} we all met for my {topic}. {Gift} was what I gave. What I loved most was {moment}; "
                    "I sat there and felt {feeling}.",
                    "So, my {topic} is over, it took place {day}. How did I feel? {Feeling}! For a present I chose "
                    "{gift}, and the best thing was {moment}.",
                    "Nothing beats {moment} at my {topic} {day}! I'd wrapped up {gift} as a gift and went home late, "
                    "feeling {feeling}.",
                ),
                held_out=(
                    "You should have seen {moment} at my {topic} {day}, it was the highlight. I felt {feeling}, and "
                    "{gift} from me was a success.",
                    "It was my {topic} {day}, so I turned up with {gift} under my arm. I felt {feeling}. And "
                    "{moment}, wow, I liked that best!",
                    "My {topic} {day} left me {feeling}. They unpacked {gift} from me, but {moment} topped everything.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When was {talker}'s {topic}?",
                        "On which day did {talker}'s {topic} take place?",
                        "When did {talker} celebrate {topic}?",
                        "What was the date of {talker}'s {topic}?",
                    ),
                    held_out=(
                        "When did {talker} go to {topic}?",
                        "On what day does {talker} say {topic} was?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} give as a present at {topic}?",
                        "What gift did {talker} bring to {topic}?",
                        "Which present did {talker} choose for {topic}?",
                        "What was {talker}'s gift for {topic}?",
                    ),
                    held_out=(
                        "With what present did {talker} come to {topic}?",
                        "What did {talker} give away at {topic}?",
                    ),
                ),
                answers=same("{Gift}."),
                needs=("gift",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} feel at {topic}?",
                        "What did {talker} feel like at {topic}?",
                        "In what mood was {talker} at {topic}?",
                        "How does {talker} describe the feeling at {topic}?",
                    ),
                    held_out=(
                        "What were {talker}'s feelings at {topic}?",
                        "What did {topic} do to {talker}'s mood?",
                    ),
                ),
                answers=same("{Feeling}."),
                needs=("feeling",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "What did {talker} like best about {topic}?",
                        "What was {talker}'s favourite moment of {topic}?",
                        "What was the best part of {topic} for {talker}?",
                        "What does {talker} remember most fondly from {topic}?",
                    ),
                    held_out=(
                        "What was the highlight of {topic}, according to {talker}?",
                        "Which part of {topic} did {talker} enjoy more than any other?",
                    ),
                ),
                answers=same("{Moment}."),
                needs=("moment",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I was {feeling} at my {topic}, you can imagine.",
                    "My {topic} is behind us now, and I felt {feeling} all day.",
                    "Sorry that I didn't write, we had my {topic}. I felt {feeling} there.",
                ),
                held_out=(
                    "How did I feel at my {topic}? Well, {feeling}.",
                    "I've still got confetti in my hair from my {topic}! I felt {feeling}.",
                ),
            ),
            tells=("feeling",),
        ),
        unsaid=Wordings(
            train=(
                "How many guests came to {talker}'s {topic}?",
                "What did {talker} wear to {topic}?",
                "Who gave a speech at {talker}'s {topic}?",
                "Where was {talker}'s {topic} held?",
                "What did {talker} drink at {topic}?",
            ),
            held_out=(
                "Who sat next to {talker} at {topic}?",
                "How did {talker} travel to {topic}?",
                "Which song was played first at {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Was it nice at your {topic}, {talker}?",
                "You had your {topic}, didn't you? Tell me about it!",
                "I thought of you because of your {topic}. How did it go?",
            ),
            held_out=(
                "And your {topic}, {talker}? Did you have a good time?",
                "I want to hear the whole story of your {topic}.",
            ),
        ),
    ),
)
