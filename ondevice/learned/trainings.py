"""How the profile's adapters come about: one training at a time, which an erasure of its items ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ondevice.errors import AdaptationError, ModelMismatchError, NotFoundError
from ondevice.generation.generator import Generator
from ondevice.learned.adapter_marks import without_gone_words
from ondevice.learned.adapter_notes import AdapterInfo, AdapterNote, AdapterPlan
from ondevice.learned.adapter_shelf import AdapterShelf
from ondevice.learned.attachment import Attachment
from ondevice.learned.item_source import ItemSource
from ondevice.learned.lessons import Lessons, lessons_again, make_lessons
from ondevice.learned.recipe_search import RecipeSearch, SearchBudget, search_recipe
from ondevice.learned.training import Learned, learn
from ondevice.learned.watching import Watch
from ondevice.learned.weights import Weights
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.signals import Progress, Signal
from ondevice.vault.derived import is_derived_name

if TYPE_CHECKING:
    from ondevice.vault.vault import Vault


class Trainings:
    """Trains the adapters of one profile, and keeps what comes of it."""

    def __init__(
        self, vault: Vault, generator: Generator, encoders: Encoders, weights: Weights, attachment: Attachment
    ) -> None:
        self._vault = vault
        self._generator = generator
        self.weights = weights
        self._attachment = attachment
        self.shelf = AdapterShelf(vault)
        self.source = ItemSource(vault, encoders)
        self.under_way = Watch("an adapter of this profile is being trained already")
        vault.erasers.enlist(self.under_way)

    def train(
        self,
        name: str,
        plan: AdapterPlan,
        paused_base: str | None,
        on_progress: Progress | None,
        cancel: Signal | None,
        pause: Signal | None,
    ) -> AdapterInfo | None:
        """Train an adapter by a plan, or go on with a paused training on this base; ``None`` if it was cancelled.

        Raises as :meth:`ondevice.learned.adapters.Adapters.train`.
        """
        _require_name(name)
        bundle, is_resumed = self._generator.bundle(), paused_base is not None
        base = bundle.files["model"].sha256
        if is_resumed and paused_base != base:
            raise ModelMismatchError(
                f"the training of {name!r} began with another language model than {bundle.name!r}",
                hint="train it again, or open the profile with the other",
            )
        with self.under_way.begin(name):
            note = AdapterNote(base=base, base_name=bundle.name, plan=plan, report=None)
            try:
                lessons, state = self._lessons(name, plan, is_resumed=is_resumed)
                note = replace(note, selection=lessons.selection)
                learned = learn(
                    self._generator,
                    self.weights,
                    lessons,
                    plan=plan,
                    resume=state,
                    on_checkpoint=lambda data: self._save(name, data, lessons.item_ids, note),
                    on_progress=on_progress,
                    cancel=self._or_forgotten(cancel),
                    pause=pause,
                )
            except AdaptationError:
                self._give_up(name)
                raise
            is_kept = self.keep(name, learned, replace(note, report=learned.report))
        if not is_kept:
            return None
        self._attachment.refresh(name)
        return self.info(name)

    def search(
        self,
        name: str,
        plan: AdapterPlan,
        budget: SearchBudget,
        on_progress: Progress | None,
        cancel: Signal | None,
    ) -> RecipeSearch:
        """Try recipes, and keep the best one's adapter; raises as :meth:`ondevice.learned.adapters.Adapters.search`."""
        _require_name(name)
        bundle = self._generator.bundle()
        with self.under_way.begin(name):
            lessons, _ = self._lessons(name, plan, is_resumed=False)
            found, learned = search_recipe(
                self._generator,
                self.weights,
                lessons,
                plan=plan,
                budget=budget,
                on_progress=on_progress,
                cancel=self._or_forgotten(cancel),
            )
            if learned is None or found.winner is None:
                self._require_all_there(lessons.item_ids)
                return found
            note = AdapterNote(
                base=bundle.files["model"].sha256,
                base_name=bundle.name,
                plan=replace(plan, recipe=found.winner),
                report=learned.report,
                selection=lessons.selection,
            )
            self.keep(name, learned, note)
        self._attachment.refresh(name)
        return replace(found, adapter=self.info(name))

    def _or_forgotten(self, cancel: Signal | None) -> Signal:
        """Return what also says yes once an item has been forgotten."""
        return lambda: self.under_way.n_forgotten > 0 or (cancel is not None and cancel())

    def _lessons(self, name: str, plan: AdapterPlan, *, is_resumed: bool) -> tuple[Lessons, bytes | None]:
        """Return what is learned from, and the state of a paused training; whoever forgets one of its items ends it."""
        with self._vault.changing:
            items = self.shelf.paused_items(name) if is_resumed else self.shelf.items(plan)
            data = self.shelf.checkpoint(name) if is_resumed else None
            self.under_way.watch(self.shelf.rows_of([item.id for item in items]))
            self.under_way.is_saved = is_resumed
        if data is not None:
            return lessons_again(data, items, task=plan.task)
        lessons = make_lessons(items, plan, self.source)
        with self._vault.changing:
            self.under_way.watch(self.shelf.rows_of(lessons.item_ids))
        return lessons, None

    def _save(self, name: str, state: bytes, item_ids: Sequence[str], note: AdapterNote) -> None:
        with self._vault.changing:
            if not self.under_way.n_forgotten:  # otherwise the training stops before its next step
                self.shelf.put_checkpoint(name, state, item_ids, self._current(note))
                self.under_way.is_saved = True

    def keep(self, name: str, learned: Learned, note: AdapterNote) -> bool:
        """Keep what was learned, or where it stands; false if nothing of it is to be kept.

        Raises:
            NotFoundError: If an item it saw was forgotten meanwhile.
        """
        with self._vault.changing:
            self._require_all_there(learned.item_ids)
            note = self._current(note)
            if learned.adapter is not None:
                self.shelf.put_adapter(name, learned.adapter, learned.item_ids, note)
            elif learned.checkpoint is not None:
                self.shelf.put_checkpoint(name, learned.checkpoint, learned.item_ids, note)
            else:
                self._give_up(name)
                return False
            return True

    def _current(self, note: AdapterNote) -> AdapterNote:
        """Return a note of a training during which items were forgotten, without their words."""
        return without_gone_words(note, self._vault.items) if self.under_way.saw_erasure else note

    def _require_all_there(self, item_ids: Sequence[str]) -> None:
        if n_forgotten := self.under_way.n_forgotten:
            raise NotFoundError(
                f"{n_forgotten} of {len(item_ids)} items were forgotten while the adapter was trained, and nothing of "
                "it is kept",
                hint="train it again",
            )

    def _give_up(self, name: str) -> None:
        """Drop what was saved of this training; what was paused under its name before it began stays."""
        with self._vault.changing:
            if self.under_way.is_saved:
                self.shelf.drop_checkpoint(name)

    def info(self, name: str) -> AdapterInfo:
        """Tell of an adapter.

        Raises:
            NotFoundError: If there is none of that name.
        """
        return self.shelf.info(name, in_use=self._attachment.in_use(), training=self.under_way.name)


def _require_name(name: str) -> None:
    if not is_derived_name(name):
        raise ValueError("an adapter's name has 1 to 40 of a-z, 0-9, dash and underscore")
