"""Numbers within bounds, and multiples: the automaton of their decimal writing, without exponents.

A number that is held to anything has at most 15 digits. Two such never round to the same double, so that what is within
the bounds as it is written is so too for whoever reads it as a floating-point number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from typing import Any, NamedTuple

from ondevice.generation.grammar.automata import Automaton, Ranges, TooLargeError, union
from ondevice.generation.grammar.formats import NUMBER_FORMATS
from ondevice.generation.grammar.json_keywords import OF_NUMBERS, inside, refuse

MOST_DIGITS = 15
MOST_STATES = 20_000

_ENDLESS = (math.inf, -math.inf)


class Edge(NamedTuple):
    """A bound; an open one is not itself within."""

    value: Fraction
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberLimits:
    """What a number must be; without bounds and step there is nothing to keep."""

    low: Edge | None = None
    high: Edge | None = None
    step: Fraction | None = None

    @classmethod
    def of(cls, schema: Mapping[str, Any], place: str) -> NumberLimits:
        """Read the limits of a part of a schema.

        Raises:
            ValueError: If one is no number, or the step is not above zero.
        """
        found = {key: _number(schema[key], inside(place, key)) for key in OF_NUMBERS & schema.keys()}
        lows = [Edge(found[key], key != "minimum") for key in ("minimum", "exclusiveMinimum") if key in found]
        highs = [Edge(found[key], key != "maximum") for key in ("maximum", "exclusiveMaximum") if key in found]
        bounds = NUMBER_FORMATS.get(schema.get("format", ""))
        if bounds:
            lows.append(Edge(Fraction(bounds[0]), is_open=False))
            highs.append(Edge(Fraction(bounds[1]), is_open=False))
        step = found.get("multipleOf")
        if step is not None and step <= 0:
            refuse("it must be above 0", inside(place, "multipleOf"))
        low = max(lows, key=lambda edge: (edge.value, edge.is_open), default=None)
        high = min(highs, key=lambda edge: (edge.value, not edge.is_open), default=None)
        return cls(low=low, high=high, step=step)

    @property
    def are_none(self) -> bool:
        """Whether any number will do."""
        return self.low is None and self.high is None and self.step is None

    def hold(self, value: float) -> bool:
        """Say whether a number keeps them."""
        number = Fraction(str(value))
        return (
            (self.low is None or number > self.low.value or (number == self.low.value and not self.low.is_open))
            and (self.high is None or number < self.high.value or (number == self.high.value and not self.high.is_open))
            and (self.step is None or (number / self.step).denominator == 1)
        )


def _number(value: object, place: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or value in _ENDLESS:
        refuse("it must be a number", place)
    return Fraction(value if isinstance(value, int) else str(value))


def automaton_within(limits: NumberLimits, *, is_integer: bool) -> Automaton:
    """Return the automaton of the numbers within limits; it may be empty.

    Raises:
        TooLargeError: If it would have too many states.
    """
    reader = _Reader(limits, is_integer=is_integer)
    numbers, waiting = {reader.start: 0}, [reader.start]
    ways: list[dict[int, Ranges]] = []
    for state in waiting:
        found: dict[int, list[Ranges]] = {}
        for sign in "-.0123456789":
            after = reader.after(state, sign)
            if after is not None:
                if after not in numbers:
                    numbers[after] = len(waiting)
                    waiting.append(after)
                found.setdefault(numbers[after], []).append(((ord(sign), ord(sign)),))
        if len(waiting) > MOST_STATES:
            raise TooLargeError
        ways.append({target: union(sets) for target, sets in found.items()})
    return Automaton.trimmed(ways, [reader.is_end(state) for state in waiting])


class _State(NamedTuple):
    """How far a number has been read, and what matters of its digits."""

    is_negative: bool = False
    n_whole: int = 0
    n_part: int | None = None
    """Digits behind the point; ``None`` before it."""
    is_zero: bool = False
    """The whole part is 0, and has no further digit."""
    to_low: int = 0
    to_high: int = 0
    """Below (-1), equal (0) or above (1) the bound's digits so far."""
    rest: int = 0
    """What remains of the digits before the last zeros when they are divided by the step's."""
    n_zeros: int = 0
    """Zeros at the end so far; no more are counted than the step has."""


class _Bound:
    """A bound of the amount, without its sign, with which digits are compared one after the other."""

    def __init__(self, edge: Edge) -> None:
        self.is_open = edge.is_open
        whole = int(edge.value)
        self._whole, self._part = [int(digit) for digit in str(whole)], list[int]()
        rest = edge.value - whole
        while rest:
            digit = int(rest * 10)
            self._part.append(digit)
            rest = rest * 10 - digit

    def after_digit(self, so_far: int, state: _State, digit: int) -> int:
        if state.n_part is not None:
            expected = self._part[state.n_part] if state.n_part < len(self._part) else 0
        elif state.n_whole < len(self._whole):
            expected = self._whole[state.n_whole]
        else:
            return 1
        return so_far or (digit > expected) - (digit < expected)

    def at_point(self, so_far: int, n_whole: int) -> int:
        return -1 if n_whole < len(self._whole) else so_far

    def at_end(self, so_far: int, n_part: int) -> int:
        return so_far or (-1 if n_part < len(self._part) else 0)


