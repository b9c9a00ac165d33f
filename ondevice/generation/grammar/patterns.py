r"""The patterns of JSON schemas: the part of regular expressions that ECMAScript, Rust and Python read alike.

Characters, classes, groups, alternatives, repetitions, ``^``, ``$`` and lookaheads; what else there is, such as back
references, is refused. Where the three differ (is ``é`` a ``\w``, does ``.`` match a line separator), a pattern stands
for the texts that all of them accept: sets are read narrowly, and behind an odd number of negations widely.
"""

from __future__ import annotations

import re
import string
from typing import NoReturn

from ondevice.generation.grammar.automata import Ranges, common, union
from ondevice.generation.grammar.expressions import ANY, Ahead, Bound, Chars, Expression, InTurn, OneOf, Repeated, holds

MOST_GROUPS_DEEP = 20
MOST_REPETITIONS = 2000
MOST_LOOKAHEADS = 20

_NOT_ASCII: Ranges = ((0x80, 0x10FFFF),)
_DIGITS: Ranges = ((48, 57),)
_WORDS: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACES: Ranges = (
    *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
_LINE_ENDS: Ranges = ((10, 10), (13, 13), (0x2028, 0x2029))
_SETS = {
    # The characters that all of the three take for one of these, and those that any of them does.
    "d": (_DIGITS, union((_DIGITS, _NOT_ASCII))),
    "w": (_WORDS, union((_WORDS, _NOT_ASCII))),
    "s": (_SPACES, union((_SPACES, ((0x1C, 0x1F), (0x85, 0x85), (0xFEFF, 0xFEFF))))),
}
_SIGNS = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_HEX = re.compile("x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})", re.ASCII)
_COUNTS = re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{1,9})?)?\}", re.ASCII)
_GROUP = re.compile(r"\((?:\?(?::|P?<[A-Za-z_][A-Za-z0-9_]*>|(?P<ahead>[=!])))?", re.ASCII)


class PatternFaultError(Exception):
    """A pattern that is none, or not of the part that is read; the reason quotes nothing of it."""


def parsed(pattern: str, *, is_wide: bool = False) -> Expression:
    """Return the expression that matches the whole of every text in which the pattern is found.

    Args:
        pattern: As it stands in a schema.
        is_wide: Match what any of the three finds it in, not what all of them do.

    Raises:
        PatternFaultError: It says what was met where.
    """
    anything = Repeated(ANY)
    return InTurn((anything, _Reader(pattern, is_wide=is_wide).read(), anything))


