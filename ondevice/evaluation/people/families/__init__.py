"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import (
    accounts,
    addresses,
    courses,
    days,
    deadlines,
    doings,
    duties,
    food,
    health,
    home,
    hotels,
    journeys,
    leisure,
    loans,
    luggage,
    machines,
    money,
    opening_hours,
    organisers,
    parking,
    parts,
    people_known,
    people_liked,
    restaurants,
    school,
    services,
    sitters,
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
    *(accounts, addresses, courses, days, deadlines, doings, duties, food, health, home, hotels, journeys),
    *(leisure, loans, luggage, machines, money, opening_hours, organisers, parking, parts, people_known),
    *(people_liked, restaurants, school, services, sitters, sizes, sports, stays, things, travel_tips),
    *(two_amounts, two_notes, work),
)
FAMILIES: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.FAMILIES)
