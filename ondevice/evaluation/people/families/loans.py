"""Things that are lent out or borrowed."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.topics import DEVICES
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, someone

FAMILIES = (
    Family(
        name="lent",
        topics=DEVICES,
        slots={"who": someone, "day": day_ahead(3, 40)},
        notes=(
            Wordings(
                train=(
                    "I lent the {topic} to {who}, to be returned by {day}.",
                    "{Who} has my {topic} until {day}.",
                    "Lent out: {topic}, {who}, back by {day}.",
                    "{Who} came by and took the {topic} along. I want it back on {day}.",
                    "Our {topic} is with {who} now (promised back for {day}).",
                    "{Who} needed a {topic}, so mine is gone until {day}.",
                    "{Topic} -> {who}, until {day}.",
                ),
                held_out=(
                    "Gave {who} the {topic}. It should be here again on {day}.",
                    '"I only need the {topic} until {day}," said {who}, and off it went.',
                    "{Topic} on loan to {who}, return date {day}.",
                    "Until {day} we have to do without the {topic}, {who} uses it.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who has my {topic}?",
                        "To whom did I lend the {topic}?",
                        "Who took the {topic}?",
                        "Who borrowed the {topic} from me?",
                        "{Topic}: lent to whom?",
                        "I need the {topic} again: whom do I call?",
                        "Tell me who came for the {topic}.",
                    ),
                    held_out=(
                        "Who did I give the {topic} to?",
                        "With whom is my {topic} at the moment?",
                        "Which person is using my {topic}?",
                    ),
                ),
                answers=same("{Who} has the {topic}."),
                needs=("who",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When do I get the {topic} back?",
                        "Until when is my {topic} lent out?",
                        "By when should the {topic} be returned to me?",
                        "When does my {topic} come back?",
                        "{Topic}, back on which day?",
                        "I forgot on what date I will have the {topic} again.",
                        "Tell me the day for which I was promised my {topic}.",
                    ),
                    held_out=(
                        "What day is the {topic} back with me?",
                        "How long do they keep my {topic}?",
                        "Return date of my {topic}?",
                    ),
                ),
                answers=same("You get the {topic} back on {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "{Who} has my {topic} now, passed on with my blessing, until {day}.",
                "The {topic} went on to {who}, who returns it on {day}.",
                "Change: the {topic} is with {who} until {day}.",
                "{Who} fetched the {topic} over there and keeps it until {day}.",
                "{Topic}: {who} first, then home on {day}.",
            ),
            held_out=(
                "My {topic} has changed hands: {who} brings it on {day}.",
                "Next borrower of the {topic} is {who}, return {day}.",
            ),
        ),
        changed=("who", "day"),
        ending=Ending(
            notes=Wordings(
                train=(
                    "{Who} has brought back the {topic}.",
                    "The {topic} is back, {who} returned it.",
                    "Home again: the {topic}, {who} rang the bell with it this morning.",
                    "{Who} put the {topic} in front of our door, so that is settled.",
                ),
                held_out=("Got my {topic} back from {who}.", "{Who} was here and gave back the {topic}."),
            ),
            answer="{Who} has brought back the {topic}.",
            required=("brought back", "back", "returned", "brought it back"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Lent the {topic} to {who}.",
                    "{Who} came by for the {topic}, and we had a coffee together.",
                    "{Who} has my {topic} for a while; I do not need it myself just now.",
                    "Our {topic} went to {who} as a loan, and I carried it to the car myself.",
                ),
                held_out=(
                    "{Who} rang and asked for the {topic}, so I handed it over.",
                    "{Topic} lent, {who}.",
                    "Since the weekend {who} has been making use of our {topic}.",
                ),
            ),
            tells=("who",),
        ),
        unsaid=Wordings(
            train=(
                "How long is the warranty of my {topic}?",
                "Until when is my {topic} under warranty?",
                "Where did I buy my {topic}?",
                "How much did my {topic} cost?",
                "What is the serial number of my {topic}?",
                "What did they need my {topic} for?",
                "How heavy is my {topic}?",
                "How much rent do I get for the {topic}?",
                "How many years have I had my {topic}?",
            ),
            held_out=(
                "Which shop did I get my {topic} from?",
                "When does the guarantee on the {topic} end?",
                "What was the serial number of my {topic} again?",
                "What does a new {topic} cost?",
            ),
        ),
    ),
    Family(
        name="borrowed",
        topics=DEVICES,
        slots={"who": someone, "day": day_ahead(3, 40)},
        notes=(
            Wordings(
                train=(
                    "I borrowed a {topic} from {who} and must return it by {day}.",
                    "Borrowed: {topic}, belongs to {who}, give back {day}.",
                    "The {topic} in our hallway belongs to {who}; it has to go back on {day}.",
                    "Nice of {who} to let me use the {topic}. I promised to bring it back by {day}.",
                    "{Who} has lent me a {topic}, which I am to hand back on {day}.",
                    "We have a {topic} in the house, on loan from {who} until {day}.",
                ),
                held_out=(
                    "{Who} lets us have a {topic}, but only until {day}.",
                    "Remember, the {topic} is not ours, {who} wants it again on {day}.",
                    "{Day}: carry the {topic} back to {who}, who kindly lent it.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "From whom did I borrow the {topic}?",
                        "Whose {topic} is it that I borrowed?",
                        "Who lent me the {topic}?",
                        "To whom must I return the {topic}?",
                        "{Topic}, borrowed from whom?",
                        "I am about to carry the {topic} back: to whose door?",
                        "Tell me whose {topic} we have here.",
                    ),
                    held_out=(
                        "Who does the borrowed {topic} belong to?",
                        "Who is the owner of the {topic} I am using?",
                        "Who did I get the {topic} from on loan?",
                    ),
                ),
                answers=same("You borrowed the {topic} from {who}."),
                needs=("who",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "By when must I give back the {topic}?",
                        "When do I have to return the {topic}?",
                        "Until when may I keep the {topic}?",
                        "When does the borrowed {topic} have to go back?",
                        "{Topic}: back to its owner by when?",
                        "I forgot by what day I promised to return the {topic}.",
                        "For how much longer is the {topic} mine to use, until which date?",
                    ),
                    held_out=(
                        "How long may I use the borrowed {topic}?",
                        "What day must I bring the {topic} back?",
                        "The {topic} I borrowed, when is it due?",
                    ),
                ),
                answers=same("You have to return the {topic} by {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "I may keep the {topic} longer, until {day}.",
                "The {topic} can stay with me until {day}, they said.",
                "Return of the {topic} is now on {day}.",
                "{Topic} back on {day} then, as agreed with the owner.",
                "I bring back the {topic} on {day}, that suits both of us better.",
            ),
            held_out=(
                "{Day} is early enough for giving back the {topic}, I asked again.",
                "They need the {topic} themselves, so we return it on {day}, unlike agreed.",
            ),
        ),
        changed=("day",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "I returned the {topic} today.",
                    "The borrowed {topic} has been returned, with cake.",
                    "Took the {topic} back to its owner this afternoon.",
                    "I gave the {topic} back and said thank you.",
                ),
                held_out=("Returned the {topic}, debt settled.", "{Topic}: no longer here, we returned it."),
            ),
            answer="You have returned the {topic}.",
            required=("returned", "given back", "gave back", "brought back"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "I have to give back the borrowed {topic} by {day}.",
                    "{Topic}, on loan to us: back on {day}.",
                    "I must clean the {topic} before it goes back to its owner on {day}.",
                    "Borrowed a {topic}, which I may use until {day}. It is a bit heavier than I thought.",
                ),
                held_out=(
                    "We are allowed to keep the borrowed {topic} until {day}.",
                    "{Day}: return the {topic} we have on loan.",
                    "The {topic} that was lent to me is a great help; I take it home to its owner on {day}.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "When was my {topic} made?",
                "How much does a {topic} cost?",
                "What does the {topic} weigh?",
                "Which accessories come with the {topic}?",
                "What do I pay for using the {topic}?",
                "How many people share the {topic}?",
                "Where is the manual of the {topic}?",
                "Which colour is the {topic} that I borrowed?",
            ),
            held_out=(
                "Who is the maker of the {topic}?",
                "What is the price of a {topic}?",
                "In which year was the {topic} bought?",
            ),
        ),
    ),
)
