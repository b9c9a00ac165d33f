"""When something was or will be that is told in a talk: mostly from the day of the telling, answered with a date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ondevice.evaluation.people.scene import Scene
from ondevice.evaluation.people.values import Value
from ondevice.generation.prompts.calendar_words import MONTH_NAMES, WEEKDAY_NAMES

_FROM_ITS_DAY = 0.7
"""The part that is told from its own day, where the story is one turn."""
_SMALL = ("zero", "one", "two", "three", "four", "five", "six")


def day_past(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a day before the telling, such as ``last Saturday``, that stands at the end of a sentence."""
    written = scene.at.date()
    if not (scene.is_one_note and scene.chance(_FROM_ITS_DAY)):
        day = written - timedelta(days=scene.random.randint(2, 40))
        return _day(day, f"on {_short(day)}", f"on {MONTH_NAMES[day.month - 1]} {day.day}")
    ago = scene.random.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 7))
    day = written - timedelta(days=ago)
    if ago == 1:
        return _day(day, "yesterday")
    if ago == 7:
        return _day(day, "a week ago", "exactly a week ago")
    weekday = WEEKDAY_NAMES[day.weekday()]
    return _day(day, f"last {weekday}", f"{_SMALL[ago]} days ago" if ago < 4 else f"last {weekday}")


def day_to_come(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a day after the telling, such as ``next Saturday``, that stands at the end of a sentence."""
    written = scene.at.date()
    if not (scene.is_one_note and scene.chance(_FROM_ITS_DAY)):
        day = written + timedelta(days=scene.random.randint(2, 40))
        return _day(day, f"on {_short(day)}", f"on {MONTH_NAMES[day.month - 1]} {day.day}")
    ahead = scene.random.choice((1, 1, 2, 3, 4, 5, 6))
    day = written + timedelta(days=ahead)
    if ahead == 1:
        return _day(day, "tomorrow")
    weekday = WEEKDAY_NAMES[day.weekday()]
    return _day(day, f"next {weekday}", f"in {_SMALL[ahead]} days" if ahead < 4 else f"next {weekday}")


def month_past(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a month before the telling, such as ``last month``."""
    ago = scene.random.randint(1, 6)
    return _month(scene, -ago, "last month" if ago == 1 else "")


def month_to_come(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a month after the telling, such as ``next month``."""
    ahead = scene.random.choice((1, 1, 2, 3, 4))
    return _month(scene, ahead, "next month" if ahead == 1 else "")


def year_past(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a year before the telling, such as ``last year``."""
    ago = scene.random.choice((1, 1, 2, 3, 4, 5, 6))
    said = str(scene.at.year - ago)
    if not (scene.is_one_note and scene.chance(_FROM_ITS_DAY)):
        return Value.of(said, f"in {said}")
    return Value.of(said, "last year" if ago == 1 else f"{_SMALL[ago]} years ago")


def _month(scene: Scene, ahead: int, from_its_day: str) -> Value:
    count = scene.at.year * 12 + scene.at.month - 1 + ahead
    name, year = MONTH_NAMES[count % 12], count // 12
    said = f"{name} {year}"
    if from_its_day and scene.is_one_note and scene.chance(_FROM_ITS_DAY):
        return Value(forms=(from_its_day,), said=said, groups=((said, name),))
    return Value(forms=(f"in {name}", f"in {name} {year}"), said=said, groups=((said, name),))


def _day(day: date, *forms: str) -> Value:
    return Value(forms=forms, said=f"{_short(day)} {day.year}", groups=((_short(day), day.isoformat()),))


def _short(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]}"
