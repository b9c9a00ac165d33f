"""Real users to train on for the comparison of searches: a few items each, cut short to train in seconds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ondevice.adaptation.lessons.examples import Example, TurnTokens, make_examples
from ondevice.adaptation.lessons.pairs import Pair, item_pairs
from ondevice.adaptation.recipes.recipe import TrainingConfig
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.generation.prompts.prompt import labels_for
from ondevice.importers.lamp import LampQuestion
from ondevice.records import Item

TASKS = ("LaMP_4", "LaMP_6_aeslc", "LaMP_2")
MIN_ITEMS, MAX_ITEMS = 20, 22
N_HELD_OUT = 6
_UNDATED = datetime(1970, 1, 1, tzinfo=UTC)

CONFIG = TrainingConfig(learning_rate=1e-3, epochs=1, batch_tokens=128, max_tokens=64)
"""Short texts, one pass, a higher rate and smaller batches than usual: hundreds of trainings must fit into an hour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """One person of the data, under a number instead of a name.

    Args:
        name: Task and number, such as ``LaMP_4/1``.
        train: The older examples.
        held_out: The newest.
    """

    name: str
    train: list[Example] = field(repr=False)
    held_out: list[Example] = field(repr=False)


def read_users(data: Path, tokens: TurnTokens, *, per_task: int) -> Iterator[User]:
    """Yield the first users with enough items, one of each task after the other.

    Args:
        data: The folder with the tasks' folders.
        tokens: The engine that counts and makes tokens.
        per_task: Users of each task.

    Raises:
        NotFoundError: If a task's folder or file is missing.
    """
    of_task = [_users(read_lamp_split(data / task, "train"), task, tokens, per_task) for task in TASKS]
    for users in itertools.zip_longest(*of_task):
        yield from (user for user in users if user is not None)


def _users(split: LampSplit, name: str, tokens: TurnTokens, count: int) -> Iterator[User]:
    seen: set[str] = set()
    for question in split.questions:
        if question.user in seen or len(seen) == count:
            continue
        pairs = item_pairs(items_of(question), task=split.task)[-MAX_ITEMS:]
        if len(pairs) >= MIN_ITEMS:
            seen.add(question.user)
            examples = make_examples([_shortened(pair) for pair in pairs], tokens, max_tokens=CONFIG.max_tokens)
            yield User(name=f"{name}/{len(seen)}", train=examples[:-N_HELD_OUT], held_out=examples[-N_HELD_OUT:])


def _shortened(pair: Pair) -> Pair:
    """Leave the list of labels out of the request, which is the same in each and longer than the rest."""
    labels = labels_for(pair.task)
    if labels is None:
        return pair
    text = pair.request.partition("description:")[2]
    return replace(pair, request=f"Which tag does this movie relate to? description:{text}")


def items_of(question: LampQuestion) -> list[Item]:
    """Return the question's profile in the file's order, which stands for time."""
    return [
        Item(
            id=str(number),
            text=draft.text,
            kind=draft.kind,
            fields=draft.fields,
            metadata=draft.metadata,
            time=_UNDATED + timedelta(seconds=number),
            added_at=_UNDATED,
        )
        for number, draft in enumerate(question.history())
    ]
