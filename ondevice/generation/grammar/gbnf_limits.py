"""What llama.cpp cannot do with rules that are well written: it refuses some, aborts on others, or never ends.

A rule that begins with itself grows without end; of those llama.cpp sees only some. A rule from which no character can
ever be due aborts the process. And to find rules that begin with themselves, a function calls itself along every chain
of rules, for each way anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from ondevice.generation.grammar.gbnf_rules import Beginnings, GrammarFault, Rules, Way

MOST_PARTS = 1_000_000
"""Characters and references of a grammar with its repetitions unrolled: some 30 MB."""

MOST_STEPS = 50_000_000
"""What llama.cpp looks at to find rules that begin with themselves: a fraction of a second."""

MOST_CHAINED = 2_500
"""Rules that begin with one another before a character is due; 10,000 overflow a stack of 1 MB."""

MOST_WAYS = 10_000
"""Ways to go on that are open at once. llama.cpp compares each with all others: for these a fifth of a second."""


def check_rules(rules: Rules) -> None:
    """Refuse rules that llama.cpp refuses, or on which it would abort or not end.

    Raises:
        GrammarFault: It names the line of a rule at fault.
    """
    n_parts = sum(part.n_unrolled for ways in rules.ways for way in ways or () for part in way)
    if n_parts > MOST_PARTS:
        reason = f"it unrolls into {n_parts} parts, and may have {MOST_PARTS}"
        raise GrammarFault(f"llama.cpp cannot use the grammar: {reason}", reason=reason)
    _Check(rules).run()


class _Check:
    def __init__(self, rules: Rules) -> None:
        self._lines = rules.lines
        self._known = Beginnings(rules)
        self._numbers = range(len(rules.lines))

    def run(self) -> None:
        for number in self._numbers:
            parts = (part for way in self._known.ways[number] for part in way)
            if any(part.most is None and self._known.is_passed(part) for part in parts):
                raise self._refusal(number, "what is repeated without end may be empty")
        self._check_search(self._searched())
        circles = list(_circles([list(self._known.first_references(number)) for number in self._numbers]))
        self._check_growth(circles)
        self._check_beginnings()
        self._check_ways(circles)

    def _refusal(self, number: int, reason: str) -> GrammarFault:
        message = f"llama.cpp cannot use the grammar's rule of line {self._lines[number]}: {reason}"
        return GrammarFault(message, reason=reason)

    def _searched(self) -> list[int]:
        """Return the rules so that those which llama.cpp sees a rule begin with come before it."""
        graph = {number: {target for _, target in self._known.seen_references(number)} for number in self._numbers}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            raise self._refusal(error.args[1][0], "it may begin with itself") from None

    def _check_search(self, order: Iterable[int]) -> None:
        """Count what llama.cpp's search for rules that begin with themselves costs, and how deep it goes."""
        known = self._known
        steps, chained = [0] * len(self._numbers), [1] * len(self._numbers)
        for number in order:
            steps[number] = sum(part.n_elements + 1 for way in known.ways[number] for part in way)
            for part, target in known.seen_references(number):
                # Where one copy may be empty, the next is looked at too.
                n = part.least + part.n_optional if known.is_seen_empty[target] else 1
                steps[number] += n * (steps[target] + 4) * max(1, part.n_optional)
                chained[number] = max(chained[number], chained[target] + n + (part.least == 0))
            steps[number] = min(steps[number], MOST_STEPS + 1)
            if chained[number] > MOST_CHAINED:
                raise self._refusal(number, f"more than {MOST_CHAINED} rules may begin with one another")
        if sum(steps[number] for number in self._search_starts()) > MOST_STEPS:
            raise self._refusal(steps.index(max(steps)), "there are too many ways to begin it")

    def _search_starts(self) -> Iterator[int]:
        """Yield the rules from which llama.cpp begins a search: in their order, those that none before has met."""
        is_met = [False] * len(self._numbers)
        for start in self._numbers:
            if not is_met[start]:
                yield start
            waiting = [] if is_met[start] else [start]
            while waiting:
                number = waiting.pop()
                if not is_met[number]:
                    is_met[number] = True
                    waiting += [target for _, target in self._known.seen_references(number)]

    def _check_growth(self, circles: Iterable[Sequence[int]]) -> None:
        for circle in circles:
            members = set(circle)
            for number in circle:
                if any(target in members and grows for target, grows in self._known.first_references(number)):
                    raise self._refusal(number, "it may begin with itself")

    def _check_beginnings(self) -> None:
        """Refuse a rule that is followed for ever and never comes to a character or an end."""
        begins = [self._known.has_first_character(number) for number in self._numbers]
        leading: dict[int, list[int]] = {}
        for number in self._numbers:
            for target, _ in self._known.first_references(number):
                leading.setdefault(target, []).append(number)
        found = [number for number in self._numbers if begins[number]]
        while found:
            for number in leading.pop(found.pop(), ()):
                if not begins[number]:
                    begins[number] = True
                    found.append(number)
        for number in self._numbers:
            if not begins[number] and not self._known.is_empty[number]:
                raise self._refusal(number, "it leads to itself only")

    def _check_ways(self, circles: Iterable[Sequence[int]]) -> None:
        known, n_ways = self._known, [0] * len(self._numbers)
        for circle in circles:
            # Within a circle nothing grows, so each of its rules goes on as all of them do together.
            here = sum(list(self._ways_on(way, n_ways))[-1] for n in circle for way in known.ways[n] if way)
            for number in circle:
                n_ways[number] = min(here, MOST_WAYS + 1)
        for number in self._numbers:
            n = max((n for way in known.ways[number] for n in self._ways_on(way, n_ways)), default=0)
            if max(n, n_ways[number]) > MOST_WAYS:
                raise self._refusal(number, f"it may go on in more than {MOST_WAYS} ways at once")

    def _ways_on(self, way: Way, n_ways: Sequence[int]) -> Iterator[int]:
        """Yield in how many ways an alternative goes on before each of its parts, from the last to the first."""
        n = 0
        for part in reversed(way):
            if part.target is None:
                here = min(part.n_characters, 1)
            else:
                n_copies = part.most or 1 if self._known.is_empty[part.target] else 1
                here = n_copies * n_ways[part.target]
            n = here + (n if self._known.may_be_empty(part) else 0)
            yield n


