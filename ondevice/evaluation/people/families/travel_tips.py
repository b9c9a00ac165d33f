"""Journeys: what to see, what to pack, where to stay."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.family import Asking, Ending, Family
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import clock, number, one_of, several_of, someone

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
_TRIPS = (
    "ski weekend", "sailing weekend", "camping trip", "canoe trip", "beach holiday", "hut holiday", "school trip",
    "choir trip", "business trip", "study trip", "hospital stay", "spa weekend", "cycling tour", "walking tour",
    "wedding trip", "festival weekend", "fishing weekend", "climbing weekend", "farm holiday", "city break",
)  # fmt: skip
_GEAR = (
    "goggles", "gloves", "sun cream", "lip balm", "a torch", "a penknife", "woollen socks", "rubber boots", "earplugs",
    "an eye mask", "a power bank", "a charger", "swimming trunks", "flip-flops", "a raincoat", "a fleece",
    "the passport", "the health card", "a towel", "a pillow", "playing cards", "a notebook", "a water bottle",
    "a thermos", "binoculars", "a compass", "plasters", "painkillers", "a sleeping bag", "a hammock", "a sun hat",
    "a scarf", "slippers", "pyjamas",
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
        unsaid=Wordings(
            train=(
                "Where do I sleep in {topic}?",
                "How long is the flight to {topic}?",
                "Which restaurant is good in {topic}?",
                "How much is a ticket for the bus in {topic}?",
            ),
            held_out=(
                "What hotel is good in {topic}?",
                "How many people live in {topic}?",
                "What does the museum in {topic} cost?",
            ),
        ),
    ),
    Family(
        name="packing",
        topics=_TRIPS,
        slots={"items": several_of(_GEAR)},
        notes=(
            Wordings(
                train=(
                    "Pack for the {topic}: {items}.",
                    "I must not forget {items} on the {topic}.",
                    "Packing list ({topic}): {items}.",
                    "What goes into the bag for the {topic} is {items}.",
                    "Please bring {items} along for the {topic}.",
                ),
                held_out=(
                    "{Items} have to be in my suitcase before the {topic} begins.",
                    "Before leaving for the {topic}, put in {items}.",
                    "For your {topic} you should think of {items}.",
                ),
            ),
        ),
        askings=(
            Asking(
                questions=Wordings(
                    train=(
                        "What do I have to pack for the {topic}?",
                        "What is on the packing list for the {topic}?",
                        "Which things do I take along on the {topic}?",
                        "What must be in my bag for the {topic}?",
                    ),
                    held_out=(
                        "What goes into my suitcase for the {topic}?",
                        "I am packing for the {topic}, what was it?",
                        "List what I should bring on the {topic}.",
                    ),
                ),
                answers=same("For the {topic} you pack {items}."),
                needs=("items",),
                category="list",
            ),
        ),
        changes=Wordings(
            train=(
                "New packing list for the {topic}, instead of the old one: {items}.",
                "I packed again for the {topic}, with less: just {items}.",
            ),
            held_out=(
                "Forget what I wrote for the {topic}; all it takes is {items}.",
                "Different weather, different bag: {items} for the {topic}, nothing else.",
            ),
        ),
        changed=("items",),
        ending=Ending(
            notes=Wordings(
                train=(
                    "We had to cancel the {topic}.",
                    "The {topic} is cancelled, nobody has to pack.",
                ),
                held_out=(
                    "No {topic} for me this time, I unpacked again.",
                    "The {topic} was called off at the last minute.",
                ),
            ),
            answer="The {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        unsaid=Wordings(
            train=(
                "How much does the {topic} cost?",
                "Who comes along on the {topic}?",
                "How many days does the {topic} last?",
                "Where do we sleep on the {topic}?",
            ),
            held_out=(
                "What's the price of the {topic}?",
                "Who drives on the {topic}?",
                "How long is the way to the {topic}?",
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
                ),
                held_out=(
                    "We stay at home instead of {topic}, the hotel has been told.",
                    "{Topic} has to do without us, I gave the booking back.",
                ),
            ),
            answer="The booking in {topic} is cancelled.",
            required=("cancelled", "called off", "not take place", "won't take place", "no longer"),
        ),
        unsaid=Wordings(
            train=(
                "How much is a night in {topic}?",
                "Which museum should I see in {topic}?",
                "How many beds does our room in {topic} have?",
                "Which floor is our room in {topic} on?",
            ),
            held_out=(
                "What does our room in {topic} cost?",
                "What bus was it in {topic}?",
                "Until when is there breakfast in {topic}?",
            ),
        ),
    ),
)
