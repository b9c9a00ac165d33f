"""What a population asks: LaMP's questions, and items of its histories as questions, each with what may be shown.

Source: the questions are LaMP's (Salemi et al. 2023, arXiv:2304.11406). What may stand in a prompt is the evaluation's
own rule: only what was there before, and nothing that says the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np

from export.errors import DatasetError
from export.training.asked_folds import AskedFold
from ondevice.adaptation.lessons.pairs import PROXIES, Pair
from ondevice.bundle import FoldSpec
from ondevice.evaluation.folds import fold_digest, fold_tasks, in_fold, read_folds
from ondevice.evaluation.histories import gives_away
from ondevice.evaluation.history_questions import distinct_items, item_questions, oldest_first
from ondevice.evaluation.lamp_data import LampSplit, lamp_tasks, read_lamp_split
from ondevice.evaluation.learned_users import check_unlearned
from ondevice.generation.prompts.entries import one_line
from ondevice.generation.prompts.prompt import query_for
from ondevice.records import Item

_NOBODY: Mapping[str, FoldSpec] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One user's question with the answer that user gave, and the items that its prompt may show.

    Args:
        name: The folder of the task, a stroke, and the user: users of two tasks are different users.
        pair: The question; its first item id tells it from all others of the task.
        items: What may be shown, in the history's order.
        is_history: Whether an item of the history became the question.
        fold: The fold that the user is in, where the users are divided.
    """

    name: str
    pair: Pair
    items: tuple[Item, ...] = field(repr=False)
    is_history: bool = False
    fold: AskedFold | None = None

    @property
    def query(self) -> str:
        """What a retriever is asked."""
        return query_for(self.pair.task, self.pair.request)


def read_asked(
    data: Path,
    *,
    tasks: Sequence[str] | None = None,
    split: str = "train",
    ask_fold: int | None = None,
    learned_by: Mapping[str, FoldSpec] = _NOBODY,
    limit: int | None,
    per_user: int | None = None,
    history: int,
    history_only: bool = False,
    seed: int,
) -> Iterator[Asked]:
    """Read the questions of LaMP's tasks, task by task, user by user.

    Args:
        data: LaMP's folder.
        tasks: Folders below it; ``None`` takes all that have the split.
        split: The files' prefix, where no fold is asked.
        ask_fold: Ask the users of this fold, those of the train and the dev files together
            (:mod:`ondevice.evaluation.folds`); ``None`` asks those of ``split``.
        learned_by: From which fold of users each model has learned that takes part, by its name.
        limit: Questions a task, whole users first; ``None`` takes all.
        per_user: Questions a user, the first; ``None`` takes all.
        history: So many items of each user become questions too, as the seed decides.
        history_only: Leave the data set's own questions out, because the language model has learned their answers.
        seed: Decides which.

    Raises:
        NotFoundError: If a folder or a file is missing.
        InputError: If a file has the wrong form.
        ModelMismatchError: If a model has learned from a user who would be asked, or that cannot be told.
    """
    if tasks is None:
        tasks = lamp_tasks(data, split) if ask_fold is None else fold_tasks(data)
    for number, name in enumerate(tasks):
        random = np.random.default_rng([seed, number])
        everyone = read_lamp_split(data / name, split) if ask_fold is None else read_folds(data / name)
        chosen = everyone if ask_fold is None else in_fold(everyone, ask_fold)
        chosen = chosen.first(limit, per_user=per_user)
        check_unlearned(data, [chosen], learned_by)
        for asked in asked_of(chosen, history, random):
            if not history_only or asked.is_history:
                yield asked


def asked_of(split: LampSplit, history: int, random: np.random.Generator) -> Iterator[Asked]:
    """Yield each question of a split, and behind a user's first one so many items of the user's as questions."""
    seen: set[str] = set()
    digest = fold_digest(split) if split.folds else ""
    for question, gold in zip(split.questions, split.golds, strict=True):
        name = f"{split.name}/{question.user}"
        fold = AskedFold(fold=split.folds[question.user], digest=digest) if split.folds else None
        items = distinct_items(question)
        if gold.strip():
            pair = Pair(request=question.request, answer=one_line(gold), task=split.task, item_ids=(question.id,))
            yield Asked(name=name, pair=pair, items=_fair(pair, items, question.time), fold=fold)
        if question.user not in seen:
            seen.add(question.user)
            for pair, earlier, time in _history_pairs(split.task, items, history, random):
                yield Asked(name=name, pair=pair, items=_fair(pair, earlier, time), is_history=True, fold=fold)


def held_users(users: Sequence[str], part: float, seed: int) -> set[str]:
    """Return the users who only judge: so large a part of them, at least one and not all.

    Raises:
        DatasetError: If there are fewer than 2 users.
    """
    if len(users) < 2:
        raise DatasetError(f"a population needs 2 users or more, but there is {len(users)}")
    n_held = min(len(users) - 1, max(1, round(part * len(users))))
    order = np.random.default_rng([seed, len(users)]).permutation(len(users))
    return {users[int(place)] for place in order[:n_held]}


def _history_pairs(
    task: str, items: Sequence[Item], n_pairs: int, random: np.random.Generator
) -> Iterator[tuple[Pair, Sequence[Item], datetime]]:
    """Yield items that chance draws as questions, each with the items that are earlier than itself."""
    if task not in PROXIES:
        drawn = sorted(random.permutation(len(items))[:n_pairs].tolist())
        yield from item_questions(task, oldest_first(items), drawn)


def _fair(pair: Pair, items: Sequence[Item], time: datetime | None) -> tuple[Item, ...]:
    return tuple(
        item
        for item in items
        if not gives_away(item, task=pair.task, request=pair.request, answer=pair.answer, time=time)
    )
