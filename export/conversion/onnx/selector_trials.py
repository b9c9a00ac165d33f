"""Recipes tried on a selector: each is applied, compared with the original, held to the bounds, and timed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from export.conversion.onnx.calibration import N_CALIBRATION, Calibration
from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.classifier import export_classifier
from export.conversion.onnx.classifier_reference import TorchClassifier, check_joining, open_tokenizer
from export.conversion.onnx.quantize import apply_recipe
from export.conversion.onnx.recipes import Recipe
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.tokenizing import write_tokenizer
from export.errors import ConversionError, ParityError
from export.gate.agreement import Scores, compare_scores, score_groups
from export.gate.bounds import Bounds, check
from export.gate.candidate_groups import CandidateGroups
from export.gate.speed import Speed, measure_speed
from ondevice.bundle import GateResult, SelectorSpec
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.selector import CrossEncoder
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import PairTokenizer, batches, padded

BASELINE = "pytorch-fp32"
# A float32 graph whose scores are further from PyTorch's than this share of their deviation computes something else.
FLOAT_ERROR_MAX = 1e-3
_N_TIMED, _N_ROUNDS = 16, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorTrial:
    """What one recipe came to.

    Args:
        recipe: Which.
        path: The graph it made.
        n_bytes: The graph's size.
        results: What the gate measured, with the bounds it was held to.
        fault: Why it is outside the bounds or could not be made; ``None`` where it is within.
        speed: Pairs a second, and the ratio to PyTorch in the same run; ``None`` where it was not timed.
    """

    recipe: Recipe
    path: Path
    n_bytes: int = 0
    results: tuple[GateResult, ...] = ()
    fault: str | None = None
    speed: Speed | None = None

    def value(self, measure: str) -> float | None:
        """Return the worst value that a measure had over all data: the largest error, the smallest of anything else."""
        found = [result.value for result in self.results if result.measure == measure]
        if not found:
            return None
        return max(found) if measure in ("regret", "score_error") else min(found)

    def row(self) -> dict[str, str | float | None]:
        """Return the trial as a row of a report."""
        measures = ("agreement", "regret", "spearman", "kendall", "score_error", "score_deviation", "group_deviation")
        return {
            "recipe": self.recipe.name,
            **{measure: self.value(measure) for measure in measures},
            "pairs_per_s": self.speed.per_s if self.speed else None,
            "speed_ratio": self.speed.ratio if self.speed else None,
            "MB": self.n_bytes / 1e6,
            "fault": self.fault,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorBench:
    """Everything that recipes are tried with.

    Args:
        checkpoint: What is converted.
        folder: Where the graphs and ``tokenizer.json`` are.
        tokenizer: The bundle's.
        torch: The original in PyTorch.
        data: What choices are compared on.
        truth: The original's scores, float64[candidates] by group by data.
        calibration: What recipes that need it are calibrated on.
    """

    checkpoint: HubCheckpoint
    folder: Path
    tokenizer: PairTokenizer
    torch: TorchClassifier
    data: Sequence[CandidateGroups]
    truth: Sequence[Sequence[Scores]] = field(repr=False)
    calibration: Calibration

    @property
    def fp32(self) -> Path:
        """The float32 graph."""
        return self.folder / "original.onnx"

    @property
    def spec(self) -> SelectorSpec:
        """How a device must treat the converted graph."""
        return SelectorSpec(max_tokens=self.checkpoint.max_tokens)

    def open(self, graph: Path) -> CrossEncoder:
        """Load a graph as a device does. The caller closes."""
        return CrossEncoder(bundle_id=graph.stem, spec=self.spec, tokenizer=self.tokenizer, session=Session(graph))


def set_up_selector(checkpoint: HubCheckpoint, folder: Path, data: Sequence[CandidateGroups]) -> SelectorBench:
    """Export the float32 graph into a folder and make sure that it computes what PyTorch computes.

    Raises:
        ConversionError: If the checkpoint cannot be converted, its tokenizer joins pairs otherwise than a device does,
            or the graph computes something else.
    """
    write_tokenizer(checkpoint, folder / "tokenizer.json")
    tokenizer = open_tokenizer(checkpoint, folder / "tokenizer.json")
    check_joining(checkpoint, tokenizer, _pairs(data))
    export_classifier(checkpoint, folder / "original.onnx")
    torch = TorchClassifier.open(checkpoint, tokenizer)
    bench = SelectorBench(
        checkpoint=checkpoint,
        folder=folder,
        tokenizer=tokenizer,
        torch=torch,
        data=data,
        truth=[score_groups(torch, each, "the original") for each in data],
        calibration=_calibrate(folder / "original.onnx", tokenizer, spread(data, N_CALIBRATION)),
    )
    first = CandidateGroups(name=data[0].name, groups=data[0].groups[:4])
    with bench.open(bench.fp32) as selector:
        parity = compare_scores(bench.truth[0][:4], score_groups(selector, first, "the float32 graph"), first)
    if parity.score_error > FLOAT_ERROR_MAX * max(parity.score_deviation, 1e-3):
        raise ConversionError(
            f"a score of the float32 graph is {parity.score_error:.3g} from PyTorch's, which deviate by "
            f"{parity.score_deviation:.3g}",
            hint="the checkpoint uses a variant of its architecture that is not supported",
        )
    return bench


def try_selector_recipe(bench: SelectorBench, recipe: Recipe, bounds: Bounds) -> SelectorTrial:
    """Apply a recipe and compare choices; one that fails or is outside the bounds is a trial with a fault."""
    trial = SelectorTrial(recipe=recipe, path=bench.folder / f"{recipe.name}.onnx")
    results: list[GateResult] = []
    try:
        apply_recipe(bench.fp32, recipe, trial.path, bench.calibration)
        trial = replace(trial, n_bytes=trial.path.stat().st_size)
        with bench.open(trial.path) as selector:
            for data, truth in zip(bench.data, bench.truth, strict=True):
                found = score_groups(selector, data, "the converted model")
                results += compare_scores(truth, found, data).results()
    except (BundleError, ConversionError) as error:
        return replace(trial, fault=error.message)
    trial = replace(trial, results=tuple(results))
    try:
        return replace(trial, results=check(results, bounds))
    except ParityError as error:
        return replace(trial, fault=error.message)


def time_selectors(bench: SelectorBench, trials: Sequence[SelectorTrial]) -> list[SelectorTrial]:
    """Return the trials, with the speed of those that are within the bounds; all are timed in one run with PyTorch."""
    pairs = spread(bench.data, _N_TIMED)
    with ExitStack() as stack:
        calls: dict[str, Callable[[], object]] = {BASELINE: partial(bench.torch.score, pairs)}
        for trial in trials:
            if trial.fault is None:
                selector = stack.enter_context(bench.open(trial.path))
                calls[trial.recipe.name] = partial(selector.score, pairs)
        timed = measure_speed(calls, baseline=BASELINE, n_items=len(pairs), n_rounds=_N_ROUNDS)
    speeds = {speed.name: speed for speed in timed}
    return [replace(trial, speed=speeds.get(trial.recipe.name)) for trial in trials]


def spread(data: Sequence[CandidateGroups], n: int) -> list[tuple[str, str]]:
    """Return n pairs, evenly taken from all groups."""
    pairs = _pairs(data)
    return [pairs[index * len(pairs) // n] for index in range(n)]


def _pairs(data: Sequence[CandidateGroups]) -> list[tuple[str, str]]:
    return [pair for each in data for group in each.groups for pair in group]


def _calibrate(fp32: Path, tokenizer: PairTokenizer, pairs: Sequence[tuple[str, str]]) -> Calibration:
    names = [each.name for each in load_graph(fp32).graph.input]
    tokens = tokenizer.tokenize(pairs)
    feeds = [padded([tokens[index] for index in chosen]) for chosen in batches(tokens, batch=8)]
    return Calibration(feeds=tuple({name: feed[name] for name in names} for feed in feeds))
