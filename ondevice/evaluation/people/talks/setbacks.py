"""Talks about setbacks: an injury, or a thing that was lost, who helped, and what it taught."""

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
