"""What an adapter learns from, and how, stated once for ``train`` and ``search``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig
from ondevice.arguments import require_known
from ondevice.learned.adapter_notes import AdapterPlan, OnForget
from ondevice.records import Filter

if TYPE_CHECKING:
    from ondevice.learned.adapter_shelf import AdapterShelf


class TrainingOptions(TypedDict, total=False):
    """The options of ``train`` and ``search``; each may be left out.

    Attributes:
        task: What to learn: ``chat``, which is the default, for notes of any kind, or one of LaMP's tasks.
        filter: Which items to learn from; all by default.
        recipe: Which layers get matrices, and how large; a search measures it in any case.
        config: How long and how hard is trained; it also limits the time and memory of each training. With
            ``config.privacy`` the adapter tells little of any one pair; ``items_in_prompt``, ``select`` and ``refit``
            are refused then, because they let one pair act on others.
        on_forget: When an item it saw is forgotten, its weights go, and either nothing is left (``drop``, the default)
            or a note, with which :meth:`Adapters.retrain` makes it again (``mark``), unless a word of its filter, kind
            or metadata, went with the last item that had it.
        items_in_prompt: So many items stand in each prompt it learns from, at most: those that ``bm25`` finds for it
            among the earlier ones that pass the filter. Give the ``k`` you answer with; 0, the default, learns without
            any.
        leave_out: Ids of items that it must not see, in prompts neither: those on which it is to be judged later. What
            says the same as one of them is left out too.
        select: Learn from so many items at most, the best of every kind, for which the profile needs an encoder;
            ``None``, the default, learns from all.
        refit: Once the newest items, held out, have told how many epochs are best and that there is a gain, train anew
            on all items for so many, where ``config.max_seconds`` leaves the time. By default they only judge.
    """

    task: str
    filter: Filter | None
    recipe: LoraRecipe | None
    config: TrainingConfig | None
    on_forget: OnForget
    items_in_prompt: int
    leave_out: Sequence[str]
    select: int | None
    refit: bool


def plan_of(options: TrainingOptions, shelf: AdapterShelf) -> AdapterPlan:
    """Return what is asked for, with the defaults.

    Raises:
        TypeError: If there is no such option, or the items to leave out are one str.
        ValueError: If an option has a value with which nothing can be learned.
        NotFoundError: If an item to leave out is not there.
    """
    require_known(options, TrainingOptions, "a training has no option")
    return AdapterPlan(
        task=options.get("task", "chat"),
        filter=options.get("filter"),
        recipe=options.get("recipe") or LoraRecipe(),
        config=options.get("config") or TrainingConfig(),
        on_forget=options.get("on_forget", "drop"),
        items_in_prompt=options.get("items_in_prompt", 0),
        leave_out=shelf.known_ids(options.get("leave_out", ())),
        select=options.get("select"),
        refit=options.get("refit", False),
    )
