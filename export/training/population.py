"""What a population teaches: other users' questions and answers, with items of their own profiles in the prompt.

Source: Tan et al. 2024, arXiv:2402.04401 (OPPU's first stage: a task adapter trained on other users, which sees only
what was there before the question); the questions are LaMP's (Salemi et al. 2023, arXiv:2304.11406).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from export.training.lexical import lexical_order
from ondevice.adaptation.pairs import PROXIES, Pair, item_pairs
from ondevice.errors import DatasetError
from ondevice.evaluation.histories import as_items, gives_away
from ondevice.evaluation.lamp_data import LampSplit, lamp_tasks, read_lamp_split
from ondevice.generation.entries import one_line
from ondevice.generation.prompts import query_for
from ondevice.records import Item


@dataclass(frozen=True, kw_only=True, slots=True)
class PopulationConfig:
    """Which questions are learned, and what stands in their prompts.

    Args:
        tasks: Folders below the data; all by default.
        split: The files' prefix.
        limit: Questions a task, whole users first; ``None`` takes all.
        max_items: Each prompt gets 0 to so many items, as chance decides, so that the model serves all users.
        history_pairs: So many items of each user become questions themselves, with earlier items in the prompt.
        held_out: The part of the users on whom the training is judged.
        seed: Decides all that chance decides.
    """

    tasks: tuple[str, ...] | None = None
    split: str = "train"
    limit: int | None = None
    max_items: int = 3
    history_pairs: int = 0
    held_out: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that leave nothing to learn or to judge on.

        Raises:
            ValueError: Then.
        """
        if min(self.max_items, self.history_pairs) < 0 or (self.limit is not None and self.limit < 2):
            raise ValueError(
                f"max_items {self.max_items} and history_pairs {self.history_pairs} must be 0 or more, "
                f"limit {self.limit} 2 or more"
            )
        if not 0 < self.held_out < 1:
            raise ValueError(f"held_out must be between 0 and 1, not {self.held_out}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Population:
    """Pairs to learn from and pairs of other users to judge on.

    Args:
        train: Pairs in the order of tasks and users.
        held_out: Pairs of users who are not in ``train``.
        n_users: Users of both.
        tasks: The folders they come from.
    """

    train: tuple[Pair, ...] = field(repr=False)
    held_out: tuple[Pair, ...] = field(repr=False)
    n_users: int
    tasks: tuple[str, ...]


def read_population(data: Path, config: PopulationConfig) -> Population:
    """Read LaMP questions and make a training set of them.

    Raises:
        NotFoundError: If a folder or a file is missing.
        InputError: If a file has the wrong form.
        DatasetError: If there are fewer than 2 users.
    """
    names = tuple(lamp_tasks(data, config.split) if config.tasks is None else config.tasks)
    by_user: dict[str, list[Pair]] = {}
    for number, name in enumerate(names):
        split = read_lamp_split(data / name, config.split).first(config.limit)
        random = np.random.default_rng([config.seed, number])
        for user, pair in _split_pairs(split, config, random):
            by_user.setdefault(f"{name}/{user}", []).append(pair)
    if len(by_user) < 2:
        raise DatasetError(f"a population needs 2 users or more, but {data.name!r} has {len(by_user)}")
    held = _held_users(list(by_user), config)
    return Population(
        train=tuple(pair for user, pairs in by_user.items() if user not in held for pair in pairs),
        held_out=tuple(pair for user, pairs in by_user.items() if user in held for pair in pairs),
        n_users=len(by_user),
        tasks=names,
    )


def _held_users(users: Sequence[str], config: PopulationConfig) -> set[str]:
    n_held = min(len(users) - 1, max(1, round(config.held_out * len(users))))
    order = np.random.default_rng([config.seed, len(users)]).permutation(len(users))
    return {users[int(place)] for place in order[:n_held]}


def _split_pairs(split: LampSplit, config: PopulationConfig, random: np.random.Generator) -> Iterator[tuple[str, Pair]]:
    seen: set[str] = set()
    for question, gold in zip(split.questions, split.golds, strict=True):
        items = as_items(tuple(question.history()), f"{question.id}/")
        if gold.strip():
            asked = Pair(request=question.request, answer=one_line(gold), task=split.task, item_ids=(question.id,))
            yield question.user, _with_some(asked, items, question.time, config, random)
        if question.user not in seen:
            seen.add(question.user)
            for pair in _history_pairs(split.task, items, config, random):
                yield question.user, pair


def _history_pairs(
    task: str, items: Sequence[Item], config: PopulationConfig, random: np.random.Generator
) -> Iterator[Pair]:
    """Yield items as questions, each with items that are earlier than itself."""
    if task in PROXIES:
        return
    ordered = sorted(items, key=lambda item: item.time)
    for place in sorted(random.permutation(len(ordered))[: config.history_pairs].tolist()):
        for pair in item_pairs([ordered[place]], task=task):
            yield _with_some(pair, ordered[:place], ordered[place].time, config, random)


def _with_some(
    pair: Pair, items: Sequence[Item], time: datetime | None, config: PopulationConfig, random: np.random.Generator
) -> Pair:
    """Put some items into the prompt, by the evaluation's own rule of what may stand there."""
    n_items = int(random.integers(config.max_items + 1))
    fair = [
        item
        for item in items
        if not gives_away(item, task=pair.task, request=pair.request, answer=pair.answer, time=time)
    ]
    best = lexical_order(query_for(pair.task, pair.request), fair)[:n_items] if n_items else []
    return pair.with_items([fair[place] for place in best])
