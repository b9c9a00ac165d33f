"""Texts that are held to a pattern, a format or a length, and how their characters are written in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ondevice.generation.grammar.automata import Automaton, Ranges, TooLargeError, common, in_class
from ondevice.generation.grammar.expressions import ANY, Expression, Repeated
from ondevice.generation.grammar.formats import FORMATS, FREE_FORMATS, NUMBER_FORMATS
from ondevice.generation.grammar.json_keywords import inside, refuse
from ondevice.generation.grammar.patterns import PatternFaultError, parsed
from ondevice.generation.grammar.regular import MOST_STATES, automaton_of

MOST_COUNTED = 2000
"""The largest length or number of items: llama.cpp unrolls every repetition."""

MOST_IN_PATTERN = 2000
"""Characters of a pattern."""

_PLAIN: Ranges = ((0x20, 0x21), (0x23, 0x5B), (0x5D, 0x10FFFF))
_SHORT = {0x22: '"', 0x5C: "\\\\", 0x08: "b", 0x0C: "f", 0x0A: "n", 0x0D: "r", 0x09: "t"}


@dataclass(frozen=True, kw_only=True, slots=True)
class TextLimits:
    """What a text must be."""

    pattern: str | None = None
    format: str | None = None
    least: int = 0
    most: int | None = None

    @classmethod
    def of(cls, schema: Mapping[str, Any], place: str) -> TextLimits:
        """Read the limits of a part of a schema.

        Raises:
            ValueError: If one has the wrong form, or the format is not known.
        """
        pattern, form = schema.get("pattern"), schema.get("format")
        if pattern is not None and not isinstance(pattern, str):
            refuse("it must be a text", inside(place, "pattern"))
        check_format(schema, place)
        least, most = counts(schema, "minLength", "maxLength", place)
        return cls(pattern=pattern, format=form if form in FORMATS else None, least=least, most=most)

    @property
    def are_counts(self) -> bool:
        """Whether the length alone matters."""
        return self.pattern is None and self.format is None

    def automaton(self, place: str) -> Automaton:
        """Return the automaton of the texts within the limits.

        Raises:
            ValueError: If there are none, the pattern cannot be followed, or needs too much.
        """
        expressions = [] if self.pattern is None else [_expression(self.pattern, inside(place, "pattern"))]
        try:
            found = _automaton_of_format(self.format) if self.format and not expressions else None
            if self.format:
                expressions.append(parsed(FORMATS[self.format]))
            found = found or automaton_of(expressions or [Repeated(ANY)])
            if not found.is_empty and not self._has_length(found):
                found = automaton_of([*expressions, Repeated(ANY, self.least, self.most)])
        except TooLargeError:
            reason = f"its pattern and length need more than {MOST_STATES} steps; repeat less, or lower maxLength"
            refuse(reason, place)
        if found.is_empty:
            refuse("no text has its pattern, format and length", place)
        return found

    def _has_length(self, automaton: Automaton) -> bool:
        longest = automaton.longest()
        is_short = self.most is None or (longest is not None and longest <= self.most)
        return is_short and (self.least == 0 or automaton.shortest() >= self.least)


def check_format(schema: Mapping[str, Any], place: str) -> None:
    """Refuse a format that is not known.

    Raises:
        ValueError: If it is not.
    """
    form = schema.get("format")
    if form is not None and not (isinstance(form, str) and form in {*FORMATS, *FREE_FORMATS, *NUMBER_FORMATS}):
        reason = "the keyword 'format' names one that is not known; write a pattern, leave it out, or take one of"
        refuse(f"{reason} {', '.join(sorted({*FORMATS, *FREE_FORMATS}))}", place)


def counts(schema: Mapping[str, Any], low: str, high: str, place: str) -> tuple[int, int | None]:
    """Return the least and the most of something.

    Raises:
        ValueError: If they are no whole numbers, or cross.
    """
    least, most = schema.get(low, 0), schema.get(high)
    if type(least) is not int or least < 0 or not (most is None or (type(most) is int and most >= least)):
        refuse(f"{low} and {high} must be whole numbers in rising order", place)
    return least, most


def check_counts(least: int, most: int | None, low: str, high: str, place: str) -> None:
    """Refuse counts that a grammar cannot unroll.

    Raises:
        ValueError: If one is too large.
    """
    if max(least, most or 0) > MOST_COUNTED:
        refuse(
            f"{low} and {high} may be at most {MOST_COUNTED}; leave out a larger one, max_tokens is a bound too", place
        )


def widest(pattern: str, place: str) -> Automaton:
    """Return the automaton of the texts in which a pattern is found by any of the engines that read patterns.

    Raises:
        ValueError: If the pattern cannot be followed.
    """
    try:
        return automaton_of([_expression(pattern, place, is_wide=True)])
    except TooLargeError:
        refuse(f"its pattern needs more than {MOST_STATES} steps; repeat less", place)


def _expression(pattern: str, place: str, *, is_wide: bool = False) -> Expression:
    if len(pattern) > MOST_IN_PATTERN:
        refuse(f"a pattern may have {MOST_IN_PATTERN} characters", place)
    try:
        return parsed(pattern, is_wide=is_wide)
    except PatternFaultError as fault:
        refuse(f"a grammar cannot follow the pattern, {fault}; {_REMEDY}", place)


_REMEDY = "write characters, classes, groups, alternatives, repetitions, ^, $ and lookaheads"


@lru_cache(maxsize=len(FORMATS))
def _automaton_of_format(name: str) -> Automaton:
    return automaton_of([parsed(FORMATS[name])])


def in_json(ranges: Ranges) -> list[str]:
    """Return the alternatives of a grammar for one character of a set within a JSON string."""
    ways = []
    plain = common(ranges, _PLAIN)
    if plain:
        ways.append(in_class(plain))
    escaped = [code for low, high in ranges for code in range(low, min(high, 0x5C) + 1) if code in _SHORT or code < 32]
    short = "".join(_SHORT[code] for code in escaped if code in _SHORT)
    if short:
        ways.append(f'"\\\\" [{short}]')
    for high in range(2):
        digits = "".join(f"{code:02x}"[1] for code in escaped if code not in _SHORT and code >> 4 == high)
        if digits:
            ways.append(f'"\\\\u00{high}" [{digits}]')
    return ways
