"""The rules of a grammar as llama.cpp has them in memory, and what may stand at their beginnings.

llama.cpp expands rules from left to right until characters are due. Every repetition becomes rules of its own:
``x{2,4}`` is ``x x b`` with ``b ::= x a |`` and ``a ::= x |``, and ``x*`` is ``c`` with ``c ::= x c |``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence


class GrammarFault(Exception):  # noqa: N818 - it becomes a ValueError before anyone sees it
    """A grammar that llama.cpp could not use; ``reason`` says why without naming a line."""

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        """Keep the reason apart, for whoever wrote the grammar on another's behalf."""
        super().__init__(message)
        self.message = message
        self.reason = reason or message


class Part:
    """Characters, or a reference to a rule or group; perhaps repeated."""

    __slots__ = ("is_repeated", "least", "most", "n_characters", "target", "weight")

    def __init__(self, *, target: int | None = None, n_characters: int = 0, weight: int = 1) -> None:
        """Stand once; ``weight`` is what llama.cpp counts for it when it is repeated."""
        self.target = target
        self.n_characters = n_characters
        self.weight = weight
        self.least: int = 1
        self.most: int | None = 1
        self.is_repeated = False

    def repeat(self, least: int, most: int | None) -> None:
        """Stand so many times; ``None`` is without end."""
        self.least, self.most, self.is_repeated = least, most, True

    @property
    def n_optional(self) -> int:
        """Rules that are made up for the repetition."""
        return 1 if self.most is None else self.most - self.least

    @property
    def n_elements(self) -> int:
        """Characters and references that remain in its own rule."""
        return self.least * self._n_alone + (self.n_optional > 0)

    @property
    def n_unrolled(self) -> int:
        """Characters and references in its own rule and in those that are made up for it."""
        return self.n_elements + self.n_optional * (self._n_alone + 3)

    @property
    def _n_alone(self) -> int:
        return self.n_characters if self.target is None else 1


Way = Sequence[Part]
"""One alternative of a rule."""


class Rules:
    """Rules and groups by number: their alternatives, ``None`` for what is only named, and the lines they stand in."""

    def __init__(self) -> None:
        self.ways: list[Sequence[Way] | None] = []
        self.lines: list[int] = []

    def add(self, line: int) -> int:
        """Return the number of a new rule."""
        self.ways.append(None)
        self.lines.append(line)
        return len(self.lines) - 1


class Beginnings:
    """What may stand at the beginnings of rules that are all defined: in truth, and as far as llama.cpp sees."""

    def __init__(self, rules: Rules) -> None:
        """Find out which rules may be empty."""
        self.ways: list[Sequence[Way]] = [ways or () for ways in rules.ways]
        # llama.cpp sees that a rule may be empty only where an alternative has nothing in it.
        self.is_seen_empty = [any(not any(part.n_elements for part in way) for way in ways) for ways in self.ways]
        self.is_empty = _find_empty(self.ways)

    def may_be_empty(self, part: Part) -> bool:
        """Say whether a part may give an empty text."""
        if part.least == 0:
            return True
        return not part.n_characters if part.target is None else self.is_empty[part.target]

    def first_references(self, number: int) -> Iterator[tuple[int, bool]]:
        """Yield the rules that may stand at a rule's beginning, and whether something follows them there."""
        for way in self.ways[number]:
            last = max((place for place, part in enumerate(way) if part.n_elements), default=-1)
            for place, part in enumerate(way):
                if part.target is not None and part.most != 0:
                    yield part.target, place != last or part.most != 1
                if not self.may_be_empty(part):
                    break

    def has_first_character(self, number: int) -> bool:
        """Say whether characters of its own may stand at a rule's beginning."""
        for way in self.ways[number]:
            for part in way:
                if part.n_characters and part.most != 0:
                    return True
                if not self.may_be_empty(part):
                    break
        return False

    def seen_references(self, number: int) -> Iterator[tuple[Part, int]]:
        """Yield the references that llama.cpp follows from a rule's beginning, with their targets."""
        for way in self.ways[number]:
            for part in way:
                if part.target is not None and part.most != 0:
                    yield part, part.target
                if part.least and not self.is_passed(part):
                    break

    def is_passed(self, part: Part) -> bool:
        """Say whether llama.cpp looks behind a part, were it not repeated, for what may come first."""
        return not part.n_characters if part.target is None else self.is_seen_empty[part.target]


def _find_empty(rules: Sequence[Sequence[Way]]) -> list[bool]:
    is_empty = [False] * len(rules)
    waiting: dict[int, list[tuple[int, list[int]]]] = {}
    found: list[int] = []

    def settle(number: int, missing: list[int]) -> None:
        """Note the rule as empty, or let it wait for another that would have to be."""
        while missing and is_empty[missing[-1]]:
            missing.pop()
        if missing:
            waiting.setdefault(missing[-1], []).append((number, missing))
        elif not is_empty[number]:
            is_empty[number] = True
            found.append(number)

    for number, ways in enumerate(rules):
        for way in ways:
            due = [part for part in way if part.least and (part.target is not None or part.n_characters)]
            targets = [part.target for part in due if part.target is not None]
            if len(targets) == len(due):
                settle(number, targets)
    while found:
        for number, missing in waiting.pop(found.pop(), ()):
            settle(number, missing)
    return is_empty
