"""Where the car stands."""

from __future__ import annotations

from ondevice.evaluation.people.families.asking import same
from ondevice.evaluation.people.families.drawing import labelled
from ondevice.evaluation.people.family import Asking, Family, Glimpse
from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import one_of

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
_SPOTS = tuple(f"spot {letter}{n}" for n in range(11, 60) for letter in "ABCDEF")

FAMILIES = (
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
                    "Left the {topic} behind in {garage}: {level}, {spot}.",
                    "To fetch the {topic}, go to {garage}, take the lift to {level} and look for {spot}.",
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
                        "I am in town on foot, to which garage do I go for the {topic}?",
                        "{Topic}: which garage?",
                        "Tell me in what car park I left the {topic}.",
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
                        "I am in the garage now, which level and spot do I go to for the {topic}?",
                        "{Topic}: what level, what spot?",
                        "Tell me on what level and spot to look for the {topic}.",
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
                "Back in town, {topic} in {garage} on {level}, {spot}.",
                "{Topic}: {garage}, {level}, {spot}, parked there after lunch.",
            ),
            held_out=(
                "New place for the {topic} since today: {level}, {spot}, {garage}.",
                "{Topic} drove off and came back, it stands in {garage} now, {level}, {spot}.",
            ),
        ),
        changed=("garage", "level", "spot"),
        glimpse=Glimpse(
            notes=Wordings(
                train=(
                    "Parked the {topic}, ticket in my purse.",
                    "The {topic} is parked and locked.",
                    "I parked the {topic} just before the rain came, after three rounds through the streets.",
                    "Your {topic} is parked. Thank you for lending it to us!",
                ),
                held_out=(
                    "Put the {topic} into a car park and walked the rest of the way.",
                    "The {topic} has a parking space again, such a narrow one.",
                    "We parked the {topic} for you and closed all windows.",
                ),
            ),
        ),
        unsaid=Wordings(
            train=(
                "What does parking the {topic} cost?",
                "Who drove the {topic} last?",
                "What is the number plate of the {topic}?",
                "Until when is the {topic} allowed to stand there?",
                "When did I last wash the {topic}?",
                "Who pays for parking the {topic}?",
                "Why did I take the {topic} into town?",
                "When does the {topic} have its next inspection?",
            ),
            held_out=(
                "How much is the ticket for the {topic}?",
                "Who has the key of the {topic}?",
                "What was the mileage of the {topic} again?",
            ),
        ),
    ),
)
