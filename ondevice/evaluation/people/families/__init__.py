"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import (
    days,
    deadlines,
    doings,
    food,
    health,
    home,
    journeys,
    leisure,
    luggage,
    machines,
    money,
    organisers,
    people_known,
    people_liked,
    services,
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
    *(days, deadlines, journeys, things, money, home, services, health, people_known, people_liked, work, food),
    *(leisure, sports, machines, stays, travel_tips, luggage, two_notes, organisers, two_amounts, doings),
)
FAMILIES: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.FAMILIES)
