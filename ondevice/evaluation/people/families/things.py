"""Things: put away, under warranty."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import kept, number_of, same
from ondevice.evaluation.people.families.drawing import month, reference
from ondevice.evaluation.people.families.topics import DEVICES
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

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
                    "I put the {topic} away, {corner} is its place.",
                    "Place of the {topic} from today: {corner}.",
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
                questions=kept(
                    "the {topic}",
                    train=(
                        "{Topic}: which place?",
                        "I need the {topic} right now, where do I look?",
                        "Tell me in which place the {topic} is.",
                    ),
                ),
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
                "I find it handier to have the {topic} here: {corner}.",
                "After spring cleaning the place for the {topic} is {corner}.",
            ),
            held_out=(
                "No more looking in the old spot, {topic} is now to be found here: {corner}.",
                "{Topic}, changed place: {corner}.",
            ),
        ),
        changed=("corner",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "To tidy up: {topic}, old magazines, winter shoes.",
                    "I put the {topic} away today, so the table is free again.",
                    "Please put the {topic} back in its usual place afterwards.",
                    "I had a look at the {topic}: all in good order.",
                ),
                held_out=(
                    "Took out the {topic} for a moment and stowed it away again.",
                    "{Topic} tidied away at last, with the radio on.",
                    "Remember to take the {topic} along on Sunday and to bring it home again.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "Who used the {topic} last?",
                "How old is the {topic}?",
                "Who gave me the {topic}?",
                "How much is the {topic} worth?",
                "How much does the {topic} weigh?",
                "Which colour is the {topic}?",
                "When did I last take the {topic} along?",
                "Why do we still have the {topic}?",
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
                    "{Shop} sold me the {topic}, with a warranty that lasts until {end}.",
                    "New at home: the {topic}, bought at {shop}, under warranty until {end}.",
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
                    "The {topic} has serial number {serial}.",
                    "I found the serial number of the {topic} on its back: {serial}.",
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
                        "{Topic} warranty, until when?",
                        "My {topic} makes odd noises, until when am I covered by the warranty?",
                        "I wonder up to which month the {topic} is covered.",
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
                        "{Topic}, from which shop?",
                        "I want to bring the {topic} back, to which shop?",
                        "Tell me at which shop I paid for the {topic}.",
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
                questions=number_of(
                    "the serial number of my {topic}",
                    train=(
                        "{Topic}: serial number?",
                        "The form asks for the serial number of the {topic}, which is it?",
                        "Tell me the number on the label of the {topic}.",
                    ),
                ),
                answers=same("The serial number of the {topic} is {serial}."),
                needs=("serial",),
                rests_on=(1,),
                category="number",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Bought the {topic} at {shop} at last.",
                    "{Shop} had just one {topic} left, and I took it.",
                    "I got myself a {topic} at {shop}; the box barely went into the car.",
                    "Thank you for your visit to {shop}. We hope that you enjoy your {topic}.",
                ),
                held_out=(
                    "The {topic} is from {shop} and works nicely so far.",
                    "Went to {shop} for batteries and came home with a {topic}.",
                    "Your {topic} comes to you with the best wishes of {shop}.",
                ),
            ),
            tells=("shop",),
        ),
        unsaid=Wordings(
            train=(
                "How much did my {topic} cost?",
                "Who has my {topic}?",
                "When do I get the {topic} back?",
                "What does the {topic} weigh?",
                "How much is a spare part for the {topic}?",
                "How large is the {topic} when it is packed up?",
                "How many times was the {topic} repaired?",
                "Which colours did they have of the {topic}?",
            ),
            held_out=(
                "What did I pay for the {topic}?",
                "Who did I give the {topic} to?",
                "In what colour did I get the {topic}?",
            ),
        ),
    ),
)
