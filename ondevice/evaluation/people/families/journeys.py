"""Journeys by train, by plane and by boat."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, day_ahead, one_of

_RIDES = (
    "train to Lucerne", "train to Cologne", "night train to Vienna", "night train to Venice", "ferry to Ibiza",
    "ferry to Gotland", "flight to Reykjavik", "flight to Madeira", "coach to Antwerp", "coach to Ljubljana",
    "bus to Granada", "bus to Bratislava", "express to Hamburg", "express to Marseille", "boat to Corfu",
    "boat to Bornholm", "plane to Boston", "plane to Montreal", "sleeper to Inverness", "sleeper to Budapest",
    "shuttle to Heathrow", "shuttle to Schiphol", "catamaran to Elba", "catamaran to Hvar", "regional train to Chur",
    "regional train to Trento",
)  # fmt: skip
_STOPS = tuple(f"{stop} {n}" for n in range(1, 19) for stop in ("platform", "platform", "gate", "gate"))
_SEATS = tuple(f"seat {n}{letter}" for n in range(11, 72) for letter in "ACBD")

FAMILIES = (
    Family(
        name="journey",
        topics=_RIDES,
        slots={
            "day": day_ahead(2, 45),
            "time": clock,
            "stop": one_of(_STOPS),
            "seat": one_of(_SEATS),
        },
        notes=(
            Wordings(
                train=(
                    "The {topic} leaves on {day} at {time} from {stop}, {seat}.",
                    "Ticket: {topic}, {day}, {time}, {stop}, {seat}.",
                    "I booked the {topic} for {day}, departure {time}, {stop}. Mine is {seat}.",
                    "Your {topic} departs on {day} at {time} ({stop}). You have {seat}.",
                    "All set for the {topic}! {Day}, {time}, {stop}, and I got {seat}.",
                    "My trip on {day}: {topic}, {time}, {stop}, {seat}.",
                    "The ticket for the {topic} came: {seat}, {stop}, leaving at {time} on {day}.",
                ),
                held_out=(
                    "{Day}, {time}, {topic}: go to {stop}, sit down on {seat}.",
                    "With {seat} reserved, I take the {topic} from {stop} on {day} at {time}.",
                    "Travel document for you. {Topic}. Date {day}. Time {time}. Boarding {stop}. Place {seat}.",
                    "My {topic} goes on {day} at {time}; stand at {stop} in time ({seat}).",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "When does my {topic} leave?",
                        "On which day and at what time is my {topic}?",
                        "What is the departure of the {topic}?",
                        "When do I take the {topic}?",
                        "Tell me on what day and when my {topic} goes.",
                        "{Topic}: which day, and what time?",
                        "I am packing, when exactly do I leave with the {topic}?",
                    ),
                    held_out=(
                        "Date and hour of the {topic}?",
                        "What day am I on the {topic}, and what time does it go?",
                        "Departure of my {topic}, please.",
                    ),
                ),
                answers=same("The {topic} leaves on {day} at {time}."),
                needs=("day", "time"),
                category="date",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "From where does the {topic} leave?",
                        "Which platform or gate does the {topic} go from?",
                        "Where in the station do I get on the {topic}?",
                        "Where do I board the {topic}?",
                        "Tell me the gate or platform of the {topic}.",
                        "{Topic}: which gate or platform?",
                        "I have come through the entrance, where do I go now for the {topic}?",
                    ),
                    held_out=(
                        "At what platform or gate do I wait for the {topic}?",
                        "The {topic} starts from which gate or platform?",
                        "Where must I stand for the {topic}?",
                    ),
                ),
                answers=same("The {topic} leaves from {stop}."),
                needs=("stop",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Which seat do I have on the {topic}?",
                        "Where do I sit on the {topic}?",
                        "What is my seat on the {topic}?",
                        "Tell me my seat for the {topic}.",
                        "I am on board the {topic} now, which seat do I look for?",
                        "{Topic}: which seat?",
                        "I forgot what seat they booked for me on the {topic}.",
                    ),
                    held_out=(
                        "My place on the {topic}?",
                        "What seat was I given on the {topic}?",
                        "Which number is my seat on the {topic}?",
                    ),
                ),
                answers=same("On the {topic} you have {seat}."),
                needs=("seat",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "The {topic} was rebooked: it now leaves on {day} at {time}, {stop}.",
                "New timetable for the {topic}: {day}, {time}, {stop}.",
                "Schedule change. Your {topic} departs on {day} at {time} from {stop}.",
                "{Topic} on {day} at {time} from {stop}, as the clerk advised.",
                "Got another ticket for the {topic}: {day}, {time}, {stop}.",
            ),
            held_out=(
                "{Topic} delayed, leaves {day} at {time}, {stop} this time.",
                "The {topic} no longer goes as planned but from {stop}, {day}, {time}.",
            ),
        ),
        changed=("day", "time", "stop"),
        ending=Ending(
            notes=Wordings(
                train=(
                    "The {topic} has been cancelled.",
                    "The {topic} is cancelled because of the strike.",
                    "The storm is too strong, they called off the {topic}.",
                    "It says on the board that the {topic} is cancelled.",
                ),
                held_out=("{Topic} cancelled, money comes back.", "No way to travel, they cancelled the {topic}."),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not leave", "not go"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "The {topic} leaves on {day} at {time}.",
                    "{Topic}, {day}, {time}. Passport is in the bag.",
                    "Your {topic} departs at {time} on {day}. Have a pleasant trip!",
                    "I am taking the {topic} on {day}, departure {time}, and have to feed the cat before.",
                ),
                held_out=(
                    "{Day}, {time}: off I go with the {topic}.",
                    "Bought the ticket for the {topic}, it goes on {day} at {time}.",
                    "You are booked on the {topic} for {day}, leaving {time}, and the papers follow by post.",
                ),
            ),
            tells=("day", "time"),
        ),
        unsaid=Wordings(
            train=(
                "How much is the {topic}?",
                "How long does the {topic} take?",
                "Who travels with me on the {topic}?",
                "What is the booking number of the {topic}?",
                "When does the {topic} arrive?",
                "Where do I have to change after the {topic}?",
                "How many bags may I take on the {topic}?",
                "Why did I choose the {topic}?",
                "What is there to eat on the {topic}?",
            ),
            held_out=(
                "What is the price of the {topic}?",
                "What's the arrival time of the {topic}?",
                "Which code do I need for the {topic}?",
                "Who is coming along on the {topic}?",
            ),
        ),
    ),
)
