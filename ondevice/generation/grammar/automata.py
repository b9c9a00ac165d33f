"""Finite automata: how they are trimmed, what they accept, and the rules of a grammar that write the same texts.

At each character one way alone goes on, so that llama.cpp follows a single one too, however long the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Ranges = tuple[tuple[int, int], ...]
"""A set of characters: ascending ranges of code points, both ends included."""

Ways = Sequence[Mapping[int, Ranges]]
"""For each state, the states behind it and the characters that lead there."""


class TooLargeError(Exception):
    """An automaton would have too many states, or take too long; whoever asked for it says so in other words."""


@dataclass(frozen=True, slots=True)
class Automaton:
    """States by number, of which 0 begins. From each an end can be reached, unless nothing at all is accepted."""

    ways: Ways
    ends: Sequence[bool]

    @classmethod
    def trimmed(cls, ways: Ways, ends: Sequence[bool]) -> Automaton:
        """Return the automaton without the states that lead to no end, and with one state for several that do the same.

        Of the states that can be reached from themselves several may do the same afterwards too.
        """
        alive = _alive(ways, ends)
        if 0 not in alive:
            return cls([{}], [False])
        names: dict[int, int] = {}
        known: dict[object, int] = {}
        for state in _from_last_to_first(ways):
            if state in alive:
                inner = {target: ranges for target, ranges in ways[state].items() if target in alive}
                leads_back = not names.keys() >= inner.keys()
                same = state if leads_back else tuple(sorted(_renamed(inner, names).items()))
                names[state] = known.setdefault((ends[state], same), state)
        numbers = {names[0]: 0}
        kept: list[Mapping[int, Ranges]] = []
        for state in (order := [names[0]]):
            row = _renamed({t: r for t, r in ways[state].items() if t in alive}, names)
            for target in row:
                if target not in numbers:
                    numbers[target] = len(order)
                    order.append(target)
            kept.append({numbers[target]: ranges for target, ranges in row.items()})
        return cls(kept, [ends[state] for state in order])

    @property
    def is_empty(self) -> bool:
        """Whether it accepts nothing at all."""
        return not self.ways[0] and not self.ends[0]

    def accepts(self, text: str) -> bool:
        """Say whether a text is one of those that it describes."""
        state = 0
        for character in text:
            code = ord(character)
            ways = self.ways[state].items()
            after = next((t for t, ranges in ways if any(low <= code <= high for low, high in ranges)), None)
            if after is None:
                return False
            state = after
        return self.ends[state]

    def longest(self) -> int | None:
        """Return the length of its longest text; ``None`` where there is none."""
        lengths: dict[int, int] = {}
        for state in _from_last_to_first(self.ways):
            if not lengths.keys() >= self.ways[state].keys():
                return None
            lengths[state] = max((lengths[target] + 1 for target in self.ways[state]), default=0)
        return lengths[0]

    def shortest(self) -> int:
        """Return the length of its shortest text."""
        length, states = 0, {0}
        while not any(self.ends[state] for state in states):
            length, states = length + 1, {target for state in states for target in self.ways[state]}
        return length

    def rules(self, name: str, written: Callable[[Ranges], str], end: str) -> Iterator[tuple[str, str]]:
        """Yield rules that write the texts, the first of which is called ``name`` and begins.

        Args:
            name: What the rules' names begin with.
            written: Gives what stands in a grammar for a character of a set.
            end: What is written behind the text.
        """
        alternatives = [[(written(ranges), target) for target, ranges in row.items()] for row in self.ways]
        n_ways_to = Counter(target for row in alternatives for _, target in row)
        is_inner = [
            state > 0 and len(row) + self.ends[state] == 1 and (not row or n_ways_to[state] == 1)
            for state, row in enumerate(alternatives)
        ]

        def behind(state: int) -> str:
            """Return what is written behind a way: what goes on in one way only needs no rule of its own."""
            parts: list[str] = []
            while is_inner[state] and alternatives[state]:
                way, state = alternatives[state][0]
                parts.append(way)
            return " ".join([*parts, end if is_inner[state] else names[state]])

        names = [name, *(f"{name}-{state}" for state in range(1, len(self.ways)))]
        for state, row in enumerate(alternatives):
            if not is_inner[state]:
                choices = [f"{way} {behind(target)}" for way, target in row] + [end] * self.ends[state]
                yield names[state], " | ".join(choices)


def in_class(ranges: Ranges) -> str:
    """Return a set of characters as a grammar writes it."""
    spans = (_char(low) if low == high else f"{_char(low)}-{_char(high)}" for low, high in ranges)
    return f"[{''.join(spans)}]"


def _char(code: int) -> str:
    if code > 0xFFFF:
        return f"\\U{code:08X}"
    return f"\\u{code:04X}" if not 0x20 <= code < 0x7F or chr(code) in '"\\[]^-' else chr(code)


def union(sets: Iterable[Ranges]) -> Ranges:
    """Return the characters of any of several sets."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(span for ranges in sets for span in ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = found[-1][0], max(high, found[-1][1])
        else:
            found.append((low, high))
    return tuple(found)


def common(first: Ranges, second: Ranges) -> Ranges:
    """Return the characters that are in both of two sets."""
    spans = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return tuple(sorted(span for span in spans if span[0] <= span[1]))


def _renamed(row: Mapping[int, Ranges], names: Mapping[int, int]) -> dict[int, Ranges]:
    sets: dict[int, list[Ranges]] = {}
    for target, ranges in row.items():
        sets.setdefault(names[target], []).append(ranges)
    return {target: union(each) for target, each in sets.items()}


def _alive(ways: Ways, ends: Sequence[bool]) -> set[int]:
    """Return the states from which an end can be reached."""
    sources: dict[int, list[int]] = {}
    for state, row in enumerate(ways):
        for target in row:
            sources.setdefault(target, []).append(state)
    alive = {state for state, is_end in enumerate(ends) if is_end}
    waiting = list(alive)
    while waiting:
        new = set(sources.get(waiting.pop(), ())) - alive
        alive |= new
        waiting += new
    return alive


def _from_last_to_first(ways: Ways) -> Iterator[int]:
    """Yield the states so that each comes behind those it leads to, but for those that lead back to it."""
    met = {0}
    path = [(0, iter(ways[0]))]
    while path:
        state, targets = path[-1]
        target = next((each for each in targets if each not in met), None)
        if target is None:
            path.pop()
            yield state
        else:
            met.add(target)
            path.append((target, iter(ways[target])))
