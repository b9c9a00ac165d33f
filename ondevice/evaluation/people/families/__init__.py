"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import days, food, people_known, people_liked, work
from ondevice.evaluation.people.family import Family

FAMILIES: tuple[Family, ...] = (
    *days.FAMILIES,
    *people_known.FAMILIES,
    *people_liked.FAMILIES,
    *work.FAMILIES,
    *food.FAMILIES,
)
