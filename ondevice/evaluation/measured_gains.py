"""What each way of answering gains a user over none, measured in a profile as a device measures it.

Each user of a LaMP split gets an encrypted profile of its own. An adapter learns from all but the newest items, and
the planner asks for these again in every way there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ondevice.adaptation.lessons.pairs import MIN_PAIRS, PROXIES, item_pairs, without
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.bundle import Bundle
from ondevice.bundle.gains import GAINING_WAYS
from ondevice.bundle.model_set import ModelSet
from ondevice.config import EngineConfig
from ondevice.evaluation import LESSON_ITEMS
from ondevice.evaluation.histories import content_of, lesson_history
from ondevice.evaluation.lamp_data import LampSplit
from ondevice.evaluation.ledger import Ledger, content_key
from ondevice.evaluation.temporary_profile import temporary_profile
from ondevice.evaluation.user_gains import UserGain, UserGains
from ondevice.generation.llama.cores import physical_cores
from ondevice.personalizer import Personalizer
from ondevice.personalizer.shared_models import SharedModels
from ondevice.records import Draft, Filter
from ondevice.signals import Progress

_NAME = "mine"


@dataclass(frozen=True, kw_only=True, slots=True)
class GainsConfig:
    """How gains are measured: as an app is going to answer.

    Args:
        k: Items that retrieval finds, at most.
        lesson_items: So many items an adapter learns from, at most, the newest.
        recipe: Where the adapter has matrices.
        training: How it is trained.
    """

    k: int = 4
    lesson_items: int = LESSON_ITEMS
    recipe: LoraRecipe = field(default_factory=LoraRecipe)
    training: TrainingConfig = field(default_factory=TrainingConfig)


def measure_gains(
    generator: Bundle,
    splits: Sequence[LampSplit],
    config: GainsConfig,
    kept: Ledger[UserGains],
    *,
    threads: int | None = None,
    on_progress: Progress | None = None,
) -> Iterator[UserGains]:
    """Measure every user of the splits, one after the other; who stands in two of them for one task counts once.

    Args:
        generator: The bundle of the model.
        splits: Whose histories are asked; the first question of a user says which history that is.
        config: How.
        kept: What is known already; what is measured is put into it.
        threads: CPU threads of the model and of training; the physical cores by default.
        on_progress: Told (users done, users in all).

    Raises:
        NotFoundError, CorruptError, BundleError: If the bundle cannot be used.
        StorageError: If the disk refuses.
    """
    n_threads = threads or physical_cores()
    config = replace(config, training=replace(config.training, threads=n_threads))
    models = ModelSet(
        generator.folder.parent,
        encoder=None,
        generator=generator.folder.name,
        engine=EngineConfig(threads=threads, reuse_whole_batches=True),
    )
    users = [(split, place) for split in splits if split.task not in PROXIES for place in _first_places(split)]
    seen: set[str] = set()
    with SharedModels(models, keeps_weights=True) as shared:
        for done, (split, place) in enumerate(users, 1):
            drafts = lesson_history(split, place, "own")
            key = content_key(
                base=generator.files["model"].sha256,
                task=split.task,
                history=[list(map(str, content_of(draft))) for draft in drafts],
                k=config.k,
                lesson_items=config.lesson_items,
                recipe=config.recipe.to_json(),
                training=config.training.to_json(),
            )
            if key not in seen:
                seen.add(key)
                found = kept.get(key)
                if found is None:
                    found = _measured(shared, split.task, drafts, config)
                    kept.put(key, found)
                yield found
            if on_progress is not None:
                on_progress(done, len(users))


def _first_places(split: LampSplit) -> list[int]:
    """Return the place of each user's first question."""
    first: dict[str, int] = {}
    for place, question in enumerate(split.questions):
        first.setdefault(question.user, place)
    return list(first.values())


def _measured(shared: SharedModels, task: str, drafts: Sequence[Draft], config: GainsConfig) -> UserGains:
    with temporary_profile(shared, drafts) as (me, _):
        held_out = me.planner.holdout(task=task)
        name = _NAME if _train(me, task, held_out, config) else None
        # What the bundle tells already must not decide what it is told next; only the numbers are taken.
        plan = me.planner.plan(task, k=config.k, retriever="bm25", adapter=name, gains=None)
    ways: dict[str, UserGain] = {
        row.strategy: UserGain(mean=row.over_none.mean, variance=row.over_none.variance)
        for row in plan.table
        if row.over_none is not None and row.strategy in GAINING_WAYS
    }
    return UserGains(task=task, items=plan.n_held_out, ways=ways)


def _train(me: Personalizer, task: str, held_out: Sequence[str], config: GainsConfig) -> bool:
    """Train an adapter on the newest of what is left, and say whether that was enough to learn from."""
    items = without(me.items.list(limit=None), held_out)
    items = items[: config.lesson_items]
    if len(item_pairs(items, task=task)) < MIN_PAIRS:
        return False
    me.adapters.train(
        _NAME,
        task=task,
        filter=Filter(ids=tuple(item.id for item in items)),
        recipe=config.recipe,
        config=config.training,
        leave_out=held_out,
    )
    return True
