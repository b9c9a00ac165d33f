"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import days
from ondevice.evaluation.people.family import Family

FAMILIES: tuple[Family, ...] = (*days.FAMILIES,)
