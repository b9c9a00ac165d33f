"""Trials of recipes on a selector: each is applied, compared with the original, timed, and held to the bounds."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from export.conversion.onnx.calibration import N_CALIBRATION, Calibration
from export.conversion.onnx.checkpoint import Checkpoint
from export.conversion.onnx.classifier_reference import TorchClassifier, check_joining, open_tokenizer
from export.conversion.onnx.quantize import apply_recipe
from export.conversion.onnx.recipes import Recipe
from export.conversion.onnx.saving import load_graph
from export.gate.agreement import compare_scores, score_groups
from export.gate.bounds import Bounds, check
from export.gate.candidate_groups import CandidateGroups, built_in_groups
from export.gate.cpu import cpu_class
from export.gate.speed import measure_speed
from ondevice.bundle import Bundle, FileEntry, GateResult, Manifest
from ondevice.bundle.probes import SelectorProbes, write_probes
from ondevice.errors import BundleError, ConversionError, ParityError
from ondevice.retrieval.selector import CrossEncoder
from ondevice.retrieval.tokenizing import batches, padded

_N_TIMED, _N_ROUNDS = 16, 5
_N_PROBES = 8
# A probe may differ by this many standard deviations of the scores: more than rounding, less than a wrong sum.
_PROBE_DEVIATIONS = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorTrial:
    """One recipe tried on a selector.

    Args:
        recipe: Which.
        path: The graph it gave.
        gate: What was measured, with bounds where they were kept.
        refusal: Why it was refused; ``None`` where it keeps to the bounds.
        pairs_per_s: Pairs scored a second.
    """

    recipe: Recipe
    path: Path
    gate: tuple[GateResult, ...]
    refusal: str | None
    pairs_per_s: float


class SelectorGate:
    """Tries recipes on one checkpoint, in the folder of the bundle that will be."""

    def __init__(
        self, checkpoint: Checkpoint, bundle: Bundle, groups: Sequence[CandidateGroups], bounds: Bounds
    ) -> None:
        self._bundle = bundle
        self._groups = groups
        self._bounds = bounds
        self._pairs = [pair for data in groups for group in data.groups for pair in group]
        tokenizer = open_tokenizer(checkpoint, bundle.folder / "tokenizer.json")
        check_joining(checkpoint, tokenizer, self._pairs)
        self._reference = TorchClassifier.open(checkpoint, tokenizer)
        self._truth = [score_groups(self._reference, data, "the original") for data in groups]
        self._tokenizer = tokenizer

    def attempt(self, recipe: Recipe, scratch: Path) -> SelectorTrial:
        """Apply a recipe and measure what it gives."""
        path = scratch / f"{recipe.name}.onnx"
        calibration = self._calibrate(scratch / "fp32.onnx") if recipe.needs_calibration else None
        apply_recipe(scratch / "fp32.onnx", recipe, path, calibration)
        shutil.copyfile(path, self._bundle.file("model"))
        with self._open() as selector:
            found: list[GateResult] = []
            for data, truth in zip(self._groups, self._truth, strict=True):
                made = score_groups(selector, data, "the converted model")
                found += compare_scores(truth, made, data).results()
            timed = self._spread(_N_TIMED)
            _, converted = measure_speed(
                {"pytorch": lambda: self._reference.score(timed), "converted": lambda: selector.score(timed)},
                baseline="pytorch",
                n_items=len(timed),
                n_rounds=_N_ROUNDS,
            )
        found += converted.results(data=self._groups[0].name, unit="pairs")
        size = path.stat().st_size
        found.append(GateResult(measure="file_bytes", value=size, bound=None, data="model", n=1, cpu=cpu_class()))
        refusal = None
        try:
            found = list(check(found, self._bounds))
        except ParityError as error:
            refusal = error.message
        return SelectorTrial(recipe=recipe, path=path, gate=tuple(found), refusal=refusal, pairs_per_s=converted.per_s)

    def take(self, trial: SelectorTrial) -> Manifest:
        """Put the graph of a trial and its probes into the folder; return the manifest that describes them."""
        shutil.copyfile(trial.path, self._bundle.file("model"))
        deviation = max(result.value for result in trial.gate if result.measure == "score_deviation")
        pairs = tuple(self._spread_built_in())
        with self._open() as selector:
            scores = selector.score(pairs, batch=1)
        probes = SelectorProbes(pairs=pairs, scores=tuple(map(float, scores)), tolerance=_PROBE_DEVIATIONS * deviation)
        files = {
            **self._bundle.files,
            "model": FileEntry.measure(self._bundle.folder, "model.onnx"),
            "probes": write_probes(self._bundle.folder, probes),
        }
        return replace(self._bundle.manifest, files=files, gate=trial.gate, recipe=trial.recipe.name)

    def _calibrate(self, fp32: Path) -> Calibration:
        names = [each.name for each in load_graph(fp32).graph.input]
        tokens = self._tokenizer.tokenize(self._spread(N_CALIBRATION))
        feeds = [padded([tokens[index] for index in chosen]) for chosen in batches(tokens, batch=8)]
        return Calibration(feeds=tuple({name: feed[name] for name in names} for feed in feeds))

    def _open(self) -> CrossEncoder:
        try:
            return CrossEncoder.open(self._bundle)
        except BundleError as error:
            raise ConversionError(f"the converted model cannot be used: {error.message}", hint=error.hint) from None

    def _spread(self, n: int) -> list[tuple[str, str]]:
        return [self._pairs[index * len(self._pairs) // n] for index in range(n)]

    @staticmethod
    def _spread_built_in() -> list[tuple[str, str]]:
        groups = built_in_groups().groups
        # An odd step, so that groups with and without a second text take turns.
        return [groups[index * 11][index % len(groups[0])] for index in range(_N_PROBES)]