def _circles(edges: Sequence[Sequence[tuple[int, bool]]]) -> Iterator[list[int]]:
    """Yield the rules that lead back to one another, each circle behind those it leads to; most have one rule.

    Source: Tarjan 1972, with a stack of its own in place of Python's.
    """
    met, low, open_rules = [0] * len(edges), [0] * len(edges), list[int]()
    is_open = [False] * len(edges)
    n_met = 0
    for root in range(len(edges)):
        path = [] if met[root] else [(root, iter(edges[root]))]
        while path:
            number, targets = path[-1]
            if not met[number]:
                n_met += 1
                met[number] = low[number] = n_met
                open_rules.append(number)
                is_open[number] = True
            onward = next((target for target, _ in targets if _note(number, target, met, low, is_open)), None)
            if onward is not None:
                path.append((onward, iter(edges[onward])))
                continue
            path.pop()
            if path:
                low[path[-1][0]] = min(low[path[-1][0]], low[number])
            if low[number] == met[number]:
                yield _closed(number, open_rules, is_open)


def _note(number: int, target: int, met: Sequence[int], low: list[int], is_open: Sequence[bool]) -> bool:
    """Say whether the target is new; otherwise note that it is reached from here."""
    if met[target] and is_open[target]:
        low[number] = min(low[number], met[target])
    return not met[target]


def _closed(number: int, open_rules: list[int], is_open: list[bool]) -> list[int]:
    circle = [open_rules.pop()]
    while circle[-1] != number:
        circle.append(open_rules.pop())
    for member in circle:
        is_open[member] = False
    return circle
