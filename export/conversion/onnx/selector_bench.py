"""A selector's bench: recipes are compared by what is chosen with their scores, and timed on pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from export.conversion.onnx.bench import Bench
from export.conversion.onnx.calibration import N_CALIBRATION, Calibration
from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.classifier import export_classifier
from export.conversion.onnx.classifier_reference import TorchClassifier, check_joining, open_tokenizer
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.tokenizing import write_tokenizer
from export.errors import ConversionError
from export.gate.agreement import PairScorer, Scores, compare_scores, score_groups
from export.gate.candidate_groups import CandidateGroups, built_in_groups
from ondevice.bundle import GateResult, SelectorSpec
from ondevice.bundle.probes import SelectorProbes
from ondevice.retrieval.encoding.selector import CrossEncoder
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import PairTokenizer, batches, padded

# A float32 graph whose scores are further from PyTorch's than this share of their deviation computes something else.
FLOAT_ERROR_MAX = 1e-3
N_PROBES = 8
# A probe may be off by what it is off here and this share of the scores' deviation: rounding stays below it, what an
# unknown CPU computes wrongly does not.
PROBE_SLACK = 0.25
_DIGITS = 6
_MEASURES = ("agreement", "regret", "spearman", "kendall", "score_error", "score_deviation", "group_deviation")


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorBench(Bench[PairScorer]):
    """What recipes for a selector are tried with.

    Args:
        tokens: The bundle's tokenizer, for pairs.
        data: What choices are compared on.
        truth: The original's scores, float64[candidates] by group by data.
        choice: The retrievers that it was trained to choose among, with ``k`` and ``margin``; ``None`` for a selector
            that an app uses by itself. Its ``max_tokens`` is not looked at.
    """

    kind: ClassVar[Literal["selector"]] = "selector"
    unit: ClassVar[str] = "pairs"
    n_timed: ClassVar[int] = 16
    nearest_by: ClassVar[str] = "spearman"
    measures: ClassVar[Mapping[str, str]] = {measure: measure for measure in _MEASURES}
    excludes_products: ClassVar[bool] = False

    tokens: PairTokenizer
    data: Sequence[CandidateGroups]
    truth: Sequence[Sequence[Scores]] = field(repr=False)
    choice: SelectorSpec | None = None

    @property
    def data_name(self) -> str:
        """The name of the first groups, which are what speed is measured on for the most part."""
        return self.data[0].name

    @property
    def spec(self) -> SelectorSpec:
        """How a device must treat the converted graph, and what it chooses among."""
        limit = self.checkpoint.max_tokens
        return SelectorSpec(max_tokens=limit) if self.choice is None else replace(self.choice, max_tokens=limit)

    def open(self, graph: Path) -> CrossEncoder:
        """Load a graph as a device does. The caller closes."""
        return CrossEncoder(bundle_id=graph.stem, spec=self.spec, tokenizer=self.tokens, session=Session(graph))

    def measure(self, converted: PairScorer) -> list[GateResult]:
        """Compare choices on all data."""
        results: list[GateResult] = []
        for data, truth in zip(self.data, self.truth, strict=True):
            results += compare_scores(truth, score_groups(converted, data, "the converted model"), data).results()
        return results

    def timed(self, model: PairScorer) -> Callable[[], object]:
        """Return a call that scores pairs."""
        return partial(model.score, spread(self.data, self.n_timed))

    def probes(self, graph: Path) -> SelectorProbes:
        """Return pairs from the built-in groups, and the original's scores of them."""
        groups = built_in_groups().groups
        # An odd step, so that groups with and without a second text take turns.
        pairs = tuple(groups[index * 11][index % len(groups[0])] for index in range(N_PROBES))
        wanted = np.round(self.torch.score(pairs).astype(np.float64), _DIGITS)
        with self.open(graph) as selector:
            off = float(np.abs(selector.score(pairs, batch=1) - wanted).max())
        deviation = float(np.concatenate([scores for truth in self.truth for scores in truth]).std())
        return SelectorProbes(pairs=pairs, scores=tuple(map(float, wanted)), tolerance=off + PROBE_SLACK * deviation)


def set_up_selector(
    checkpoint: HubCheckpoint, folder: Path, data: Sequence[CandidateGroups], *, choice: SelectorSpec | None = None
) -> SelectorBench:
    """Export the float32 graph into a folder and make sure that it computes what PyTorch computes."""
    write_tokenizer(checkpoint, folder / "tokenizer.json")
    path = folder / "tokenizer.json"
    check_joining(checkpoint, open_tokenizer(checkpoint, path), _pairs(data))
    tokenizer = open_tokenizer(checkpoint, path, cut="end" if choice is None else choice.cut)
    export_classifier(checkpoint, folder / "original.onnx")
    torch = TorchClassifier.open(checkpoint, tokenizer)
    bench = SelectorBench(
        checkpoint=checkpoint,
        folder=folder,
        tokens=tokenizer,
        torch=torch,
        data=data,
        truth=[score_groups(torch, each, "the original") for each in data],
        calibration=_calibrate(folder / "original.onnx", tokenizer, spread(data, N_CALIBRATION)),
        choice=choice,
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
