"""Convert a selector (a cross-encoder: a sequence classifier with one output) into a bundle that devices load."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from export.conversion.onnx.choosing import Preference, best_within
from export.conversion.onnx.classifier import read_classifier
from export.conversion.onnx.recipes import Recipe, recipe_named
from export.conversion.onnx.selector_trials import (
    SelectorBench,
    SelectorTrial,
    set_up_selector,
    time_selectors,
    try_selector_recipe,
)
from export.drafting import drafting
from export.errors import ConversionError
from export.gate.bounds import SELECTOR_BOUNDS, Bounds
from export.gate.candidate_groups import CandidateGroups, built_in_groups
from ondevice.bundle import FileEntry, Manifest, SelectorSpec, write_manifest
from ondevice.bundle.probes import PROBES_ROLE, SelectorProbes, write_probes

AUTO = ("int8-dynamic", "int8-dynamic-7bit", "int8-smooth", "int8-smooth-7bit", "int8-blocks", "fp16-weights", "fp32")
"""The recipes that ``auto`` tries."""

N_PROBES = 8
# A probe may be off by what it is off here and this share of the scores' deviation: rounding stays below it, what an
# unknown CPU computes wrongly does not.
PROBE_SLACK = 0.25
_DIGITS = 6


def convert_selector(
    source: Path,
    out: Path,
    *,
    name: str,
    version: str,
    license: str | None = None,
    recipe: str = "auto",
    data: Sequence[CandidateGroups] = (),
    bounds: Bounds = SELECTOR_BOUNDS,
    max_tokens: int | None = None,
    choice: SelectorSpec | None = None,
    prefer: Preference = "speed",
    paper: str | None = None,
    training_data: str | None = None,
    report: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Convert a selector's folder into a bundle at ``out``: whole and within its bounds, or not there at all.

    Args:
        source: The folder of a sequence classifier with one output, with safetensors.
        out: The bundle's folder; nothing may be there.
        name: The bundle's name.
        version: The bundle's version.
        license: The weights' licence (SPDX); ``None`` takes the model card's.
        recipe: One of :data:`~export.conversion.onnx.recipes.RECIPES`, or ``auto`` to try those in :data:`AUTO` and
            take the fastest within the bounds.
        data: Candidates to choose among; none means the built-in ones.
        bounds: What the measures must keep to.
        max_tokens: Where longer pairs are cut; ``None`` takes what the model allows.
        choice: The retrievers that it was trained to choose among, with ``k`` and ``margin``; ``None`` for a selector
            that an app uses by itself. Its ``max_tokens`` is not looked at.
        prefer: What ``auto`` takes among those within the bounds: the fastest or the smallest.
        paper: Where the method is described.
        training_data: What the weights were trained on, in one line.
        report: A folder for the table and plots of the recipes tried.
        on_progress: Called with (done, total) after each recipe, and after they were timed.

    Raises:
        ConversionError: If the checkpoint cannot be converted, or has no licence.
        ParityError: If no recipe keeps to the bounds.
        StorageError: If the disk refuses.
    """
    recipes = [_recipe(each) for each in (AUTO if recipe == "auto" else (recipe,))]
    checkpoint = read_classifier(source, max_tokens=max_tokens)
    terms = license or checkpoint.license
    if terms is None:
        raise ConversionError("no licence is given, and the model card declares none", hint="name it: --license SPDX")
    with drafting(out) as folder, tempfile.TemporaryDirectory(prefix="ondevice-selector-") as scratch:
        bench = set_up_selector(checkpoint, Path(scratch), tuple(data) or (built_in_groups(),))
        trials = []
        for number, each in enumerate(recipes, start=1):
            trials.append(try_selector_recipe(bench, each, bounds))
            if on_progress is not None:
                on_progress(number, len(recipes) + 1)
        trials = time_selectors(bench, trials)
        if on_progress is not None:
            on_progress(len(recipes) + 1, len(recipes) + 1)
        if report is not None:
            _report(report, trials, title=f"{name} {version}", bounds=bounds)
        chosen = choose_selector(trials, prefer=prefer)
        manifest = _assemble(folder, bench, chosen, name=name, version=version, license_name=terms)
        spec = bench.spec if choice is None else replace(choice, max_tokens=bench.spec.max_tokens)
        manifest = replace(manifest, selector=spec, paper=paper, training_data=training_data)
        write_manifest(folder, manifest)
    return manifest


def choose_selector(trials: Sequence[SelectorTrial], *, prefer: Preference = "speed") -> SelectorTrial:
    """Return the best trial within the bounds; see :func:`~export.conversion.onnx.choosing.best_within`.

    Raises:
        ParityError: If none is within the bounds.
    """
    return best_within(trials, _nearness, prefer=prefer)


def _assemble(
    folder: Path, bench: SelectorBench, chosen: SelectorTrial, *, name: str, version: str, license_name: str
) -> Manifest:
    shutil.copyfile(chosen.path, folder / "model.onnx")
    shutil.copyfile(bench.folder / "tokenizer.json", folder / "tokenizer.json")
    speed = () if chosen.speed is None else chosen.speed.results(data=bench.data[0].name, unit="pairs")
    return Manifest(
        kind="selector",
        name=name,
        version=version,
        license=license_name,
        source=f"converted from a {bench.checkpoint.architecture} checkpoint",
        files={
            "model": FileEntry.measure(folder, "model.onnx"),
            "tokenizer": FileEntry.measure(folder, "tokenizer.json"),
            PROBES_ROLE: write_probes(folder, _probes(bench, chosen)),
        },
        selector=bench.spec,
        gate=(*chosen.results, *speed),
        recipe=chosen.recipe.describe(),
        made_from=bench.checkpoint.files,
    )


def _probes(bench: SelectorBench, chosen: SelectorTrial) -> SelectorProbes:
    groups = built_in_groups().groups
    # An odd step, so that groups with and without a second text take turns.
    pairs = tuple(groups[index * 11][index % len(groups[0])] for index in range(N_PROBES))
    wanted = np.round(bench.torch.score(pairs).astype(np.float64), _DIGITS)
    with bench.open(chosen.path) as selector:
        off = float(np.abs(selector.score(pairs, batch=1) - wanted).max())
    deviation = float(np.concatenate([scores for truth in bench.truth for scores in truth]).std())
    return SelectorProbes(pairs=pairs, scores=tuple(map(float, wanted)), tolerance=off + PROBE_SLACK * deviation)


def _recipe(name: str) -> Recipe:
    try:
        return recipe_named(name)
    except ValueError as error:
        raise ConversionError(str(error)) from None


def _report(folder: Path, trials: Sequence[SelectorTrial], *, title: str, bounds: Bounds) -> None:
    from export.gate.report import report  # draws plots, so it loads matplotlib

    report(folder, [trial.row() for trial in trials], title, bounds=bounds)


def _nearness(trial: SelectorTrial) -> float:
    found = trial.value("spearman")
    return -2.0 if found is None else found
