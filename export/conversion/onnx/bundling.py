"""From a checkpoint to a bundle: recipes are tried on a bench, and the best of those that hold is what is shipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from export.conversion.about import About
from export.conversion.onnx.bench import Bench
from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.recipes import Recipe
from export.conversion.onnx.search import OnnxTrial, search
from export.conversion.trials import Preference, best_within
from export.drafting import drafting
from export.gate.bounds import Bounds
from ondevice.bundle import FileEntry, Manifest, write_manifest
from ondevice.bundle.probes import PROBES_ROLE, write_probes
from ondevice.safety.temporary_folder import temporary_folder


def convert_checkpoint(
    checkpoint: HubCheckpoint,
    out: Path,
    about: About,
    set_up: Callable[[Path], Bench[Any]],
    *,
    recipes: Sequence[Recipe],
    bounds: Bounds,
    prefer: Preference,
    report: Path | None,
    on_progress: Callable[[int, int], None] | None,
) -> Manifest:
    """Write a bundle to ``out``: whole and within its bounds, or not there at all.

    Args:
        checkpoint: What is converted.
        out: The bundle's folder; nothing may be there.
        about: What its manifest says of it.
        set_up: Makes the bench, in a folder that is removed at the end.
        recipes: What is tried.
        bounds: What the measures must keep to.
        prefer: What is taken among those within the bounds: the fastest or the smallest.
        report: A folder for the table and plots of the recipes tried.
        on_progress: Called with (done, total) after each recipe, and after they were timed.

    Raises:
        ConversionError: If the checkpoint cannot be converted, there is something at ``out``, or no licence is known.
        ParityError: If no recipe tried is within the bounds.
        StorageError: If the disk refuses.
    """
    terms = about.terms(checkpoint.license)
    with drafting(out) as folder, temporary_folder() as scratch:
        bench = set_up(scratch)
        trials = search(bench, bounds, recipes=recipes, on_progress=on_progress)
        if report is not None:
            _report(report, bench, trials, bounds, title=f"{about.name} {about.version}")
        chosen = best_within(trials, nearest_by=bench.nearest_by, prefer=prefer)
        shutil.copyfile(chosen.path, folder / "model.onnx")
        shutil.copyfile(bench.tokenizer, folder / "tokenizer.json")
        speed = () if chosen.speed is None else chosen.speed.results(data=bench.data_name, unit=bench.unit)
        manifest = about.manifest(
            bench.kind,
            bench.spec,
            license=terms,
            source=f"converted from a {checkpoint.architecture} checkpoint",
            files={
                "model": FileEntry.measure(folder, "model.onnx"),
                "tokenizer": FileEntry.measure(folder, "tokenizer.json"),
                PROBES_ROLE: write_probes(folder, bench.probes(chosen.path)),
            },
            recipe=chosen.recipe.describe(),
            made_from=checkpoint.files,
            gate=(*chosen.results, *speed),
        )
        write_manifest(folder, manifest)
    return manifest


def row_of(bench: type[Bench[Any]], trial: OnnxTrial) -> dict[str, str | float | None]:
    """Return a trial as a row of a report."""
    return trial.row(bench.measures, {f"{bench.unit}_per_s": "per_s", "speed_ratio": "ratio"})


def _report(folder: Path, bench: Bench[Any], trials: Sequence[OnnxTrial], bounds: Bounds, *, title: str) -> None:
    from export.gate.report import report  # draws plots, so it loads matplotlib

    report(folder, [row_of(type(bench), trial) for trial in trials], title, bounds=bounds)
