"""All families of stories that are told in talks: the talker speaks in the first person, and is asked about by name."""

from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.talks import (
    arts,
    cooking,
    family_days,
    family_plans,
    friends_made,
    goals,
    good_causes,
    hobbies,
    instruments,
    jobs,
    keepsakes,
    meals,
    moves,
    music,
    pets,
    pets_of_two,
    projects,
    reading_tips,
    rooms,
    setbacks,
    sports,
    studies,
    training,
    trips,
)

_MODULES = (
    *(
        arts,
        cooking,
        family_days,
        family_plans,
        friends_made,
        goals,
        good_causes,
        hobbies,
        instruments,
        jobs,
        keepsakes,
        meals,
    ),
    *(moves, music, pets, pets_of_two, projects, reading_tips, rooms, setbacks, sports),
    *(studies, training, trips),
)
TALKS: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.TALKS)
