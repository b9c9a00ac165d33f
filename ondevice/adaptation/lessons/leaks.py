"""What of a history may not stand in a prompt, because it says the answer; case and spaces do not count.

One rule for what is learned from, what is judged by, and what the evaluation asks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ondevice.generation.prompts.prompt import labels_for
from ondevice.records import Draft, Item


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """An entry's text and title, so that they can be compared."""

    text: str
    title: str

    @classmethod
    def by(cls, entry: Draft | Item) -> Said:
        """Return what an entry says."""
        return cls(plain(entry.text), plain(str(entry.fields.get("title", ""))))


@dataclass(frozen=True, slots=True, repr=False)
class PlantedSecret:
    """What no entry in the prompt may say: the texts that are asked about, and the answer where it is free text."""

    texts: frozenset[str]
    answers: frozenset[str]

    @classmethod
    def of(cls, *, task: str, answer: str, texts: Iterable[str]) -> PlantedSecret:
        """Return the secret of one question; a label is none, since others may have the same."""
        answers = {plain(answer)} if labels_for(task) is None else set()
        return cls(frozenset(map(plain, texts)), frozenset(answers))

    def is_told_by(self, said: Said) -> bool:
        """Say whether an entry gives it away: its text is one that is asked about, or its text or title the answer."""
        return said.text in self.texts or said.text in self.answers or said.title in self.answers


def plain(text: str) -> str:
    """Return a text without what does not count."""
    return " ".join(text.casefold().split())
