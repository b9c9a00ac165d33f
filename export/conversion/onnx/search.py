"""The search for a recipe: try them, time those that hold, take the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from export.conversion.onnx.bench import Bench
from export.conversion.onnx.quantize import apply_recipe, product_nodes
from export.conversion.onnx.recipes import Recipe
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.sensitivity import by_sensitivity
from export.conversion.steps import Steps
from export.conversion.trials import Trial
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds, check
from export.gate.speed import Speed, measure_speed
from ondevice.errors import BundleError

OnnxTrial = Trial[Recipe, Speed]

BASELINE = "pytorch-fp32"
N_SPEED_ROUNDS = 5
_EXCLUSIONS = (1, 2, 4, 8)


def search(
    bench: Bench[Any],
    bounds: Bounds,
    *,
    recipes: Sequence[Recipe],
    on_progress: Callable[[int, int], None] | None = None,
) -> list[OnnxTrial]:
    """Try every recipe; for an int8 one that is outside the bounds, also keep its most sensitive products in float32.

    The latter is for encoders. All trials that hold are timed in one interleaved run with PyTorch.

    Returns:
        The trials in the order of the recipes, each followed by what came of excluding products.
    """
    trials: list[OnnxTrial] = []
    steps = Steps(len(recipes) + 1, on_progress)
    for recipe in recipes:
        trial = try_recipe(bench, recipe, bounds)
        trials.append(trial)
        is_near = trial.fault is not None and trial.results and recipe.scheme in ("dynamic", "static")
        if is_near and bench.excludes_products:
            trials += _excluding(bench, recipe, bounds)
        steps.advance()
    timed = _timed(bench, trials)
    steps.advance()
    return timed


def try_recipe(bench: Bench[Any], recipe: Recipe, bounds: Bounds) -> OnnxTrial:
    """Apply a recipe and compare with the original; one that fails or is outside the bounds is a trial with a fault."""
    trial = OnnxTrial(recipe=recipe, path=bench.folder / f"{recipe.name}.onnx")
    try:
        apply_recipe(bench.fp32, recipe, trial.path, bench.calibration)
        trial = replace(trial, n_bytes=trial.path.stat().st_size)
        with bench.open(trial.path) as converted:
            trial = replace(trial, results=tuple(bench.measure(converted)))
        return replace(trial, results=check(trial.results, bounds))
    except (BundleError, ConversionError, ParityError) as error:
        return replace(trial, fault=error.message)


def _timed(bench: Bench[Any], trials: Sequence[OnnxTrial]) -> list[OnnxTrial]:
    with ExitStack() as stack:
        calls = {BASELINE: bench.timed(bench.torch)}
        for trial in trials:
            if trial.fault is None:
                calls[trial.recipe.name] = bench.timed(stack.enter_context(bench.open(trial.path)))
        speeds = measure_speed(calls, baseline=BASELINE, n_items=bench.n_timed, n_rounds=N_SPEED_ROUNDS)
    by_name = {speed.name: speed for speed in speeds}
    return [replace(trial, speed=by_name.get(trial.recipe.name)) for trial in trials]


def _excluding(bench: Bench[Any], recipe: Recipe, bounds: Bounds) -> list[OnnxTrial]:
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
