"""All families of stories that are told in talks: the talker speaks in the first person, and is asked about by name."""

from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.talks import (
    arts,
    friends_made,
    goals,
    good_causes,
    hobbies,
    instruments,
    jobs,
    keepsakes,
    music,
    projects,
    reading_tips,
    setbacks,
    sports,
    studies,
    training,
    trips,
)

_MODULES = (
    *(arts, friends_made, goals, good_causes, hobbies, instruments, jobs, keepsakes, music),
    *(projects, reading_tips, setbacks, sports, studies, training, trips),
)
TALKS: tuple[Family, ...] = tuple(family for module in _MODULES for family in module.TALKS)
