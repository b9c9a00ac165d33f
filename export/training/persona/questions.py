"""What a persona learns from: LaMP's questions and items of histories as questions, each with its user's history.

The prompt is that of a request without retrieval; a part of the prompts holds retrieved items too, so that a persona
beside them is nothing new to the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from export.errors import DatasetError
from export.training.candidates import newest
from export.training.lexical import lexical_order
from export.training.population import read_sources
from export.training.requests import Asked, asked_of, held_users
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.bundle import FoldSpec
from ondevice.evaluation.folds import FOLDS
from ondevice.evaluation.histories import gives_away
from ondevice.evaluation.item_overlap import KnownItems
from ondevice.records import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionConfig:
    """Which questions are learned.

    Args:
        tasks: Folders below the data; all by default.
        split: The files' prefix, where users are not divided.
        learn_from_fold: Learn from the users of this fold alone; ``None`` does not divide them.
        limit: Questions a task, whole users first; ``None`` takes all.
        history_pairs: So many items of each user become questions themselves, with earlier items as the history.
        history_only: Leave the data set's own questions out, because the language model has learned their answers.
        with_items: The part of the prompts that hold retrieved items.
        max_items: Then 1 to so many, as chance decides.
        max_history: Items of a history that count, the newest.
        held_out: The part of the users on whom the training is judged.
        apart_from: Files of LaMP questions that the persona is to be measured on: a question whose text, or whose
            answer, is the text of a question or an item there is left out.
        seed: Decides all that chance decides.
    """

    tasks: tuple[str, ...] | None = None
    split: str = "train"
    learn_from_fold: int | None = None
    limit: int | None = None
    history_pairs: int = 3
    history_only: bool = False
    with_items: float = 0.3
    max_items: int = 3
    max_history: int = 512
    held_out: float = 0.1
    apart_from: tuple[Path, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that leave nothing to learn or to judge on."""
        if self.history_pairs < 0 or min(self.max_items, self.max_history) < 1 or (self.limit or 2) < 2:
            raise ValueError(
                f"history_pairs {self.history_pairs} must be 0 or more, max_items {self.max_items} and max_history "
                f"{self.max_history} 1 or more, limit {self.limit} 2 or more"
            )
        if self.history_only and not self.history_pairs:
            raise ValueError("history_only leaves nothing where history_pairs is 0")
        if not 0 <= self.with_items <= 1:
            raise ValueError(f"with_items must be between 0 and 1, not {self.with_items}")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out must be between 0 and 1, not {self.held_out}")
        if self.learn_from_fold not in (None, *FOLDS):
            raise ValueError(f"learn_from_fold must be 1 or 2, not {self.learn_from_fold}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One user's question.

    Args:
        user: The folder of the task, a stroke, and the user.
        pair: What is asked and answered, with the items in its prompt.
        query: What the encoder reads of the request.
        own: The user's history as it was then, the newest first.
        other: Another user's of the same task, as long as the own one at most and held to the same rules.
    """

    user: str
    pair: Pair
    query: str = field(repr=False)
    own: tuple[Item, ...] = field(repr=False)
    other: tuple[Item, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Questions:
    """Questions to learn from and questions of other users to judge on.

    Args:
        train: Those learned.
        held_out: Those of users who are not in ``train``.
        n_users: Users of both.
        n_apart: Questions left out because the files to be measured on have their texts.
        n_shared: Where a fold is learned, its questions whose text or free answer the other fold has too.
        learned_fold: Which fold that is.
    """

    train: tuple[Question, ...] = field(repr=False)
    held_out: tuple[Question, ...] = field(repr=False)
    n_users: int
    n_apart: int = 0
    n_shared: int = 0
    learned_fold: FoldSpec | None = None

    @property
    def all(self) -> tuple[Question, ...]:
        """Both, those learned first."""
        return (*self.train, *self.held_out)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that are asked, as prompts name them."""
        return tuple(sorted({question.pair.task for question in self.all}))


def read_questions(data: Path, config: QuestionConfig) -> Questions:
    """Read LaMP questions and divide their users.

    What ``apart_from`` takes away changes neither the other questions' prompts nor who is held out.

    Raises:
        NotFoundError: If a folder or a file is missing.
        InputError: If a file has the wrong form.
        DatasetError: If there are fewer than 2 users, or nothing is left to learn or to judge on.
    """
    measured = KnownItems.of_files(config.apart_from)
    by_user: dict[str, list[Asked]] = {}
    sources = read_sources(data, config.tasks, config.split, config.learn_from_fold)
    for number, split in enumerate(sources.splits):
        random = np.random.default_rng([config.seed, number])
        for asked in asked_of(split.first(config.limit), config.history_pairs, random):
            by_user.setdefault(asked.name, []).append(asked)
    held = held_users(list(by_user), config.held_out, config.seed)
    prompts = np.random.default_rng([config.seed, len(by_user)])
    train: list[Question] = []
    held_out: list[Question] = []
    n_apart = 0
    strangers = _strangers(by_user, held)
    for user, questions in by_user.items():
        for asked in questions:
            pair = _with_some(asked, config, prompts)
            if config.history_only and not asked.is_history:
                continue
            if measured.hold(asked.query) or measured.hold(asked.pair.answer):
                n_apart += 1
                continue
            own = _newest(asked.items, config.max_history)
            made = Question(
                user=user,
                pair=pair,
                query=asked.query,
                own=own,
                other=_fair(strangers[user], asked, len(own)),
            )
            (held_out if user in held else train).append(made)
    if not train or not held_out:
        raise DatasetError(
            f"of {len(by_user)} users' questions {len(train)} are left to learn from and {len(held_out)} to judge on",
            hint="take more users, or leave fewer questions out",
        )
    return Questions(
        train=tuple(train),
        held_out=tuple(held_out),
        n_users=len({question.user for question in (*train, *held_out)}),
        n_apart=n_apart,
        n_shared=sources.n_shared,
        learned_fold=sources.learned_fold,
    )


def _with_some(asked: Asked, config: QuestionConfig, random: np.random.Generator) -> Pair:
    """Put the best items into the prompt where chance says so."""
    has_some, n_items = random.random() < config.with_items, 1 + int(random.integers(config.max_items))
    if not has_some or not asked.items:
        return asked.pair
    return asked.pair.with_items([asked.items[place] for place in lexical_order(asked.query, asked.items)[:n_items]])


def _newest(items: Sequence[Item], n_items: int) -> tuple[Item, ...]:
    return tuple(items[place] for place in newest(items, n_items))


def _strangers(by_user: dict[str, list[Asked]], held: set[str]) -> dict[str, tuple[Item, ...]]:
    """Return for each user the history of the next one of the task who has one, on the same side if there is any."""
    of_task: dict[str, list[str]] = {}
    for user, asked in by_user.items():
        if asked[0].items:
            of_task.setdefault(user.split("/")[0], []).append(user)
    found: dict[str, tuple[Item, ...]] = {}
    order = {user: place for place, user in enumerate(by_user)}
    for user in by_user:
        others = [each for each in of_task.get(user.split("/")[0], []) if each != user]
        others = [each for each in others if (each in held) == (user in held)] or others
        after = [each for each in others if order[each] > order[user]]
        found[user] = by_user[(after or others)[0]][0].items if others else ()
    return found


def _fair(items: Sequence[Item], asked: Asked, n_items: int) -> tuple[Item, ...]:
    """Leave out what says the answer, and all but the newest."""
    pair = asked.pair
    fair = [
        item
        for item in items
        if not gives_away(item, task=pair.task, request=pair.request, answer=pair.answer, time=None)
    ]
    return _newest(fair, n_items)
