"""From a trained sentence encoder to a bundle that devices load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from export.conversion.about import About
from export.conversion.onnx.bundling import convert_checkpoint
from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.encoder_bench import set_up_encoder
from export.conversion.onnx.recipes import RECIPES, Recipe, recipe_named
from export.conversion.trials import Preference
from export.gate.bounds import ENCODER_BOUNDS, Bounds
from export.gate.retrieval_data import RetrievalData
from export.gate.texts import built_in_retrieval_data
from ondevice.bundle import Manifest

AUTO = "auto"
N_TEXTS = 256


def convert_encoder(
    source: Path,
    out: Path,
    about: About,
    *,
    recipe: str = AUTO,
    recipes: Sequence[Recipe] = RECIPES,
    data: Sequence[RetrievalData] = (),
    bounds: Bounds = ENCODER_BOUNDS,
    prefer: Preference = "speed",
    passages: str | None = None,
    report: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Convert a sentence encoder's folder into a bundle at ``out``: whole and within its bounds, or not there at all.

    Args:
        source: The checkpoint's folder (sentence-transformers or transformers, safetensors).
        out: The bundle's folder; nothing may be there.
        about: What its manifest says of it.
        recipe: A recipe's name, or ``auto`` to try ``recipes`` and take the best.
        recipes: What ``auto`` tries.
        data: Retrieval data that rankings are compared on; its passages are also what vectors are compared and
            calibrated on. Without it, the gate's built-in texts take their place.
        bounds: What the converted encoder must hold to.
        prefer: What ``auto`` takes among those within the bounds: the fastest or the smallest.
        passages: The id of the encoder whose vectors of passages this one's queries search; ``None`` if it has its own.
        report: A folder for the table and plots of the recipes tried.
        on_progress: Called with (done, total) after each recipe, and after they were timed.

    Raises:
        ConversionError: If the checkpoint cannot be converted, there is something at ``out``, or no licence is known.
        ParityError: If no recipe tried is within the bounds.
        StorageError: If the disk refuses.
        ValueError: If there is no recipe of that name.
    """
    tried = recipes if recipe == AUTO else [recipe_named(recipe)]
    checkpoint, tasks = read_checkpoint(source), data or (built_in_retrieval_data(),)
    return convert_checkpoint(
        checkpoint,
        out,
        about,
        lambda folder: set_up_encoder(checkpoint, folder, texts=_texts(tasks), data=tasks, passages=passages),
        recipes=tried,
        bounds=bounds,
        prefer=prefer,
        report=report,
        on_progress=on_progress,
    )


def _texts(data: Sequence[RetrievalData]) -> Sequence[str]:
    """Take passages evenly, so that every part of the data is among them."""
    passages = list(dict.fromkeys(passage for each in data for passage in each.passages if passage.strip()))
    n = min(N_TEXTS, len(passages))
    return [passages[index * len(passages) // n] for index in range(n)]
