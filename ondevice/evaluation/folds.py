"""All users of a task in two folds: a model learns from one and is asked about the other, and the other way round.

How sure a figure is depends on the number of users, and the dev files have few. Cross-fitting asks all users of the
train and the dev files, each with a model that has learned from none of the user's fold.

Users who write about the same things belong together: who asks about a text, or gives a free answer, that stands
anywhere in another's questions or history falls into that one's fold. Where these are more users than a fold has,
each goes where the user shares most, and the questions that the other fold knows are counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ondevice.errors import InputError
from ondevice.evaluation.item_overlap import KnownItems, disjoint_places
from ondevice.evaluation.lamp_data import LampSplit, has_lamp_split, lamp_tasks, read_lamp_split
from ondevice.generation.prompts.prompt import labels_for
from ondevice.importers import LampQuestion

FOLDS = (1, 2)
PARTS = ("train", "dev")
"""The files whose users are divided. Those of other files stay apart."""
_SEED = "two folds of users, 1"


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldCounts:
    """How one task's users are divided, each pair for the folds 1 and 2.

    Args:
        users: Users.
        questions: Questions.
        disjoint: Questions that share neither text nor free answer with the other fold.
    """

    task: str
    users: tuple[int, int]
    questions: tuple[int, int]
    disjoint: tuple[int, int]


def fold_tasks(data: Path) -> list[str]:
    """Return the names of the folders below ``data`` that hold all parts, sorted.

    Raises:
        NotFoundError: If no folder holds a dev split.
    """
    return [name for name in lamp_tasks(data, PARTS[-1]) if all(has_lamp_split(data / name, part) for part in PARTS)]


def read_folds(folder: Path) -> LampSplit:
    """Read the questions of all users of one task's folder, and divide the users.

    The order of the files' questions decides nothing, and neither does the machine.

    Raises:
        NotFoundError: If a file is missing.
        InputError: If a file has the wrong form, or there are fewer than 2 users.
    """
    parts = [read_lamp_split(folder, part) for part in PARTS]
    if len({part.task for part in parts}) > 1:
        raise InputError(f"the files of {folder.name!r} hold questions of different tasks")
    known = {question.id for part in parts for question in part.questions}
    first = {question.id for question in parts[0].questions}
    later = [_renamed(each, known) if each.id in first else each for each in parts[1].questions]
    return divided(
        replace(
            parts[0],
            split="+".join(PARTS),
            questions=(*parts[0].questions, *later),
            golds=(*parts[0].golds, *parts[1].golds),
        )
    )


def divided(split: LampSplit) -> LampSplit:
    """Return the split with each user's fold.

    Raises:
        InputError: If there are fewer than 2 users.
    """
    said = _said_by_users(split)
    if len(said) < 2:
        raise InputError(f"two folds need 2 users or more, but {split.name!r} has {len(said)}")
    most = (len(said) + 1) // 2
    folds: dict[str, int] = {}
    members: dict[int, list[str]] = {fold: [] for fold in FOLDS}
    heard: dict[int, set[str]] = {fold: set() for fold in FOLDS}

    def put(users: Iterable[str], fold: int) -> None:
        for user in users:
            folds[user] = fold
            members[fold].append(user)
            heard[fold] |= said[user]

    groups = sorted(_groups(said), key=lambda group: (-len(group), _drawn(split.name, group[0])))
    for group in groups:
        emptier = min(FOLDS, key=lambda fold: len(members[fold]))
        if len(members[emptier]) + len(group) <= most:
            put(group, emptier)
            continue
        for user in sorted(group, key=lambda user: _drawn(split.name, user)):
            open_folds = [fold for fold in FOLDS if len(members[fold]) < most]
            put([user], max(open_folds, key=lambda fold: (len(said[user] & heard[fold]), -len(members[fold]), -fold)))
    return replace(split, folds=folds)


def in_fold(split: LampSplit, fold: int) -> LampSplit:
    """Return the questions of one fold's users."""
    return split.at([place for place, question in enumerate(split.questions) if split.folds[question.user] == fold])


def other_fold(fold: int) -> int:
    """Return the fold that is not this one."""
    return FOLDS[1] if fold == FOLDS[0] else FOLDS[0]


def users_of_fold(split: LampSplit, fold: int) -> set[str]:
    """Return who is in a fold."""
    return {user for user, each in split.folds.items() if each == fold}


def fold_digest(split: LampSplit) -> str:
    """Return a hash, 16 hex digits, of who is in which fold."""
    lines = sorted(f"{fold}\0{user}" for user, fold in split.folds.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def disjoint_across(split: LampSplit, everyone: LampSplit) -> list[int]:
    """Return the places of the questions that share neither text nor free answer with the other fold of their user."""
    found: list[int] = []
    for fold in FOLDS:
        learned = in_fold(everyone, other_fold(fold))
        places = disjoint_places(split, KnownItems.of(learned.questions, learned.golds))
        found += [place for place in places if split.folds[split.questions[place].user] == fold]
    return sorted(found)


def fold_counts(asked: LampSplit, everyone: LampSplit) -> FoldCounts:
    """Return how the users of a task are divided, of whom these questions are ``asked``."""
    apart = asked.at(disjoint_across(asked, everyone))
    sides = [[in_fold(split, fold) for fold in FOLDS] for split in (asked, apart)]
    (first, second), (first_apart, second_apart) = sides
    return FoldCounts(
        task=asked.name,
        users=(_n_users(first), _n_users(second)),
        questions=(len(first.questions), len(second.questions)),
        disjoint=(len(first_apart.questions), len(second_apart.questions)),
    )


def _said_by_users(split: LampSplit) -> dict[str, frozenset[str]]:
    """Return the texts of each user, and where answers are free text those and the titles too."""
    by_user: dict[str, list[int]] = {}
    for place, question in enumerate(split.questions):
        by_user.setdefault(question.user, []).append(place)
    is_free = labels_for(split.task) is None
    said: dict[str, frozenset[str]] = {}
    for user, places in by_user.items():
        own = split.at(places)
        known = KnownItems.of(own.questions, own.golds)
        said[user] = (known.texts | known.answers if is_free else known.texts) - {""}
    return said


def _groups(said: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """Return the users in groups of which none shares anything with another, each sorted."""
    leader = {user: user for user in said}

    def find(user: str) -> str:
        while leader[user] != user:
            leader[user] = leader[leader[user]]
            user = leader[user]
        return user

    first: dict[str, str] = {}
    for user, texts in said.items():
        for text in texts:
            leader[find(user)] = find(first.setdefault(text, user))
    groups: dict[str, list[str]] = {}
    for user in sorted(said):
        groups.setdefault(find(user), []).append(user)
    return list(groups.values())


def _drawn(task: str, user: str) -> str:
    """Return where chance puts a user in the order, the same on every machine."""
    return hashlib.sha256(f"{_SEED}\0{task}\0{user}".encode()).hexdigest()


def _renamed(question: LampQuestion, known: set[str]) -> LampQuestion:
    """Return a dev question under an id that no other has: one of that id in the train file is another question.

    Where the files name no users, a question's id is its user's, and the two are by two users.
    """
    name = f"{PARTS[1]}/{question.id}"
    while name in known:
        name = f"{PARTS[1]}/{name}"
    known.add(name)
    return replace(question, id=name, user=name if question.user == question.id else question.user)


def _n_users(split: LampSplit) -> int:
    return len({question.user for question in split.questions})