class _Reader:
    def __init__(self, pattern: str, *, is_wide: bool) -> None:
        self._text = pattern
        self._place = 0
        self._depth = 0
        self._n_lookaheads = 0
        self._is_wide = is_wide

    def read(self) -> Expression:
        expression = self._choices()
        if self._place < len(self._text):
            self._refuse("a bracket that closes none")
        return expression

    def _choices(self) -> Expression:
        choices = [self._in_turn()]
        while self._takes("|"):
            choices.append(self._in_turn())
        return choices[0] if len(choices) == 1 else OneOf(tuple(choices))

    def _in_turn(self) -> Expression:
        parts: list[Expression] = []
        while self._place < len(self._text) and self._text[self._place] not in "|)":
            parts.append(self._repeated(self._part()))
        return parts[0] if len(parts) == 1 else InTurn(tuple(parts))

    def _part(self) -> Expression:
        sign = self._text[self._place]
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._class()
        if sign in "*+?{":
            self._refuse("a repetition of nothing")
        if sign in "]}":
            self._refuse("a bracket that closes none")
        self._place += 1
        if sign in "^$":
            return self._bound(is_start=sign == "^")
        if sign == ".":
            return self._chars(self._lacking(((10, 10),) if self._is_wide else _LINE_ENDS))
        return self._chars(self._escape() if sign == "\\" else ((ord(sign), ord(sign)),))

    def _bound(self, *, is_start: bool) -> Expression:
        bound = Bound(is_start)
        if is_start or not self._is_wide:
            return bound
        # Python's $ lets a last line feed follow, which what comes behind the $ may still take.
        return OneOf((bound, Ahead(InTurn((Chars(((10, 10),)), bound)), is_wanted=True)))

    def _group(self) -> Expression:
        opened = _GROUP.match(self._text, self._place)
        if opened is None or self._text.startswith("?", opened.end()):
            self._refuse("a group that is neither plain nor a lookahead")
        if self._depth >= MOST_GROUPS_DEEP:
            self._refuse(f"more than {MOST_GROUPS_DEEP} groups within one another")
        self._depth += 1
        self._place = opened.end()
        is_negative = opened["ahead"] == "!"
        self._n_lookaheads += opened["ahead"] is not None
        if self._n_lookaheads > MOST_LOOKAHEADS:
            self._refuse(f"more than {MOST_LOOKAHEADS} lookaheads")
        self._is_wide ^= is_negative
        expression = self._choices()
        self._is_wide ^= is_negative
        self._depth -= 1
        if not self._takes(")"):
            self._refuse("a group without an end")
        return Ahead(expression, not is_negative) if opened["ahead"] else expression

    def _repeated(self, part: Expression) -> Expression:
        counts = self._counts()
        if counts is None:
            return part
        if holds(part, (Ahead, Bound)):
            self._refuse("a repetition of a bound or of a lookahead")
        self._takes("?")  # a lazy repetition matches the same texts
        if self._text[self._place : self._place + 1] in {"*", "+", "?", "{"}:
            self._refuse("a repetition of a repetition")
        return Repeated(part, *counts)

    def _counts(self) -> tuple[int, int | None] | None:
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._takes(sign):
                return counts
        if not self._text.startswith("{", self._place):
            return None
        found = _COUNTS.match(self._text, self._place)
        if found is None:
            self._refuse("a brace that begins no repetition")
        least = int(found[1])
        most = int(found[3]) if found[3] else None if found[2] else least
        if max(least, most or 0) > MOST_REPETITIONS or (most is not None and most < least):
            self._refuse(f"a repetition that does not rise, or is of more than {MOST_REPETITIONS}")
        self._place = found.end()
        return least, most

    def _class(self) -> Expression:
        self._place += 1
        is_negative = self._takes("^")
        self._is_wide ^= is_negative
        sets: list[Ranges] = []
        while not self._takes("]"):
            low = self._one_of_class()
            if self._text.startswith("-", self._place) and not self._text.startswith("-]", self._place):
                self._place += 1
                high = self._one_of_class()
                if not (_is_one(low) and _is_one(high) and low <= high):
                    self._refuse("a range of a class that does not rise")
                low = ((low[0][0], high[0][0]),)
            sets.append(low)
        self._is_wide ^= is_negative
        if not sets:
            self._refuse("an empty class")
        return self._chars(self._lacking(union(sets)) if is_negative else union(sets))

    def _one_of_class(self) -> Ranges:
        if self._place >= len(self._text):
            self._refuse("a class without an end")
        sign = self._text[self._place]
        if sign == "[" or self._text[self._place : self._place + 2] in {"&&", "--", "~~", "||"}:
            self._refuse("a sign in a class that must stand behind a backslash")
        self._place += 1
        return self._escape() if sign == "\\" else ((ord(sign), ord(sign)),)

    def _escape(self) -> Ranges:
        sign = self._text[self._place : self._place + 1]
        if sign.lower() in _SETS and sign:
            self._place += 1
            narrow, wide = _SETS[sign.lower()]
            if sign.islower():
                return wide if self._is_wide else narrow
            return self._lacking(narrow if self._is_wide else wide)
        code = _SIGNS.get(sign, ord(sign) if sign and sign in string.punctuation and sign not in "<>" else None)
        hexadecimal = _HEX.match(self._text, self._place)
        if hexadecimal:
            self._place = hexadecimal.end()
            code = int(hexadecimal[1] or hexadecimal[2], 16)
        elif code is None:
            self._refuse("a backslash before what it does not change everywhere alike")
        else:
            self._place += 1
        return ((code, code),)

    def _lacking(self, ranges: Ranges) -> Ranges:
        edges = [-1, *(edge for span in ranges for edge in span), 0x110000]
        gaps = ((edges[i] + 1, edges[i + 1] - 1) for i in range(0, len(edges), 2))
        return tuple(gap for gap in gaps if gap[0] <= gap[1])

    def _chars(self, ranges: Ranges) -> Chars:
        return Chars(common(ranges, ANY.ranges))

    def _takes(self, sign: str) -> bool:
        is_next = self._text.startswith(sign, self._place)
        self._place += is_next
        return is_next

    def _refuse(self, met: str) -> NoReturn:
        raise PatternFaultError(f"at its character {self._place + 1} stands {met}")


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]