class _Reader:
    """Follows the writing of a number within limits, character by character."""

    def __init__(self, limits: NumberLimits, *, is_integer: bool) -> None:
        self._is_integer = is_integer
        low, high = _closer(limits.low), _closer(limits.high)
        zero = Fraction(0)
        self._sides: dict[bool, tuple[_Bound | None, _Bound | None]] = {}
        if high is None or high.value >= 0:
            self._sides[False] = _bound(low if low and low.value >= 0 else None), _bound(high)
        if low is None or low.value < 0:
            least = Edge(-high.value, high.is_open) if high and high.value < 0 else Edge(zero, is_open=True)
            self._sides[True] = _bound(least), _bound(Edge(-low.value, low.is_open) if low else None)
        step = limits.step or Fraction(1, 10**MOST_DIGITS)
        self._n_part = next(n for n in count() if (step * 10**n).denominator == 1)
        digits = str(int(step * 10**self._n_part))
        self._step = int(digits.rstrip("0"))
        self._n_zeros = len(digits) - len(str(self._step))
        self.start = _State(n_zeros=self._n_zeros)

    def after(self, state: _State, sign: str) -> _State | None:
        """Return the state behind a character, if it may stand there."""
        if sign == "-":
            return state._replace(is_negative=True) if state == self.start and True in self._sides else None
        if state.is_negative not in self._sides:
            return None
        low, high = self._sides[state.is_negative]
        if sign == ".":
            if self._is_integer or state.n_whole == 0 or state.n_part is not None:
                return None
            if self._n_part == 0 and not self._is_multiple(state):
                return None
            return state._replace(
                n_part=0,
                to_low=low.at_point(state.to_low, state.n_whole) if low else 0,
                to_high=high.at_point(state.to_high, state.n_whole) if high else 0,
            )
        return self._after_digit(state, int(sign), low, high)

    def _after_digit(self, state: _State, digit: int, low: _Bound | None, high: _Bound | None) -> _State | None:
        is_whole = state.n_part is None
        if state.n_whole + (state.n_part or 0) >= MOST_DIGITS or (is_whole and state.is_zero):
            return None
        is_counted = state.n_part is None or state.n_part < self._n_part
        if not is_counted and digit:
            return None
        rest, n_zeros = self._divided(state, digit) if is_counted else (state.rest, state.n_zeros)
        return state._replace(
            n_whole=state.n_whole + is_whole,
            n_part=None if state.n_part is None else state.n_part + 1,
            is_zero=state.is_zero or (is_whole and state.n_whole == 0 and digit == 0),
            to_low=low.after_digit(state.to_low, state, digit) if low else 0,
            to_high=high.after_digit(state.to_high, state, digit) if high else 0,
            rest=rest,
            n_zeros=n_zeros,
        )

    def _divided(self, state: _State, digit: int) -> tuple[int, int]:
        """Return what remains behind one more digit, and the zeros at the end."""
        if digit:
            return (state.rest * 10 ** (state.n_zeros + 1) + digit) % self._step, 0
        if state.n_zeros < self._n_zeros:
            return state.rest, state.n_zeros + 1
        return state.rest * 10 % self._step, state.n_zeros

    def is_end(self, state: _State) -> bool:
        """Say whether the number may end here."""
        if state.n_whole == 0 or state.n_part == 0:
            return False
        low, high = self._sides[state.is_negative]
        return (
            (low is None or self._compared(low, state.to_low, state) >= low.is_open)
            and (high is None or self._compared(high, state.to_high, state) <= -high.is_open)
            and self._is_multiple(state)
        )

    def _is_multiple(self, state: _State) -> bool:
        n_zeros = state.n_zeros + max(self._n_part - (state.n_part or 0), 0) - self._n_zeros
        return n_zeros >= 0 and state.rest * 10**n_zeros % self._step == 0

    @staticmethod
    def _compared(bound: _Bound, so_far: int, state: _State) -> int:
        if state.n_part is None:
            so_far = bound.at_point(so_far, state.n_whole)
        return bound.at_end(so_far, state.n_part or 0)


def _bound(edge: Edge | None) -> _Bound | None:
    return None if edge is None else _Bound(edge)


def _closer(edge: Edge | None) -> Edge | None:
    """Return a bound that no number reaches as one just out of their reach."""
    if edge is None or abs(edge.value) <= 10**MOST_DIGITS:
        return edge
    return Edge(Fraction(10**MOST_DIGITS if edge.value > 0 else -(10**MOST_DIGITS)), is_open=False)
