"""What a population teaches: other users' questions and answers, with items of their own profiles in the prompt.

Source: Tan et al. 2024, arXiv:2402.04401 (OPPU's first stage: a task adapter trained on other users, which sees only
what was there before the question). Richardson et al. 2023, arXiv:2310.20081 (a summary of the user before the items).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from export.errors import DatasetError
from export.training.lexical import lexical_order
from export.training.requests import Asked, asked_of, held_users
from ondevice.adaptation.lessons.pairs import Pair
from ondevice.bundle import FoldSpec
from ondevice.evaluation.folds import FOLDS, fold_counts, fold_digest, fold_tasks, in_fold, read_folds
from ondevice.evaluation.histories import counted_of
from ondevice.evaluation.item_overlap import KnownItems
from ondevice.evaluation.lamp_data import LampSplit, lamp_tasks, read_lamp_split


@dataclass(frozen=True, kw_only=True, slots=True)
class PopulationConfig:
    """Which questions are learned, and what stands in their prompts.

    Args:
        tasks: Folders below the data; all by default.
        split: The files' prefix, where users are not divided.
        learn_from_fold: Learn from the users of this fold alone, those of the train and the dev files together, so that
            the model can be asked about the other fold's; ``None`` does not divide them.
        limit: Questions a task, whole users first; ``None`` takes all.
        max_items: Each prompt gets 0 to so many items, as chance decides, so that the model serves all users.
        summary_share: So many of the prompts, as a part of all, hold a counted summary of what may be shown, with items
            or without, as chance decides, so that a summary is nothing new to the model.
        history_pairs: So many items of each user become questions themselves, with earlier items in the prompt.
        held_out: The part of the users on whom the training is judged.
        seed: Decides all that chance decides.
        apart_from: Files of LaMP questions that the model is to be measured on: a question whose text, or whose answer,
            is the text of a question or an item there is left out.
    """

    tasks: tuple[str, ...] | None = None
    split: str = "train"
    limit: int | None = None
    max_items: int = 3
    summary_share: float = 0.5
    history_pairs: int = 0
    held_out: float = 0.1
    seed: int = 0
    apart_from: tuple[Path, ...] = ()
    learn_from_fold: int | None = None

    def __post_init__(self) -> None:
        """Refuse numbers that leave nothing to learn or to judge on."""
        if min(self.max_items, self.history_pairs) < 0 or (self.limit is not None and self.limit < 2):
            raise ValueError(
                f"max_items {self.max_items} and history_pairs {self.history_pairs} must be 0 or more, "
                f"limit {self.limit} 2 or more"
            )
        if not 0 <= self.summary_share <= 1:
            raise ValueError(f"summary_share must be between 0 and 1, not {self.summary_share}")
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out must be between 0 and 1, not {self.held_out}")
        if self.learn_from_fold not in (None, *FOLDS):
            raise ValueError(f"learn_from_fold must be 1 or 2, not {self.learn_from_fold}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """Pairs to learn from and pairs of other users to judge on.

    Args:
        train: Pairs in the order of tasks and users.
        held_out: Pairs of users who are not in ``train``.
        n_users: Users of both.
        tasks: The folders they come from.
        n_apart: Questions left out because the files to be measured on have their texts.
        n_shared: Where a fold is learned, its questions whose text or free answer the other fold has too.
        learned_fold: Which fold that is.
    """

    train: tuple[Pair, ...] = field(repr=False)
    held_out: tuple[Pair, ...] = field(repr=False)
    n_users: int
    tasks: tuple[str, ...]
    n_apart: int = 0
    n_shared: int = 0
    learned_fold: FoldSpec | None = None

    @property
    def n_summaries(self) -> int:
        """How many prompts hold a summary of their user."""
        return sum(bool(pair.summary) for pair in (*self.train, *self.held_out))


def read_population(data: Path, config: PopulationConfig) -> Population:
    """Read LaMP questions and make a training set of them.

    What ``apart_from`` takes away changes neither the other questions' prompts nor who is held out. Nor does
    ``summary_share`` change which items stand in a prompt.

    Raises:
        NotFoundError: If a folder or a file is missing.
        InputError: If a file has the wrong form.
        DatasetError: If there are fewer than 2 users, or nothing is left to learn or to judge on.
    """
    measured = KnownItems.of_files(config.apart_from)
    by_user: dict[str, list[Pair]] = {}
    n_apart = 0
    sources = read_sources(data, config.tasks, config.split, config.learn_from_fold)
    for number, split in enumerate(sources.splits):
        random, of_summaries = (np.random.default_rng([config.seed, number, *more]) for more in ((), (1,)))
        for asked in asked_of(split.first(config.limit), config.history_pairs, random):
            pairs, pair = by_user.setdefault(asked.name, []), _with_some(asked, config.max_items, random)
            if of_summaries.random() < config.summary_share:
                pair = replace(pair, summary=counted_of(asked.items, pair.task))
            if measured.hold(asked.query) or measured.hold(asked.pair.answer):
                n_apart += 1
            else:
                pairs.append(pair)
    held = held_users(list(by_user), config.held_out, config.seed)
    population = Population(
        train=tuple(pair for user, pairs in by_user.items() if user not in held for pair in pairs),
        held_out=tuple(pair for user, pairs in by_user.items() if user in held for pair in pairs),
        n_users=sum(map(bool, by_user.values())),
        tasks=tuple(split.name for split in sources.splits),
        n_apart=n_apart,
        n_shared=sources.n_shared,
        learned_fold=sources.learned_fold,
    )
    if n_apart and not (population.train and population.held_out):
        raise DatasetError(
            f"{n_apart} questions stand in the files to keep apart from, and nothing is left to learn or to judge on",
            hint="name the files that the model is measured on, not those it learns from",
        )
    return population


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """The questions of each task that may be learned.

    Args:
        splits: One a task, in the tasks' order.
        n_shared: As :class:`Population` has it.
        learned_fold: Likewise.
    """

    splits: tuple[LampSplit, ...] = field(repr=False)
    n_shared: int = 0
    learned_fold: FoldSpec | None = None


def read_sources(data: Path, tasks: Sequence[str] | None, split: str, fold: int | None) -> Sources:
    """Read each task's split, or, where a fold is learned, the questions of that fold's users.

    Raises:
        NotFoundError: If a folder or a file is missing.
        InputError: If a file has the wrong form.
    """
    if fold is None:
        names = lamp_tasks(data, split) if tasks is None else tasks
        return Sources(splits=tuple(read_lamp_split(data / name, split) for name in names))
    splits, digests, n_shared = [], {}, 0
    for name in fold_tasks(data) if tasks is None else tasks:
        whole = read_folds(data / name)
        digests[name] = fold_digest(whole)
        counts, place = fold_counts(whole, whole), FOLDS.index(fold)
        n_shared += counts.questions[place] - counts.disjoint[place]
        splits.append(in_fold(whole, fold))
    return Sources(
        splits=tuple(splits), n_shared=n_shared, learned_fold=FoldSpec(fold=fold, digests=digests) if splits else None
    )


def _with_some(asked: Asked, max_items: int, random: np.random.Generator) -> Pair:
    """Put some items into the prompt, the best first."""
    n_items = int(random.integers(max_items + 1))
    best = lexical_order(asked.query, asked.items)[:n_items] if n_items else []
    return asked.pair.with_items([asked.items[place] for place in best])
