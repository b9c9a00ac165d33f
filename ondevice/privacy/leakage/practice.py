"""Small trainings for the audit alone, in memory: what comes of them is loaded, tried, and gone with the engine."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ondevice.adaptation.lessons.pairs import Pair, item_pairs
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig
from ondevice.records import Draft, Item

if TYPE_CHECKING:
    from ondevice.adaptation.lora.weights import BaseModel
    from ondevice.generation.llama.engine import Engine
    from ondevice.learned.adapter_notes import AdapterPlan

N_INVENTED = 16
"""So many invented notes are in each group; what is learned by heart is then told from the rest without doubt."""
MOST_LEARNED = 32
"""So many of the user's pairs, the newest, are learned beside the canaries, at most."""

BY_HEART = LoraRecipe(projections=PROJECTIONS, rank=16, alpha=32.0)
BY_HEART_CONFIG = TrainingConfig(learning_rate=2e-3, epochs=10, batch_tokens=512, patience=10, max_tokens=256)
"""What nobody would train: the largest recipe, for many passes over a few notes. It has to be caught."""

_SEED = 90_017
_MOST_CHARACTERS = 160
_THEN = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Invented:
    """Notes of the same invented people, dealt out at random.

    Args:
        learned: One control learns these by heart.
        others: No training sees these.
        more: Stand in for the user's, where it is not known which those are.
    """

    learned: tuple[Pair, ...] = field(repr=False)
    others: tuple[Pair, ...] = field(repr=False)
    more: tuple[Pair, ...] = field(repr=False)


def invented() -> Invented:
    """Return the same notes at each call; nobody's."""
    from ondevice.evaluation.people import make_people

    drafts = [draft for person in make_people(3, split="held_out", seed=_SEED) for draft in person.drafts]
    short = [draft for draft in drafts if len(draft.text) <= _MOST_CHARACTERS and not draft.fields.get("title")]
    pairs = item_pairs([_item(place, draft) for place, draft in enumerate(short)], task="chat")
    random.Random(_SEED).shuffle(pairs)  # noqa: S311 - nothing secret
    learned, others, more = (tuple(pairs[n * N_INVENTED : (n + 1) * N_INVENTED]) for n in range(3))
    return Invented(learned=learned, others=others, more=more)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What is trained: pairs, others to judge it by, and how."""

    pairs: tuple[Pair, ...] = field(repr=False)
    judged: tuple[Pair, ...] = field(repr=False)
    recipe: LoraRecipe
    config: TrainingConfig


def by_heart(pairs: Sequence[Pair]) -> Lesson:
    """Return a training that is judged by what it learns, so that nothing keeps it from learning by heart."""
    return Lesson(pairs=tuple(pairs), judged=tuple(pairs), recipe=BY_HEART, config=BY_HEART_CONFIG)


def as_before(
    pairs: Sequence[Pair], judged: Sequence[Pair], planted: Sequence[Pair], *, plan: AdapterPlan | None
) -> Lesson:
    """Return the training of an adapter once more, with canaries among the newest of its pairs.

    Args:
        pairs: What it learned from.
        judged: What it was judged by; without any, by the newest pair.
        planted: The canaries' pairs.
        plan: Its recipe and settings; ``None`` takes the defaults.
    """
    kept = pairs[-MOST_LEARNED:]
    return Lesson(
        pairs=(*kept, *planted),
        judged=tuple(judged) or tuple(kept[-1:]),
        recipe=LoraRecipe() if plan is None else plan.recipe,
        config=TrainingConfig() if plan is None else replace(plan.config, max_seconds=None),
    )


def trained(lesson: Lesson, base: BaseModel, engine: Engine) -> bytes:
    """Return the adapter that a training gives, as llama.cpp loads it.

    Raises:
        AdaptationError: If the memory is too small, or the training diverges.
        ValueError: If the recipe does not fit the model.
    """
    from ondevice.adaptation.lessons.examples import make_examples
    from ondevice.adaptation.lora.training import train
    from ondevice.learned.training import gguf_of

    config = lesson.config
    examples, judged = (
        make_examples(pairs, engine, max_tokens=config.max_tokens) for pairs in (lesson.pairs, lesson.judged)
    )
    return gguf_of(train(base, examples, judged, lesson.recipe, config), base, lesson.recipe)


def _item(place: int, draft: Draft) -> Item:
    time = draft.time or _THEN
    return Item(id=f"invented-{place}", text=draft.text, kind=draft.kind, time=time, added_at=time)
