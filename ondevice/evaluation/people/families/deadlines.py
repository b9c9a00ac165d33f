"""What has to be done or comes by a day or an hour: deadlines and deliveries."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import span
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, one_of

_DUE = (
    "tax return", "grant application", "visa application", "scholarship form", "term paper", "thesis chapter",
    "expense report", "quarterly report", "photo contest entry", "essay contest entry", "kindergarten registration",
    "summer camp registration", "conference abstract", "conference poster", "rent rebate claim", "insurance claim",
    "building permit form", "parking permit form", "pension questionnaire", "census questionnaire", "translation job",
    "logo draft", "wedding reply", "reunion reply", "allotment application", "parental leave form",
)  # fmt: skip
_OFFICES = (
    "the finance office", "Mrs. Holt", "the dean", "Mr. Sand", "the city council", "the jury", "the bookkeeper",
    "the ministry", "the district court", "the consulate", "the editor", "the youth office", "the secretary",
    "the housing office", "Professor Blum", "the front desk", "Dr. Wirth", "the project office", "the chairwoman",
    "the club board", "the registrar", "the head teacher", "the embassy", "the accounts team", "the caretaker",
    "the planning office",
)  # fmt: skip
_PARCELS = (
    "bookshelf", "washing machine", "patio bench", "office chair", "corner sofa", "dining table", "vegetable box",
    "wine crate", "firewood load", "gravel load", "rain barrel", "bathroom mirror", "kitchen tap", "bunk bed",
    "tyre set", "curtain rail", "running shoes parcel", "pet food parcel", "contact lens parcel", "tea parcel",
    "fridge-freezer", "dishwasher", "greenhouse kit", "trampoline kit",
)  # fmt: skip
_CARRIERS = (
    "Swiftline", "Parcelbird", "Redvan", "Boxrunner", "Nordfreight", "Citywheels", "Quickhaul", "Greenpost", "Portero",
    "Bluecart", "Hermit Express", "Valley Couriers", "Moonlight Cargo", "Kestrel Logistics", "Oneday", "Doorbell Ltd",
    "Ravenpost", "Starfreight", "Two Brothers Transport", "Hansa Parcel", "Tortoise Freight", "Lemon Courier",
    "Anchor Haulage", "Peak Delivery", "Meadow Van",
)  # fmt: skip

FAMILIES = (
    Family(
        name="deadline",
        topics=_DUE,
        slots={"day": day_ahead(), "office": one_of(_OFFICES)},
        notes=(
            Wordings(
                train=(
                    "The {topic} is due on {day} and goes to {office}.",
                    "{Topic}: hand in by {day}, to {office}.",
                    "I must send the {topic} to {office} by {day} at the latest.",
                    "Please let {office} have your {topic} no later than {day}.",
                    "Deadline! {Topic}, {day} ({office} collects them).",
                    "{Office} must have the {topic} by {day}.",
                    "To finish: the {topic}. It has to be with {office} by {day}.",
                ),
                held_out=(
                    "{Day} is the last day for the {topic}, says {office}.",
                    "I have until {day} for the {topic}. It should reach {office}.",
                    "We remind you that {office} accepts the {topic} only until {day}.",
                    "To do: {topic} -> {office}, before the end of {day}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When is the {topic} due?",
                        "By when do I have to hand in the {topic}?",
                        "What is the deadline for the {topic}?",
                        "Until when can I send the {topic}?",
                        "How much time is there for the {topic}, until which day?",
                        "Tell me the last possible day for the {topic}.",
                        "{Topic}: due when?",
                        "I am planning my week, by what day do I need to finish the {topic}?",
                    ),
                    held_out=(
                        "What's the latest day for the {topic}?",
                        "Which date must the {topic} be finished by?",
                        "The {topic}: when does it have to be there?",
                        "How long do I have for the {topic}?",
                    ),
                ),
                answers=same("The {topic} is due on {day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "To whom do I send the {topic}?",
                        "Who gets the {topic}?",
                        "Where does the {topic} have to go?",
                        "Who is waiting for the {topic}?",
                        "The {topic} is in the envelope, to whom do I address it?",
                        "{Topic}: hand it in to whom?",
                        "Whose desk does the {topic} have to land on?",
                    ),
                    held_out=(
                        "Who should receive the {topic}?",
                        "Who do I hand the {topic} to?",
                        "The {topic} goes to whom?",
                    ),
                ),
                answers=same("The {topic} goes to {office}."),
                needs=("office",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "The deadline of the {topic} was extended to {day}.",
                "More time for the {topic}: it is now due on {day}.",
                "They want the {topic} on {day} already.",
                "{Topic} by {day}, that is what we agreed on.",
                "I called about the {topic}, they said {day} is fine for them.",
            ),
            held_out=(
                "Good that I asked: the {topic} can wait until {day}.",
                "New closing date, {topic}: {day}.",
                "{Topic} - forget the old deadline, {day} is the new one.",
            ),
        ),
        changed=("day",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "I have handed in the {topic}.",
                    "The {topic} is done and handed in, what a relief.",
                    "Posted the {topic} this morning, so that is done.",
                    "Finished the {topic} and gave it in myself.",
                ),
                held_out=("{Topic} is off my desk, handed in.", "Handed in the {topic} today!"),
            ),
            answer="You have handed in the {topic}.",
            required=("handed in", "done", "already sent", "sent"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} goes to {office}.",
                    "{Topic}: for {office}. I have begun with the first page.",
                    "Please send your {topic} to {office}, as you did last year.",
                    "I am working on the {topic} for {office}, with a large pot of tea.",
                ),
                held_out=(
                    "{Office} will get my {topic}.",
                    "On the envelope of the {topic} it has to say: {office}.",
                    "We ask you to give the {topic} to {office} and not to us.",
                ),
            ),
            tells=("office",),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "How many pages does the {topic} have?",
                "Who helps me with the {topic}?",
                "What is the reference number of the {topic}?",
                "Why do they want the {topic} from me?",
                "Where did I put the papers for the {topic}?",
                "Who has to sign the {topic}?",
                "How many copies of the {topic} do they want?",
            ),
            held_out=(
                "What is the fee for the {topic}?",
                "Which number is on the {topic}?",
                "Whom did I ask for help with the {topic}?",
                "How long must the {topic} be?",
            ),
        ),
    ),
    Family(
        name="delivery",
        topics=_PARCELS,
        slots={"day": day_ahead(2, 30), "window": span, "carrier": one_of(_CARRIERS)},
        notes=(
            Wordings(
                train=(
                    "The {topic} comes on {day}, {window}, with {carrier}.",
                    "{Carrier} delivers the {topic} on {day} {window}.",
                    "Your {topic} will be delivered on {day} {window}. Your carrier: {carrier}.",
                    "Delivery: {topic}. {Day}, {window}. {Carrier}.",
                    "I have to be at home on {day} {window} because {carrier} brings the {topic}.",
                    "{Carrier} has my {topic} on the van for {day}, {window}.",
                    "Stay in on {day} {window}: {carrier} rings the bell with the {topic}.",
                ),
                held_out=(
                    "{Day}: the people of {carrier} bring the {topic} {window}.",
                    "{Carrier} wrote that the {topic} arrives {window} on {day}.",
                    "Expect your {topic} from {carrier} {window} on {day}.",
                    "Somebody has to open the door on {day}, {carrier} brings the {topic} ({window}).",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When does the {topic} come?",
                        "On which day will the {topic} be delivered?",
                        "When is the delivery of the {topic}?",
                        "When do I get the {topic}?",
                        "Tell me on what day to expect the {topic}.",
                        "{Topic}: which delivery day?",
                        "I am planning my week, what day do they come with the {topic}?",
                    ),
                    held_out=(
                        "What day does the {topic} arrive?",
                        "Which date was named for the delivery of the {topic}?",
                        "Remind me when the {topic} is brought.",
                    ),
                ),
                answers=same("The {topic} comes on {day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Between which hours does the {topic} come?",
                        "At what time of day will the {topic} be delivered?",
                        "In which time window do I get the {topic}?",
                        "From when to when must I wait for the {topic}?",
                        "Tell me the hours in which the {topic} gets here.",
                        "{Topic}: between what times?",
                        "I want to go out that day too, at what hours are they coming with the {topic}?",
                    ),
                    held_out=(
                        "What are the hours for the delivery of the {topic}?",
                        "What time should I be in for the {topic}?",
                        "The {topic} arrives in which hours?",
                    ),
                ),
                answers=same("The {topic} comes {window}."),
                needs=("window",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who delivers the {topic}?",
                        "Which company brings the {topic}?",
                        "Which carrier has the {topic}?",
                        "With whom does the {topic} come?",
                        "Tell me whose van brings the {topic}.",
                        "{Topic}: which delivery service?",
                        "I want to call about the {topic}, who is transporting it?",
                    ),
                    held_out=(
                        "Which firm is in charge of delivering the {topic}?",
                        "Who is bringing me the {topic}?",
                        "Name the carrier of the {topic}.",
                    ),
                ),
                answers=same("{Carrier} delivers the {topic}."),
                needs=("carrier",),
                category="name",
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} is late: new delivery on {day}, {window}.",
                "They moved the delivery of the {topic} to {day} {window}.",
                "Delay! Your {topic} now reaches you on {day} {window}.",
                "{Topic} on {day}, {window}. They left a card in the letter box.",
                "The driver called about the {topic} and we said {day}, {window}.",
            ),
            held_out=(
                "No {topic} yet, they come {window} on {day} instead.",
                "{Topic}: driver was ill, next try {window}, {day}.",
            ),
        ),
        changed=("day", "window"),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The {topic} has arrived.",
                    "The {topic} arrived today, already unpacked.",
                    "The {topic} is here, they brought it this morning.",
                    "Got the {topic} today and signed for it.",
                ),
                held_out=(
                    "{Topic} arrived, not a scratch on it.",
                    "We carried the {topic} in, it has arrived at last.",
                ),
            ),
            answer="The {topic} has arrived.",
            required=("arrived", "already here", "delivered already"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} comes on {day}.",
                    "{Topic}: delivery on {day}. I have already cleared the hall.",
                    "Good news, we can bring you the {topic} on {day}.",
                    "I am getting the {topic} on {day} and can hardly wait.",
                ),
                held_out=(
                    "They called, {day} is fine for bringing the {topic}.",
                    "{Day}: make room, the {topic} is going to be delivered.",
                    "Your order is packed; the {topic} reaches you on {day}.",
                ),
            ),
            tells=("day",),
        ),
        unsaid=Wordings(
            train=(
                "How much was the {topic}?",
                "What is the tracking number of the {topic}?",
                "Where did I order the {topic}?",
                "What does the {topic} weigh?",
                "Who helps me carry the {topic} inside?",
                "How many pieces does the {topic} come in?",
                "Why did I order the {topic}?",
                "Where in the house will I put the {topic}?",
            ),
            held_out=(
                "What did I pay for the {topic}?",
                "Which shop is the {topic} from?",
                "What are the measures of the {topic}?",
            ),
        ),
    ),
)
