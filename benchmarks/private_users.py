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

USERS = {"LaMP_4": 4, "LaMP_7": 2}
"""Task → so many users of it, those with the longest histories."""
SPLITS = ("train", "dev")

N_LEARNED, N_UNSEEN, N_JUDGING = 48, 48, 8
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


def read_users(data: Path, tokens: TurnTokens) -> Iterator[Dealt]:
    """Yield the users with the longest histories of both splits, task by task.

    Args:
        data: The folder with the tasks' folders.
        tokens: The engine that counts and makes tokens.

    Raises:
        NotFoundError: If a task's folder or file is missing.
    """
    for task, count in USERS.items():
        histories: dict[str, list[Pair]] = {}
        for split in (read_lamp_split(data / task, name) for name in SPLITS):
            for question in split.questions:
                pairs = item_pairs(items_of(question), task=split.task)
                if len(pairs) > len(histories.get(question.user, ())):
                    histories[question.user] = pairs
        longest = sorted(histories.values(), key=len, reverse=True)[:count]
        for number, pairs in enumerate(longest, start=1):
            older, newest = pairs[:-N_JUDGING], pairs[-N_JUDGING:]
            order = np.random.default_rng(number).permutation(len(older))[: N_LEARNED + N_UNSEEN]
            learned, unseen, judging = (
                make_examples(part, tokens, max_tokens=MAX_TOKENS)
                for part in (
                    [older[place] for place in sorted(order[:N_LEARNED])],
                    [older[place] for place in sorted(order[N_LEARNED:])],
                    newest,
                )
            )
            yield Dealt(name=f"{task}/{number}", learned=learned, unseen=unseen, judging=judging)
