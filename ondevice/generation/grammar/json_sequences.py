"""What stands between the brackets of objects and arrays: entries with commas, and one space at most behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ondevice.generation.grammar.json_parts import Parts

COMMA = '"," space'
NOTHING = '""'


@dataclass(frozen=True, slots=True)
class Entry:
    """A member or an item: how it is written, and whether it must be."""

    written: str
    is_due: bool = False


def in_order(parts: Parts, entries: Sequence[Entry], least: int, most: int | None) -> str | None:
    """Return the expression of entries in their order, of which those that are not due may be left out.

    The rules are written from the last entry to the first, one for each number of entries before it that matters:
    behind any entry a comma is due, behind none it is not, and with bounds all of them are counted.

    Returns:
        ``None`` if so many cannot be written.
    """
    most = len(entries) if most is None else most
    is_counted = least > sum(entry.is_due for entry in entries) or most < len(entries)
    top = min(most, len(entries)) if is_counted else min(1, len(entries))
    behind = [NOTHING if not is_counted or least <= n <= most else None for n in range(top + 1)]
    for place in range(len(entries) - 1, -1, -1):
        entry = entries[place]
        now: list[str | None] = []
        for n in range(min(place, top) + 1):
            after = None if is_counted and n == top else behind[min(n + 1, top)]
            ways = [] if after is None else [f"{f'{COMMA} ' if n else ''}{entry.written} {after}"]
            skipped = behind[n]
            if not entry.is_due and skipped is not None:
                ways.append(skipped)
            now.append(parts.rule("more" if n else "entries", " | ".join(ways)) if ways else None)
        behind = now
    return behind[0]


def repeated(parts: Parts, item: str, least: int, most: int | None) -> str:
    """Return the expression of one entry so many times, as a rule of its own where it may be missing."""
    if most == 0:
        return NOTHING
    several = f"{item} ({COMMA} {item}){times(max(least - 1, 0), None if most is None else most - 1)}"
    return several if least else parts.rule("several", f"{several} | {NOTHING}")


def times(least: int, most: int | None) -> str:
    """Return a repetition as a grammar writes it."""
    return f"{{{least},{'' if most is None else most}}}"
