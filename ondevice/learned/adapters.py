"""The profile's own adapters: trained from its items, kept sealed, used, and gone with any item they saw."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Unpack

from ondevice.adaptation.recipes.recipe import TrainingConfig
from ondevice.arguments import checks_arguments
from ondevice.errors import InputError, NotFoundError
from ondevice.generation.generator import Generator
from ondevice.learned.adapter_marks import Marks
from ondevice.learned.adapter_notes import AdapterInfo, AdapterStatus, InUse
from ondevice.learned.attachment import Attachment
from ondevice.learned.recipe_search import RecipeSearch, SearchBudget
from ondevice.learned.training_options import TrainingOptions, plan_of
from ondevice.learned.trainings import Trainings
from ondevice.learned.weights import Weights
from ondevice.retrieval.encoding.encoders import Encoders
from ondevice.signals import Progress, Signal

if TYPE_CHECKING:
    from ondevice.config import Contrast
    from ondevice.vault.vault import Vault

Infos = list[AdapterInfo]

DEFAULT_NAME = "mine"


@checks_arguments
class Adapters:
    """What the profile has learned: ``me.adapters``.

    Reading, adding and answering go on while an adapter is trained; two are not trained at once.
    """

    def __init__(
        self, vault: Vault, generator: Generator, encoders: Encoders, weights: Weights, attachment: Attachment
    ) -> None:
        """Compose an open vault with the language model, and tidy up what an interruption left."""
        self._vault = vault
        self._attachment = attachment
        self._trainings = Trainings(vault, generator, encoders, weights, attachment)
        self._shelf = self._trainings.shelf
        Marks(vault)
        with suppress(InputError):  # whoever asks what is in use is told; the profile opens all the same
            attachment.let_go()

    def train(
        self,
        name: str = DEFAULT_NAME,
        *,
        on_progress: Progress | None = None,
        cancel: Signal | None = None,
        pause: Signal | None = None,
        **options: Unpack[TrainingOptions],
    ) -> AdapterInfo | None:
        """Train an adapter on the user's items and keep it sealed, in place of the one of that name.

        Only a training that went well replaces what was there. If that is in use, the new one is from then on;
        otherwise :meth:`use` it.

        Args:
            name: 1 to 40 of a-z, 0-9, dash and underscore.
            on_progress: Told (steps done, steps in all).
            cancel: Signal between steps; true ends the training and keeps nothing of it.
            pause: Signal between steps; true seals where the training stands, for :meth:`resume`.
            **options: See :class:`~ondevice.learned.training_options.TrainingOptions`.

        Returns:
            The adapter or the paused training; ``None`` if it was cancelled.

        Raises:
            ImportError: If the extra ``adapt`` is not installed.
            AdaptationError: If there is too little to learn from or too little memory, or the training diverges.
            NotFoundError: If an item it saw was forgotten meanwhile, and nothing of it is kept; or one of ``leave_out``
                is not there.
            ModelMismatchError: If the language model has an architecture that cannot be trained, or items to select
                from lack vectors.
            StorageError: If the disk refuses.
            TypeError: If there is no such option.
            ValueError: If the name, the task, ``on_forget`` or a number is wrong, an adapter is being trained already,
                or the profile was opened without a language model, or without an encoder to select by.
        """
        plan = plan_of(options, self._shelf)
        return self._trainings.train(name, plan, None, on_progress, cancel, pause)

    def retrain(
        self,
        name: str = DEFAULT_NAME,
        *,
        on_progress: Progress | None = None,
        cancel: Signal | None = None,
        pause: Signal | None = None,
    ) -> AdapterInfo | None:
        """Train an adapter again as before, on the items that its filter lets pass now; otherwise like :meth:`train`.

        Raises:
            NotFoundError: If there is none of that name, or its filter went with items that were forgotten.
        """
        plan = self._shelf.note(name).plan
        if plan.is_filter_gone:
            raise NotFoundError(
                f"the filter of the adapter {name!r} went with items that were forgotten, so that it cannot be trained "
                "as before",
                hint="train it, and say anew which items it learns from",
            )
        return self._trainings.train(name, plan, None, on_progress, cancel, pause)

    def resume(
        self,
        name: str = DEFAULT_NAME,
        *,
        on_progress: Progress | None = None,
        cancel: Signal | None = None,
        pause: Signal | None = None,
    ) -> AdapterInfo | None:
        """Go on with a paused training, on the items it began with; otherwise like :meth:`train`.

        Raises:
            NotFoundError: If no training is paused under that name, or an item of it is no longer there.
            ModelMismatchError: If it began with another language model.
        """
        paused = self._shelf.paused(name)
        return self._trainings.train(name, paused.plan, paused.base, on_progress, cancel, pause)

    def search(
        self,
        name: str = DEFAULT_NAME,
        *,
        max_evaluations: int = 12,
        max_parameters: int | None = None,
        max_seconds: float | None = None,
        on_progress: Progress | None = None,
        cancel: Signal | None = None,
        **options: Unpack[TrainingOptions],
    ) -> RecipeSearch:
        """Try a dozen recipes on the user's items, and keep the adapter of the best, if one is better than none.

        The smallest adapter is taken whose loss on the held-out pairs is as good as the best; no adapter and the
        default are always among what is measured. Those pairs have then chosen the recipe, so that they cannot judge
        its adapter against retrieval alone: keep items for that by ``leave_out``. A search cannot be paused.

        Args:
            name: 1 to 40 of a-z, 0-9, dash and underscore.
            max_evaluations: Trainings, short ones and the one without an adapter included; at least 2.
            max_parameters: Larger adapters are not tried, but for the default.
            max_seconds: What has been measured by then decides.
            on_progress: Told (evaluations done, ``max_evaluations``).
            cancel: Signal between steps; true ends the search and keeps nothing of it.
            **options: See :class:`~ondevice.learned.training_options.TrainingOptions`.

        Returns:
            All that was measured, why the winner is, and the adapter if one was kept. What there was under the name
            stays where no adapter is best.

        Raises:
            AdaptationError: If there is too little to learn from, no training succeeds, or the time is too short for
                the default recipe.
            ImportError, NotFoundError, ModelMismatchError, StorageError: As :meth:`train`.
            ValueError: As :meth:`train`, or if privacy is asked for: each recipe that is tried would add to what is
                told, and the choice among them too.
        """
        if (options.get("config") or TrainingConfig()).privacy is not None:
            raise ValueError("a search does not go with privacy: name a recipe, and train")
        budget = SearchBudget(max_evaluations=max_evaluations, max_parameters=max_parameters, max_seconds=max_seconds)
        return self._trainings.search(name, plan_of(options, self._shelf), budget, on_progress, cancel)

    def list(self) -> Infos:
        """Return the profile's adapters and paused trainings, by name."""
        return [self._trainings.info(name) for name in self._shelf.names()]

    def use(
        self,
        name: str | None = DEFAULT_NAME,
        scale: float = 1.0,
        *,
        contrast: Contrast | None = None,
        remember: bool = True,
    ) -> None:
        """Answer with this adapter, or with none, from the next request on.

        Args:
            name: The adapter, or ``None``.
            scale: How strongly it applies; 1 is as it was trained.
            contrast: Keep answers away from what the plain model would say; that takes twice the work.
            remember: Also after the next opening; false writes nothing to the disk.

        Raises:
            NotFoundError: If there is none of that name, or its weights went with a forgotten item.
            ModelMismatchError: If it was trained on another language model.
            CorruptError: If its bytes are damaged.
            ValueError: If the profile was opened with an adapter's bundle, or without a language model, or a number
                is out of range.
        """
        if name is None:
            self._attachment.use_none(remember=remember)
        else:
            self._attachment.use(InUse(name=name, scale=float(scale), contrast=contrast), remember=remember)

    def drop(self, name: str = DEFAULT_NAME) -> None:
        """Delete an adapter, a paused training of it included, and free it where it is in use.

        Raises:
            NotFoundError: If there is none of that name.
        """
        with self._vault.changing:
            self._shelf.drop(name)
            self._attachment.let_go()

    def status(self) -> AdapterStatus:
        """Tell what is in use, what waits, and how much it has not seen."""
        infos, chosen = self.list(), self._attachment.in_use()
        in_use = None if chosen is None else chosen.name
        report = next((info.report for info in infos if info.name == in_use), None)
        return AdapterStatus(
            in_use=in_use,
            scale=1.0 if chosen is None else chosen.scale,
            contrast=None if chosen is None else chosen.contrast,
            training=self._trainings.under_way.name,
            n_items=self._vault.items.count(),
            n_new_items=self._shelf.n_unseen(in_use),
            adapters=tuple(info.name for info in infos if info.is_ready),
            paused=tuple(info.name for info in infos if info.is_paused),
            to_train_again=tuple(info.name for info in infos if not info.is_ready and not info.is_paused),
            sealed_bytes=self._shelf.sealed_bytes(),
            privacy=None if report is None else report.privacy,
        )
