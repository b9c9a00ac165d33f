"""Talks about hobbies: which one somebody took up, since when, why and how often, and what somebody does to relax."""

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
_DUTIES = (
    "night shift", "long commute", "exam stress", "office job", "tax season", "big project", "evening school",
    "busy season", "thesis", "house renovation", "desk work", "early shift", "book deadline", "training course",
    "depot job", "kitchen job", "court case", "sales job", "job hunt", "flat hunt",
)  # fmt: skip
_AT_HOME = (
    "baking bread", "reading crime novels", "doing jigsaw puzzles", "taking a hot bath", "knitting socks",
    "watching old comedies", "playing video games", "watering the plants", "colouring mandalas", "sorting stamps",
    "cooking a big soup", "listening to podcasts", "brushing the cat", "drinking herbal tea", "writing a diary",
    "solving crosswords",
)  # fmt: skip
_OUTSIDE = (
    "walking by the river", "going for a swim", "pulling weeds in the garden", "riding a bike", "feeding the ducks",
    "hiking in the hills", "running in the park", "strolling through the woods", "sitting by the sea",
    "rowing on the lake", "watching the sunset", "picking berries", "flying a kite", "climbing trees",
    "visiting the horses", "lying in a hammock",
)  # fmt: skip
_WITH_OTHERS = (
    "dancing salsa", "playing cards", "singing in a choir", "going to a comedy club", "playing board games",
    "meeting friends for coffee", "calling an old friend", "chatting with the neighbours", "going to the sauna",
    "having a picnic", "playing table tennis", "throwing darts", "cuddling the kids", "playing with the dog",
    "joining a yoga class", "going to a pub quiz",
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
    Family(
        name="told ways to relax",
        topics=_DUTIES,
        told_by=("talker", "talker", "talker"),
        slots={"one": one_of(_AT_HOME), "two": one_of(_OUTSIDE), "three": one_of(_WITH_OTHERS)},
        notes=(
            Wordings(
                train=(
                    "My {topic} wore me out again, so I spent the evening {one}. It relaxes me like nothing else.",
                    "You know how I unwind from the {topic}? By {one}! I feel like a new person afterwards.",
                    "With all the {topic} going on, {one} is how I calm down at home.",
                    "{One} helps me relax after the {topic}. I put my phone in a drawer and just enjoy it.",
                ),
                held_out=(
                    "I was so tense from the {topic} that only {one} could relax me. It worked a treat!",
                    "There's nothing like {one} when the {topic} gets too much. I'm calm within minutes.",
                ),
            ),
            Wordings(
                train=(
                    "I've found something else that gets my mind off the {topic}: {two}. So peaceful!",
                    "When the {topic} is too much for me, I love {two}. It slows me right down.",
                    "{Two} does me so much good. I come home relaxed, and the {topic} is forgotten.",
                    "I went out to switch off from the {topic}. {Two} is pure relaxation for me.",
                ),
                held_out=(
                    "Today I needed a break from the {topic}, and {two} was just right. I could breathe again.",
                    "My way to let go of the {topic} lately? {Two}, however cold it is.",
                ),
            ),
            Wordings(
                train=(
                    "The {topic} had me on edge, so I went back to {three}. I laughed a lot and slept like a baby.",
                    "I swear by {three} to shake off the {topic}. It's my little escape.",
                    "{Three} takes the weight of the {topic} off my shoulders, so I make time for it.",
                    "I've come to love {three}, and it's so relaxing that I stop thinking of the {topic}.",
                ),
                held_out=(
                    "And then there's {three}, I never feel the strain of the {topic} while I'm at it.",
                    "Guess what makes up for the {topic}: {three}! An hour of it and I'm relaxed.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What does {talker} do to relax from the {topic}?",
                        "How does {talker} unwind from the {topic}?",
                        "What helps {talker} switch off from the {topic}?",
                        "Which things relax {talker} when the {topic} is too much?",
                    ),
                    held_out=(
                        "What are {talker}'s ways to de-stress from the {topic}?",
                        "In what ways does {talker} recover from the {topic}?",
                    ),
                ),
                answers=same("{One}, {two} and {three}."),
                needs=("one", "two", "three"),
                rests_on=(0, 1, 2),
                category="list",
                listed=("one", "two", "three"),
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "My {topic} is wearing me out, I can hardly keep my eyes open.",
                    "I should really find some time for myself, the {topic} swallows everything.",
                    "I dreamt about the {topic} again! That can't be healthy.",
                ),
                held_out=(
                    "I need a rest, the {topic} gives me headaches.",
                    "My shoulders are stiff, and I blame the {topic} for it.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who helps {talker} with the {topic}?",
                "When will {talker} be done with the {topic}?",
                "What does {talker} earn with the {topic}?",
                "Which doctor did {talker} see because of the {topic}?",
                "Where does {talker} want to travel after the {topic}?",
            ),
            held_out=(
                "What does {talker} appreciate in the {topic}?",
                "Which pills does {talker} take because of the {topic}?",
                "Who told {talker} to slow down with the {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "How are you coping with the {topic}, {talker}?",
                "You must be worn out from the {topic}. Do you get any rest?",
                "Is the {topic} still so hard on you, {talker}?",
            ),
            held_out=(
                "I worry about you and the {topic}, {talker}. Are you all right?",
                "What do you do when the {topic} gets on top of you?",
            ),
        ),
    ),
)
