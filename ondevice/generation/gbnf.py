"""Checks GBNF text before llama.cpp sees it, because llama.cpp prints a grammar that it cannot parse to stderr.

The notation is llama.cpp's: rules ``name ::= alternatives``, literals, character classes, groups, ``.``, repetitions
and comments. Its references to single tokens (``<[id]>``) are not taken: an id means another text in every model.
"""

from __future__ import annotations

import re
from typing import NoReturn

MOST_REPETITIONS = 2000
"""llama.cpp's own limit; it unrolls every repetition."""

_UNPRINTABLE = re.compile("[\0\ud800-\udfff]")
_NAME = re.compile(r"[a-zA-Z0-9-]+")
_SPACE = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_SPACE_AND_LINES = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_CHARACTER = re.compile(r'\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[tnr"\\\[\]])|[^\\]')
_REPETITION = re.compile(r"\{[ \t]*(\d+)[ \t]*(?:(,)[ \t]*(\d*)[ \t]*)?\}")


def check_gbnf(text: str) -> None:
    """Refuse text that llama.cpp cannot parse.

    Raises:
        ValueError: It names the line, and what was expected there.
    """
    if _UNPRINTABLE.search(text):
        raise ValueError("the grammar holds a null character or half of a surrogate pair")
    _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._defined: set[str] = set()
        self._named: set[str] = set()

    def read(self) -> None:
        self._skip(_SPACE_AND_LINES)
        while self._place < len(self._text):
            self._rule()
        if "root" not in self._defined:
            raise ValueError("the grammar has no rule 'root'")
        undefined = self._named - self._defined
        if undefined:
            raise ValueError(f"the grammar names {len(undefined)} rules that it does not define")

    def _rule(self) -> None:
        self._defined.add(self._take(_NAME, "a rule's name"))
        self._skip(_SPACE)
        if not self._text.startswith("::=", self._place):
            self._refuse("'::='")
        self._place += 3
        self._skip(_SPACE_AND_LINES)
        self._alternatives(is_nested=False)
        if self._peek() not in ("", "\r", "\n"):
            self._refuse("the rule's end")
        self._skip(_SPACE_AND_LINES)

    def _alternatives(self, *, is_nested: bool) -> None:
        self._sequence(is_nested=is_nested)
        while self._peek() == "|":
            self._place += 1
            self._skip(_SPACE_AND_LINES)
            self._sequence(is_nested=is_nested)

    def _sequence(self, *, is_nested: bool) -> None:
        between = _SPACE_AND_LINES if is_nested else _SPACE
        has_item = False
        while True:
            sign = self._peek()
            if sign and sign in "*+?{":
                if not has_item:
                    self._refuse(f"something to repeat before {sign!r}")
                self._repetition(sign)
            elif self._item(sign):
                has_item = True
            else:
                return
            self._skip(between)

    def _item(self, sign: str) -> bool:
        if sign == '"':
            self._characters('"')
        elif sign == "[":
            self._characters("]")
        elif sign == "(":
            self._place += 1
            self._skip(_SPACE_AND_LINES)
            self._alternatives(is_nested=True)
            if self._peek() != ")":
                self._refuse("')'")
            self._place += 1
        elif sign == ".":
            self._place += 1
        elif _NAME.match(sign):
            self._named.add(self._take(_NAME, "a rule's name"))
        else:
            return False
        return True

    def _characters(self, end: str) -> None:
        self._place += 1
        while self._peek() != end:
            self._take(_CHARACTER, f"a character or {end!r}")
        self._place += 1

    def _repetition(self, sign: str) -> None:
        if sign != "{":
            self._place += 1
            return
        match = _REPETITION.match(self._text, self._place)
        if match is None:
            self._refuse("a repetition such as {2,5}")
        least, _, most = match.groups()
        if max(int(least), int(most or 0)) > MOST_REPETITIONS:
            self._refuse(f"at most {MOST_REPETITIONS} repetitions")
        if most and int(most) < int(least):
            self._refuse("repetitions from few to many")
        self._place = match.end()

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

    def _refuse(self, expected: str) -> NoReturn:
        line = self._text.count("\n", 0, self._place) + 1
        raise ValueError(f"the grammar's line {line} is not GBNF: expected {expected}")
