"""All families of stories that are told in talks: the talker speaks in the first person, and is asked about by name."""

from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.talks import (
    friends_made,
    goals,
    good_causes,
    jobs,
    keepsakes,
    projects,
    reading_tips,
    setbacks,
    studies,
    trips,
)

_MODULES = (friends_made, goals, good_causes, jobs, keepsakes, projects, reading_tips, setbacks, studies, trips)
TALKS: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.TALKS)
