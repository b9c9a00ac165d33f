"""What is decided at work and at home: suppliers and colours."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of, someone

_GOODS = (
    "lab stools", "standing desks", "work gloves", "safety shoes", "shipping boxes", "sample bags", "paper cups",
    "napkins", "printer cartridges", "name tags", "coffee beans", "tea bags", "roof tiles", "floor tiles",
    "seat covers", "shower curtains", "bread rolls", "meat platters", "door handles", "window blinds",
    "circuit boards", "steel springs", "brochures", "business cards",
)  # fmt: skip
_FIRMS = (
    "Nordkart", "Velaris", "Bruckmann & Sons", "Ostrander", "Pelikon", "Tamaro", "Lumen Trade", "Quarzit",
    "Halden Supply", "Riverton", "Kestrel & Co", "Mistral Goods", "Zellner", "Ardent", "Fabrik Vier", "Corvina",
    "Solberg", "Maison Dufour", "Tregarth", "Ondura", "Eastgate", "Kaspar Bros", "Polaris Parts", "Bellmore", "Vantor",
    "Grünfeld", "Simpla", "Trivano",
)  # fmt: skip
_SURFACES = (
    "hallway", "stairwell", "front door", "barn door", "porch bench", "garden shed", "bookshelves", "bathroom tiles",
    "kitchen cupboards", "bedroom ceiling", "nursery walls", "balcony railing", "meeting room", "reception desk",
    "new logo", "new website", "team shirts", "party tablecloths", "delivery vans", "work overalls", "sofa cushions",
    "living-room rug", "picture frames", "window frames",
)  # fmt: skip
_SHADES = (
    "pale green", "dark green", "sky blue", "navy blue", "lemon yellow", "mustard yellow", "brick red", "wine red",
    "light grey", "slate grey", "cream white", "pearl white", "burnt orange", "apricot", "lavender", "violet", "olive",
    "teal", "sand", "terracotta", "charcoal", "copper", "ivory", "salmon pink",
)  # fmt: skip

FAMILIES = (
    Family(
        name="supplier",
        topics=_GOODS,
        slots={"firm": one_of(_FIRMS), "person": someone},
        notes=(
            Wordings(
                train=(
                    "Decision: the {topic} come from {firm}, says {person}.",
                    "{Person} wants us to order the {topic} from {firm}.",
                    "We take {firm} for the {topic}. It was {person} who decided that.",
                    "{Topic}: {firm} (chosen by {person}).",
                    "Long talk about suppliers; {person} picked {firm} for the {topic} in the end.",
                    "Meeting about the {topic}: {person} chose {firm}, and nobody objected.",
                    "The {topic} we get from {firm}, that was up to {person}.",
                ),
                held_out=(
                    "After comparing all offers {person} settled on {firm} as supplier of the {topic}.",
                    "{Firm} is going to deliver our {topic}, which was the choice of {person}.",
                    "Who gets the order for the {topic}? {Firm}, if it goes by {person}, and it does.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which supplier do we take for the {topic}?",
                        "Where do we order the {topic}?",
                        "From which firm do the {topic} come?",
                        "Who delivers the {topic}?",
                        "I am writing the order for the {topic}, to which firm does it go?",
                        "{Topic}: which supplier?",
                        "Tell me who sells us the {topic}.",
                    ),
                    held_out=(
                        "What company supplies the {topic}?",
                        "Which firm was chosen for the {topic}?",
                        "Remind me who we get the {topic} from.",
                    ),
                ),
                answers=same("The {topic} come from {firm}."),
                needs=("firm",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who decided on the supplier of the {topic}?",
                        "Who chose where the {topic} come from?",
                        "Whose decision was the supplier of the {topic}?",
                        "Tell me who picked the firm for the {topic}.",
                        "{Topic}: who chose the supplier?",
                        "Whose choice was the firm for the {topic}?",
                        "I want to know more about the supplier of the {topic}, who made that decision?",
                    ),
                    held_out=(
                        "By whom was the supplier of the {topic} selected?",
                        "Who made the choice about the {topic}?",
                        "Who had the say in where we buy the {topic}?",
                    ),
                ),
                answers=same("{Person} chose the supplier of the {topic}."),
                needs=("person",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "Correction: the {topic} are to come from {firm}, decided by {person}.",
                "{Person} has cancelled the old order; {firm} delivers the {topic} now.",
                "{Topic} from {firm}, as {person} wants it.",
                "Called {firm} about the {topic}, since {person} decided for them.",
            ),
            held_out=(
                "New supplier for the {topic} after all, {firm}, as {person} insisted.",
                "It won't work out with the {topic} as planned, so {person} gave the order to {firm}.",
            ),
        ),
        changed=("firm", "person"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} come from {firm}.",
                    "{Topic}: {firm}. I put the offer into the folder.",
                    "We are ordering the {topic} from {firm}, it was a short meeting.",
                    "Your {topic} are going to be supplied by {firm}, a firm with a good name.",
                ),
                held_out=(
                    "{Firm} gets our order for the {topic}.",
                    "Wrote to {firm}, they are the supplier for the {topic}.",
                    "You can call {firm} about the {topic}, they are the ones who deliver them.",
                ),
            ),
            tells=("firm",),
        ),
        unsaid=Wordings(
            train=(
                "How much do the {topic} cost us?",
                "When do the {topic} arrive?",
                "Where do we store the {topic}?",
                "How long does the contract for the {topic} run?",
                "How many boxes of {topic} do we need?",
                "Who pays the invoice for the {topic}?",
                "In which colour did we order the {topic}?",
                "Why do we need the {topic}?",
            ),
            held_out=(
                "What is the price of the {topic}?",
                "What's our customer number for the {topic}?",
                "On which day are the {topic} delivered?",
            ),
        ),
    ),
    Family(
        name="colour",
        topics=_SURFACES,
        slots={"shade": one_of(_SHADES), "person": someone},
        notes=(
            Wordings(
                train=(
                    "We settled on {shade} for the {topic}; it was {person} who suggested it.",
                    "Colour of the {topic}: {shade} (an idea of {person}).",
                    "The {topic} will be {shade}, as {person} proposed.",
                    "At the suggestion of {person} I ordered {shade} for the {topic}.",
                    "{Topic} in {shade}, {person} suggested it and we all said yes.",
                    "It was {person} who came up with {shade}, so we take that for the {topic}.",
                ),
                held_out=(
                    "{Shade} it is. At least for the {topic}, and thanks to {person}.",
                    "{Person} had the best idea for the {topic}, namely {shade}, so that is decided.",
                    "Note for the painters: {topic} in {shade}, on the advice of {person}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which colour did we choose for the {topic}?",
                        "What colour will the {topic} be?",
                        "In which colour do we want the {topic}?",
                        "Tell me the colour of the {topic}.",
                        "I am ordering now, what colour for the {topic}?",
                        "{Topic}: which colour?",
                        "I forgot in what colour we want to have the {topic}.",
                    ),
                    held_out=(
                        "What's the colour we picked for the {topic}?",
                        "Which shade was decided on for the {topic}?",
                        "What did we say about the colour of the {topic}?",
                    ),
                ),
                answers=same("The colour for the {topic} is {shade}."),
                needs=("shade",),
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who suggested the colour of the {topic}?",
                        "Whose idea was the colour of the {topic}?",
                        "Who came up with the colour for the {topic}?",
                        "Who proposed how to paint the {topic}?",
                        "{Topic}: who had the idea for the colour?",
                        "Tell me who talked us into the colour for the {topic}.",
                        "From whom did the suggestion for the colour of the {topic} come?",
                    ),
                    held_out=(
                        "By whom was the colour for the {topic} proposed?",
                        "Who do we have the colour of the {topic} from?",
                        "Who thought of the colour for the {topic}?",
                    ),
                ),
                answers=same("{Person} suggested the colour for the {topic}."),
                needs=("person",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "Not the old colour for the {topic} after all: {person} talked us into {shade}.",
                "The {topic} will now be {shade}. That was suggested by {person}.",
                "{Person} suggested {shade} for the {topic}, and we go with that.",
                "Slept on it: the {topic} in {shade}, as {person} proposed.",
            ),
            held_out=(
                "Everything back to the start with the {topic}, {person} found {shade} nicer and so do I.",
                "Latest word on the {topic}: {shade}, an idea of {person}.",
            ),
        ),
        changed=("shade", "person"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "It was {person} who suggested the colour for the {topic}.",
                    "Colour of the {topic}: an idea of {person}.",
                    "{Person} came up with the colour for the {topic}, and I like it a lot.",
                    "The colour for your {topic} was proposed by {person}, the sample follows by post.",
                ),
                held_out=(
                    "Thanks to {person} we have a colour for the {topic}, everybody nodded.",
                    "{Person} thought up how the {topic} will be coloured.",
                    "You will like the colour of the {topic}; the suggestion came from {person}.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "Which firm does the work on the {topic}?",
                "Who pays for the {topic}?",
                "When will the {topic} be finished?",
                "How long does the work on the {topic} take?",
                "Who was against the colour of the {topic}?",
                "Where do we get the material for the {topic}?",
                "Why do we want another look for the {topic}?",
                "How many of us work on the {topic} together?",
            ),
            held_out=(
                "How expensive will the {topic} be?",
                "Which day will the {topic} be ready?",
                "How large is the area of the {topic}?",
            ),
        ),
    ),
)
