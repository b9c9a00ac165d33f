"""Whose history a question is answered with: the user's own, or one of the controls that tell whether it was needed.

An answer that gains as much from a stranger's history, or from one's own with its labels mixed up, was helped by more
text in the prompt, not by who the user is.

Source: the mismatched-profile control of LaMP-QA, and Salemi et al. 2023, arXiv:2304.11406, for what must not leak.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from ondevice.adaptation.lessons.leaks import PlantedSecret, Said
from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.errors import GenerationError
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.generation.prompts.prompt import labels_for, query_for
from ondevice.generation.prompts.summary import count_summary
from ondevice.records import Draft, Item

_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

History = Literal["own", "other", "shuffled"]
HISTORIES: tuple[History, ...] = ("own", "other", "shuffled")

LABEL_FIELDS: Mapping[str, str] = {
    "LaMP_2": "tag",
    "LaMP_2N": "category",
    "LaMP_3": "score",
    "LaMP_4": "title",
    "LaMP_5": "title",
    "LaMP_6": "title",
}
"""What an entry says about its text. LaMP_1 and LaMP_7 have no such pair, so nothing can be shuffled there."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class GuardedHistory:
    """A history without what would give the answer away.

    Args:
        drafts: What is left, in the file's order.
        n_guarded: How many entries would have given it away.
        n_cut: How many more were left out, so that a control is no larger than what it is compared with.
    """

    drafts: tuple[Draft, ...]
    n_guarded: int
    n_cut: int = 0


def histories_of(task: str) -> tuple[History, ...]:
    """Return the histories that a task can be answered with."""
    return HISTORIES if task in LABEL_FIELDS else ("own", "other")


def own_history(split: LampSplit, place: int) -> GuardedHistory:
    """Return the history that the question at ``place`` brings along, without what leaks its answer."""
    question, gold = split.questions[place], split.golds[place]
    drafts = tuple(question.history())
    kept = tuple(
        draft
        for draft in drafts
        if not gives_away(draft, task=split.task, request=question.request, answer=gold, time=question.time)
    )
    return GuardedHistory(drafts=kept, n_guarded=len(drafts) - len(kept))


def gives_away(entry: Draft | Item, *, task: str, request: str, answer: str, time: datetime | None) -> bool:
    """Say whether an entry leaks a question's answer.

    It does if it stands at or after the question's own date, or tells the ``PlantedSecret``.
    """
    is_late = time is not None and entry.time is not None and entry.time >= time
    secret = PlantedSecret.of(task=task, answer=answer, texts=(query_for(task, request),))
    return is_late or secret.is_told_by(Said.by(entry))


def other_history(split: LampSplit, place: int) -> GuardedHistory:
    """Return what of another user's history stands in for that of the question at ``place``.

    The other user is the one with the most similar number of entries in the file, of two as near the one with more,
    then the next in the file; for all questions of a user it is the same one. Left out is what the rules of that
    user's first question forbid, and what those of this question forbid: users write about the same things, and an
    entry of a stranger can hold the very text that is asked about. Of the rest the newest stay, so many as the own
    history has; a smaller one stays smaller.

    Raises:
        ValueError: If the split has a single user.
    """
    question, gold = split.questions[place], split.golds[place]
    strange = own_history(split, _stranger(split, place))
    fair = tuple(
        draft
        for draft in strange.drafts
        if not gives_away(draft, task=split.task, request=question.request, answer=gold, time=question.time)
    )
    kept = newest(fair, len(own_history(split, place).drafts))
    return GuardedHistory(
        drafts=kept,
        n_guarded=strange.n_guarded + len(strange.drafts) - len(fair),
        n_cut=len(fair) - len(kept),
    )


def shuffled_history(split: LampSplit, place: int) -> GuardedHistory:
    """Return the user's own history with its labels dealt out anew; the same question always gets the same deal.

    Raises:
        ValueError: If the task's entries have no labels.
    """
    field = LABEL_FIELDS.get(split.task)
    if field is None:
        raise ValueError(f"the entries of {split.task} have no label to shuffle")
    own = own_history(split, place)
    seed = int.from_bytes(hashlib.sha256(split.questions[place].id.encode(errors="surrogatepass")).digest()[:8], "big")
    order = np.random.default_rng(seed).permutation(len(own.drafts))
    labels = [draft.fields.get(field) for draft in own.drafts]
    dealt = []
    for draft, source in zip(own.drafts, order, strict=True):
        label = labels[source]
        fields = {name: value for name, value in draft.fields.items() if name != field}
        dealt.append(replace(draft, fields=fields if label is None else {**fields, field: label}))
    return GuardedHistory(drafts=tuple(dealt), n_guarded=own.n_guarded)


def history_for(split: LampSplit, place: int, history: History) -> GuardedHistory:
    """Return the history of that kind for the question at ``place``."""
    return {"own": own_history, "other": other_history, "shuffled": shuffled_history}[history](split, place)


