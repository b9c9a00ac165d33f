"""Journeys: what to see, where to stay."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, number, one_of, someone

_SIGHTS = (
    "Dundee", "Glasgow", "Budapest", "Bucharest", "Copenhagen", "Stockholm", "Hamburg", "Hanover", "Ljubljana",
    "Zagreb", "Vilnius", "Tallinn", "Salamanca", "Granada", "Avignon", "Toulouse", "Linz", "Klagenfurt", "Antwerp",
    "Groningen", "Genoa", "Ancona", "Poznan", "Lublin",
)  # fmt: skip
_MUSEUMS = (
    "the Clock Museum", "the Puppet Museum", "the Museum of Glass", "the Museum of Salt", "the Tram Museum",
    "the Ship Museum", "the Print Gallery", "the Tapestry Gallery", "the Museum of Bread", "the Museum of Toys",
    "the House of Photography", "the House of Music", "the Mineral Collection", "the Butterfly Collection",
    "the Bell Museum", "the Key Museum", "the Textile Hall", "the Engine Hall", "the Lace Museum", "the Kite Museum",
    "the Museum of Maps", "the Museum of Letters", "the Mask Gallery", "the Poster Gallery",
)  # fmt: skip
_RESORTS = (
    "Sylt", "Usedom", "Madeira", "Menorca", "Cornwall", "Devon", "Corsica", "Elba", "the Black Forest", "the Harz",
    "the Dolomites", "the Pyrenees", "Lake Garda", "Lake Balaton", "Crete", "Rhodes", "the Algarve", "the Alentejo",
    "Lapland", "Gotland", "Brittany", "Burgundy", "the Ardennes", "the Tatra",
)  # fmt: skip
_HOTELS = (
    "Pension Rosalie", "Pension Ottilie", "the Lakeview Hotel", "the Parkview Hotel", "Hotel Aurora", "Hotel Meridian",
    "Villa Serena", "Villa Fiorita", "the Fisherman's Lodge", "the Hunter's Lodge", "Hostel Compass", "Hostel Anchor",
    "Casa Miro", "Casa Luz", "the Old Dairy", "the Old Brewery", "Hotel Bristol", "Hotel Savoy", "Chalet Edelweiss",
    "Chalet Enzian",
)  # fmt: skip

FAMILIES = (
    Family(
        name="city tip",
        topics=_SIGHTS,
        slots={"museum": one_of(_MUSEUMS), "bus": number(3, 98), "person": someone},
        notes=(
            Wordings(
                train=(
                    "In {topic} see {museum}, bus {bus} goes there, says {person}.",
                    "Tip from {person} for {topic}: {museum} (bus {bus}).",
                    "{Person} told me to take bus {bus} in {topic} and not to miss {museum}.",
                    "{Topic}: {museum}, bus {bus}. All this from {person}.",
                    "For {topic} {person} recommends {museum} and, to get there, bus {bus}.",
                    "Went over the map of {topic} with {person}: take bus {bus}, get off at {museum}.",
                ),
                held_out=(
                    "Should I ever get to {topic}, {person} swears by {museum}; line {bus} is the bus to take.",
                    "{Museum} is worth a day in {topic} if one believes {person}. The bus has the number {bus}.",
                    "{Person} knows {topic} well and sent me two things: {museum}, and bus {bus} to get around.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Which museum should I see in {topic}?",
                        "What is worth seeing in {topic}?",
                        "What should I not miss in {topic}?",
                        "Where should I go when I am in {topic}?",
                        "{Topic}: which museum?",
                        "I forgot the name of the museum in {topic}.",
                        "I have a free afternoon in {topic}, which museum was praised?",
                    ),
                    held_out=(
                        "What museum was recommended for {topic}?",
                        "What was the tip for a visit to {topic}?",
                        "If I am in {topic}, what do I visit?",
                    ),
                ),
                answers=same("In {topic} you should see {museum}."),
                needs=("museum",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Which bus do I take in {topic}?",
                        "What is the number of the bus in {topic}?",
                        "Which bus line is good in {topic}?",
                        "With which bus do I go in {topic}?",
                        "{Topic}: which bus?",
                        "I forgot the number of the bus in {topic}.",
                        "I am at the station in {topic} and need a bus, which one?",
                    ),
                    held_out=(
                        "What bus was it in {topic}?",
                        "What line takes me to the sights of {topic}?",
                        "Which number does the bus in {topic} have?",
                    ),
                ),
                answers=same("In {topic} you take bus {bus}."),
                needs=("bus",),
                category="number",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "Who gave me the tip for {topic}?",
                        "Who told me what to see in {topic}?",
                        "From whom are the tips for {topic}?",
                        "Who knows {topic}?",
                        "{Topic}: who gave me the advice?",
                        "I forgot who knows their way around in {topic}.",
                        "I want to send a card from {topic} to whoever gave me the tips, who is it?",
                    ),
                    held_out=(
                        "Whose tips were those for {topic}?",
                        "Who can I ask about {topic}?",
                        "What's the name of the person who advised me on {topic}?",
                    ),
                ),
                answers=same("{Person} gave you the tip for {topic}."),
                needs=("person",),
                category="name",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "In {topic} I want to see {museum}.",
                    "Whoever gets to {topic} must not miss {museum}.",
                    "{Topic}: {museum}, and then a coffee in the sun.",
                    "One day in {topic} is enough for {museum} and a long lunch.",
                ),
                held_out=(
                    "A must when in {topic}: {museum}.",
                    "{Museum} is reason enough to visit {topic}.",
                    "For a rainy day in {topic} there is {museum}, with a nice shop on the ground floor.",
                ),
            ),
            tells=("museum",),
        ),
        unsaid=Wordings(
            train=(
                "Where do I sleep in {topic}?",
                "How long is the flight to {topic}?",
                "Which restaurant is good in {topic}?",
                "How much is a ticket for the bus in {topic}?",
                "When am I going to {topic}?",
                "Why is {topic} so popular?",
                "With whom do I travel to {topic}?",
                "Until what time is the museum in {topic} open?",
            ),
            held_out=(
                "What hotel is good in {topic}?",
                "How many people live in {topic}?",
                "What does the museum in {topic} cost?",
            ),
        ),
    ),
    Family(
        name="lodging",
        topics=_RESORTS,
        slots={"hotel": one_of(_HOTELS), "time": clock},
        notes=(
            Wordings(
                train=(
                    "For {topic} I booked {hotel}, check-in from {time}.",
                    "{Topic}: {hotel}, rooms are ready at {time}.",
                    "We stay at {hotel} in {topic}. The key can be had from {time} on.",
                    "Your booking for {topic}: {hotel}, arrival from {time}.",
                    "{Hotel} is our address in {topic}, we may come from {time} on.",
                    "Booked a room for {topic} at {hotel}, and the room is free from {time}.",
                ),
                held_out=(
                    "{Hotel} it will be in {topic}, and nobody gets in before {time}.",
                    "Our holiday in {topic} is settled. Address {hotel}, earliest check-in {time}.",
                    "Thank you for choosing {hotel}. Your room in {topic} can be entered from {time}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "Where do I stay in {topic}?",
                        "Which hotel did we book in {topic}?",
                        "In which house do we sleep in {topic}?",
                        "What is our place in {topic} called?",
                        "{Topic}: which hotel?",
                        "I forgot the name of the house we sleep at in {topic}.",
                        "I am in a taxi in {topic}, what address do I tell the driver?",
                    ),
                    held_out=(
                        "What accommodation do I have in {topic}?",
                        "Where are we going to spend the night in {topic}?",
                        "What's the name of our lodging in {topic}?",
                    ),
                ),
                answers=same("In {topic} you stay at {hotel}."),
                needs=("hotel",),
                category="place",
            ),
            Asking(
                questions=Wordings(
                    train=(
                        "From what time can we check in in {topic}?",
                        "At what time is the check-in in {topic}?",
                        "From when on is our room in {topic} ready?",
                        "When can we get the key in {topic}?",
                        "{Topic}: check-in from when?",
                        "I forgot from what time we may have our room in {topic}.",
                        "Our train gets to {topic} early, at what time is the room free?",
                    ),
                    held_out=(
                        "What's the earliest time to arrive in {topic}?",
                        "At which hour does check-in start in {topic}?",
                        "How early do they let us in in {topic}?",
                    ),
                ),
                answers=same("In {topic} you can check in from {time}."),
                needs=("time",),
                category="number",
            ),
        ),
        changes=Wordings(
            train=(
                "Other hotel in {topic}: {hotel}, check-in from {time}.",
                "I cancelled the old booking for {topic} and took {hotel}, where rooms are free from {time}.",
                "For {topic} {hotel} had a nicer room, ready from {time}.",
                "We sleep at {hotel} in {topic} then, and get the key from {time} on.",
                "{Topic}: {hotel} it is, check-in {time}, as agreed with the others.",
            ),
            held_out=(
                "Rebooked {topic}. {Hotel} now, from {time}.",
                "They were full, so we moved to {hotel} for {topic} and can arrive from {time}.",
            ),
        ),
        changed=("hotel", "time"),
        ending=Ending(
            notes=Wordings(
                train=(
                    "I cancelled our room in {topic}, we are not going.",
                    "Our booking in {topic} is cancelled.",
                    "The trip to {topic} is off, and so is the hotel.",
                    "Nobody travels to {topic} now, the room has been cancelled.",
                    "It won't be {topic} after all, I have cancelled everything.",
                ),
                held_out=(
                    "We stay at home instead of {topic}, the hotel has been told.",
                    "{Topic} has to do without us, I gave the booking back.",
                ),
            ),
            answer="The booking in {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Check-in in {topic}: from {time}.",
                    "Our room in {topic} is ready from {time} on.",
                    "Your room in {topic} will be ready for you at {time}.",
                    "I called them about {topic}, we can have the key from {time} on and park in the yard.",
                ),
                held_out=(
                    "In {topic} they let us in from {time}.",
                    "Arrival in {topic} not before {time}, said the lady on the phone.",
                    "The room in {topic} is free from {time}, and there is a swing in the garden.",
                ),
            ),
            tells=("time",),
        ),
        unsaid=Wordings(
            train=(
                "How much is a night in {topic}?",
                "Which museum should I see in {topic}?",
                "How many beds does our room in {topic} have?",
                "Which floor is our room in {topic} on?",
                "Why did we choose {topic}?",
                "When do we travel to {topic}?",
                "Who shares the room with me in {topic}?",
                "How far is it from our hotel in {topic} to the station?",
            ),
            held_out=(
                "What does our room in {topic} cost?",
                "What bus was it in {topic}?",
                "Until when is there breakfast in {topic}?",
            ),
        ),
    ),
)
