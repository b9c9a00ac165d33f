"""Convert a selector (a cross-encoder: a sequence classifier with one output) into a bundle that devices load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from export.conversion.about import About
from export.conversion.onnx.bundling import convert_checkpoint
from export.conversion.onnx.classifier import read_classifier
from export.conversion.onnx.recipes import Recipe, recipe_named
from export.conversion.onnx.selector_bench import set_up_selector
from export.conversion.trials import Preference
from export.errors import ConversionError
from export.gate.bounds import SELECTOR_BOUNDS, Bounds
from export.gate.candidate_groups import CandidateGroups, built_in_groups
from ondevice.bundle import Manifest, SelectorSpec

AUTO = ("int8-dynamic", "int8-dynamic-7bit", "int8-smooth", "int8-smooth-7bit", "int8-blocks", "fp16-weights", "fp32")
"""The recipes that ``auto`` tries."""


def convert_selector(
    source: Path,
    out: Path,
    about: About,
    *,
    recipe: str = "auto",
    data: Sequence[CandidateGroups] = (),
    bounds: Bounds = SELECTOR_BOUNDS,
    max_tokens: int | None = None,
    choice: SelectorSpec | None = None,
    prefer: Preference = "speed",
    report: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Convert a selector's folder into a bundle at ``out``: whole and within its bounds, or not there at all.

    Args:
        source: The folder of a sequence classifier with one output, with safetensors.
        out: The bundle's folder; nothing may be there.
        about: What its manifest says of it.
        recipe: One of :data:`~export.conversion.onnx.recipes.RECIPES`, or ``auto`` to try those in :data:`AUTO` and
            take the best within the bounds.
        data: Candidates to choose among; none means the built-in ones.
        bounds: What the measures must keep to.
        max_tokens: Where longer pairs are cut; ``None`` takes what the model allows.
        choice: See :class:`~export.conversion.onnx.selector_bench.SelectorBench`.
        prefer: What ``auto`` takes among those within the bounds: the fastest or the smallest.
        report: A folder for the table and plots of the recipes tried.
        on_progress: Called with (done, total) after each recipe, and after they were timed.

    Raises:
        ConversionError: If the checkpoint cannot be converted, or has no licence.
        ParityError: If no recipe keeps to the bounds.
        StorageError: If the disk refuses.
    """
    recipes = [_recipe(each) for each in (AUTO if recipe == "auto" else (recipe,))]
    checkpoint, groups = read_classifier(source, max_tokens=max_tokens), tuple(data) or (built_in_groups(),)
    return convert_checkpoint(
        checkpoint,
        out,
        about,
        lambda folder: set_up_selector(checkpoint, folder, groups, choice=choice),
        recipes=recipes,
        bounds=bounds,
        prefer=prefer,
        report=report,
        on_progress=on_progress,
    )


def _recipe(name: str) -> Recipe:
    try:
        return recipe_named(name)
    except ValueError as error:
        raise ConversionError(str(error)) from None
