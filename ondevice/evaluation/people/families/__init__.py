"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import (
    addresses,
    courses,
    days,
    deadlines,
    doings,
    food,
    health,
    home,
    journeys,
    leisure,
    money,
    parts,
    people_known,
    people_liked,
    restaurants,
    services,
    sizes,
    sports,
    stays,
    things,
    travel_tips,
    two_amounts,
    two_notes,
    work,
)
from ondevice.evaluation.people.family import Family

_MODULES = (
    *(days, deadlines, journeys, things, money, home, services, health, sizes, people_known, addresses),
    *(people_liked, courses, work, food, restaurants),
    *(leisure, sports, stays, travel_tips, two_notes, two_amounts, doings, parts),
)
FAMILIES: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.FAMILIES)
