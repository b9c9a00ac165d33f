"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import (
    days,
    doings,
    food,
    leisure,
    people_known,
    people_liked,
    sports,
    stays,
    travel_tips,
    two_amounts,
    two_notes,
    work,
)
from ondevice.evaluation.people.family import Family

FAMILIES: tuple[Family, ...] = (
    *days.FAMILIES,
    *people_known.FAMILIES,
    *people_liked.FAMILIES,
    *work.FAMILIES,
    *food.FAMILIES,
    *leisure.FAMILIES,
    *sports.FAMILIES,
    *travel_tips.FAMILIES,
    *stays.FAMILIES,
    *two_notes.FAMILIES,
    *two_amounts.FAMILIES,
    *doings.FAMILIES,
)
