"""Seeded choices for one invented person, from the half of all words that its split may use."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

from ondevice.evaluation.people.values import Value

Split = Literal["train", "held_out"]
_SEAMS = (
    (" on next ", " next "),
    (" on tomorrow", " tomorrow"),
    (" at room ", " in room "),
    (" at Hall ", " in Hall "),
)
"""Where a slot does not go with the word before it."""
_VOWEL = re.compile(r"\b([Aa]) (?=[aeioAEIO])")
"""Where an article needs its ``n``."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wordings:
    """Templates of one sentence: those that are learned from, and others, by which what was learned is judged."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]

    def of(self, split: Split) -> tuple[str, ...]:
        """Return the templates of a split."""
        return self.train if split == "train" else self.held_out


@dataclass(kw_only=True, slots=True)
class Scene:
    """What is drawn for one person.

    Args:
        random: The source of all choices.
        split: Which half of words and wordings is used.
        now: The person's present.
        at: When the note that is being written is written.
        is_one_note: Whether it is the story's only one; else no value may be said from the day of one of them.
        cast: First names of those who talk with each other, the person's own first.
    """

    random: random.Random = field(repr=False)
    split: Split
    now: datetime
    at: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    is_one_note: bool = True
    cast: tuple[str, ...] = ()
    _taken: dict[int, list[str]] = field(default_factory=dict, repr=False)

    def half(self, pool: Sequence[T]) -> Sequence[T]:
        """Return the words of a pool that the split may use: every second one."""
        return pool[0::2] if self.split == "train" else pool[1::2]

    def pick(self, pool: Sequence[T]) -> T:
        """Return one of the split's words of a pool."""
        return self.random.choice(self.half(pool))

    def take(self, pool: tuple[str, ...]) -> str | None:
        """Return a word of a pool that this person has not been given yet, or ``None`` where there is none left."""
        left = self._taken.setdefault(id(pool), self.random.sample(self.half(pool), len(self.half(pool))))
        return left.pop() if left else None

    def chance(self, part: float) -> bool:
        """Say yes in so many cases."""
        return self.random.random() < part

    def say(self, wordings: Wordings, values: Mapping[str, Value], *, plainly: bool = False) -> str:
        """Return one wording with its slots filled, in one of each value's forms, or ``plainly`` as answers say it."""
        return self.fill(self.random.choice(wordings.of(self.split)), values, plainly=plainly)

    def fill(self, template: str, values: Mapping[str, Value], *, plainly: bool = False) -> str:
        """Return a template with its slots filled; a slot in capitals begins with a capital letter."""
        texts: dict[str, str] = {}
        for name, value in values.items():
            text = value.said if plainly else self.random.choice(value.forms)
            texts[name] = text
            texts[name.capitalize()] = text[:1].upper() + text[1:]
        text = template.format_map(texts)
        for heard, written in _SEAMS:
            text = text.replace(heard, written)
        return _VOWEL.sub(r"\1n ", text)

    def past(self, days: int) -> datetime:
        """Return a moment of the last so many days, in waking hours."""
        whole = timedelta(days=self.random.randint(1, days))
        hours = timedelta(hours=self.random.randint(7, 21), minutes=self.random.randint(0, 59))
        return (self.now - whole).replace(hour=0, minute=0) + hours
