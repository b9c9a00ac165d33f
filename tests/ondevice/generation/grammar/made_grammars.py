"""Grammars made at random: some right, some that lead to themselves or nowhere, some with a character out of place."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

LITERALS = ['"a"', '"bc"', '""', r'"\n"', r'"\x41é"', "[a-c]", "[^a]", "[a-]", r"[\]\-x]", ".", r'"\""']
NAMES = ["root", "a", "b", "c-1"]
REPETITIONS = [
    "*",
    "+",
    "?",
    "{2}",
    "{0}",
    "{1,}",
    "{0,3}",
    "{ 2 , 4 }",
    "{3,2}",
    "{40}",
    "{0,60}",
    "{1001}",
    "{,2}",
    "{0,0}",
]
MISTAKES = '()[]{}|*+?"\\^-.<>!#:=,0٣ \n\r\ta'


def made(random: Random) -> str:
    """Return a grammar of one to four rules."""
    names = NAMES[: random.randint(1, 4)]
    rules = [f"{name} ::= {_ways(random, names, 0)}" for name in names]
    if random.random() < 0.2:
        random.shuffle(rules)
    text = random.choice(["\n", "\r\n", "\n\n # note\n"]).join(rules)
    for _ in range(random.choice([0, 0, 0, 0, 1, 2])):
        place = random.randrange(len(text))
        text = text[:place] + random.choice([*MISTAKES, ""]) + text[place + random.randint(0, 1) :]
    return text


def _ways(random: Random, names: Sequence[str], depth: int) -> str:
    return " | ".join(_way(random, names, depth) for _ in range(random.choice([1, 1, 2, 3])))


def _way(random: Random, names: Sequence[str], depth: int) -> str:
    return " ".join(_part(random, names, depth) for _ in range(random.choice([0, 1, 1, 2, 3])))


def _part(random: Random, names: Sequence[str], depth: int) -> str:
    kind = random.random()
    if kind < 0.6:
        part = random.choice(LITERALS)
    elif kind < 0.8 or depth > 3:
        # Mostly a later rule, for most that lead back are refused.
        part = random.choice(names[len(names) // 2 :] if random.random() < 0.8 else NAMES)
    else:
        part = f"({_ways(random, names, depth + 1)})"
    if random.random() < 0.3:
        part += random.choice(REPETITIONS)
    if random.random() < 0.03:
        part += random.choice("*+?")
    return part
