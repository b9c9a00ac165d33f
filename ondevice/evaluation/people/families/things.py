"""Things: lent out, borrowed, put away, under warranty."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import kept, number_of, same
from ondevice.evaluation.people.families.drawing import month, reference
from ondevice.evaluation.people.families.topics import DEVICES
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, one_of, someone

_PUT_AWAY = (
    "spare house key", "bicycle pump", "passport folder", "birth certificate", "sewing kit", "vaccination card",
    "Christmas crib", "fondue set", "car jack", "snow shovel", "family photo box", "love letter bundle", "torch",
    "candle box", "first-aid kit", "glue gun", "picnic blanket", "beach umbrella", "ski helmet", "swimming bag",
    "tent peg bag", "chess board", "fuse box key", "cellar key", "stamp album", "coin collection", "good tablecloth",
    "silver cutlery", "spirit level", "allen key set", "bank folder", "insurance folder", "gift wrap",
    "school report folder",
)  # fmt: skip
_CORNERS = (
    "the blue tin in the hallway", "the top drawer of the desk", "the attic behind the chimney", "the wine cellar",
    "the shoe cupboard", "the bottom drawer in the kitchen", "the box under the bed", "the chest on the landing",
    "the cupboard above the fridge", "the glove box of the car", "the shelf behind the door", "the garden shed",
    "the wardrobe in the guest room", "the basket under the stairs", "the red suitcase", "the green trunk",
    "the bathroom cabinet", "the medicine cupboard", "the crate beside the boiler", "the bench on the balcony",
    "the flower pot by the gate", "the letter tray", "the second bookshelf", "the sideboard in the living room",
    "the tool wall in the garage", "the pantry behind the flour", "the laundry room", "the piano stool",
    "the bag on the coat hook", "the safe in the study", "the cigar box on the mantelpiece",
    "the drawer of the nightstand",
)  # fmt: skip
_SHOPS = (
    "Volt & Son", "Brightmart", "Hammerhaus", "Tools for Two", "Electro Pfister", "Kiosk Nine", "Trailhead Store",
    "Baumann Brothers", "The Good Gadget", "Corner Electrics", "Madison Outdoor", "Peg and Pole", "Radio Krämer",
    "Sunfield Stores", "Northgate Outlet", "Tinker's Den", "Maker Market", "Handy Andy", "Home & Hearth", "Fennel Lane",
    "Copperpot", "Little Engine", "Gearloft", "Plugpoint", "Grip & Go", "Sparrow Supplies",
)  # fmt: skip

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
            ),
            held_out=(
                "My {topic} has changed hands: {who} brings it on {day}.",
                "Next borrower of the {topic} is {who}, return {day}.",
            ),
        ),
        changed=("who", "day"),
        ending=Ending(
            notes=Wordings(
                train=("{Who} has brought back the {topic}.", "The {topic} is back, {who} returned it."),
                held_out=("Got my {topic} back from {who}.", "{Who} was here and gave back the {topic}."),
            ),
            answer="{Who} has brought back the {topic}.",
            required=("brought back", "back", "returned", "brought it back"),
        ),
        unsaid=Wordings(
            train=(
                "How long is the warranty of my {topic}?",
                "Until when is my {topic} under warranty?",
                "Where did I buy my {topic}?",
                "How much did my {topic} cost?",
                "What is the serial number of my {topic}?",
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
            ),
            held_out=(
                "{Day} is early enough for giving back the {topic}, I asked again.",
                "They need the {topic} themselves, so we return it on {day}, unlike agreed.",
            ),
        ),
        changed=("day",),
        ending=Ending(
            notes=Wordings(
                train=("I returned the {topic} today.", "The borrowed {topic} has been returned, with cake."),
                held_out=("Returned the {topic}, debt settled.", "{Topic}: no longer here, we returned it."),
            ),
            answer="You have returned the {topic}.",
            required=("returned", "given back", "gave back", "brought back"),
        ),
        unsaid=Wordings(
            train=(
                "When was my {topic} made?",
                "How much does a {topic} cost?",
                "What does the {topic} weigh?",
                "Which accessories come with the {topic}?",
            ),
            held_out=(
                "Who is the maker of the {topic}?",
                "What is the price of a {topic}?",
                "In which year was the {topic} bought?",
            ),
        ),
    ),
    Family(
        name="kept",
        topics=_PUT_AWAY,
        slots={"corner": one_of(_CORNERS)},
        notes=(
            Wordings(
                train=(
                    "I put the {topic} into {corner}.",
                    "{Topic}: {corner}.",
                    "For the next search: the {topic} goes into {corner}.",
                    "So that nobody asks again, the place for the {topic} is {corner}.",
                    "If you need the {topic}, look here: {corner}.",
                ),
                held_out=(
                    "{Corner} - that is where the {topic} lives.",
                    "While tidying up we chose {corner} for the {topic}.",
                    "Asked about the {topic}? Answer: {corner}.",
                    "From now on you will always find the {topic} in the same place, {corner}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=kept("the {topic}"),
                answers=same("The place for the {topic} is {corner}."),
                needs=("corner",),
                category="place",
            ),
        ),
        changes=Wordings(
            train=(
                "I moved the {topic}, the new place is {corner}.",
                "The {topic} has a new home: {corner}.",
                "Tidied up again. The {topic} went to another place, {corner}.",
            ),
            held_out=(
                "No more looking in the old spot, {topic} is now to be found here: {corner}.",
                "{Topic}, changed place: {corner}.",
            ),
        ),
        changed=("corner",),
        unsaid=Wordings(
            train=(
                "Who used the {topic} last?",
                "How old is the {topic}?",
                "Who gave me the {topic}?",
                "How much is the {topic} worth?",
            ),
            held_out=(
                "Since when do I have the {topic}?",
                "What did I pay for the {topic}?",
                "Who else knows about the {topic}?",
            ),
        ),
    ),
    Family(
        name="warranty",
        topics=DEVICES,
        slots={"shop": one_of(_SHOPS), "end": month, "serial": reference},
        notes=(
            Wordings(
                train=(
                    "I bought the {topic} at {shop}, and it has a warranty until {end}.",
                    "{Topic} from {shop}, warranty to {end}.",
                    "The receipt of the {topic} ({shop}) says that the warranty ends in {end}.",
                    "Thank you for buying your {topic} at {shop}. Your warranty runs until {end}.",
                ),
                held_out=(
                    "Warranty, {topic}: up to {end}, bought from {shop}.",
                    "{Shop} repairs our new {topic} for free until {end}.",
                    "Until {end} you may bring the {topic} back to us at {shop} if it breaks; that is your guarantee.",
                ),
            ),
            Wordings(
                train=(
                    "Serial number of the {topic}: {serial}.",
                    "Under the {topic} there is a label with the serial number {serial}.",
                    "I copied the serial number of our {topic}, it is {serial}.",
                    "For the form: {topic}, serial number {serial}.",
                ),
                held_out=(
                    "{Serial} is what is stamped on the {topic} as its serial number.",
                    "{Topic}, S/N {serial}.",
                    "Had to turn the {topic} over for its serial number: {serial}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Until when is my {topic} under warranty?",
                        "How long is the warranty of my {topic}?",
                        "When does the warranty of the {topic} end?",
                        "Up to when would they repair my {topic} for free?",
                    ),
                    held_out=(
                        "When does the guarantee on the {topic} end?",
                        "What's the last month of the {topic}'s warranty?",
                        "The {topic} has a warranty up to when?",
                    ),
                ),
                answers=same("The warranty of the {topic} runs until {end}."),
                needs=("end",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Where did I buy my {topic}?",
                        "In which shop did I buy the {topic}?",
                        "Where is my {topic} from?",
                        "Who sold me the {topic}?",
                    ),
                    held_out=(
                        "Which shop did I get my {topic} from?",
                        "What is the name of the store that sold me the {topic}?",
                        "The {topic} was bought where?",
                    ),
                ),
                answers=same("You bought the {topic} at {shop}."),
                needs=("shop",),
                category="place",
            ),
            Asking(
                questions=number_of("the serial number of my {topic}"),
                answers=same("The serial number of the {topic} is {serial}."),
                needs=("serial",),
                rests_on=(1,),
                category="number",
            ),
        ),
        unsaid=Wordings(
            train=(
                "How much did my {topic} cost?",
                "Who has my {topic}?",
                "When do I get the {topic} back?",
                "What does the {topic} weigh?",
            ),
            held_out=(
                "What did I pay for the {topic}?",
                "Who did I give the {topic} to?",
                "In what colour did I get the {topic}?",
            ),
        ),
    ),
)