def lesson_history(split: LampSplit, place: int, history: History) -> tuple[Draft, ...]:
    """Return what an adapter may learn from before the question at ``place`` is asked.

    One adapter serves all questions of a user, as on a device: it sees the entries that none of them forbids. Where
    these are too few to learn from, it is made for this question alone. A stranger's lesson is no larger than the
    user's own, of the newest entries.

    Raises:
        ValueError: If a stranger's history is asked for, and there is none.
    """
    user = split.questions[place].user
    places = [each for each, question in enumerate(split.questions) if question.user == user]
    given = {each: history_for(split, each, history).drafts for each in places}
    known = [{content_of(draft) for draft in drafts} for drafts in given.values()]
    shared = tuple(draft for draft in given[place] if all(content_of(draft) in each for each in known))
    lesson = shared if len(shared) >= MIN_PAIRS else given[place]
    return newest(lesson, len(lesson_history(split, place, "own"))) if history == "other" else lesson


def majority_answers(split: LampSplit) -> dict[str, list[str]] | None:
    """Return the answers of two baselines that read no request: the label most frequent for all, and for each user.

    Both count the histories alone, never a gold. A user without entries gets the label of all. ``None`` where the
    answer is free text or the entries carry no label.
    """
    field = LABEL_FIELDS.get(split.task)
    if field is None or labels_for(split.task) is None:
        return None
    counted = [_labels(own_history(split, place).drafts, field) for place in range(len(split.questions))]
    everyone = _top(Counter(label for labels in counted for label in labels)) or ""
    by_user: dict[str, Counter[str]] = {}
    for question, labels in zip(split.questions, counted, strict=True):
        by_user.setdefault(question.user, Counter()).update(labels)
    own = [_top(by_user[question.user]) or everyone for question in split.questions]
    return {"majority": [everyone] * len(split.questions), "user-majority": own}


def as_items(drafts: Sequence[Draft], prefix: str = "") -> list[Item]:
    """Return entries as items, as a profile would keep them; their ids are the prefix and their number.

    Those without a date keep the file's order, before all that have one.
    """
    return [
        Item(
            id=f"{prefix}{number}",
            text=draft.text,
            kind=draft.kind,
            fields=draft.fields,
            metadata=draft.metadata,
            time=draft.time or _UNDATED + timedelta(seconds=number),
            added_at=_UNDATED,
        )
        for number, draft in enumerate(drafts)
    ]


def counted_of(items: Sequence[Item], task: str) -> str:
    """Return the counted summary of a history for a prompt; nothing where it has nothing that the task counts."""
    try:
        return count_summary(items, task=task).text
    except GenerationError:
        return ""


def newest(drafts: Sequence[Draft], n: int) -> tuple[Draft, ...]:
    """Return the ``n`` newest entries, in the order given; of those without a date the later ones are newer.

    As in a profile (:func:`as_items`), whatever has a date is newer than what has none.
    """
    by_age = sorted(range(len(drafts)), key=lambda number: (drafts[number].time or _UNDATED, number))
    return tuple(drafts[number] for number in sorted(by_age[max(0, len(drafts) - n) :]))


def _stranger(split: LampSplit, place: int) -> int:
    """Return the place of the first question of the user whose history is about as long; see :func:`other_history`.

    Where users are divided into folds, both are of one: a model has learned from the users of the other.
    """
    fold = split.folds.get(split.questions[place].user)
    first: dict[str, int] = {}
    for number, question in enumerate(split.questions):
        if split.folds.get(question.user) == fold:
            first.setdefault(question.user, number)
    if len(first) < 2:
        raise ValueError("another user's history needs two users, but there is one")
    users = list(first)
    asker = users.index(split.questions[place].user)
    sizes = [len(split.questions[number].profile) for number in first.values()]

    def strangeness(ahead: int) -> tuple[int, bool, int]:
        size = sizes[(asker + ahead) % len(users)]
        return abs(size - sizes[asker]), size < sizes[asker], ahead

    return first[users[(asker + min(range(1, len(users)), key=strangeness)) % len(users)]]


def content_of(draft: Draft) -> tuple[object, ...]:
    """Return what an entry says and when, to tell it from others; a profile keeps entries that are alike once."""
    return draft.text, draft.time, *sorted((name, str(value)) for name, value in draft.fields.items())


def _labels(drafts: Sequence[Draft], field: str) -> list[str]:
    values = (draft.fields.get(field) for draft in drafts)
    return [str(int(value) if isinstance(value, float) else value) for value in values if value is not None]


def _top(counter: Counter[str]) -> str | None:
    # Of equally frequent labels the first in the alphabet, so that the order of the file decides nothing.
    return min(counter, key=lambda label: (-counter[label], label)) if counter else None
