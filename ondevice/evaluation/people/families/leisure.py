"""Books, films and the like: what was recommended, and how far one has read."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.values import Value, one_of, someone

_KINDS = (
    "crime novel", "spy novel", "book on bees", "book on bread", "film about chess", "film about sailing",
    "podcast on history", "podcast on space", "series set in Iceland", "series set in Wales", "board game for two",
    "card game for four", "album with cello music", "album with harp music", "biography of a painter",
    "biography of a pianist", "comic about cats", "comic about pirates", "app for birdsong", "app for star maps",
    "documentary on rivers", "documentary on glaciers", "play about a king", "musical about a baker",
)  # fmt: skip
_TITLES = (
    "The Quiet Harbour", "The Seventh Lantern", "Salt and Ashes", "Paper Mountains", "A House of Rain", "Nine Bridges",
    "The Glass Orchard", "The Iron Garden", "Northbound", "Undertow", "Half a Moon", "The Last Ferry", "Winter Keys",
    "Summer Maps", "The Copper Fox", "The Wooden Bird", "Under Blue Hills", "Beyond the Weir", "Small Thunder",
    "Long Shadows", "The Clockmaker's Tale", "The Miller's Secret", "Fields of Amber", "Rooms of Light",
    "Cold Mornings", "Bright Evenings", "Letters to Nobody", "Songs for Strangers", "The Third Witness",
    "The Empty Chair",
)  # fmt: skip
_BOOKS = (
    "The Heron Year", "The Owl Winter", "Ten Thousand Steps", "A Hundred Doors", "The Lighthouse Twins",
    "The Ferryman's Niece", "Silver Bread", "Golden Dust", "On Slow Rivers", "On High Passes", "The Map Thief's Son",
    "The Bell Founder", "A Grammar of Clouds", "A Theory of Moss", "Night Trains East", "Day Boats West",
    "The Sugar Merchant", "The Salt Widow", "Ivory Gate", "Marble Court", "Notes from a Kiln", "Notes from a Loom",
    "Red Kites", "Grey Geese",
)  # fmt: skip


def _page(scene: Scene, values: Mapping[str, Value]) -> Value:
    """Draw a page, further on than the one before where there is one."""
    least = int(values["page"].said) + 5 if "page" in values else 21
    return Value.of(str(scene.random.randint(least, least + 140)))


FAMILIES = (
    Family(
        name="recommended",
        topics=_KINDS,
        slots={"title": one_of(_TITLES), "person": someone},
        notes=(
            Wordings(
                train=(
                    '{Person} recommends the {topic} called "{title}".',
                    'I should have a look at "{title}", a {topic}, {person} was full of praise.',
                    '{Topic}: "{title}" (tip from {person}).',
                    'Talked with {person} about what to do in the evenings and got a {topic} to try, "{title}".',
                    '"{title}" is the {topic} that {person} keeps talking about.',
                    '"{title}", so {person} says, is just the {topic} I need for rainy days.',
                    'Must find "{title}" soon. It is a {topic}, and {person} would not stop raving about it.',
                ),
                held_out=(
                    'According to {person} there is no better {topic} than "{title}".',
                    '"{title}"! That was the name of the {topic} which {person} told me to get.',
                    'Tip of the week ({topic}): "{title}", says {person}.',
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which {topic} was recommended to me?",
                        "What is the {topic} called that I should try?",
                        "What is the title of the {topic}?",
                        "Tell me the name of the {topic}.",
                        "{Topic}: what title?",
                        "I forgot the title of that {topic} somebody praised.",
                        "I want to look for the {topic} tonight, under what title?",
                    ),
                    held_out=(
                        "What was that {topic} called again?",
                        "I heard of a good {topic}, which one was it?",
                        "What's the name of the {topic} I got as a tip?",
                    ),
                ),
                answers=same('The {topic} is called "{title}".'),
                needs=("title",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who recommended the {topic}?",
                        "Who told me about the {topic}?",
                        "From whom do I have the tip with the {topic}?",
                        "Who praised the {topic}?",
                        "{Topic}: recommended by whom?",
                        "I forgot who was so fond of the {topic}.",
                        "I would like to thank whoever told me of the {topic}. Who was it?",
                    ),
                    held_out=(
                        "Whose tip was the {topic}?",
                        "By whom was the {topic} recommended?",
                        "What's the name of the person who likes the {topic}?",
                    ),
                ),
                answers=same("{Person} recommended the {topic}."),
                needs=("person",),
                category="name",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Person} recommended a {topic} to me.",
                    "There is a {topic} on my list, thanks to {person}.",
                    "Had tea with {person}, who told me about a {topic} that everybody should know.",
                    "Look for the {topic} that {person} praised, maybe for the long train ride in autumn.",
                ),
                held_out=(
                    "{Person} sent me a message about a {topic}, highly recommended.",
                    "Next on my evening list is the {topic}, as {person} advised me.",
                    "On the phone {person} went on and on about a {topic} that I would surely like.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "Where can I get the {topic}?",
                "Who made the {topic}?",
                "How long is the {topic}?",
                "Why is the {topic} so famous?",
                "With whom did I try the {topic}?",
                "Which age is the {topic} meant for?",
                "On which day do I want to start with the {topic}?",
            ),
            held_out=(
                "In what year did the {topic} come out?",
                "What is the price of the {topic}?",
                "What shop sells the {topic}?",
            ),
        ),
    ),
    Family(
        name="reading",
        topics=_BOOKS,
        slots={"page": _page, "person": someone},
        notes=(
            Wordings(
                train=(
                    "I am on page {page} of {topic}, which {person} lent me.",
                    "{Topic}: page {page}. Must give it back to {person} one day.",
                    "Read until page {page} in {topic}, my copy is a present from {person}.",
                    "Page {page}, and {topic} gets better and better. Thank you, {person}, for the loan!",
                    "I have read {page} pages of {topic}, which {person} passed on to me.",
                    "{Topic}, the book from {person}: stopped at page {page}, it was past midnight.",
                ),
                held_out=(
                    "My bookmark in {topic} (the copy is from {person}) is at page {page}.",
                    "Thanks to {person} I have {topic} to read and have come as far as page {page}.",
                    "Evening with {topic}, got it from {person}, stopped reading at page {page}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "On which page of {topic} am I?",
                        "How far have I read in {topic}?",
                        "At which page did I stop in {topic}?",
                        "How many pages of {topic} have I read?",
                        "{Topic}: which page?",
                        "I forgot which page of {topic} I had got to.",
                        "I want to read {topic} in bed now, where did I stop?",
                    ),
                    held_out=(
                        "What page am I at in {topic}?",
                        "Where do I go on reading in {topic}?",
                        "I lost my bookmark in {topic}, what page was it?",
                    ),
                ),
                answers=same("You are on page {page} of {topic}."),
                needs=("page",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who gave me {topic}?",
                        "From whom do I have {topic}?",
                        "Who had {topic} before me?",
                        "Whose book was {topic} before I got it?",
                        "{Topic}: from whom?",
                        "I forgot who it was that gave me {topic}.",
                        "I have finished {topic} and want to write to the person I got it from. Who is that?",
                    ),
                    held_out=(
                        "Who did I get {topic} from?",
                        "By whom was {topic} handed to me?",
                        "Who do I thank for {topic}?",
                    ),
                ),
                answers=same("You have {topic} from {person}."),
                needs=("person",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "Got to page {page} in {topic} last night.",
                "{Topic}, now on page {page}.",
                "Page {page} of {topic} by bedtime.",
                "{Topic} in the train, page {page} by the time I got off.",
                "Rainy afternoon, so I read {topic} up to page {page}.",
            ),
            held_out=(
                "The bookmark in {topic} has moved to page {page}.",
                "I read on in {topic} and am at page {page}.",
            ),
        ),
        changed=("page",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Person} lent me {topic}.",
                    "Got {topic} from {person}, and the cover is lovely.",
                    "{Person} came by and left {topic} for me, with a bar of chocolate.",
                    "My copy of {topic} is from {person}, and I like it a lot so far.",
                ),
                held_out=(
                    "Brought home {topic} today, {person} wanted me to have it.",
                    "The parcel from {person} had {topic} in it.",
                    "In the bath again with {topic}, the loan from {person}.",
                ),
            ),
            tells=("person",),
        ),
        unsaid=Wordings(
            train=(
                "Who wrote {topic}?",
                "How many pages does {topic} have in all?",
                "How much did {topic} cost?",
                "When was {topic} published?",
                "Why did I start reading {topic}?",
                "How many chapters does {topic} have?",
                "Where is the story of {topic} set?",
                "Which colour is the cover of {topic}?",
            ),
            held_out=(
                "What's the name of the author of {topic}?",
                "Who translated {topic} for the English readers?",
                "What is the price of {topic}?",
            ),
        ),
    ),
)
