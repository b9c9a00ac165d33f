"""The rules that are written for a schema, and the parts of it that wait for theirs."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ondevice.generation.grammar.automata import Automaton, Ranges
from ondevice.generation.grammar.json_joining import flattened, resolved
from ondevice.generation.grammar.json_keywords import refuse
from ondevice.generation.grammar.json_literals import MOST_DEEP, MOST_PARTS

MOST_RULES = 50_000
"""Rules of a schema's grammar: some seconds to read."""

MOST_S = 3.0
"""Computing time for all patterns, lengths and bounds; each alone has limits of its own."""

_BASICS = {
    "space": '" "?',
    "plain": r'[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]',
    "char": r'plain | "\\u" unit',
    # Half of a pair alone would be no text.
    "unit": r'[0-9a-cA-CefEF] hex hex hex | [dD] [0-7] hex hex | [dD] [89abAB] hex hex "\\u" [dD] [c-fC-F] hex hex',
    "hex": "[0-9a-fA-F]",
    "string": r'"\"" char* "\""',
    "integer": '"-"? ("0" | [1-9] [0-9]{0,14})',
    "number": 'integer ("." [0-9]{1,15})?',
    "boolean": '"true" | "false"',
    "null": '"null"',
    "member": 'string ":" space value',
    "object": '"{" (member ("," space member)*)? "}"',
    "array": '"[" (value ("," space value)*)? "]"',
    "value": "object | array | string | number | boolean | null",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A part of a schema whose rule is still to be written."""

    name: str
    schema: object
    place: str
    """Its JSON pointer."""

    depth: int = 0
    needs: frozenset[str] = frozenset()
    """Properties that it must have, should it be an object, besides those that it requires."""


class Parts:
    """Parts wait in a queue, so that none is too deep for Python."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self.rules = {**_BASICS, "root": ""}
        self._root = root
        self._known: dict[object, str] = {}
        self._waiting = deque([Part(name="root", schema=root, place="#")])
        self._depth = 0
        self._n_parts = 0
        self._spent_s = 0.0

    def next(self) -> Part | None:
        """Return a part whose rule is to be written now, if any is left."""
        if not self._waiting:
            return None
        part = self._waiting.popleft()
        self._depth = part.depth
        return part

    def rule(self, kind: str, expression: str = "") -> str:
        """Add a rule and return its name."""
        if len(self.rules) > MOST_RULES:
            refuse(f"it needs more than {MOST_RULES} rules")
        name = f"{kind}-{len(self.rules)}"
        self.rules[name] = expression
        return name

    def part(
        self, kind: str, schema: object, place: str, *, needs: frozenset[str] = frozenset(), is_within: bool = True
    ) -> str:
        """Return the name of the rule for a part, which is written later."""
        depth = self._depth + 1 if is_within else 0
        self._n_parts += 1
        if depth > MOST_DEEP:
            refuse(f"it is nested more than {MOST_DEEP} deep", place)
        if self._n_parts > MOST_PARTS:
            refuse(f"it has more than {MOST_PARTS} parts", place)
        name = self.rule(kind)
        self._waiting.append(Part(name=name, schema=schema, place=place, depth=depth, needs=needs))
        return name

    def reference(self, path: object, place: str, needs: frozenset[str]) -> str:
        """Return the name of the rule for what a reference leads to; there is one however often it is referred to."""
        target, its_place = resolved(self._root, path, place)
        key = (path, needs)
        if key not in self._known:
            self._known[key] = self.part("ref", target, its_place, needs=needs, is_within=False)
        return self._known[key]

    def automaton(
        self, kind: str, key: object, make: Callable[[], Automaton], written: Callable[[Ranges], list[str]], end: str
    ) -> str:
        """Return the name of the rule that writes what an automaton accepts; there is one for each key.

        Args:
            kind: What the rules' names begin with.
            key: What tells this automaton from others.
            make: Called where it is new.
            written: Gives the alternatives of a grammar for a character of a set.
            end: What is written behind the text.
        """

        def one_of(ranges: Ranges) -> str:
            ways = written(ranges)
            if len(ways) == 1:
                return ways[0]
            if ranges not in self._known:
                self._known[ranges] = self.rule("set", " | ".join(ways))
            return self._known[ranges]

        if key not in self._known:
            began = time.thread_time()
            self._known[key] = name = self.rule(kind)
            self.rules.update(make().rules(name, one_of, end))
            self._spent_s += time.thread_time() - began
            if self._spent_s > MOST_S:
                refuse("its patterns, lengths and bounds take too long; repeat less in them, or leave some out")
        return self._known[key]

    def flattened(self, schema: object, place: str) -> dict[str, Any]:
        """Return the constraints of a part, with what it refers to and what ``allOf`` adds among them."""
        return flattened(self._root, schema, place)
