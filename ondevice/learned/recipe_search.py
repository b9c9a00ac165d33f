"""The search for the recipe that suits a user best, on the user's own items, and the adapter that it leaves.

Source: Zhang et al. 2024, arXiv:2404.03565 (MiLP).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ondevice.adaptation.recipes.recipe import LoraRecipe
from ondevice.errors import AdaptationError
from ondevice.generation.generator import Generator
from ondevice.learned.adapter_notes import AdapterInfo, AdapterPlan
from ondevice.learned.lessons import Lessons
from ondevice.learned.training import Learned, examples_of, gguf_of
from ondevice.learned.weights import Weights

if TYPE_CHECKING:
    from ondevice.adaptation.lessons.examples import Example
    from ondevice.adaptation.lora.training import Trained
    from ondevice.adaptation.lora.weights import BaseModel
    from ondevice.adaptation.recipes.outcome import Evaluation, SearchResult
    from ondevice.adaptation.recipes.prior import Basis
    from ondevice.adaptation.recipes.recipe import ModelShape
    from ondevice.adaptation.recipes.space import Point
    from ondevice.bundle import Bundle

Ended = Literal["done", "time", "cancelled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchBudget:
    """How much is tried.

    Args:
        max_evaluations: Trainings, short ones and the one without an adapter included; 2 or more.
        max_parameters: Larger adapters are not tried, but for the default; ``None`` for no limit.
        max_seconds: What has been measured by then decides; ``None`` for no limit.
    """

    max_evaluations: int = 12
    max_parameters: int | None = None
    max_seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse a time in which nothing can be measured."""
        if self.max_seconds is not None and not self.max_seconds > 0:
            raise ValueError(f"max_seconds must be more than 0, not {self.max_seconds}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipeSearch:
    """What a search measured, and what it left.

    Args:
        adapter: The winner, trained in full and kept; ``None`` if no adapter is best, or the search was cancelled: then
            what there was before goes on working.
        winner: Its recipe; ``None`` if no adapter is best.
        why: Sentences with their numbers, the most important first.
        front: Full trainings of which none is beaten in loss and size at once, smallest first.
        evaluations: In order of measurement.
        prior: Where the first recipes came from: ``population``, ``design``, or ``None`` where the base has no prior.
        stopped: Whether it came to its end, its time was over, or the app cancelled it.
        n_items: Items that were learned from, judged on, or stood in prompts.
        seconds: What it took.
    """

    adapter: AdapterInfo | None
    winner: LoraRecipe | None
    why: tuple[str, ...]
    front: tuple[Evaluation, ...]
    evaluations: tuple[Evaluation, ...]
    prior: Basis | None
    stopped: Ended
    n_items: int
    seconds: float


def search_recipe(
    generator: Generator,
    weights: Weights,
    lessons: Lessons,
    *,
    plan: AdapterPlan,
    budget: SearchBudget,
    on_progress: Callable[[int, int], None] | None,
    cancel: Callable[[], bool],
) -> tuple[RecipeSearch, Learned | None]:
    """Measure recipes on these lessons; return what was found, and the winner's adapter if there is one.

    Raises:
        ImportError: If the extra ``adapt`` is not installed.
        AdaptationError: If no training succeeds, or the time is over before the default recipe is measured.
        ModelMismatchError: If the language model has an architecture that cannot be trained.
        ValueError: If there are fewer than 2 evaluations, or no adapter is small enough.
    """
    from ondevice.adaptation.recipes.evaluators import TrainingEvaluator
    from ondevice.adaptation.recipes.search import SearchConfig, search

    began = time.monotonic()
    config = SearchConfig(
        max_evaluations=budget.max_evaluations, max_parameters=budget.max_parameters, default=plan.recipe
    )

    def is_over() -> bool:
        return cancel() or (budget.max_seconds is not None and time.monotonic() - began >= budget.max_seconds)

    examples, held_out = examples_of(lessons, generator, plan.config)
    base = weights.base()
    prior, points = _prior(_names(generator.bundle()), base.shape)
    trial = TrainingEvaluator(base, examples, held_out, plan.config, cancel=is_over)
    result = search(
        trial,
        base.shape,
        prior=points,
        config=config,
        on_progress=on_progress,
        cancelled=is_over,
    )
    ended: Ended = "done" if result.stopped == "done" else "cancelled" if cancel() else "time"
    if ended != "cancelled":
        _require_measurements(result, budget)
    trained = None
    if ended != "cancelled" and result.winner is not None:
        trained = trial.trained(result.winner)
        if plan.refit:
            trained = _refitted(base, [*examples, *held_out], trained, result.winner, plan, is_over)
        if cancel():
            ended = "cancelled"
    found = RecipeSearch(
        adapter=None,
        winner=result.winner,
        why=result.why,
        front=result.front,
        evaluations=result.evaluations,
        prior=prior,
        stopped=ended,
        n_items=len(lessons.item_ids),
        seconds=time.monotonic() - began,
    )
    if ended == "cancelled" or trained is None or result.winner is None:
        return found, None
    adapter = gguf_of(trained, base, result.winner)
    return found, Learned(report=trained.report, item_ids=lessons.item_ids, adapter=adapter, checkpoint=None)


def _refitted(
    base: BaseModel,
    examples: Sequence[Example],
    trained: Trained,
    recipe: LoraRecipe,
    plan: AdapterPlan,
    is_over: Callable[[], bool],
) -> Trained:
    """Train the winner anew on all examples; what its training left stays where the search's time is over before."""
    from ondevice.adaptation.lora.refitting import refit

    again = refit(base, examples, trained, recipe, plan.config, cancel=is_over)
    if again.report.stopped == "cancelled":
        return replace(trained, report=replace(trained.report, refit="time"))
    return again


def _names(bundle: Bundle) -> set[str]:
    """Return by what names a language model has a prior: its own, and that of the model it was made from."""
    return {bundle.name} if bundle.generator is None else {bundle.name, bundle.generator.base.casefold()}


def _prior(names: Collection[str], shape: ModelShape) -> tuple[Basis | None, tuple[Point, ...]]:
    """Return what is shipped for a base model of one of these names, if it has that many blocks."""
    from ondevice.adaptation.recipes.prior import load_prior, priors

    base_name = next((name for name in priors() if name in names), None)
    if base_name is None:
        return None, ()
    prior = load_prior(base_name)
    return (prior.basis, prior.points) if prior.n_blocks == shape.n_blocks else (None, ())


def _require_measurements(result: SearchResult, budget: SearchBudget) -> None:
    trainings = [one for one in result.evaluations if one.recipe is not None]
    if not trainings:
        raise AdaptationError(
            f"the time of {budget.max_seconds} s was over before the default recipe was measured",
            hint="raise max_seconds, or select fewer items",
        )
    failures = [one.failure for one in trainings if one.failure is not None]
    if len(failures) == len(trainings):
        raise AdaptationError(
            f"none of {len(trainings)} trainings succeeded, the first because: {failures[0]}",
            hint="lower the learning rate, or raise max_memory_bytes",
        )
