"""The English words for days and for numbers, as people write them."""

from __future__ import annotations

from collections.abc import Mapping


def _words(text: str) -> list[str]:
    return text.split()


MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

MONTHS: Mapping[str, int] = {
    **{name.lower(): number for number, name in enumerate(MONTH_NAMES, 1)},
    **{name[:3].lower(): number for number, name in enumerate(MONTH_NAMES, 1)},
    "sept": 9,
}
"""Every month's names in small letters, and its number from 1."""

WEEKDAYS: Mapping[str, int] = {
    **{name.lower(): number for number, name in enumerate(WEEKDAY_NAMES)},
    **{name[:3].lower(): number for number, name in enumerate(WEEKDAY_NAMES)},
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
"""Every weekday's names in small letters, and its number from 0, which is Monday."""

NUMBERS: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        _words(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen twenty"
        ),
        2,
    )
} | {name: 10 * number for number, name in enumerate(_words("thirty forty fifty sixty seventy eighty ninety"), 3)}
"""Numbers in words; one is left out, which is a pronoun too."""

STOP_WORDS = frozenset(
    _words(
        "a about above after again all also am an and any are as at be because been before being below between both "
        "but by can could did do does doing down during each few for from further had has have having he her here "
        "hers him his how i if in into is it its itself just let me more most my no nor not now of off ok okay on "
        "once only or other our ours out over own please same she should so some such than that the their theirs them "
        "then there these they this those through to too under until up upon us very was we were what when where "
        "which while who whom why will with would yes you your yours yourself one note notes mr mrs ms dr prof"
    )
)
"""Words that say nothing by themselves, and titles."""
