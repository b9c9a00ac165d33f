"""The search for a recipe: try them, time those that hold, take the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from export.conversion.onnx.choosing import Preference, best_within
from export.conversion.onnx.quantize import product_nodes
from export.conversion.onnx.recipes import RECIPES, Recipe
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.sensitivity import by_sensitivity
from export.conversion.onnx.trial import Bench, OnnxTrial, try_recipe
from export.gate.bounds import Bounds
from export.gate.speed import measure_speed

BASELINE = "pytorch-fp32"
N_SPEED_TEXTS = 64
N_SPEED_ROUNDS = 5
_EXCLUSIONS = (1, 2, 4, 8)


def search(
    bench: Bench,
    bounds: Bounds,
    *,
    recipes: Sequence[Recipe] = RECIPES,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[OnnxTrial]:
    """Try every recipe; for an int8 one that is outside the bounds, also keep its most sensitive products in float32.

    All trials that hold are timed in one interleaved run with PyTorch, on the same texts.

    Returns:
        The trials in the order of the recipes, each followed by what came of excluding products.
    """
    trials: list[OnnxTrial] = []
    for done, recipe in enumerate(recipes):
        trial = try_recipe(bench, recipe, bounds)
        trials.append(trial)
        if trial.fault is not None and trial.results and recipe.scheme in ("dynamic", "static"):
            trials += _excluding(bench, recipe, bounds)
        if on_progress is not None:
            on_progress(done + 1, len(recipes) + 1)
    timed = time_trials(bench, trials)
    if on_progress is not None:
        on_progress(len(recipes) + 1, len(recipes) + 1)
    return timed


def choose(trials: Sequence[OnnxTrial], *, prefer: Preference = "speed") -> OnnxTrial:
    """Return the best trial within the bounds; see :func:`~export.conversion.onnx.choosing.best_within`.

    Raises:
        ParityError: If none is within the bounds.
    """
    return best_within(trials, _nearness, prefer=prefer)


def time_trials(bench: Bench, trials: Sequence[OnnxTrial]) -> list[OnnxTrial]:
    """Return the trials, with the speed of those that are within the bounds."""
    texts = [bench.texts[index * len(bench.texts) // N_SPEED_TEXTS] for index in range(N_SPEED_TEXTS)]
    with ExitStack() as stack:
        calls: dict[str, Callable[[], object]] = {BASELINE: partial(bench.torch.encode_passages, texts)}
        for trial in trials:
            if trial.fault is None:
                encoder = stack.enter_context(bench.open(trial.path))
                calls[trial.recipe.name] = partial(encoder.encode_passages, texts)
        speeds = {
            speed.name: speed
            for speed in measure_speed(calls, baseline=BASELINE, n_items=len(texts), n_rounds=N_SPEED_ROUNDS)
        }
    return [replace(trial, speed=speeds.get(trial.recipe.name)) for trial in trials]


def _excluding(bench: Bench, recipe: Recipe, bounds: Bounds) -> list[OnnxTrial]:
    products = product_nodes(load_graph(bench.fp32))
    ranked = by_sensitivity(bench.fp32, products, bench.calibration, is_smoothed=recipe.smoothing)
    trials: list[OnnxTrial] = []
    for count in _EXCLUSIONS:
        if count >= len(ranked) // 2:
            break
        less = replace(recipe, name=f"{recipe.name}-but-{count}", excluded=tuple(ranked[:count]))
        trials.append(try_recipe(bench, less, bounds))
        if trials[-1].fault is None:
            break
    return trials


def _nearness(trial: OnnxTrial) -> float:
    cosine = trial.value("cosine_mean")
    return -1.0 if cosine is None else cosine
