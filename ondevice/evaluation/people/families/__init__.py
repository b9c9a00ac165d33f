"""All families of stories, by the part of life they are from."""

from ondevice.evaluation.people.families import days, deadlines, health, home, journeys, money, services, things
from ondevice.evaluation.people.family import Family

FAMILIES: tuple[Family, ...] = (
    *(*days.FAMILIES, *deadlines.FAMILIES, *journeys.FAMILIES, *things.FAMILIES),
    *(*money.FAMILIES, *home.FAMILIES, *services.FAMILIES, *health.FAMILIES),
)
