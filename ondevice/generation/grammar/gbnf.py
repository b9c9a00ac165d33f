"""Checks GBNF text before llama.cpp sees it, because llama.cpp prints a grammar that it cannot parse to stderr.

The notation is llama.cpp's: rules ``name ::= alternatives``, literals, character classes, groups, ``.``, repetitions
and comments. Not taken, though llama.cpp takes them, are single tokens (``<[id]>``: an id means another text in every
model), classes that match nothing, and a repetition of a repetition without brackets between them.
"""

from __future__ import annotations

import re
from typing import NoReturn

from ondevice.generation.grammar.gbnf_limits import check_rules
from ondevice.generation.grammar.gbnf_rules import GrammarFault, Part, Rules

MOST_REPETITIONS = 2000
"""llama.cpp's own limit; it unrolls every repetition, and counts what stands in brackets with each of its rules."""

MOST_BRACKETS = 100
"""llama.cpp calls itself for each open bracket, and 20,000 of them overflow its stack."""

MOST_CHARACTERS = 4_000_000
"""Reading more would take more than some seconds."""

_UNPRINTABLE = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[a-zA-Z0-9-]+")
_SPACE = re.compile(r"(?:[ \t]+|#[^\r\n]*)*")
_SPACE_AND_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
_PLAIN = re.compile(r'[^"\\]+')
_NUMBER = re.compile(r"[0-9]+")
_CHARACTER = re.compile(
    r'\\(?:x(?P<x>[0-9a-fA-F]{2})|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<sign>[tnr"\\\[\]-]))|[^\\]'
)
_SIGNS = {"t": "\t", "n": "\n", "r": "\r"}


def check_gbnf(text: str) -> None:
    """Refuse text that llama.cpp cannot parse, or on which it would not end.

    Raises:
        ValueError: It names the line, and what is wrong there.
    """
    fault = fault_of(text)
    if fault is not None:
        raise ValueError(fault.message)


def fault_of(text: str) -> GrammarFault | None:
    """Return what is wrong with a grammar, if anything is."""
    try:
        if len(text) > MOST_CHARACTERS:
            raise GrammarFault(f"the grammar has {len(text)} characters, and may have {MOST_CHARACTERS}")
        if _UNPRINTABLE.search(text):
            raise GrammarFault("the grammar holds a null character or half of a surrogate pair")
        check_rules(_Reader(text).read())
    except GrammarFault as fault:
        return fault
    return None


