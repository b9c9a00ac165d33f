"""Regular languages: the automaton that reads exactly the texts that some expressions all match.

Its states are the derivatives of the expressions, what is left to match behind each character (Brzozowski 1964; Owens,
Reppy and Turon 2009), so that intersections and lookaheads cost no more than the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ondevice.generation.grammar.automata import Automaton, Ranges, TooLargeError
from ondevice.generation.grammar.expressions import ANY, Ahead, Chars, Expression, InTurn, OneOf, Repeated, holds

MOST_STATES = 5000
"""States of one automaton: as many rules of the grammar."""

MOST_STEPS = 200_000
"""Expressions that are made on the way: about a second."""

_HALVES = ANY.ranges[0][1] + 1


def automaton_of(expressions: Sequence[Expression]) -> Automaton:
    """Return the automaton of the texts that all of the expressions match, from beginning to end.

    Raises:
        TooLargeError: If it has too many states, or takes too long to make.
    """
    algebra = _Algebra(expressions)
    start = algebra.both([algebra.node(each, algebra.empty) for each in expressions])
    numbers = {(start, True): 0}
    waiting = [(start, True)]
    ways: list[dict[int, int]] = []
    ends: list[bool] = []
    while len(ways) < len(waiting):
        node, is_start = waiting[len(ways)]
        found: dict[int, int] = {}
        for atom in range(len(algebra.atoms)):
            after = algebra.derived(node, atom, is_start=is_start), False
            if after[0] is not algebra.nothing:
                if after not in numbers:
                    numbers[after] = len(waiting)
                    waiting.append(after)
                found[numbers[after]] = found.get(numbers[after], 0) | 1 << atom
        if len(waiting) > MOST_STATES:
            raise TooLargeError
        ways.append(found)
        ends.append(algebra.is_matched(node, is_start=is_start, is_end=True))
    named = [{target: algebra.ranges(mask) for target, mask in found.items()} for found in ways]
    return Automaton.trimmed(named, ends)


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """An expression in normal form; two that are made alike are one object.

    Its ``kind`` is ``set`` (one character of ``mask``), ``cat`` (nothing, or one part and then another), ``either``,
    ``both``, ``lacking`` (what its part does not match), ``loop``, ``start`` or ``end``.
    """

    number: int
    kind: str
    parts: tuple[_Node, ...]
    mask: int
    least: int
    most: int | None
    derivatives: dict[tuple[int, bool], _Node] = field(default_factory=dict)
    verdicts: dict[tuple[bool, bool], bool] = field(default_factory=dict)


class _Algebra:
    """Makes nodes over the alphabet of some expressions, cut into atoms that none of them tells apart."""

    def __init__(self, expressions: Iterable[Expression]) -> None:
        cuts = {edge for low, high in ANY.ranges for edge in (low, high + 1)}
        for ranges in _sets_in(expressions):
            cuts.update(edge for low, high in ranges for edge in (low, high + 1))
        self.atoms = [(low, edge - 1) for low, edge in pairwise(sorted(cuts)) if low != _HALVES]
        self._first = {low: number for number, (low, _) in enumerate(self.atoms)}
        self._last = {high: number for number, (_, high) in enumerate(self.atoms)}
        self._made: dict[tuple[object, ...], _Node] = {}
        self._n_steps = 0
        self._all = self._mask(ANY.ranges)
        self.nothing = self._make("set")
        self.empty = self._make("cat")
        self.anything = self._make("loop", (self._make("set", mask=self._all),))

    def node(self, expression: Expression, rest: _Node) -> _Node:
        """Return the node of an expression with ``rest`` behind it."""
        if isinstance(expression, Chars):
            return self._cat(self._make("set", mask=self._mask(expression.ranges)), rest)
        if isinstance(expression, InTurn):
            for each in reversed(expression.parts):
                rest = self.node(each, rest)
            return rest
        if isinstance(expression, OneOf):
            # What stands behind a lookahead is part of what it looks at.
            behind = rest if holds(expression, (Ahead,)) else self.empty
            chosen = self._either([self.node(part, behind) for part in expression.parts])
            return chosen if behind is rest else self._cat(chosen, rest)
        if isinstance(expression, Repeated):
            once = self.node(expression.part, self.empty)
            return self._cat(self._loop(once, expression.least, expression.most), rest)
        if isinstance(expression, Ahead):
            ahead = self.node(expression.part, self.anything)
            return self.both([ahead if expression.is_wanted else self._lacking(ahead), rest])
        return self._cat(self._make("start" if expression.is_start else "end"), rest)

    def ranges(self, mask: int) -> Ranges:
        """Return the characters of some atoms."""
        found: list[tuple[int, int]] = []
        for number, (low, high) in enumerate(self.atoms):
            if mask >> number & 1:
                if found and found[-1][1] == low - 1:
                    low = found.pop()[0]
                found.append((low, high))
        return tuple(found)

    def derived(self, node: _Node, atom: int, *, is_start: bool) -> _Node:
        """Return what is left to match behind one character; ``is_start`` where it is the text's first."""
        key = atom, is_start
        if key not in node.derivatives:
            node.derivatives[key] = self._derived(node, atom, is_start=is_start)
        return node.derivatives[key]

    def _derived(self, node: _Node, atom: int, *, is_start: bool) -> _Node:
        if node.kind == "set":
            return self.empty if node.mask >> atom & 1 else self.nothing
        if node.kind == "cat":
            return self._either(list(self._derived_in_turn(node, atom, is_start=is_start)))
        if node.kind == "loop":
            least, most = max(node.least - 1, 0), None if node.most is None else node.most - 1
            once = self.derived(node.parts[0], atom, is_start=is_start)
            return self._cat(once, self._loop(node.parts[0], least, most))
        inner = [self.derived(part, atom, is_start=is_start) for part in node.parts]
        if node.kind == "either":
            return self._either(inner)
        if node.kind == "both":
            return self.both(inner)
        return self._lacking(inner[0]) if node.kind == "lacking" else self.nothing

    def _derived_in_turn(self, node: _Node, atom: int, *, is_start: bool) -> Iterator[_Node]:
        """Yield one derivative for each part that may come first; a loop, for there may be thousands."""
        while node.kind == "cat" and node.parts:
            first, rest = node.parts
            yield self._cat(self.derived(first, atom, is_start=is_start), rest)
            if not self.is_matched(first, is_start=is_start, is_end=False):
                return
            node = rest
        yield self.derived(node, atom, is_start=is_start) if node.kind != "cat" else self.nothing

    def is_matched(self, node: _Node, *, is_start: bool, is_end: bool) -> bool:
        """Say whether nothing need follow."""
        key = is_start, is_end
        if key not in node.verdicts:
            node.verdicts[key] = self._is_matched(node, is_start=is_start, is_end=is_end)
        return node.verdicts[key]

    def _is_matched(self, node: _Node, *, is_start: bool, is_end: bool) -> bool:
        while node.kind == "cat" and node.parts:
            if not self.is_matched(node.parts[0], is_start=is_start, is_end=is_end):
                return False
            node = node.parts[1]
        if node.kind in ("cat", "set", "start", "end"):
            return {"cat": True, "set": False, "start": is_start, "end": is_end}[node.kind]
        if node.kind == "loop" and node.least == 0:
            return True
        inner = [self.is_matched(part, is_start=is_start, is_end=is_end) for part in node.parts]
        if node.kind == "lacking":
            return not inner[0]
        return any(inner) if node.kind == "either" else all(inner)

    def _make(
        self, kind: str, parts: tuple[_Node, ...] = (), *, mask: int = 0, least: int = 0, most: int | None = None
    ) -> _Node:
        key = (kind, parts, mask, least, most)
        self._n_steps += 1 + len(parts)
        if self._n_steps > MOST_STEPS:
            raise TooLargeError
        if key not in self._made:
            self._made[key] = _Node(len(self._made), kind, parts, mask, least, most)
        return self._made[key]

    def _cat(self, first: _Node, rest: _Node) -> _Node:
        if first is self.nothing or rest is self.nothing:
            return self.nothing
        if rest is self.empty:
            return first
        parts = []
        while first.kind == "cat" and first.parts:
            parts.append(first.parts[0])
            first = first.parts[1]
        if first is not self.empty:
            parts.append(first)
        for part in reversed(parts):
            rest = self._make("cat", (part, rest))
        return rest

    def _loop(self, part: _Node, least: int, most: int | None) -> _Node:
        if most == 0 or part is self.empty:
            return self.empty
        if part is self.nothing:
            return self.nothing if least else self.empty
        if self.is_matched(part, is_start=False, is_end=False):
            least = 0
        return part if least == most == 1 else self._make("loop", (part,), least=least, most=most)

    def _lacking(self, node: _Node) -> _Node:
        if node.kind == "lacking":
            return node.parts[0]
        return self.anything if node is self.nothing else self._make("lacking", (node,))

    def _either(self, nodes: Iterable[_Node]) -> _Node:
        parts = dict.fromkeys(_flat("either", nodes))
        mask = 0
        for part in list(parts):
            if part.kind == "set":
                mask |= part.mask
                del parts[part]
        if self.anything in parts:
            return self.anything
        if mask:
            parts[self._make("set", mask=mask)] = None
        return self._joined("either", parts, self.nothing)

    def both(self, nodes: Iterable[_Node]) -> _Node:
        """Return what all of the nodes match."""
        parts = dict.fromkeys(_flat("both", nodes))
        parts.pop(self.anything, None)
        return self.nothing if self.nothing in parts else self._joined("both", parts, self.anything)

    def _joined(self, kind: str, parts: Iterable[_Node], alone: _Node) -> _Node:
        ordered = tuple(sorted(parts, key=lambda node: node.number))
        if len(ordered) > 1:
            return self._make(kind, ordered)
        return ordered[0] if ordered else alone

    def _mask(self, ranges: Ranges) -> int:
        spans = ((self._first[low], self._last[high]) for low, high in ranges)
        return sum((1 << last + 1) - (1 << first) for first, last in spans)


def _flat(kind: str, nodes: Iterable[_Node]) -> Iterator[_Node]:
    for node in nodes:
        yield from node.parts if node.kind == kind else (node,)


def _sets_in(expressions: Iterable[Expression]) -> Iterator[Ranges]:
    waiting = list(expressions)
    while waiting:
        each = waiting.pop()
        if isinstance(each, Chars):
            yield each.ranges
        elif isinstance(each, InTurn | OneOf):
            waiting += each.parts
        elif isinstance(each, Repeated | Ahead):
            waiting.append(each.part)
