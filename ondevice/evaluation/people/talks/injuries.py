"""Talks about an injury: how it happened, how it felt, and who helped."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.talks.times import day_past
from ondevice.evaluation.people.values import one_of

_INJURIES = (
    "broken wrist", "broken arm", "sprained ankle", "sprained thumb", "torn muscle", "torn ligament", "bruised rib",
    "bruised hip", "dislocated shoulder", "dislocated finger", "twisted knee", "twisted ankle", "cracked rib",
    "cracked tooth", "black eye", "bloody nose", "swollen elbow", "swollen lip", "scraped shin", "scraped knee",
)  # fmt: skip
_ACCIDENTS = (
    "a fall from a ladder", "a fall from a horse", "a slip on wet leaves", "a slip on the ice", "a bad landing",
    "a clumsy jump", "a football match", "a hockey match", "a run in the dark", "a walk in the fog",
    "a crash with a scooter", "a crash with a sledge", "a stumble on the stairs", "a stumble over the dog",
    "a swinging gate", "a falling shelf", "a wild dance", "a pillow fight", "a skateboard stunt", "a cartwheel",
)  # fmt: skip
_AFTER = (
    "helpless", "silly", "frustrated", "grumpy", "worried", "shaken", "embarrassed", "miserable", "angry", "sorry",
    "dizzy", "weak", "quite calm", "very lucky", "bored stiff", "low", "surprisingly cheerful", "strangely relaxed",
)  # fmt: skip
_HELPERS = (
    "a passing cyclist", "a passing nurse", "the bus driver", "the tram driver", "two students", "two gardeners",
    "the lifeguard", "the caretaker", "an old farmer", "an old sailor", "a kind waiter", "a kind shopkeeper",
    "the woman next door", "the man from upstairs", "a group of hikers", "a group of scouts", "the postman",
    "the milkman", "a teenage girl", "a teenage boy",
)  # fmt: skip

TALKS = (
    Family(
        name="told injury",
        topics=_INJURIES,
        told_by=("talker",),
        slots={
            "accident": one_of(_ACCIDENTS),
            "day": day_past,
            "feel": one_of(_AFTER),
            "helper": one_of(_HELPERS),
        },
        notes=(
            Wordings(
                train=(
                    "I can't do much with my {topic}. It happened {day}, all due to {accident}. I felt "
                    "{feel}, but luckily {helper} helped me.",
                    "Bad luck for me: {accident}, and I ended up with a {topic} {day}. {Helper} looked after me, "
                    "though I felt {feel} for hours.",
                    "I got this {topic} from {accident}, can you imagine? {Helper} came to my rescue. That was {day}, "
                    "and I felt {feel} afterwards.",
                    "You won't believe how I got my {topic}. Through {accident}! It was {day}. I felt {feel}, and "
                    "if {helper} hadn't helped me, I'd still be there.",
                    "Thank goodness for {helper}, who took care of me {day}. It took just {accident}, and I had a "
                    "{topic}. I felt {feel} after that.",
                ),
                held_out=(
                    "My week was ruined by a {topic}. I owe it to {accident}, {day} it was. {Helper} stayed with me "
                    "when I was feeling {feel}.",
                    "I'd been so careful, and then {accident} gave me a {topic} {day}! It left me feeling {feel}. I "
                    "had help from {helper}, at least.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} get the {topic}?",
                        "What caused {talker}'s {topic}?",
                        "What happened to {talker} that led to the {topic}?",
                        "What did {talker} get the {topic} from?",
                    ),
                    held_out=(
                        "What was to blame for {talker}'s {topic}?",
                        "What kind of accident gave {talker} the {topic}?",
                    ),
                ),
                answers=same("{Accident}."),
                needs=("accident",),
                category="reason",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When did {talker} get the {topic}?",
                        "On which day did {talker}'s {topic} happen?",
                        "When was the accident that gave {talker} the {topic}?",
                        "Since when has {talker} had the {topic}?",
                    ),
                    held_out=(
                        "What day did {talker} end up with a {topic}?",
                        "When did {talker} have the bad luck of a {topic}?",
                    ),
                ),
                answers=same("{Day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How did {talker} feel after getting the {topic}?",
                        "How did {talker} feel because of the {topic}?",
                        "What did {talker} feel when the {topic} had happened?",
                        "How does {talker} describe the mood after the {topic}?",
                    ),
                    held_out=(
                        "How was {talker} feeling with the {topic}?",
                        "What feeling did the {topic} leave {talker} with?",
                    ),
                ),
                answers=same("{Feel}."),
                needs=("feel",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who helped {talker} with the {topic}?",
                        "Who looked after {talker} when the {topic} happened?",
                        "Who took care of {talker} and the {topic}?",
                        "Who came to help when {talker} got the {topic}?",
                    ),
                    held_out=(
                        "Who was there for {talker} after the {topic}?",
                        "From whom did {talker} get help with the {topic}?",
                    ),
                ),
                answers=same("{Helper}."),
                needs=("helper",),
                category="name",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I've got a {topic}, so I won't be at training for a while. It was {helper} who helped me.",
                    "If {helper} hadn't helped me with my {topic}, I don't know what I'd have done.",
                    "I want to thank {helper} for looking after me and my {topic}, but I never asked for a name.",
                ),
                held_out=(
                    "No dancing for me with this {topic}! By the way, {helper} was so good to me.",
                    "My {topic} gets better every day. {Helper} came to my aid, wasn't that sweet?",
                ),
            ),
            tells=("helper",),
        ),
        unsaid=Wordings(
            train=(
                "Which hospital treated {talker}'s {topic}?",
                "How long will {talker} be off work with the {topic}?",
                "Which medicine does {talker} take for the {topic}?",
                "What did the doctor say about {talker}'s {topic}?",
                "Who drove {talker} home with the {topic}?",
            ),
            held_out=(
                "When is {talker}'s next appointment for the {topic}?",
                "What exercises does {talker} do for the {topic}?",
                "What is the name of the doctor who saw {talker}'s {topic}?",
            ),
        ),
        lead=Wordings(
            train=(
                "I heard that you have a {topic}, {talker}! What happened?",
                "Oh no, a {topic}? How did you manage that?",
                "How is your {topic}, {talker}? I was worried about you.",
            ),
            held_out=(
                "Is it true about your {topic}, {talker}? Poor you!",
                "Get well soon! What's the story of your {topic}?",
            ),
        ),
    ),
)
