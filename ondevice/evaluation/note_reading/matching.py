"""How near a short answer comes to the one that was wanted: words in common, and the same dates and numbers.

Source: Rajpurkar et al. 2016, arXiv:1606.05250 (normalising, token F1).
Deviation: LoCoMo's own script also reduces words to their stems, and splits lists at commas; here neither is done.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from datetime import date

from ondevice.generation.prompts.calendar_words import MONTH_NAMES, MONTHS, WEEKDAY_NAMES

_ARTICLES = frozenset({"a", "an", "the"})
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[a-z]+")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
_MONTH_OF = {name: MONTH_NAMES[number - 1].lower() for name, number in MONTHS.items()}
_WEEKDAYS = frozenset(name.lower() for name in WEEKDAY_NAMES)
_COUNTED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBER_OF = {word: str(number) for number, word in enumerate(_COUNTED) if word != "one"}
_ALSO_VERBS = frozenset({"may", "march"})


def normalised(text: str) -> list[str]:
    """Return the words of a text in lower case, without articles and punctuation."""
    return [word for word in text.lower().translate(_NO_PUNCTUATION).split() if word not in _ARTICLES]


def token_f1(answer: str, gold: str) -> float:
    """Return the harmonic mean of precision and recall of the answer's words, 0 to 1; two empty texts are alike."""
    said, wanted = Counter(normalised(answer)), Counter(normalised(gold))
    if not said or not wanted:
        return float(said == wanted)
    shared = (said & wanted).total()
    if not shared:
        return 0.0
    precision, recall = shared / said.total(), shared / wanted.total()
    return 2 * precision * recall / (precision + recall)


def dates_and_numbers(text: str) -> frozenset[str]:
    """Return the numbers, months and weekdays in a text: ``7th May`` and ``May 7`` give the same.

    Number words up to twelve are numbers, but for ``one``, which is mostly none. ``may`` and ``march`` are months
    beside a number only, because they are verbs as well.
    """
    plain = _ISO_DATE.sub(_spoken, text.lower())
    words: list[str] = _WORD.findall(_ORDINAL.sub("", plain))
    found = set()
    for place, word in enumerate(words):
        if word[0].isdigit():
            found.add(_plain_number(word))
        elif word in _NUMBER_OF:
            found.add(_NUMBER_OF[word])
        elif word in _WEEKDAYS:
            found.add(word)
        elif word in _MONTH_OF and (word not in _ALSO_VERBS or _has_number_beside(words, place)):
            found.add(_MONTH_OF[word])
    return frozenset(found)


def _spoken(match: re.Match[str]) -> str:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return match[0]
    return f"{day.day} {MONTH_NAMES[day.month - 1].lower()} {day.year}"


def _plain_number(word: str) -> str:
    """Return a number without the commas between its thousands, and without zeros before it."""
    return re.sub(r"^0+(?=\d)|,(?=\d{3}\b)", "", word)


def _has_number_beside(words: list[str], place: int) -> bool:
    beside = words[max(0, place - 1) : place] + words[place + 1 : place + 2]
    return any(word[0].isdigit() for word in beside)
