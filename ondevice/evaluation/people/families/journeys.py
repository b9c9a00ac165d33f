"""Journeys, nights in hotels, and where the car stands."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import number_of, same
from ondevice.evaluation.people.families.drawing import few, labelled, reference
from ondevice.evaluation.people.family import Asking, Ending, Family
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
_STAYS = (
    "Galway", "Ravenna", "Toledo", "Stavanger", "Biarritz", "Bolzano", "Dubrovnik", "Aberdeen", "Helsinki", "Palermo",
    "Heidelberg", "Bath", "Nijmegen", "Coimbra", "Modena", "Visby", "Bruck", "Chester", "Annecy", "Figueres",
    "Lucca", "Riomaggiore", "Valletta", "Kotor",
)  # fmt: skip
_HOTELS = (
    "Hotel Seerose", "Hotel Linde", "the Golden Anchor", "the Red Lion", "Pension Edelweiss", "Pension Miramar",
    "Villa Rosalba", "Villa Sorrento", "the Station Inn", "the Harbour Inn", "Hotel Belvedere", "Hotel Excelsior",
    "Casa Pepita", "Casa Azul", "the Old Mill", "the Blue Door", "Hotel Kronprinz", "Hotel Metropol",
    "Guesthouse Birke", "Guesthouse Tanne", "the White Horse", "the Swan", "Hotel Aurora", "Hotel Vesper",
    "Albergo Sole", "Albergo Luna",
)  # fmt: skip
_CARS = (
    "company car", "family car", "rental van", "camper van", "silver estate", "red hatchback", "delivery van",
    "carpool minibus", "old convertible", "blue saloon", "electric hire car", "borrowed pickup", "cargo trailer",
    "boat trailer", "motorhome", "motor scooter", "touring motorbike", "sidecar motorbike", "hybrid taxi",
    "club minivan",
)  # fmt: skip
_GARAGES = (
    "the opera garage", "the station garage", "the market garage", "the stadium car park", "the airport car park P4",
    "the harbour car park", "the hospital garage", "the university garage", "the garage under the bank",
    "the garage by the bridge", "the cathedral car park", "the castle car park", "the mall garage", "the fair car park",
    "the north multi-storey", "the south multi-storey", "the car park on Bell Street", "the car park on Quay Road",
    "the zoo car park", "the lido car park", "the museum garage", "the theatre garage", "the ferry car park",
    "the tram depot garage", "the arcade garage", "the old brewery garage",
)  # fmt: skip
_STOPS = tuple(f"{stop} {n}" for n in range(1, 19) for stop in ("platform", "platform", "gate", "gate"))
_SEATS = tuple(f"seat {n}{letter}" for n in range(11, 72) for letter in "ACBD")
_SPOTS = tuple(f"spot {letter}{n}" for n in range(11, 60) for letter in "ABCDEF")

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
            ),
            held_out=(
                "{Topic} delayed, leaves {day} at {time}, {stop} this time.",
                "The {topic} no longer goes as planned but from {stop}, {day}, {time}.",
            ),
        ),
        changed=("day", "time", "stop"),
        ending=Ending(
            notes=Wordings(
                train=("The {topic} has been cancelled.", "The {topic} is cancelled because of the strike."),
                held_out=("{Topic} cancelled, money comes back.", "No way to travel, they cancelled the {topic}."),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not leave", "not go"),
        ),
        unsaid=Wordings(
            train=(
                "How much is the {topic}?",
                "How long does the {topic} take?",
                "Who travels with me on the {topic}?",
                "What is the booking number of the {topic}?",
                "When does the {topic} arrive?",
            ),
            held_out=(
                "What is the price of the {topic}?",
                "What's the arrival time of the {topic}?",
                "Which code do I need for the {topic}?",
                "Who is coming along on the {topic}?",
            ),
        ),
    ),
    Family(
        name="hotel",
        topics=_STAYS,
        slots={"hotel": one_of(_HOTELS), "nights": few(2, 9, "nights"), "day": day_ahead(5, 60), "code": reference},
        notes=(
            Wordings(
                train=(
                    "For {topic} I booked {hotel}, {nights}, arriving on {day}.",
                    "In {topic} we stay at {hotel} for {nights} from {day}.",
                    "{Topic}: {hotel}, {nights}, check-in {day}.",
                    "Your stay in {topic}: {nights} at {hotel}, from {day}.",
                    "Sleeping in {topic} is settled ({hotel}, {nights}, first night {day}).",
                ),
                held_out=(
                    "{Nights} in {topic} from {day}, the house is {hotel}.",
                    "{Hotel} has a room for me in {topic}: from {day}, {nights}.",
                    "The agency put you into {hotel} for your {nights} in {topic}, beginning {day}.",
                    "On {day} we move into {hotel} in {topic} and leave after {nights}.",
                ),
            ),
            Wordings(
                train=(
                    "{Hotel} sent the confirmation code: {code}.",
                    "Confirmation code for {hotel} is {code}.",
                    "When checking in at {hotel}, say {code}.",
                    "Thank you for booking with {hotel}. Your code is {code}.",
                ),
                held_out=(
                    "{Code} = code of the booking at {hotel}.",
                    "The people at {hotel} want to hear {code} at the desk, that is our confirmation.",
                    "{Hotel} writes: please show confirmation {code} on arrival.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which hotel do I have in {topic}?",
                        "Where do I stay in {topic}?",
                        "Where did I book a room in {topic}?",
                        "What is the name of my hotel in {topic}?",
                    ),
                    held_out=(
                        "Where am I sleeping in {topic}?",
                        "What's my hotel in {topic} called?",
                        "My accommodation in {topic}?",
                    ),
                ),
                answers=same("In {topic} you stay at {hotel}."),
                needs=("hotel",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "How many nights do I stay in {topic}?",
                        "How long am I in {topic}?",
                        "For how many nights did I book in {topic}?",
                        "What is the number of nights in {topic}?",
                    ),
                    held_out=(
                        "What's the length of my stay in {topic}?",
                        "{Topic}: how many nights?",
                        "How many times do I sleep in {topic}?",
                    ),
                ),
                answers=same("You stay in {topic} for {nights}."),
                needs=("nights",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "When do I arrive in {topic}?",
                        "From which day do I have a room in {topic}?",
                        "What is the check-in day in {topic}?",
                        "When does my stay in {topic} begin?",
                    ),
                    held_out=(
                        "What date do I check in, in {topic}?",
                        "First night in {topic}, when is it?",
                        "My room in {topic} is mine starting when?",
                    ),
                ),
                answers=same("You arrive in {topic} on {day}."),
                needs=("day",),
                category="date",
            ),
            Asking(
                questions=number_of("the confirmation code of my hotel in {topic}"),
                answers=same("The confirmation code of {hotel} in {topic} is {code}."),
                needs=("code",),
                rests_on=(0, 1),
                category="two notes",
            ),
        ),
        unsaid=Wordings(
            train=(
                "How much is my hotel in {topic}?",
                "Is breakfast included in {topic}?",
                "Which room number do I have in {topic}?",
                "Who comes with me to {topic}?",
                "In which street is my hotel in {topic}?",
            ),
            held_out=(
                "What does a night in {topic} cost?",
                "What's the phone number of my hotel in {topic}?",
                "Who shares the room in {topic} with me?",
            ),
        ),
    ),
    Family(
        name="parking",
        topics=_CARS,
        slots={"garage": one_of(_GARAGES), "level": labelled("level", 1, 9), "spot": one_of(_SPOTS)},
        notes=(
            Wordings(
                train=(
                    "The {topic} is in {garage}, {level}, {spot}.",
                    "Parked the {topic}: {garage}, {level}, {spot}.",
                    "I left the {topic} in {garage} on {level}, {spot}.",
                    "You find the {topic} on {level} of {garage}, {spot}.",
                    "{Topic} -> {garage} ({level}, {spot}).",
                ),
                held_out=(
                    "In {garage} we put the {topic} on {spot}, {level}.",
                    "Do not search again: {topic}, {level}, {spot}, {garage}.",
                    "{Spot} on {level} is where I stopped the {topic}, in {garage}.",
                    "Pick up your {topic} in {garage}. It waits on {level}, {spot}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where is the {topic} parked?",
                        "Where did I park the {topic}?",
                        "In which garage is the {topic}?",
                        "Where can I find the {topic}?",
                    ),
                    held_out=(
                        "I left the {topic} in which car park?",
                        "Which car park is the {topic} in?",
                        "The {topic} stands where?",
                    ),
                ),
                answers=same("The {topic} is in {garage}, {level}, {spot}."),
                needs=("garage",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "On which level and spot is the {topic}?",
                        "Which parking spot is the {topic} on, and which level?",
                        "Level and spot of the {topic}?",
                        "What are the level and the spot of the {topic}?",
                    ),
                    held_out=(
                        "Which floor is the {topic} on, and what spot?",
                        "What floor and place did I park the {topic} on?",
                        "Tell me the exact level and place of the {topic}.",
                    ),
                ),
                answers=same("The {topic} is on {level}, {spot}."),
                needs=("level", "spot"),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "Moved the {topic}: now in {garage}, {level}, {spot}.",
                "The {topic} is somewhere else now, {garage}, {level}, {spot}.",
                "I had to park the {topic} again, this time in {garage} on {level}, {spot}.",
            ),
            held_out=(
                "New place for the {topic} since today: {level}, {spot}, {garage}.",
                "{Topic} drove off and came back, it stands in {garage} now, {level}, {spot}.",
            ),
        ),
        changed=("garage", "level", "spot"),
        unsaid=Wordings(
            train=(
                "What does parking the {topic} cost?",
                "Who drove the {topic} last?",
                "What is the number plate of the {topic}?",
                "Until when is the {topic} allowed to stand there?",
            ),
            held_out=(
                "How much is the ticket for the {topic}?",
                "Who has the key of the {topic}?",
                "What was the mileage of the {topic} again?",
            ),
        ),
    ),
)
