"""Items of a history as questions: what a user once answered, asked with the items before it as the history.

A user with few questions has many items, each of which was a request and an answer. What was there when the item was
made may be in its history; what says its answer may not, by the rules that hold for every question
(:func:`ondevice.evaluation.histories.gives_away`).

Source: Salemi & Zamani 2024, arXiv:2409.09510, for the request that an item answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ondevice.adaptation.lessons.pairs import PROXIES, Pair, item_pairs
from ondevice.evaluation.histories import as_items, content_of
from ondevice.evaluation.item_overlap import KnownItems
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.importers import LampQuestion
from ondevice.records import Draft, Item


def distinct_items(question: LampQuestion) -> list[Item]:
    """Return a question's history, each entry once, in the file's order; the ids are the question's and a number."""
    return as_items([draft for draft, _ in _distinct(question)], f"{question.id}/")


def oldest_first(items: Sequence[Item]) -> list[Item]:
    """Return items in the order in which they were made; those without a date first, as the file has them."""
    return sorted(items, key=lambda item: item.time)


def item_questions(
    task: str, ordered: Sequence[Item], places: Sequence[int]
) -> Iterator[tuple[Pair, Sequence[Item], datetime]]:
    """Yield the items at these places as questions, each with the items before it and the time of asking.

    Args:
        task: Whose request an item answers; none of :data:`~ondevice.adaptation.lessons.pairs.PROXIES`.
        ordered: The items, the oldest first.
        places: Which become questions; those that lack a field of the task are left out.
    """
    for place in places:
        for pair in item_pairs([ordered[place]], task=task):
            yield pair, ordered[:place], ordered[place].time


def with_history_questions(split: LampSplit, n_newest: int) -> LampSplit:
    """Return the split with each user's newest items as further questions, behind the user's own.

    They are those of the history of the user's first question, ``n_newest`` at most. Left out are items with none
    before them, and those that ask what a question of the user asks, or answer it.
    """
    if not n_newest:
        return split
    of_user: dict[str, list[int]] = {}
    for place, question in enumerate(split.questions):
        of_user.setdefault(question.user, []).append(place)
    questions: list[LampQuestion] = []
    golds: list[str] = []
    known = {question.id for question in split.questions}
    for places in of_user.values():
        own = split.at(places)
        questions += own.questions
        golds += own.golds
        for question, gold in _newest_questions(own, n_newest):
            name = question.id
            while name in known:
                name = f"item {name}"
            known.add(name)
            questions.append(replace(question, id=name))
            golds.append(gold)
    return replace(split, questions=tuple(questions), golds=tuple(golds))


def _newest_questions(own: LampSplit, n_newest: int) -> Iterator[tuple[LampQuestion, str]]:
    """Yield a user's newest items as questions with their answers, the oldest of them first."""
    if own.task in PROXIES:
        return
    first = own.questions[0]
    asked = KnownItems.of((replace(question, profile=()) for question in own.questions), own.golds)
    items = distinct_items(first)
    made_of = {item.id: each for item, each in zip(items, _distinct(first), strict=True)}
    ordered = oldest_first(items)
    newest = range(max(1, len(ordered) - n_newest), len(ordered))
    for pair, earlier, _ in item_questions(own.task, ordered, newest):
        if asked.know(task=own.task, request=pair.request, answer=pair.answer):
            continue
        (name,) = pair.item_ids
        before = {item.id for item in earlier}
        question = replace(
            first,
            id=name,
            request=pair.request,
            profile=tuple(entry for known, (_, entry) in made_of.items() if known in before),
            time=made_of[name][0].time,
        )
        yield question, pair.answer


def _distinct(question: LampQuestion) -> list[tuple[Draft, Mapping[str, object]]]:
    """Return the entries of a history with what the file says of them; of those that are alike the first."""
    distinct: dict[tuple[object, ...], tuple[Draft, Mapping[str, object]]] = {}
    for draft, entry in zip(question.history(), question.profile, strict=True):
        distinct.setdefault(content_of(draft), (draft, entry))
    return list(distinct.values())
