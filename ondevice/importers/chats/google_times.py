"""Google Chat's times in words, in the language of the account: ``Tuesday, January 5, 2021 at 3:04:05 PM UTC``."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MAX_CHARS = 120
_NOON = 12
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YEAR = re.compile(r"(?<![\d:])(\d{4})(?![\d:])")
_DAY = re.compile(r"(?<![\d:])(\d{1,2})(?![\d:])")
_EAST = re.compile(r"(\d{4})[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일]")
_AFTERNOON = re.compile(r"p\.?\s?m\b|下午|晚上|午後|오후", re.IGNORECASE)
_MORNING = re.compile(r"a\.?\s?m\b|上午|凌晨|午前|오전", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3,}")

# English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish: by their beginnings.
_MONTHS = (
    "jan janv ene gen stycz sty",
    "feb fév févr fev lut",
    "mar mär mars maa mrt marz",
    "apr avr abr kwi",
    "may mai mag mei maj maio",
    "jun juin giu cze",
    "jul juil lug lip",
    "aug août ago sie",
    "sep set wrz",
    "oct okt ott out paź",
    "nov lis",
    "dec dez déc dic gru",
)
_BY_WORD = {word: number for number, words in enumerate(_MONTHS, start=1) for word in words.split()}
_DAYS_THAT_LOOK_LIKE_MONTHS = ("mardi", "martes", "martedì", "maandag", "mardí", "sexta", "segunda", "septima")


def time_in_words(value: object) -> datetime | None:
    """Return the time (UTC) of such words; ``None`` where they are of a language that is not known."""
    if not isinstance(value, str) or len(value) > _MAX_CHARS or (clock := _CLOCK.search(value)) is None:
        return None
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if _AFTERNOON.search(value) and hour <= _NOON:
        hour = hour % 12 + 12
    elif _MORNING.search(value) and hour == _NOON:
        hour = 0
    east = _EAST.search(value)
    day = (int(east[1]), int(east[2]), int(east[3])) if east else _day_in_words(value)
    try:
        return None if day is None else datetime(*day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _day_in_words(value: str) -> tuple[int, int, int] | None:
    months = [
        number
        for word in _WORD.findall(value.casefold())
        if word not in _DAYS_THAT_LOOK_LIKE_MONTHS
        and (number := _BY_WORD.get(word[:3]) or _BY_WORD.get(word[:4]) or _BY_WORD.get(word[:5]))
    ]
    year, day = _YEAR.search(value), _DAY.search(value)
    if not months or year is None or day is None:
        return None
    return int(year[1]), months[-1], int(day[1])
