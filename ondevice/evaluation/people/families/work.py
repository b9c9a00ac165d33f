"""What is decided at work and at home: suppliers, colours, who does what."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, one_of, someone

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
_DUTIES = (
    "slides for the trade fair", "drinks for the summer party", "minutes of the board meeting",
    "photos for the annual report", "translation of the user manual", "budget for the pilot project",
    "test of the new scanner software", "seating plan for the gala dinner", "poster for the open day",
    "programme for the staff outing", "interviews for the customer survey", "drawings for the roof extension",
    "music for the jubilee", "flowers for the opening night", "speech for the farewell party",
    "raffle at the school fair", "costumes for the winter play", "stage set for the spring play",
    "newsletter of the sports club", "cash book of the allotment club", "stand at the street market",
    "quiz for the club evening", "grant proposal for the youth centre", "risk report for the harbour project",
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
            ),
            held_out=(
                "New supplier for the {topic} after all, {firm}, as {person} insisted.",
                "It won't work out with the {topic} as planned, so {person} gave the order to {firm}.",
            ),
        ),
        changed=("firm", "person"),
        unsaid=Wordings(
            train=(
                "How much do the {topic} cost us?",
                "When do the {topic} arrive?",
                "Where do we store the {topic}?",
                "How long does the contract for the {topic} run?",
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
            ),
            held_out=(
                "Everything back to the start with the {topic}, {person} found {shade} nicer and so do I.",
                "Latest word on the {topic}: {shade}, an idea of {person}.",
            ),
        ),
        changed=("shade", "person"),
        unsaid=Wordings(
            train=(
                "Which firm does the work on the {topic}?",
                "Who pays for the {topic}?",
                "When will the {topic} be finished?",
                "How long does the work on the {topic} take?",
            ),
            held_out=(
                "How expensive will the {topic} be?",
                "Which day will the {topic} be ready?",
                "How large is the area of the {topic}?",
            ),
        ),
    ),
    Family(
        name="duty",
        topics=_DUTIES,
        slots={"person": someone, "day": day_ahead(5, 60, relative=0.0)},
        notes=(
            Wordings(
                train=(
                    "{Person} takes care of the {topic}, to be ready by {day}.",
                    "{Topic}: {person}, by {day}.",
                    "We agreed that {person} does the {topic} until {day}.",
                    "The {topic} must be done by {day}. {Person} volunteered.",
                    "I asked {person} to look after the {topic} (ready on {day}).",
                ),
                held_out=(
                    "Responsible for the {topic} is {person}, and {day} is the last day for it.",
                    "By {day} we need the {topic}, which {person} has promised to handle.",
                    "Who-does-what list, {topic} = {person}, finished no later than {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Who does the {topic}?",
                        "Who takes care of the {topic}?",
                        "Who is responsible for the {topic}?",
                        "Whom do I have to ask about the {topic}?",
                    ),
                    held_out=(
                        "Who was given the {topic}?",
                        "By whom is the {topic} handled?",
                        "What's the name of the person in charge of the {topic}?",
                    ),
                ),
                answers=same("{Person} takes care of the {topic}."),
                needs=("person",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "By when must the {topic} be ready?",
                        "When does the {topic} have to be finished?",
                        "Until when is there time for the {topic}?",
                        "What is the deadline of the {topic}?",
                    ),
                    held_out=(
                        "What's the last day for the {topic}?",
                        "How long may the {topic} take at most, until which day?",
                        "On what date is the {topic} due?",
                    ),
                ),
                answers=same("The {topic} must be ready by {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "{Person} is now in charge of the {topic}.",
                "Swap of jobs: {person} does the {topic} instead.",
            ),
            held_out=(
                "The {topic} has been handed over to {person}.",
                "Because of a full calendar the {topic} goes to {person}, the date stays.",
            ),
        ),
        changed=("person",),
        unsaid=Wordings(
            train=(
                "How much money is there for the {topic}?",
                "Where can I find the files for the {topic}?",
                "How many hours did the {topic} take?",
                "Which firm helps with the {topic}?",
            ),
            held_out=(
                "What do we pay for the {topic}?",
                "In which room do people work on the {topic}?",
                "Who did the {topic} last year?",
            ),
        ),
    ),
)
