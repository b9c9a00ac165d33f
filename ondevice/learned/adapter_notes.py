"""What a profile notes of an adapter beside its bytes, and what an app is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self, get_args

from ondevice.adaptation.lessons.pairs import MIN_PAIRS
from ondevice.adaptation.recipes.privacy import PrivacySpent
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport
from ondevice.config import Contrast
from ondevice.errors import InputError
from ondevice.records import Condition, Filter

ADAPTER, CHECKPOINT = "adapter", "checkpoint"
"""The kinds under which the vault keeps an adapter's weights, and the state of a paused training."""

_GONE = "gone"
"""What stands in a note in place of a filter that went."""

OnForget = Literal["drop", "mark"]
"""What is left of an adapter when an item it saw is forgotten: nothing, or a note that it is to be trained again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterPlan:
    """What an app asks of an adapter, kept so that it can be made again.

    Args:
        task: The task its pairs are built for.
        filter: Which items it learns from; ``None`` for all.
        recipe: Where it has matrices, and how large.
        config: How it is trained.
        on_forget: What is left of it when an item it saw is forgotten.
        items_in_prompt: So many earlier items stand in each prompt it learns from, at most.
        leave_out: Ids of items that it must not see, nor what says the same.
        select: So many items it learns from, at most: the best of every kind; ``None`` for all.
        is_filter_gone: Whether there was a filter, whose words went with items that were forgotten.
        refit: Whether it is trained anew on all items once those held out have told how long.
    """

    task: str
    filter: Filter | None = field(repr=False)
    recipe: LoraRecipe
    config: TrainingConfig
    on_forget: OnForget
    items_in_prompt: int = 0
    leave_out: tuple[str, ...] = field(default=(), repr=False)
    select: int | None = None
    is_filter_gone: bool = False
    refit: bool = False

    def __post_init__(self) -> None:
        """Refuse a policy that does not exist, and numbers with which nothing can be learned."""
        if self.items_in_prompt < 0:
            raise ValueError(f"items_in_prompt must be 0 or more, not {self.items_in_prompt}")
        if self.select is not None and self.select < MIN_PAIRS:
            raise ValueError(f"select must be {MIN_PAIRS} or more, since fewer teach nothing, not {self.select}")
        if type(self.refit) is not bool:
            raise TypeError(f"refit must be True or False, not {self.refit!r}")
        if self.on_forget not in get_args(OnForget):
            raise ValueError(f"on_forget must be one of {', '.join(get_args(OnForget))}, not {self.on_forget!r}")
        if self.config.privacy is not None:
            self._require_private()

    def _require_private(self) -> None:
        """Refuse what would let one pair act on others, past the bound."""
        whys = {
            "items_in_prompt": (self.items_in_prompt, "an item then stands in several pairs, and the bound is for one"),
            "select": (self.select, "which items are chosen depends on all of them"),
            "refit": (self.refit, "the held-out pairs would say how long to train, and be learned without a bound"),
        }
        for name, (value, why) in whys.items():
            if value:
                raise ValueError(f"{name} does not go with privacy: {why}")


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterNote:
    """What is known of an adapter, or of a paused training, beside its bytes.

    Args:
        base: SHA-256 of the GGUF file it was trained on, the only one it may be used with.
        base_name: That model's name.
        plan: How it was made.
        report: What came of the training, or of its part up to a pause; ``None`` if it was interrupted.
        selection: In sentences, which items were chosen and why; empty where all are learned from.
    """

    base: str
    base_name: str
    plan: AdapterPlan
    report: TrainingReport | None
    selection: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the note as JSON values; :meth:`from_json` reads them."""
        plan = self.plan
        return {
            "base": self.base,
            "base_name": self.base_name,
            "task": plan.task,
            "filter": _GONE if plan.is_filter_gone else None if plan.filter is None else _filter_to_json(plan.filter),
            "recipe": plan.recipe.to_json(),
            "config": plan.config.to_json(),
            "on_forget": plan.on_forget,
            "items_in_prompt": plan.items_in_prompt,
            "leave_out": list(plan.leave_out),
            "select": plan.select,
            "refit": plan.refit,
            "selection": list(self.selection),
            "report": None if self.report is None else self.report.to_json(),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Return the note that :meth:`to_json` wrote; in those of earlier releases nothing is trained anew.

        Raises:
            InputError: If a field is missing, unknown or of the wrong type.
        """
        try:
            is_filter_gone = values["filter"] == _GONE
            plan = AdapterPlan(
                task=values["task"],
                filter=None if values["filter"] is None or is_filter_gone else _filter_from_json(values["filter"]),
                recipe=LoraRecipe.from_json(values["recipe"]),
                config=TrainingConfig.from_json(values["config"]),
                on_forget=values["on_forget"],
                items_in_prompt=values["items_in_prompt"],
                leave_out=tuple(values["leave_out"]),
                select=values["select"],
                is_filter_gone=is_filter_gone,
                refit=values.get("refit", False),
            )
            report = None if values["report"] is None else TrainingReport.from_json(values["report"])
            return cls(
                base=values["base"],
                base_name=values["base_name"],
                plan=plan,
                report=report,
                selection=tuple(values["selection"]),
            )
        except (KeyError, TypeError, ValueError):
            raise InputError("what was noted of an adapter cannot be read") from None


@dataclass(frozen=True, kw_only=True, slots=True)
class InUse:
    """Which adapter answers use, and how.

    Args:
        name: The adapter.
        scale: How strongly it applies.
        contrast: How far answers keep away from the plain model, or ``None``.
    """

    name: str
    scale: float = 1.0
    contrast: Contrast | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values; :meth:`from_json` reads them."""
        contrast = self.contrast
        return {
            "name": self.name,
            "scale": self.scale,
            "contrast": None if contrast is None else {"alpha": contrast.alpha, "threshold": contrast.threshold},
        }

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Return what :meth:`to_json` wrote.

        Raises:
            InputError: If it is something else.
        """
        match values:
            case {"name": str() as name, "scale": int() | float() as scale, "contrast": None}:
                return cls(name=name, scale=scale)
            case {
                "name": str() as name,
                "scale": int() | float() as scale,
                "contrast": {"alpha": int() | float() as alpha, "threshold": int() | float() as threshold},
            }:
                return cls(name=name, scale=scale, contrast=Contrast(alpha=alpha, threshold=threshold))
        raise InputError("which adapter is in use cannot be read")


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterInfo:
    """One of the profile's adapters.

    Args:
        name: What the app calls it.
        task: What it was trained for.
        base_name: The language model it belongs to.
        is_ready: Whether it can be used; if not, and it is not paused either, an item it saw was forgotten and it
            is to be trained again.
        is_paused: Whether a training under this name was paused or interrupted, and can be resumed.
        is_in_use: Whether answers use it.
        scale: How strongly, if they do.
        n_items: From how many items it was made.
        n_bytes: Size of its weights; 0 if there are none.
        made_at: When it was kept, or paused.
        recipe: Where it has matrices, and how large.
        items_in_prompt: So many earlier items stood in each prompt it learned from, at most.
        n_left_out: How many items it was told to leave out.
        selection: In sentences, which items were chosen to learn from and why; empty where all were.
        report: What came of the training, or of its part up to the pause; ``None`` if it was interrupted.
    """

    name: str
    task: str
    base_name: str
    is_ready: bool
    is_paused: bool
    is_in_use: bool
    scale: float
    n_items: int
    n_bytes: int
    made_at: datetime
    recipe: LoraRecipe
    items_in_prompt: int
    n_left_out: int
    selection: tuple[str, ...]
    report: TrainingReport | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterStatus:
    """How learning stands in a profile.

    Args:
        in_use: The adapter that answers use, or ``None``.
        scale: How strongly.
        contrast: How far answers keep away from the plain model, or ``None``.
        training: The adapter that is being trained now, or ``None``.
        n_items: Items in the profile.
        n_new_items: Items that the adapter in use has not seen.
        adapters: Names that can be used.
        paused: Names whose training waits to be resumed.
        to_train_again: Names whose weights went with an item.
        sealed_bytes: What adapters and checkpoints take on the disk.
        privacy: What the training of the one in use told of any one pair, at most; ``None`` where nothing bounds it.
    """

    in_use: str | None
    scale: float
    contrast: Contrast | None
    training: str | None
    n_items: int
    n_new_items: int
    adapters: tuple[str, ...]
    paused: tuple[str, ...]
    to_train_again: tuple[str, ...]
    sealed_bytes: int
    privacy: PrivacySpent | None = None


def _filter_to_json(filter: Filter) -> dict[str, Any]:
    return {
        "kinds": None if filter.kinds is None else list(filter.kinds),
        "since": None if filter.since is None else filter.since.isoformat(),
        "until": None if filter.until is None else filter.until.isoformat(),
        "metadata": {key: _condition_to_json(condition) for key, condition in filter.metadata.items()},
        "ids": None if filter.ids is None else list(filter.ids),
        "any_of": None if filter.any_of is None else [_filter_to_json(part) for part in filter.any_of],
        "all_of": [_filter_to_json(part) for part in filter.all_of],
    }


def _condition_to_json(condition: Condition) -> Any:  # noqa: ANN401 - a JSON value
    if isinstance(condition, Mapping):
        return dict(condition)
    return condition if condition is None or isinstance(condition, str | int | float) else list(condition)


def _filter_from_json(values: Mapping[str, Any]) -> Filter:
    """Read a filter; notes from before filters composed lack ``any_of`` and ``all_of``."""
    values = {"any_of": None, "all_of": (), **values}
    return Filter(
        kinds=None if values["kinds"] is None else tuple(values["kinds"]),
        since=None if values["since"] is None else datetime.fromisoformat(values["since"]),
        until=None if values["until"] is None else datetime.fromisoformat(values["until"]),
        metadata=dict(values["metadata"]),
        ids=None if values["ids"] is None else tuple(values["ids"]),
        any_of=None if values["any_of"] is None else tuple(map(_filter_from_json, values["any_of"])),
        all_of=tuple(map(_filter_from_json, values["all_of"])),
    )
