"""Real users with many texts, dealt into what an adapter learns, what only judges it, and what it never sees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.recipe_users import items_of
from ondevice.adaptation.lessons.examples import Example, TurnTokens, make_examples
from ondevice.adaptation.lessons.pairs import Pair, item_pairs
from ondevice.evaluation.lamp_data import read_lamp_split

TASKS = ("LaMP_4", "LaMP_7")
SPLITS = ("train", "dev")

N_LEARNED, N_UNSEEN, N_JUDGING = 32, 32, 6
MAX_TOKENS = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Dealt:
    """One person's texts.

    Args:
        name: Task and number, such as ``LaMP_4/1``.
        learned: What an adapter is trained on: drawn among all but the newest.
        unseen: Drawn with them, and no part of any training: what membership is told from, and quality measured on.
        judging: The newest; a usual training takes its best epoch by them.
    """

    name: str
    learned: list[Example] = field(repr=False)
    unseen: list[Example] = field(repr=False)
    judging: list[Example] = field(repr=False)


def read_users(data: Path, tokens: TurnTokens, *, per_task: int) -> Iterator[Dealt]:
    """Yield the users with the longest histories of both splits, one of each task after the other.

    Args:
        data: The folder with the tasks' folders.
        tokens: The engine that counts and makes tokens.
        per_task: Users of each task.

    Raises:
        NotFoundError: If a task's folder or file is missing.
    """
    longest = [_longest(data / task, per_task) for task in TASKS]
    for number, histories in enumerate(zip(*longest, strict=True), start=1):
        for task, pairs in zip(TASKS, histories, strict=True):
            yield _dealt(f"{task}/{number}", pairs, tokens, seed=number)


def _longest(folder: Path, count: int) -> list[list[Pair]]:
    histories: dict[str, list[Pair]] = {}
    for split in (read_lamp_split(folder, name) for name in SPLITS):
        for question in split.questions:
            pairs = item_pairs(items_of(question), task=split.task)
            if len(pairs) > len(histories.get(question.user, ())):
                histories[question.user] = pairs
    return sorted(histories.values(), key=len, reverse=True)[:count]


def _dealt(name: str, pairs: list[Pair], tokens: TurnTokens, *, seed: int) -> Dealt:
    older, newest = pairs[:-N_JUDGING], pairs[-N_JUDGING:]
    order = np.random.default_rng(seed).permutation(len(older))[: N_LEARNED + N_UNSEEN]
    learned, unseen = ([older[place] for place in sorted(part)] for part in (order[:N_LEARNED], order[N_LEARNED:]))
    return Dealt(
        name=name,
        learned=make_examples(learned, tokens, max_tokens=MAX_TOKENS),
        unseen=make_examples(unseen, tokens, max_tokens=MAX_TOKENS),
        judging=make_examples(newest, tokens, max_tokens=MAX_TOKENS),
    )
