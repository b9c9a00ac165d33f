"""What a reader learns: requests over notes that were found for them, answered with the notes' numbers, or refused.

The notes of a prompt are what the real retriever finds among all of an invented person's. Over the same notes other
requests of this person are asked too: those that they answer, and near ones that they do not, so that a model has to
read to tell the two apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ondevice.adaptation.lessons.pairs import Pair
from ondevice.evaluation.people import NotesRequest, Person
from ondevice.evaluation.people.values import list_of
from ondevice.generation.prompts.notes import oldest_first
from ondevice.generation.prompts.passages import NOTES_WORDS
from ondevice.generation.prompts.refusal import REFUSAL
from ondevice.records import Draft, Item
from ondevice.words import fold, split_words

Search = Callable[[str, int], Sequence[Item]]
"""Finds so many notes of one person for a request, best first."""

Searching = Callable[[Sequence[Draft]], AbstractContextManager[Search]]
"""Opens the search over one person's notes."""

Verdict = Literal["answered", "refused"]

_MORE = 12
"""Found beside those that are shown, for where what answers is taken away, or put before the others."""

_NEWEST = "newest"
"""The category of what was noted once and changed later."""

_MOST_WORDS = 450
"""Notes longer than this together would be shortened in the prompt, and might lose what answers."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingConfig:
    """How lessons are made of people.

    Args:
        k: Notes in a prompt, on average.
        spread: So many more or fewer by chance, so that their number is not learned.
        sets: Sets of notes of a person, at most: more people teach more than more of the same ones.
        branches: Requests over the same notes, at most.
        repeats: How often a request is asked over notes that were found for another one, at most.
        refused: The part of all answers that refuses.
        barren: The part of the requests whose notes are shown without those that answer them.
        helped: The part of the requests whose notes are shown with those that answer them, though others were found to
            be nearer: few requests that rest on two notes find both.
        seed: Decides all that chance decides.
    """

    k: int = 4
    spread: int = 2
    sets: int = 24
    branches: int = 8
    repeats: int = 6
    refused: float = 0.28
    barren: float = 0.1
    helped: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that leave nothing to read."""
        if not 0 <= self.spread < self.k or min(self.sets, self.branches, self.repeats) < 1:
            raise ValueError(
                f"spread {self.spread} must be 0 or more and less than k {self.k}, "
                f"sets {self.sets}, branches {self.branches} and repeats {self.repeats} 1 or more"
            )
        if not 0 <= self.refused < 1 or not 0 <= self.barren <= 1 or not 0 <= self.helped <= 1:
            raise ValueError(
                f"refused {self.refused} must be 0 to less than 1, barren {self.barren} and helped {self.helped} 0 to 1"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """Requests of one person over the same notes.

    Args:
        person: Whose they are.
        pairs: The requests with their answers; all have the same items.
    """

    person: str
    pairs: tuple[Pair, ...] = field(repr=False)


def reading_lessons(
    people: Iterable[Person],
    searching: Searching,
    config: ReadingConfig,
    *,
    on_person: Callable[[int], None] | None = None,
) -> Iterator[Lesson]:
    """Yield what there is to learn from people, person after person.

    Args:
        people: Invented ones.
        searching: Opens the search over one person's notes.
        config: How lessons are made.
        on_person: Told how many people are done.
    """
    for number, person in enumerate(people):
        with searching(person.drafts) as search:
            yield from _Reading(person, search, config, np.random.default_rng([config.seed, number])).lessons()
        if on_person is not None:
            on_person(number + 1)


def is_refused(pair: Pair) -> bool:
    """Say whether the right answer of a lesson's pair is that the notes do not say."""
    return pair.answer == REFUSAL


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """A request over one of the sets of notes."""

    place: int
    group: int
    is_refused: bool


class _Reading:
    """The lessons of one person."""

    def __init__(self, person: Person, search: Search, config: ReadingConfig, random: np.random.Generator) -> None:
        self._person, self._search, self._config, self._random = person, search, config, random
        self._requests = person.requests
        self._words = [_words(_conversation(request)) for request in self._requests]
        self._asked_by = Counter(word for words in self._words for word in words)
        self._uses = [0] * len(self._requests)
        self._n_groups = 0

    def lessons(self) -> list[Lesson]:
        """Return the lessons, over notes found for requests that were not asked over another's before."""
        groups: list[tuple[list[Item], list[_Asked]]] = []
        for place in self._random.permutation(len(self._requests)).tolist():
            if len(groups) == self._config.sets:
                break
            is_barren = self._requests[place].is_answerable and self._random.random() < self._config.barren
            if is_barren or not self._uses[place]:
                notes = self._notes(self._requests[place], is_barren=is_barren)
                groups.append((notes, self._ask(place, notes)))
        kept = self._kept([each for _, asked in groups for each in asked])
        lessons = []
        for notes, asked in groups:
            pairs = tuple(self._pair(each, notes) for each in asked if each in kept)
            if pairs:
                lessons.append(Lesson(person=self._person.name, pairs=pairs))
        return lessons

    def _notes(self, request: NotesRequest, *, is_barren: bool) -> list[Item]:
        """Return what is found for a request, or what is found beside all that answers it or once did."""
        spread = self._config.spread
        n_notes = self._config.k + int(self._random.integers(-spread, spread + 1))
        left_out = {*request.evidence, *request.outdated} if is_barren else set()
        found = [item for item in self._search(_conversation(request), n_notes + _MORE) if item.id not in left_out]
        if self._random.random() < self._config.helped:  # a stable sort: what answers it first, else as found
            found.sort(key=lambda item: item.id not in request.evidence)
        notes: list[Item] = []
        n_words = 0
        for item in found[:n_notes]:
            n_words += min(NOTES_WORDS, len(item.text.split()))
            if notes and n_words > _MOST_WORDS:
                break
            notes.append(item)
        return notes

    def _ask(self, own: int, notes: Sequence[Item]) -> list[_Asked]:
        """Choose what is asked over these notes: the request that they were found for, and others."""
        if not notes:
            return []
        random, most = self._random, self._config.branches
        words = _words(" ".join(_said(note) for note in notes))
        verdicts = [verdict(request, notes) for request in self._requests]
        others = [
            place
            for place in random.permutation(len(self._requests)).tolist()
            if place != own and self._uses[place] < self._config.repeats
        ]
        answered = sorted((place for place in others if verdicts[place] == "answered"), key=self._uses.__getitem__)
        refused = sorted(
            (place for place in others if verdicts[place] == "refused"),
            key=lambda place: (-self._nearness(place, words), self._uses[place]),
        )
        first = [own] if verdicts[own] is not None else []
        n_answered = round(most * (1 - self._config.refused)) - (verdicts[own] == "answered")
        chosen = [*first, *answered[:n_answered]]
        n_refused = max(1, round(len(chosen) * self._config.refused / (1 - self._config.refused)))
        chosen += refused[: min(n_refused, most - len(chosen))]
        for place in chosen:
            self._uses[place] += 1
        group = self._n_groups = self._n_groups + 1
        return [_Asked(place=place, group=group, is_refused=verdicts[place] == "refused") for place in chosen]

    def _nearness(self, place: int, words: set[str]) -> float:
        """Return how many words a request shares with notes, and less for those that many requests have."""
        return sum(1 / self._asked_by[word] for word in sorted(self._words[place] & words))

    def _kept(self, asked: Sequence[_Asked]) -> set[_Asked]:
        """Leave refusals out by chance until they are the part that is wanted."""
        refused = [each for each in asked if each.is_refused]
        n_answered = len(asked) - len(refused)
        wanted = round(n_answered * self._config.refused / (1 - self._config.refused))
        stay = [refused[place] for place in self._random.permutation(len(refused)).tolist()[:wanted]]
        return {*stay, *(each for each in asked if not each.is_refused)}

    def _pair(self, asked: _Asked, notes: Sequence[Item]) -> Pair:
        request = self._requests[asked.place]
        answer = REFUSAL if asked.is_refused else cited(request, notes)
        pair = Pair(
            request=request.text,
            answer=answer,
            task="chat",
            item_ids=(),
            asked_at=self._person.now,
            earlier=request.after,
        )
        return pair.with_items(notes)


def verdict(request: NotesRequest, notes: Sequence[Item]) -> Verdict | None:
    """Say how a request is answered over these notes; ``None`` where a careful reader could be of two minds.

    That is so where only an outdated note is shown, of which nobody can see that it is, and where a note says by chance
    all that is asked for.
    """
    shown = {note.id for note in notes}
    if request.is_answerable and shown.issuperset(request.evidence):
        return "answered"
    if request.listed and shown.intersection(request.evidence):
        return "answered"  # with the part of the list that is shown
    if shown.intersection(request.outdated) or (request.category == _NEWEST and shown.intersection(request.evidence)):
        return None
    if request.required and any(_tells(note, request) for note in notes):
        return None
    return "refused"


def cited(request: NotesRequest, notes: Sequence[Item]) -> str:
    """Return a request's answer behind the numbers that the notes it follows from have in the prompt."""
    ids = [notes[place].id for place in oldest_first(notes)]
    marks = "".join(f"[{number}]" for number, id in enumerate(ids, 1) if id in request.evidence)
    if not request.listed or set(ids).issuperset(request.evidence):
        return f"{marks} {request.answer}"
    shown = [part for id, part in zip(request.evidence, request.listed, strict=True) if id in ids]
    return f"{marks} {list_of(shown)}."


def _conversation(request: NotesRequest) -> str:
    """Return what is searched for: the request behind what it follows."""
    return "\n".join((*request.after, request.text))


def _tells(note: Item, request: NotesRequest) -> bool:
    said = _said(note).casefold()
    return all(any(text.casefold() in said for text in group) for group in request.required)


def _said(note: Item) -> str:
    return f"{note.fields.get('title') or ''} {note.text}"


def _words(text: str) -> set[str]:
    return {word.casefold() for word in split_words(fold(text))}
