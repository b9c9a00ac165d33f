"""From a trained sentence encoder to a bundle that devices load."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.choosing import Preference
from export.conversion.onnx.recipes import RECIPES, Recipe, recipe_named
from export.conversion.onnx.search import choose, search
from export.conversion.onnx.trial import Bench, OnnxTrial, set_up
from export.drafting import drafting
from export.errors import ConversionError, ParityError
from export.gate.bounds import ENCODER_BOUNDS, Bounds
from export.gate.retrieval_data import RetrievalData
from export.gate.texts import built_in_retrieval_data, built_in_texts
from ondevice.bundle import FileEntry, Manifest, write_manifest
from ondevice.bundle.probes import PROBES_ROLE, EncoderProbes, write_probes

AUTO = "auto"
N_TEXTS = 256
N_PROBES = 8
# A probe is one short text on an unknown CPU: what is wrong there comes out far below, rounding far above.
PROBE_SLACK = 0.02
_DIGITS = 6


def convert_encoder(
    source: Path,
    out: Path,
    *,
    name: str,
    version: str,
    license: str | None = None,
    recipe: str = AUTO,
    recipes: Sequence[Recipe] = RECIPES,
    data: Sequence[RetrievalData] = (),
    bounds: Bounds = ENCODER_BOUNDS,
    prefer: Preference = "speed",
    passages: str | None = None,
    training_data: str | None = None,
    paper: str | None = None,
    report: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Convert a sentence encoder's folder into a bundle at ``out``: whole and within its bounds, or not there at all.

    Args:
        source: The checkpoint's folder (sentence-transformers or transformers, safetensors).
        out: The bundle's folder; nothing may be there.
        name: The bundle's name.
        version: The bundle's version.
        license: The licence; ``None`` takes what the model card declares.
        recipe: A recipe's name, or ``auto`` to try ``recipes`` and take the best.
        recipes: What ``auto`` tries.
        data: Retrieval data that rankings are compared on; its passages are also what vectors are compared and
            calibrated on. Without it, the gate's built-in texts take their place.
        bounds: What the converted encoder must hold to.
        prefer: What ``auto`` takes among those within the bounds: the fastest or the smallest.
        passages: The id of the encoder whose vectors of passages this one's queries search; ``None`` if it has its own.
        training_data: What the weights were trained on, for the manifest.
        paper: Where the encoder is described, for the manifest.
        report: A folder for the table and plots of the recipes tried.
        on_progress: Called with (done, total) after each recipe.

    Raises:
        ConversionError: If the checkpoint cannot be converted, there is something at ``out``, or no licence is known.
        ParityError: If no recipe tried is within the bounds.
        ValueError: If there is no recipe of that name.
    """
    tried = recipes if recipe == AUTO else [recipe_named(recipe)]
    checkpoint = read_checkpoint(source)
    terms = license or checkpoint.license
    if terms is None:
        raise ConversionError("no licence is given, and the model card declares none", hint="name it: --license SPDX")
    with drafting(out) as folder, tempfile.TemporaryDirectory(prefix="ondevice-convert-") as scratch:
        tasks = data or (built_in_retrieval_data(),)
        bench = set_up(checkpoint, Path(scratch), texts=_texts(tasks), data=tasks)
        trials = search(bench, bounds, recipes=tried, on_progress=on_progress)
        if report is not None:
            _report(report, trials, bounds, title=f"{name} {version}")
        chosen = choose(trials, prefer=prefer)
        manifest = _assemble(folder, bench, chosen, name=name, version=version, license_name=terms)
        spec = replace(bench.spec, passages=passages)
        manifest = replace(manifest, encoder=spec, training_data=training_data, paper=paper)
        write_manifest(folder, manifest)
    return manifest


def _report(folder: Path, trials: Sequence[OnnxTrial], bounds: Bounds, *, title: str) -> None:
    from export.gate.report import report  # draws plots, so it loads matplotlib

    report(folder, [trial.row() for trial in trials], title, bounds=bounds)


def _texts(data: Sequence[RetrievalData]) -> Sequence[str]:
    """Take passages evenly, so that every part of the data is among them."""
    passages = list(dict.fromkeys(passage for each in data for passage in each.passages if passage.strip()))
    n = min(N_TEXTS, len(passages))
    return [passages[index * len(passages) // n] for index in range(n)]


def _assemble(folder: Path, bench: Bench, chosen: OnnxTrial, *, name: str, version: str, license_name: str) -> Manifest:
    (folder / "model.onnx").write_bytes(chosen.path.read_bytes())
    (folder / "tokenizer.json").write_bytes(bench.tokenizer.read_bytes())
    data = "+".join(each.name for each in bench.data)
    speed = () if chosen.speed is None else chosen.speed.results(data=data)
    return Manifest(
        kind="encoder",
        name=name,
        version=version,
        license=license_name,
        source=f"converted from a {bench.checkpoint.architecture} checkpoint",
        files={
            "model": FileEntry.measure(folder, "model.onnx"),
            "tokenizer": FileEntry.measure(folder, "tokenizer.json"),
            PROBES_ROLE: write_probes(folder, _probes(bench, chosen)),
        },
        encoder=bench.spec,
        gate=(*chosen.results, *speed),
        recipe=chosen.recipe.describe(),
        made_from=bench.checkpoint.files,
    )


def _probes(bench: Bench, chosen: OnnxTrial) -> EncoderProbes:
    texts = tuple(built_in_texts()[:N_PROBES])
    wanted = bench.torch.encode_passages(texts)
    with bench.open(chosen.path) as encoder:
        # One at a time, as a device may run them: int8 activations share one step over a batch.
        found = np.concatenate([encoder.encode_passages([text]) for text in texts])
    worst = float(np.einsum("nd,nd->n", wanted, found).min())
    if worst <= PROBE_SLACK:
        raise ParityError(f"the cosine of a neutral text to the original is {worst:.4f}")
    return EncoderProbes(
        texts=texts,
        vectors=tuple(tuple(round(float(number), _DIGITS) for number in row) for row in wanted),
        min_cosine=round(worst - PROBE_SLACK, 4),
    )
