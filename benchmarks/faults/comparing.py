"""Hold what a profile says against the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.faults.ledger import Entry, Ledger
from benchmarks.faults.observing import Seen


class Bad(StrEnum):
    """What must never be; the table's columns."""

    LOST = "lost"
    HALF_FORGOTTEN = "half-forgotten"
    LEFT_BEHIND = "left behind"
    UNSEEN = "unseen"
    WRONG = "wrong"


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that must not be: what kind, and where."""

    bad: Bad
    detail: str


def compare(expected: Ledger, before: Ledger, seen: Seen) -> Iterator[Problem]:
    """Yield every difference.

    Args:
        expected: What must hold, with the acts that were under way decided.
        before: The same without them, to tell what an unfinished erasure left from what a finished one did.
        seen: What the profile says.
    """
    yield from _items(expected, before, seen)
    yield from _vectors(expected, seen)
    yield from _sealed(expected, seen)
    if seen.notes != expected.notes:
        yield Problem(bad=Bad.LOST, detail="settings differ")
    if seen.n_pending:
        yield Problem(bad=Bad.HALF_FORGOTTEN, detail=f"{seen.n_pending} erasures still wait")


def _items(expected: Ledger, before: Ledger, seen: Seen) -> Iterator[Problem]:
    for entry in expected.items.values():
        fault = _fault_of(entry, seen)
        if fault:
            yield Problem(bad=Bad.LOST, detail=f"item {entry.id} {fault}")
    for item_id in (seen.items.keys() | seen.hidden) - expected.items.keys():
        if item_id in before.gone_ids:
            yield Problem(bad=Bad.LEFT_BEHIND, detail=f"forgotten item {item_id} is there")
        elif item_id in expected.gone_ids:
            yield Problem(bad=Bad.HALF_FORGOTTEN, detail=f"item {item_id} is there, others of its erasure are not")
        else:
            yield Problem(bad=Bad.WRONG, detail=f"item {item_id} was never added")


def _fault_of(entry: Entry, seen: Seen) -> str:
    if entry.is_expired:
        return "" if entry.id in seen.hidden else "is missing, though only expired"
    found = seen.items.get(entry.id)
    if found is None:
        return "is missing"
    if (found.text, found.title) != (entry.text, entry.title):
        return "says something else"
    return "" if found.earlier == entry.earlier else "has other earlier versions"


def _vectors(expected: Ledger, seen: Seen) -> Iterator[Problem]:
    wanted = {
        (encoder_id, entry.id): vector
        for entry in expected.items.values()
        for encoder_id, vector in entry.vectors.items()
    }
    for place in wanted.keys() | seen.vectors.keys():
        if place not in wanted:
            yield Problem(bad=Bad.LEFT_BEHIND, detail=f"a vector of {place[1]} is there")
        elif wanted[place] != seen.vectors.get(place):
            yield Problem(bad=Bad.LOST, detail=f"the vector of {place[1]} is missing or another")


def _sealed(expected: Ledger, seen: Seen) -> Iterator[Problem]:
    for place in expected.things.keys() | seen.things.keys():
        thing = expected.things.get(place)
        wanted, found = thing and thing.data, seen.things.get(place)
        if wanted != found:
            bad = Bad.LEFT_BEHIND if wanted is None else Bad.LOST
            yield Problem(bad=bad, detail=f"the derived {' '.join(place)} is {_state(found)}")
    for name, data in seen.caches.items():
        if name not in expected.caches:
            yield Problem(bad=Bad.LEFT_BEHIND, detail=f"{name} outlived an erasure")
        elif data != expected.caches[name]:
            yield Problem(bad=Bad.LOST, detail=f"{name} says something else")


def _state(data: bytes | None) -> str:
    return "missing" if data is None else "another, or still there"
