"""Convert a selector (a cross-encoder: a sequence classifier with one output) into a bundle that devices load."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from export.conversion.onnx.classifier import export_classifier, read_classifier
from export.conversion.onnx.recipes import Recipe, recipe_named
from export.conversion.onnx.selector_trials import SelectorGate, SelectorTrial
from export.conversion.onnx.tokenizing import write_tokenizer
from export.drafting import drafting
from export.gate.bounds import SELECTOR_BOUNDS, Bounds
from export.gate.candidate_groups import CandidateGroups, built_in_groups
from ondevice.bundle import Bundle, FileEntry, Manifest, SelectorSpec, write_manifest
from ondevice.errors import ConversionError, ParityError

AUTO = ("int8-dynamic", "int8-smooth", "int8-dynamic-7bit", "int8-smooth-7bit", "int8-blocks", "fp16-weights", "fp32")
"""The recipes that ``auto`` tries; the first of the fastest that keeps to the bounds is taken."""

_NEAR_FASTEST = 0.95


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
    paper: str | None = None,
    training_data: str | None = None,
    on_trial: Callable[[SelectorTrial], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write a selector's bundle: the fastest recipe whose choices agree with the original's.

    Args:
        source: The folder of a sequence classifier with one output, with safetensors.
        out: The bundle's folder (new).
        name: The bundle's name.
        version: The bundle's version.
        license: The weights' licence (SPDX); ``None`` takes the model card's.
        recipe: One of :data:`~export.conversion.onnx.recipes.RECIPES`, or ``auto`` to try those in :data:`AUTO`.
        data: Candidates to choose among; none means the built-in ones.
        bounds: What the measures must keep to.
        max_tokens: Where longer pairs are cut; ``None`` takes what the model allows.
        paper: Where the method is described.
        training_data: What the weights were trained on, in one line.
        on_trial: Called with each recipe tried, while its graph is there.
        on_progress: Called with (done, total) recipes.

    Raises:
        ConversionError: If the checkpoint cannot be converted, or has no licence.
        ParityError: If no recipe keeps to the bounds.
        StorageError: If the disk refuses.
    """
    recipes = [_recipe(each) for each in (AUTO if recipe == "auto" else (recipe,))]
    checkpoint = read_classifier(source, max_tokens=max_tokens)
    licence = license or checkpoint.license
    if licence is None:
        raise ConversionError(f"the folder {source.name!r} names no licence", hint="name one with --license")
    groups = tuple(data) or (built_in_groups(),)
    with drafting(out) as folder, tempfile.TemporaryDirectory(prefix="ondevice-selector-") as scratch:
        write_tokenizer(checkpoint, folder / "tokenizer.json")
        export_classifier(checkpoint, Path(scratch) / "fp32.onnx")
        manifest = Manifest(
            kind="selector",
            name=name,
            version=version,
            license=licence,
            source=f"converted from {source.resolve().name}",
            files={
                "model": FileEntry(path="model.onnx", sha256="0" * 64, bytes=0),
                "tokenizer": FileEntry.measure(folder, "tokenizer.json"),
            },
            selector=SelectorSpec(max_tokens=checkpoint.max_tokens),
            paper=paper,
            training_data=training_data,
            made_from=checkpoint.files,
        )
        gate = SelectorGate(checkpoint, Bundle(folder=folder, manifest=manifest), groups, bounds)
        trials = []
        for number, each in enumerate(recipes, start=1):
            trials.append(gate.attempt(each, Path(scratch)))
            if on_trial is not None:
                on_trial(trials[-1])
            if on_progress is not None:
                on_progress(number, len(recipes))
        manifest = gate.take(_best(trials))
        write_manifest(folder, manifest)
    return manifest


def _recipe(name: str) -> Recipe:
    try:
        return recipe_named(name)
    except ValueError as error:
        raise ConversionError(str(error)) from None


def _best(trials: Sequence[SelectorTrial]) -> SelectorTrial:
    kept = [trial for trial in trials if trial.refusal is None]
    if not kept:
        last = trials[-1]
        raise ParityError(
            f"no recipe of {len(trials)} keeps to the bounds; {last.recipe.name}: {last.refusal}",
            hint="name other bounds if the loss is acceptable",
        )
    fastest = max(trial.pairs_per_s for trial in kept)
    return next(trial for trial in kept if trial.pairs_per_s >= _NEAR_FASTEST * fastest)
