"""A profile that can tell how its user is answered best."""

from __future__ import annotations

from types import EllipsisType
from typing import TYPE_CHECKING

from ondevice.config import Contrast, IndexConfig, RetrievalConfig
from ondevice.keeping import Keeper, Progress
from ondevice.models import Models
from ondevice.planning import Planner
from ondevice.plans import DEFAULT_CONTRAST, PersonalizationPlan, PlanRequest

if TYPE_CHECKING:
    from ondevice.adaptation.choosing import GateConfig
    from ondevice.vault.vault import Vault


class Advisor(Keeper):
    """One user's open profile, which also judges ways of personalizing by what the user wrote last."""

    def __init__(self, vault: Vault, models: Models, retrieval: RetrievalConfig, index: IndexConfig) -> None:
        """Compose an open vault with its models; apps call ``Personalizer.open`` or ``create``."""
        super().__init__(vault, models, retrieval, index)
        self._planner = Planner(vault, models, self._searcher, self._attachment)

    def holdout(self, *, task: str = "chat", fraction: float = 0.2, max_items: int = 24) -> tuple[str, ...]:
        """Return the ids of a task's newest items: what :meth:`plan` judges by, once a training has left them out.

        ``me.adapters.train(task=task, leave_out=me.holdout(task=task))``, then ``me.plan(task=task)``.

        Raises:
            ValueError: If there is no such task, or a number is out of range.
        """
        return self._planner.holdout(task=task, fraction=fraction, max_items=max_items)

    def plan(
        self,
        task: str = "chat",
        *,
        adapter: str | EllipsisType | None = ...,
        contrast: Contrast | None = DEFAULT_CONTRAST,
        retriever: str | None = None,
        k: int | None = None,
        held_out: float = 0.2,
        max_held_out: int = 24,
        gate: GateConfig | None = None,
        apply: bool = False,
        on_progress: Progress | None = None,
    ) -> PersonalizationPlan:
        """Find out how this user is answered best, on the user's own newest items.

        Each of them is asked for again, as the task would, with no items, with those that retrieval finds among the
        earlier ones, and both ways with the adapter; what makes the user's own answer likeliest, beyond luck, is
        chosen, and retrieval where nothing does. Only items count that the adapter has not seen: train it with
        ``leave_out=me.holdout(task=task)``. Answers go on meanwhile, with what is in use.

        Args:
            task: What is asked: ``chat`` to write notes, or one of LaMP's tasks.
            adapter: Which adapter to compare; by default the one in use, or else ``mine``; ``None`` for no adapter.
            contrast: How far from the plain model its answers are kept where that is tried; ``None`` does not try it.
            retriever: How items are found; the profile's default.
            k: How many, at most; the profile's default.
            held_out: Part of the task's items to judge by, the newest.
            max_held_out: At most so many.
            gate: How much evidence is asked for.
            apply: Use the adapter as chosen from then on, or none; a plan with too few items chooses retrieval alone.
            on_progress: Told (prompts read, prompts in all), two for each item.

        Raises:
            NotFoundError: If there is no adapter of that name, or an item or the adapter went meanwhile.
            ModelMismatchError: If the adapter was trained on another language model.
            ValueError: If there is no such task or retriever, a number is out of range, or the profile was opened
                with an adapter's bundle or without a language model.
        """
        asked = PlanRequest(
            task=task,
            k=self._searcher.depth(k),
            retriever=self._searcher.retriever_name(retriever),
            adapter=self._planner.adapter_name() if isinstance(adapter, EllipsisType) else adapter,
            contrast=contrast,
            held_out=held_out,
            max_held_out=max_held_out,
            gate=gate,
        )
        plan = self._planner.plan(asked, on_progress=on_progress)
        return self._planner.apply(plan) if apply else plan
