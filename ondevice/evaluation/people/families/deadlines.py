"""What has to be done or can be had by a day or an hour: deadlines, deliveries, opening hours."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import hour, span, weekly
from ondevice.evaluation.people.family import Asking, Ending, Family
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
_OPEN = (
    "recycling centre", "passport office", "bike repair shop", "toy library", "swimming hall", "tile museum",
    "farm shop", "cheese counter", "garden nursery", "tailor's workshop", "registry office", "lost property office",
    "copy shop", "key cutter", "charity shop", "map archive", "climbing hall", "ice rink", "fish market",
    "flower market", "dental lab", "print shop", "tourist office", "ferry ticket booth",
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
                train=("I have handed in the {topic}.", "The {topic} is done and handed in, what a relief."),
                held_out=("{Topic} is off my desk, handed in.", "Handed in the {topic} today!"),
            ),
            answer="You have handed in the {topic}.",
            required=("handed in", "done", "already sent", "sent"),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "How many pages does the {topic} have?",
                "Who helps me with the {topic}?",
                "What is the reference number of the {topic}?",
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
            ),
            held_out=(
                "No {topic} yet, they come {window} on {day} instead.",
                "{Topic}: driver was ill, next try {window}, {day}.",
            ),
        ),
        changed=("day", "window"),
        ending=Ending(
            notes=Wordings(
                train=("The {topic} has arrived.", "The {topic} arrived today, already unpacked."),
                held_out=(
                    "{Topic} arrived, not a scratch on it.",
                    "We carried the {topic} in, it has arrived at last.",
                ),
            ),
            answer="The {topic} has arrived.",
            required=("arrived", "already here", "delivered already"),
        ),
        unsaid=Wordings(
            train=(
                "How much was the {topic}?",
                "What is the tracking number of the {topic}?",
                "Where did I order the {topic}?",
                "What does the {topic} weigh?",
            ),
            held_out=(
                "What did I pay for the {topic}?",
                "Which shop is the {topic} from?",
                "What are the measures of the {topic}?",
            ),
        ),
    ),
    Family(
        name="opening hours",
        topics=_OPEN,
        slots={"opens": hour(7, 11), "closes": hour(16, 21), "shut": weekly},
        notes=(
            Wordings(
                train=(
                    "The {topic} is open from {opens} to {closes}, but closed every {shut}.",
                    "{Topic}: open {opens} to {closes}, closed on {shut}.",
                    "The sign at the {topic} says: opens at {opens}, closes at {closes}, {shut} closed.",
                    "We open the {topic} for you at {opens} and stay until {closes}; on {shut} we rest.",
                    "I checked, the {topic} opens {opens} and shuts {closes} (never on a {shut}).",
                ),
                held_out=(
                    "Between {opens} and {closes} one can go to the {topic}, except on {shut}.",
                    "New times, {topic}: {opens} - {closes}. {Shut}: closed.",
                    "Stood before a locked {topic}: no service on {shut}, else from {opens} until {closes}.",
                    "You find the {topic} open every day but {shut}, {opens} until {closes}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When does the {topic} open?",
                        "From what time is the {topic} open?",
                        "At what hour does the {topic} open its door?",
                        "How early can I go to the {topic}?",
                    ),
                    held_out=(
                        "What is the opening time of the {topic}?",
                        "The {topic} opens at what time?",
                        "Starting when do they let me into the {topic}?",
                    ),
                ),
                answers=same("The {topic} opens at {opens}."),
                needs=("opens",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Until what time is the {topic} open?",
                        "When does the {topic} close?",
                        "How late can I go to the {topic}?",
                        "At what hour does the {topic} close its door?",
                    ),
                    held_out=(
                        "What is the closing time of the {topic}?",
                        "The {topic} shuts at what time?",
                        "By when in the evening must I be at the {topic}?",
                    ),
                ),
                answers=same("The {topic} closes at {closes}."),
                needs=("closes",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "On which day is the {topic} closed?",
                        "Which weekday is the {topic} not open?",
                        "When is the {topic} shut all day?",
                        "Is there a day on which the {topic} is closed?",
                    ),
                    held_out=(
                        "What day of the week should I avoid the {topic}?",
                        "Which is the closing day of the {topic}?",
                        "The {topic} has its day off when?",
                    ),
                ),
                answers=same("The {topic} is closed on {shut}."),
                needs=("shut",),
                category="date",
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} has new hours: from {opens} to {closes}.",
                "From now on the {topic} opens at {opens} and closes at {closes}.",
                "Changed hours, {topic}: {opens} until {closes}.",
            ),
            held_out=(
                "They now start at {opens} and go home at {closes} at the {topic}.",
                "{Topic}: winter timetable, {opens} to {closes}.",
            ),
        ),
        changed=("opens", "closes"),
        unsaid=Wordings(
            train=(
                "Where is the {topic}?",
                "Who runs the {topic}?",
                "What does the entrance to the {topic} cost?",
                "What is the phone number of the {topic}?",
            ),
            held_out=(
                "In which street is the {topic}?",
                "What's the name of the owner of the {topic}?",
                "How do I call the {topic}?",
                "How much do they charge at the {topic}?",
            ),
        ),
    ),
)
