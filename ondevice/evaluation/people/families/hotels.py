"""Nights in hotels."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import number_of, same
from ondevice.evaluation.people.families.drawing import few, reference
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import day_ahead, one_of

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

FAMILIES = (
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
                    "We go to {topic} on {day} and sleep {nights} at {hotel}.",
                    "Booked! {Hotel} in {topic}, {nights}, from {day} on.",
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
                    "Wrote down the confirmation code of {hotel}, which is {code}.",
                    "Mail from {hotel}: confirmation code {code}.",
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
                        "Tell me at which hotel I sleep in {topic}.",
                        "{Topic}: which hotel?",
                        "I am at the station in {topic}, to what hotel do I go?",
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
                        "I am packing shirts for {topic}, how many nights is it?",
                        "After how many nights do I leave {topic}?",
                        "Tell me for how many nights I have a bed in {topic}.",
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
                        "Tell me from what date I have a bed in {topic}.",
                        "{Topic}: arrival on which day?",
                        "I am asking the boss for time off, what day do I arrive in {topic}?",
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
                questions=number_of(
                    "the confirmation code of my hotel in {topic}",
                    train=(
                        "Tell me what code my hotel in {topic} sent.",
                        "{Topic}: confirmation code of the hotel?",
                        "I am at the desk in {topic} and they ask for my code, which is it?",
                    ),
                ),
                answers=same("The confirmation code of {hotel} in {topic} is {code}."),
                needs=("code",),
                rests_on=(0, 1),
                category="two notes",
            ),
        ),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "{Topic} from {day}, {nights}.",
                    "I booked a room in {topic} for {nights}, arriving on {day}.",
                    "Your trip to {topic} begins on {day} and lasts {nights}. Do not forget an umbrella.",
                    "Took leave for {topic}: first night on {day}, {nights} in all, and the plants are taken care of.",
                ),
                held_out=(
                    "The hotel in {topic} is booked, {nights}, check-in {day}.",
                    "We travel to {topic} on {day} and have {nights} there.",
                    "You sleep in {topic} from {day}; the voucher is good for {nights}.",
                ),
            ),
            tells=("nights", "day"),
        ),
        unsaid=Wordings(
            train=(
                "How much is my hotel in {topic}?",
                "Is breakfast included in {topic}?",
                "Which room number do I have in {topic}?",
                "Who comes with me to {topic}?",
                "In which street is my hotel in {topic}?",
                "Who recommended the hotel in {topic} to me?",
                "How far is my hotel in {topic} from the station?",
                "At what time do they serve breakfast in {topic}?",
                "Why do I travel to {topic}?",
            ),
            held_out=(
                "What does a night in {topic} cost?",
                "What's the phone number of my hotel in {topic}?",
                "Who shares the room in {topic} with me?",
            ),
        ),
    ),
)
