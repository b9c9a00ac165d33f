"""What is fetched from a home and what is read there: waste and meters."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import weekly
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, day_ahead, number, one_of

_BINS = (
    "waste paper", "used glass", "organic waste", "residual waste", "garden waste", "plastic waste", "cardboard",
    "scrap metal", "kitchen waste", "electronic waste", "bulky waste", "hazardous waste", "old clothing", "cut grass",
    "building rubble", "scrap wood",
)  # fmt: skip
_METERS = (
    "electricity meter", "gas meter", "water meter", "heat meter", "garden water meter", "hot water meter",
    "solar meter", "night tariff meter", "heating oil gauge", "pellet gauge", "mileage of the van",
    "mileage of the moped", "cellar meter", "workshop meter", "garage meter", "stable meter", "flat-share meter",
    "holiday flat meter",
)  # fmt: skip
_READERS = (
    "the caretaker", "the grid company", "the landlord", "the co-op", "the housing firm", "the agency",
    "the town reader", "the tenants' club", "the manager", "the tax adviser", "the utility", "the house board",
    "the energy adviser", "the cleaner", "the technician", "the inspector", "the cashier", "the warden", "the fitter",
    "the owner", "the auditor", "the clerk", "the engineer", "the surveyor", "the steward", "the trustee",
)  # fmt: skip

FAMILIES = (
    Family(
        name="waste collection",
        topics=_BINS,
        slots={"day": weekly, "time": clock},
        notes=(
            Wordings(
                train=(
                    "Collection of {topic} is every {day}, out on the street before {time}.",
                    "{Topic}: every {day}, {time}.",
                    "They take {topic} on {day}, and I must put it out by {time}.",
                    "Your collection day for {topic} is {day}. Please have it ready by {time}.",
                    "I set an alarm for {topic}: every {day}, {time}.",
                    "Each {day} is for {topic}; it has to be outside by {time}.",
                ),
                held_out=(
                    "{Day} is the day for {topic}, the lorry comes at {time}.",
                    "Lorry for {topic}, weekly: {day} at {time}.",
                    "On {day} at {time} the city fetches {topic} in our street.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "On which weekday is the collection of {topic}?",
                        "When is {topic} collected?",
                        "Which day is the lorry for {topic} coming?",
                        "What day of the week do they collect {topic}?",
                        "{Topic}: which weekday?",
                        "I forgot on what day of the week {topic} goes out.",
                        "Tell me the collection day for {topic}.",
                    ),
                    held_out=(
                        "Which weekday is for {topic}?",
                        "The lorry for {topic} comes on what day?",
                        "What's the weekly day of {topic}?",
                    ),
                ),
                answers=same("The collection of {topic} is on {day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "By what time must I put out {topic}?",
                        "At what time is the collection of {topic}?",
                        "How early does {topic} have to be on the street?",
                        "What is the hour for {topic}?",
                        "{Topic}: out by what time?",
                        "I forgot how early {topic} must be outside.",
                        "Tell me the time at which {topic} has to be ready.",
                    ),
                    held_out=(
                        "What's the time of the lorry for {topic}?",
                        "At which hour do they fetch {topic}?",
                        "The time for {topic} in the street?",
                    ),
                ),
                answers=same("The time for {topic} is {time}."),
                needs=("time",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "New rubbish calendar: {topic} is now fetched on {day}.",
                "The collection of {topic} was moved to {day}.",
                "From now on {topic} goes out every {day}.",
                "{Topic} on {day} then, says the leaflet.",
                "For {topic} the lorry comes every {day}, the neighbours say.",
            ),
            held_out=(
                "The city changed the plan for {topic}, it is {day} now.",
                "{Topic}: no longer the old weekday, but {day}.",
            ),
        ),
        changed=("day",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Collection of {topic}: every {day}.",
                    "The lorry for {topic} comes on {day}, and it is never late.",
                    "I must remember that {topic} goes out on {day}.",
                    "According to the leaflet, your collection day for {topic} is {day}.",
                ),
                held_out=(
                    "{Day} is when {topic} gets fetched.",
                    "Our street has its turn on {day} as far as {topic} is concerned.",
                    "Bring {topic} down to the street each {day}, the hallway is too narrow for it.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "What does the collection of {topic} cost?",
                "Where do I get a new container for {topic}?",
                "Which company collects {topic}?",
                "How many litres of {topic} are allowed?",
                "Who puts out {topic} when I am away?",
                "What colour is the container for {topic}?",
                "How much is the fine for {topic} in the wrong container?",
                "Where is {topic} taken after the collection?",
            ),
            held_out=(
                "Who do I call about {topic}?",
                "What is the fee for {topic}?",
                "Whose turn is it with {topic}?",
            ),
        ),
    ),
    Family(
        name="meter reading",
        topics=_METERS,
        slots={"reading": number(10_000, 98_000), "day": day_ahead(5, 40, relative=0), "who": one_of(_READERS)},
        notes=(
            Wordings(
                train=(
                    "The {topic} stands at {reading}; report it to {who} by {day}.",
                    "{Topic}: {reading}. For {who}, before {day}.",
                    "I read the {topic}, {reading}, and have to tell {who} by {day}.",
                    "Read today: {topic} {reading}. Goes to {who}, latest on {day}.",
                    "{Who} gets the reading of the {topic} by {day}: {reading}.",
                    "I wrote down {reading} for the {topic}, which {who} wants before {day}.",
                ),
                held_out=(
                    "{Reading} was on the {topic} when I looked, {who} wants to know by {day}.",
                    "Before {day} {who} needs the figure of the {topic}: {reading}.",
                    "Figure of the {topic} noted down, it is {reading} ({who} waits for it until {day}).",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What is the reading of the {topic}?",
                        "At what does the {topic} stand?",
                        "Which number did I read off for the {topic}?",
                        "What did the {topic} show?",
                        "{Topic}: which number?",
                        "I forgot what I read off for the {topic}.",
                        "I am filling in the form, which reading do I put for the {topic}?",
                    ),
                    held_out=(
                        "What figure did I note for the {topic}?",
                        "How far is the {topic}?",
                        "The {topic} is at which number?",
                    ),
                ),
                answers=same("The reading of the {topic} is {reading}."),
                needs=("reading",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "To whom do I report the {topic}?",
                        "Who wants the reading of the {topic}?",
                        "Who is told about the {topic}?",
                        "Who gets the number of the {topic}?",
                        "{Topic}: report to whom?",
                        "I have read the {topic}, who has to hear of it?",
                        "Tell me who is asking for the reading of the {topic}.",
                    ),
                    held_out=(
                        "Who is waiting for the figure of the {topic}?",
                        "The {topic} has to be passed on to whom?",
                        "Whom must I inform about the {topic}?",
                    ),
                ),
                answers=same("The reading of the {topic} goes to {who}."),
                needs=("who",),
                category="name",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "By when must I report the {topic}?",
                        "Until when do they need the reading of the {topic}?",
                        "When is the number of the {topic} due?",
                        "On which day at the latest do I report the {topic}?",
                        "{Topic}: report by which day?",
                        "I forgot until which day I have time to report the {topic}.",
                        "Tell me the deadline for the reading of the {topic}.",
                    ),
                    held_out=(
                        "What's the last day for the figure of the {topic}?",
                        "How long can the report of the {topic} wait?",
                        "The {topic} must be reported by what date?",
                    ),
                ),
                answers=same("The reading of the {topic} is due by {day}."),
                needs=("day",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "I read the {topic} again, now it says {reading}.",
                "The {topic} stands at {reading} by now.",
                "Latest reading, {topic}: {reading}.",
                "{Topic} this morning: {reading}.",
                "I had another look, {reading} is the reading of the {topic}.",
            ),
            held_out=(
                "Misread the {topic} the first time, it is really {reading}.",
                "{Topic}, newer figure: {reading}.",
            ),
        ),
        changed=("reading",),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Who} wants the reading of the {topic} by {day}.",
                    "{Topic}: report to {who}, {day} at the latest.",
                    "I read the {topic} and have to pass it on to {who} before {day}.",
                    "Letter from {who}: please send in your reading of the {topic} by {day}.",
                ),
                held_out=(
                    "Until {day} {who} accepts the reading of the {topic}.",
                    "{Topic} read off; {who} gets the figure no later than {day}.",
                    "We ask you to let {who} know by {day} what the {topic} shows.",
                ),
            ),
            tells=("who", "day"),
        ),
        unsaid=Wordings(
            train=(
                "What is the serial number of the {topic}?",
                "How much do I pay by the {topic}?",
                "When was the {topic} installed?",
                "What did the {topic} show a year ago?",
                "How many times a year is the {topic} read?",
                "How much does the {topic} go up in a day?",
                "Why does the {topic} go up so fast?",
                "Who read the {topic} last year?",
            ),
            held_out=(
                "What was the serial number of the {topic} again?",
                "Who installed the {topic}?",
                "What is the bill that goes with the {topic}?",
            ),
        ),
    ),
)