class _Open:
    """A rule or a group that is being read."""

    def __init__(self, number: int, n_symbols: int) -> None:
        self.number = number
        self.n_symbols = n_symbols
        self.ways: list[list[Part]] = [[]]

    @property
    def last(self) -> Part | None:
        return self.ways[-1][-1] if self.ways[-1] else None


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._line, self._counted = 1, 0
        self._rules = Rules()
        self._numbers: dict[str, int] = {}
        self._n_symbols = 0  # names that llama.cpp has by now, those that it makes up included

    def read(self) -> Rules:
        self._skip(_SPACE_AND_LINES)
        while self._place < len(self._text):
            self._rule()
        if "root" not in self._numbers:
            raise GrammarFault("the grammar has no rule 'root'")
        undefined = sum(self._rules.ways[number] is None for number in self._numbers.values())
        if undefined:
            raise GrammarFault(f"the grammar names {undefined} rules that it does not define")
        return self._rules

    def _rule(self) -> None:
        number = self._named(self._take(_NAME, "a rule's name"))
        self._rules.lines[number] = self._here()
        self._skip(_SPACE)
        if not self._text.startswith("::=", self._place):
            self._refuse("'::='")
        self._place += 3
        self._skip(_SPACE_AND_LINES)
        self._body(number)
        if self._peek() not in ("", "\r", "\n"):
            self._refuse("the rule's end")
        self._skip(_SPACE_AND_LINES)

    def _body(self, number: int) -> None:
        """Read a rule's alternatives; open groups stand on a stack, so that none is too deep for Python."""
        stack = [_Open(number, 0)]
        while True:
            sign = self._peek()
            if sign == "(":
                self._place += 1
                if len(stack) > MOST_BRACKETS:
                    self._refuse(f"at most {MOST_BRACKETS} brackets within one another")
                stack.append(_Open(self._rules.add(self._here()), self._n_symbols))
                self._n_symbols += 1
            elif sign == ")" and len(stack) > 1:
                self._place += 1
                group = stack.pop()
                self._rules.ways[group.number] = group.ways
                weight = self._n_symbols - group.n_symbols
                stack[-1].ways[-1].append(Part(target=group.number, weight=weight))
            elif sign == "|":
                self._place += 1
                stack[-1].ways.append([])
            elif sign and sign in "*+?{":
                self._repeat(sign, stack[-1].last, is_nested=len(stack) > 1)
            else:
                part = self._part(sign)
                if part is None:
                    break
                stack[-1].ways[-1].append(part)
            self._skip(_SPACE_AND_LINES if len(stack) > 1 or sign == "|" else _SPACE)
        if len(stack) > 1:
            self._refuse("')'")
        self._rules.ways[number] = stack[0].ways

    def _part(self, sign: str) -> Part | None:
        if sign == '"':
            return Part(n_characters=self._literal())
        if sign == "[":
            return Part(n_characters=self._class())
        if sign == ".":
            self._place += 1
            return Part(n_characters=1)
        if _NAME.match(sign):
            return Part(target=self._named(self._take(_NAME, "a rule's name")))
        return None

    def _named(self, name: str) -> int:
        if name not in self._numbers:
            self._numbers[name] = self._rules.add(self._here())
            self._n_symbols += 1
        return self._numbers[name]

    def _literal(self) -> int:
        self._place += 1
        n = 0
        while self._peek() != '"':
            plain = _PLAIN.match(self._text, self._place)
            if plain:
                self._place = plain.end()
                n += len(plain.group())
            else:
                self._character('"')
                n += 1
        self._place += 1
        return n

    def _class(self) -> int:
        self._place += 2 if self._text.startswith("[^", self._place) else 1
        n = 0
        while self._peek() != "]":
            first = self._character("]")
            n += 1
            if self._peek() == "-" and not self._text.startswith("-]", self._place):
                self._place += 1
                if self._character("]") < first:
                    self._refuse("characters from low to high")
                n += 1
        if n == 0:
            self._refuse("a character in the class")
        self._place += 1
        return n

    def _character(self, end: str) -> int:
        match = _CHARACTER.match(self._text, self._place)
        if match is None:
            self._refuse(f"a character or {end!r}")
        self._place = match.end()
        digits = match["x"] or match["u"] or match["U"]
        if digits:
            return int(digits, 16)
        return ord(_SIGNS.get(match["sign"], match["sign"]) if match["sign"] else match.group())

    def _repeat(self, sign: str, part: Part | None, *, is_nested: bool) -> None:
        if part is None or (part.target is None and part.n_characters == 0):
            self._refuse(f"something to repeat before {sign!r}")
        if part.is_repeated:
            self._refuse(f"brackets around what is repeated before {sign!r}")
        self._place += 1
        between = _SPACE_AND_LINES if is_nested else _SPACE
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(sign) or self._counts(between)
        if most is not None and most < least:
            self._refuse("repetitions from few to many")
        if part.weight * (most or least or 1) > MOST_REPETITIONS:
            self._refuse(f"at most {MOST_REPETITIONS} repetitions of all that stands in brackets")
        part.repeat(least, most)
        self._n_symbols += part.n_optional

    def _counts(self, between: re.Pattern[str]) -> tuple[int, int | None]:
        """Read a repetition in braces, behind the first of them."""
        expected = "a repetition such as {2,5}"
        self._skip(between)
        least = self._count(expected)
        most: int | None = least
        self._skip(between)
        if self._peek() == ",":
            self._place += 1
            self._skip(between)
            most = None if self._peek() == "}" else self._count(expected)
            self._skip(between)
        if self._peek() != "}":
            self._refuse(expected)
        self._place += 1
        return least, most

    def _count(self, expected: str) -> int:
        digits = self._take(_NUMBER, expected).lstrip("0")
        # Python refuses to read numbers of thousands of digits.
        if len(digits) > 9 or int(digits or 0) > MOST_REPETITIONS:
            self._refuse(f"at most {MOST_REPETITIONS} repetitions")
        return int(digits or 0)

    def _peek(self) -> str:
        return self._text[self._place : self._place + 1]

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._place)
        self._place = match.end() if match else self._place

    def _take(self, pattern: re.Pattern[str], expected: str) -> str:
        match = pattern.match(self._text, self._place)
        if match is None:
            self._refuse(expected)
        self._place = match.end()
        return match.group()

    def _here(self) -> int:
        """Return the line that has been reached."""
        self._line += self._text.count("\n", self._counted, self._place)
        self._counted = self._place
        return self._line

    def _refuse(self, expected: str) -> NoReturn:
        line = self._here()
        raise GrammarFault(f"the grammar's line {line} is not GBNF: expected {expected}", reason=f"expected {expected}")
