"""Talks about a hobby: since when, why and how often."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import year_past
from ondevice.evaluation.people.values import one_of

_WHEN_DONE = (
    "weekend hobby", "evening hobby", "winter hobby", "summer hobby", "lunchtime hobby", "after-work hobby",
    "outdoor hobby", "indoor hobby", "creative hobby", "quiet hobby", "rainy-day hobby", "balcony hobby",
    "garage hobby", "attic hobby", "unusual hobby", "cheap hobby", "family hobby", "Sunday hobby", "new hobby",
    "favourite hobby",
)  # fmt: skip
_HOBBIES = (
    "wood carving", "beekeeping", "stargazing", "calligraphy", "origami", "candle making", "fly fishing",
    "bird watching", "metal detecting", "model building", "juggling", "bread baking", "puppet making", "kite flying",
    "chess", "archery", "mushroom picking", "coin collecting", "bonsai growing", "soap making", "leather craft",
    "book binding", "home brewing", "radio building",
)  # fmt: skip
_WHY_BEGUN = (
    "to clear the head", "to get away from screens", "to meet new people", "to have a break from the kids",
    "to keep the hands busy", "to sleep better", "to get through a breakup", "to deal with the stress at work",
    "out of pure curiosity", "out of boredom", "because of a film about it", "because of a book about it",
    "to learn some patience", "to spend time with grandpa", "to get some fresh air", "to feel less lonely",
    "because of a birthday present", "because of a dare", "to save money on gifts", "to make presents for friends",
)  # fmt: skip
_HOW_OFTEN = (
    "every Sunday morning", "twice a week", "three times a week", "every other Friday", "once a month",
    "every single day", "almost every night", "every Tuesday evening", "only on holidays", "once a week",
    "every Saturday", "every second weekend", "four times a week", "whenever the sun is out", "on most weekends",
    "on Monday evenings",
)  # fmt: skip

TALKS = (
    Family(
        name="told hobby",
        topics=_WHEN_DONE,
        told_by=("talker",),
        slots={
            "hobby": one_of(_HOBBIES),
            "year": year_past,
            "why": one_of(_WHY_BEGUN),
            "often": one_of(_HOW_OFTEN),
        },
        notes=(
            Wordings(
                train=(
                    "My {topic} is {hobby}. I took it up {year}, {why}, and now I do it {often}.",
                    "I've got a {topic}, would you believe it! It's {hobby}. I began {year} {why}, "
                    "and you'll find me at it {often}.",
                    "{Hobby} has become my {topic}. It all started {year}, {why}, and I still do it {often}. "
                    "My shelves are full of books on it!",
                    "I picked up {hobby} {year}. At first I only did it {why}, but now it's my {topic} and I'm at it "
                    "{often}. My sister thinks I'm mad.",
                    "You asked about my {topic}: that's {hobby}. I got into it {year} {why}. These days I do it "
                    "{often} and I'm slowly getting better.",
                    "I'm a big fan of {hobby}, my {topic}, which I do {often}. I started with it {year}, {why}, "
                    "and I've never looked back.",
                ),
                held_out=(
                    "Everyone needs a {topic}, and mine is {hobby}! I gave it a go {year} {why}, and I've kept it up "
                    "{often}, even when I'm tired.",
                    "I never thought I'd have a {topic}, but {hobby} got me. I started {year}, {why}; nowadays it's "
                    "something I do {often}.",
                    "So, my {topic}. It's {hobby}, which I first tried {year}, {why}. "
                    "I'm at it {often} and my flat is a mess because of it.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is {talker}'s {topic}?",
                        "Which {topic} did {talker} take up?",
                        "What did {talker} choose as a {topic}?",
                        "What does {talker} do as a {topic}?",
                    ),
                    held_out=(
                        "What kind of {topic} does {talker} have?",
                        "Which activity has become {talker}'s {topic}?",
                    ),
                ),
                answers=same("{Hobby}."),
                needs=("hobby",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} take up the {topic}?",
                        "In which year did {talker} start the {topic}?",
                        "When did {talker} begin with the {topic}?",
                        "Since when has {talker} had the {topic}?",
                    ),
                    held_out=(
                        "What year did {talker} get into the {topic}?",
                        "When was it that {talker} first tried the {topic}?",
                    ),
                ),
                answers=same("{Year}."),
                needs=("year",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Why did {talker} take up the {topic}?",
                        "Why did {talker} start with the {topic}?",
                        "What was {talker}'s reason for the {topic}?",
                        "How come {talker} has a {topic}?",
                    ),
                    held_out=(
                        "What made {talker} begin the {topic}?",
                        "What drew {talker} to the {topic} in the first place?",
                    ),
                ),
                answers=same("{Why}."),
                needs=("why",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How often does {talker} find time for the {topic}?",
                        "How often does {talker} do the {topic}?",
                        "How regularly does {talker} return to the {topic}?",
                        "How often can one find {talker} busy with the {topic}?",
                    ),
                    held_out=(
                        "How frequently does {talker} practise the {topic}?",
                        "How much of the week goes into {talker}'s {topic}?",
                    ),
                ),
                answers=same("{Often}."),
                needs=("often",),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I'd be lost without my {topic}, honestly. {Hobby} is what keeps me sane.",
                    "I've bought far too much stuff for my {topic}. {Hobby} isn't cheap!",
                    "My {topic} is {hobby}, and I can talk about it for hours.",
                ),
                held_out=(
                    "{Hobby} is a lovely {topic} to have, I must say, though my hands hurt.",
                    "I showed my cousin my {topic}, {hobby}, and now we're both hooked.",
                ),
            ),
            tells=("hobby",),
        ),
        unsaid=Wordings(
            train=(
                "Who taught {talker} the {topic}?",
                "How much does {talker} spend on the {topic}?",
                "Where did {talker} buy the equipment for the {topic}?",
                "What is hardest for {talker} about the {topic}?",
                "Which club did {talker} join for the {topic}?",
            ),
            held_out=(
                "What does {talker}'s family say about the {topic}?",
                "Which prize did {talker} win with the {topic}?",
                "Who shares the {topic} with {talker}?",
            ),
        ),
        lead=Wordings(
            train=(
                "Do you still have your {topic}, {talker}? I could do with one.",
                "You once mentioned a {topic}. Tell me more!",
                "I need some ideas, {talker}. What about your {topic}?",
            ),
            held_out=(
                "How's the {topic} going, {talker}? I've been wondering.",
                "I'd love to hear about your {topic}, my own evenings are so dull.",
            ),
        ),
    ),
)
