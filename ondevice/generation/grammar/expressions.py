"""Regular expressions as trees: what a pattern, a format or a length means."""

from __future__ import annotations

from dataclasses import dataclass

from ondevice.generation.grammar.automata import Ranges

_FIRST_HALF, _LAST_HALF, _LAST_CODE = 0xD800, 0xDFFF, 0x10FFFF


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set: ascending ranges of code points, both ends included."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class InTurn:
    """One expression behind the other."""

    parts: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any of several expressions."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """An expression so many times; ``most`` of ``None`` is without end. It holds no bound and no lookahead."""

    part: Expression
    least: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """Nothing, where what follows begins with the expression, or does not."""

    part: Expression
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class Bound:
    """Nothing, at the beginning of the whole text or at its end."""

    is_start: bool


Expression = Chars | InTurn | OneOf | Repeated | Ahead | Bound

ANY = Chars(((0, _FIRST_HALF - 1), (_LAST_HALF + 1, _LAST_CODE)))
"""Every character. Halves of surrogate pairs are none."""


def holds(expression: Expression, kinds: tuple[type, ...]) -> bool:
    """Say whether a part of an expression is of one of some kinds; what a lookahead looks at is not looked into."""
    waiting = [expression]
    while waiting:
        each = waiting.pop()
        if isinstance(each, kinds):
            return True
        if isinstance(each, InTurn | OneOf):
            waiting += each.parts
        elif isinstance(each, Repeated):
            waiting.append(each.part)
    return False
