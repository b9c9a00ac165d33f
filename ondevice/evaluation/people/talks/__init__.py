"""All families of stories that are told in talks: the talker speaks in the first person, and is asked about by name."""

from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.talks import (
    advice,
    careers,
    charity_events,
    cooking,
    courses,
    events_joined,
    family_days,
    family_plans,
    favourites,
    friends_made,
    goals,
    handmade_things,
    hobbies,
    injuries,
    instruments,
    jobs,
    keepsakes,
    keepsakes_of_two,
    lost_things,
    matches,
    meals,
    moves,
    music,
    music_of_two,
    paintings,
    pets,
    pets_of_two,
    project_supplies,
    projects,
    promotions,
    races,
    reading_tips,
    rooms,
    training,
    trips,
    ways_to_relax,
)

_MODULES = (
    handmade_things, paintings, cooking, family_days, family_plans, friends_made,
    advice, goals, charity_events, events_joined, hobbies, ways_to_relax,
    instruments, music_of_two, jobs, promotions, keepsakes, keepsakes_of_two,
    meals, moves, music, pets, pets_of_two, projects,
    project_supplies, reading_tips, favourites, rooms, injuries, lost_things,
    races, matches, courses, careers, training, trips,
)  # fmt: skip
"""In this order people are drawn from them: another order makes other people."""
TALKS: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.TALKS)
