"""The particulars of a text: its names, numbers, amounts, times and dates, in a form in which two spellings are one.

Only what can be looked up counts, in English and in figures. A particular has one or several keys, one for each thing
that it may mean: ``14.30`` is a time and an amount.

=====================  ==================================================================
``d:3-4``              the 4 March of a year that is not said
``d:2026-3-4``         4 March 2026
``my:2026-3``          March 2026
``dom:9``              the 9th
``m:3``, ``w:2``       March, Wednesday
``t:14:30``            half past two
``span:week:2``        two weeks
``num:3.5``            the number, whatever it counts
``n:costa``            a word, as a name is compared
=====================  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ondevice.generation.prompts.calendar_words import MONTHS, NUMBERS, STOP_WORDS, WEEKDAYS


def _any_of(words: object) -> str:
    """Return an expression for one of these; without ``a`` it would match ``APR\u0130L`` too, which no table has."""
    return f"(?a:{'|'.join(sorted(map(str, words), key=len, reverse=True))})"  # type: ignore[call-overload]


_MONTH = _any_of(MONTHS)
_NUMBER = _any_of(NUMBERS)
_THING = re.compile(
    rf"""
    (?P<iso>(?<!\d)(?P<iso_y>\d{{4}})-(?P<iso_m>\d\d?)-(?P<iso_d>\d\d?)(?!\d))
    |(?P<figures>(?<![\d.,/])(?P<one>\d\d?)(?:\.(?P<other>\d\d?)\.(?:(?P<year>\d{{4}}|\d\d)(?!\d)|(?!\w))
        |/(?P<other_>\d\d?)/(?P<year_>\d{{4}}|\d\d)(?!\d)))
    |(?P<day_month>(?<![\d.,:/])(?P<d1>\d\d?)(?:st|nd|rd|th|\.)?(?:\s+of)?\s+(?P<m1>{_MONTH})\b\.?(?:,?\s+(?P<y1>\d{{4}})(?!\d))?)
    |(?P<month_day>\b(?P<m2>{_MONTH})\b\.?\s+(?:the\s+)?(?P<d2>\d\d?)(?:st|nd|rd|th)?(?!\w|[.,:]\d)(?:,?\s+(?P<y2>\d{{4}})(?!\d))?)
    |(?P<month_year>\b(?P<m3>{_MONTH})\b\.?,?\s+(?P<y3>\d{{4}})(?!\d)|(?<![\d.,/])(?P<m4>0?[1-9]|1[0-2])/(?P<y4>\d{{4}})(?![\d/]))
    |(?P<half_day>(?<![\d.,:])(?P<h1>\d\d?)(?:[:.h](?P<min1>\d\d))?\s?(?P<half>[ap])(?:m\b|\.m\.?))
    |(?P<clock>(?<![\d.,:])(?P<h2>\d\d?)[:h](?P<min2>\d\d)(?::\d\d)?(?!\d))
    |(?P<span>(?<![\d.,:])(?P<n>\d+|\b(?:{_NUMBER}))[ \t-]+(?P<unit>day|week|month|year)s?\b)
    |(?P<ordinal>(?<![\d.,:])(?P<ord>\d+)(?:st|nd|rd|th)\b)
    |(?P<number>\d+(?:[.,'\u2019]\d+)*)
    |(?P<word>[^\W\d_]\w*(?:['\u2019]\w+)*)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_KINDS = (
    "iso", "figures", "day_month", "month_day", "month_year", "half_day", "clock", "span", "ordinal", "number", "word",
)  # fmt: skip
_GROUPED = re.compile(r"\d{1,3}(?:([.,'\u2019])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_LISTED = re.compile(r"[\s*\u2022-]*\d{1,2}[.)]\s")
"""A list's number, which begins a line."""
_POSSESSIVE = re.compile(r"['\u2019]s?\Z")
_AMBIGUOUS = frozenset({"may", "march", "mar", "sun", "sat", "mon", "wed", "dec", "jan"})
"""Other words too where they are not written large; the first two also where they begin a sentence."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Particular:
    """One of a text.

    Args:
        text: As it stands there.
        start: Where it begins.
        kind: Which form it has: ``word``, ``number``, ``span``, ``clock``, ``date`` or ``calendar``.
        keys: What it may mean; another text says the same where it has one of them.
    """

    text: str = field(repr=False)
    start: int
    kind: str
    keys: frozenset[str] = field(repr=False)


def particulars_in(text: str) -> Iterator[Particular]:
    """Yield everything in a text that could be a particular, all words among it, each once and in order."""
    for found in _THING.finditer(text):
        kind, keys = _meaning(found)
        yield Particular(text=found[0].rstrip("."), start=found.start(), kind=kind, keys=frozenset(keys))


def checkable_in(sentence: str) -> list[Particular]:
    """Return what a sentence states that can be looked up.

    These are numbers in figures and in words, times, dates, weekdays, months, and words written large that do not begin
    the sentence.
    """
    found: list[Particular] = []
    listed = _LISTED.match(sentence)
    start, is_first = 0 if listed is None else listed.end(), True
    for each in particulars_in(sentence):
        if each.start < start:
            continue
        is_name = each.kind == "word" and not is_first and _is_name(each.text)
        is_day = each.kind == "calendar" and _is_day_word(each.text, is_first=is_first)
        if is_name or is_day or each.kind not in ("word", "calendar"):
            found.append(each)
        is_first = False
    return found


def content_words(text: str) -> list[str]:
    """Return the keys of the words that say something, small ones left out, in the form in which they are compared."""
    words = (each for each in particulars_in(text) if each.kind == "word")
    return [stem_of(word) for each in words if len(word := name_of(each.text)) > 2 and word not in STOP_WORDS]


def name_of(word: str) -> str:
    """Return a word as it is compared: without its possessive and its case."""
    return _POSSESSIVE.sub("", word).casefold()


def stem_of(word: str) -> str:
    """Return a word's key without the commonest English endings, so that ``paints`` and ``painting`` are one."""
    for ending in ("ing", "ied", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return f"s:{word[: -len(ending)]}"
    return f"s:{word}"


def day_key(month: int, day: int, year: int | None = None) -> str:
    """Return the key of a day."""
    return f"d:{month}-{day}" if year is None else f"d:{year}-{month}-{day}"


def month_key(month: int, year: int) -> str:
    """Return the key of a month of a year."""
    return f"my:{year}-{month}"


def clock_key(hour: int, minute: int) -> str:
    """Return the key of a time of day."""
    return f"t:{hour}:{minute:02}"


def number_keys(figures: str) -> set[str]:
    """Return what a number in figures may mean: with a point or a comma for decimals, or between thousands."""
    parts = re.split(r"[.,'\u2019]", figures)
    if len(parts) == 1:
        return {f"num:{int(figures)}" if len(figures) < 30 else f"num:{figures}"}
    keys = {f"num:{figures}"}
    if (grouped := _GROUPED.fullmatch(figures)) is not None:
        decimal = len(parts[-1]) != 3 or figures[-4] != grouped[1]
        whole = "".join(parts[:-1] if decimal else parts).lstrip("0") or "0"
        keys.add(f"num:{_decimal(whole, parts[-1])}" if decimal else f"num:{whole}")
    if len(parts) == 2:
        keys.add(f"num:{_decimal(parts[0].lstrip('0') or '0', parts[1])}")
        if len(parts[0]) < 3 and len(parts[1]) == 2 and int(parts[0]) < 24 and int(parts[1]) < 60:
            keys.add(clock_key(int(parts[0]), int(parts[1])))
    return keys


def _meaning(found: re.Match[str]) -> tuple[str, set[str]]:
    kind = _kind_of(found)
    if kind == "iso":
        return "date", {day_key(int(found["iso_m"]), int(found["iso_d"]), int(found["iso_y"]))}
    if kind == "figures":
        return "date", _figures(found)
    if kind in ("day_month", "month_day"):
        end = "1" if kind == "day_month" else "2"
        year = found[f"y{end}"]
        key = day_key(MONTHS[found[f"m{end}"].casefold()], int(found[f"d{end}"]), int(year) if year else None)
        return "date", {key}
    if kind == "month_year":
        month = int(found["m4"]) if found["m3"] is None else MONTHS[found["m3"].casefold()]
        return "date", {month_key(month, int(found["y3"] or found["y4"]))}
    if kind == "half_day":
        hour = int(found["h1"]) % 12 + (12 if found["half"] in "pP" else 0)
        return "clock", {clock_key(hour, int(found["min1"] or 0))}
    if kind == "clock":
        return "clock", {clock_key(int(found["h2"]), int(found["min2"]))}
    if kind == "span":
        n = NUMBERS.get(found["n"].casefold()) or int(found["n"][:18])
        return "span", {f"span:{found['unit'].casefold()}:{n}", f"num:{n}"}
    if kind == "ordinal":
        n = int(found["ord"][:18])
        return "number", {f"dom:{n}", f"num:{n}"}
    if kind == "number":
        return "number", number_keys(found[0])
    return _word(found[0])


def _kind_of(found: re.Match[str]) -> str:
    return next(kind for kind in _KINDS if found[kind] is not None)


def _figures(found: re.Match[str]) -> set[str]:
    """Return a date in figures with either of its numbers as the month, and as a number where it may be one."""
    one, other = int(found["one"]), int(found["other"] or found["other_"])
    written = found["year"] or found["year_"]
    year = None if written is None else int(written) + (2000 if len(written) == 2 else 0)
    keys = {day_key(month, day, year) for month, day in ((one, other), (other, one)) if 1 <= month <= 12}
    return keys | (number_keys(found[0].rstrip(".")) if year is None else set())


def _word(word: str) -> tuple[str, set[str]]:
    bare = name_of(word)
    if bare in MONTHS:
        return "calendar", {f"m:{MONTHS[bare]}"}
    if bare in WEEKDAYS:
        return "calendar", {f"w:{WEEKDAYS[bare]}"}
    if bare in NUMBERS:
        return "number", {f"num:{NUMBERS[bare]}"}
    return "word", {f"n:{bare}"}


def _is_name(word: str) -> bool:
    bare = name_of(word)
    is_large = word[0].isupper() or any(letter.isdigit() for letter in word)
    return is_large and len(bare) > 1 and bare not in STOP_WORDS and bare.split("'")[0].split("\u2019")[0] != "i"


def _is_day_word(word: str, *, is_first: bool) -> bool:
    bare = name_of(word)
    if bare not in _AMBIGUOUS:
        return word[0].isupper() or len(bare) > 4
    return word[0].isupper() and not (is_first and bare in ("may", "march"))


def _decimal(whole: str, fraction: str) -> str:
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole
