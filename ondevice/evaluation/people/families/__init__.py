"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import (
    accounts,
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
    money,
    opening_hours,
    parking,
    people_known,
    people_liked,
    school,
    services,
    sitters,
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
    *(days, school, deadlines, opening_hours, journeys, hotels, parking, things, money, home, services, health),
    *(people_known, people_liked, work, duties, food),
    *(leisure, sports, stays, travel_tips, two_notes, two_amounts, doings),
    *(loans, accounts, sitters),
)
FAMILIES: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.FAMILIES)
