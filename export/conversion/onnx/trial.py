"""One recipe tried on one checkpoint: what it costs and what it gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from export.conversion.onnx.calibration import N_CALIBRATION, Calibration, calibrate_on
from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.fp32 import export_fp32
from export.conversion.onnx.quantize import apply_recipe
from export.conversion.onnx.recipes import Recipe
from export.conversion.onnx.reference import TorchEncoder
from export.conversion.onnx.tokenizing import write_tokenizer
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds, check
from export.gate.ranking import measure_ranking
from export.gate.retrieval_data import RetrievalData
from export.gate.speed import Speed
from export.gate.vectors import RememberedEncoder, TextEncoder, measure_vectors
from ondevice.bundle import EncoderSpec, GateResult
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import TextTokenizer

CALIBRATION_TOKENS = 128
# A float32 graph that is further from PyTorch than this computes something else.
FLOAT_COSINE_MIN = 0.9999


@dataclass(frozen=True, kw_only=True, slots=True)
class OnnxTrial:
    """What one recipe came to.

    Args:
        recipe: Which.
        path: The graph it made.
        n_bytes: The graph's size.
        results: What the gate measured, with the bounds it was held to.
        fault: Why it is outside the bounds or could not be made; ``None`` where it is within.
        speed: Texts a second, and the ratio to PyTorch in the same run; ``None`` where it was not timed.
    """

    recipe: Recipe
    path: Path
    n_bytes: int
    results: tuple[GateResult, ...] = ()
    fault: str | None = None
    speed: Speed | None = None

    def value(self, measure: str) -> float | None:
        """Return the worst value that a measure had over all data: the largest drop, the smallest of anything else."""
        found = [result.value for result in self.results if result.measure == measure]
        if not found:
            return None
        return max(found) if measure.endswith("_drop") else min(found)

    def row(self) -> dict[str, str | float | None]:
        """Return the trial as a row of a report."""
        return {
            "recipe": self.recipe.name,
            "cosine": self.value("cosine_mean"),
            "cosine_p1": self.value("cosine_p1"),
            "ndcg@10_drop": self.value("ndcg@10_drop"),
            "ndcg@10_to_reference": self.value("ndcg@10_to_reference"),
            "texts_per_s": self.speed.per_s if self.speed else None,
            "speed_ratio": self.speed.ratio if self.speed else None,
            "MB": self.n_bytes / 1e6,
            "fault": self.fault,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """Everything that recipes are tried with.

    Args:
        checkpoint: What is converted.
        folder: Where the graphs go.
        fp32: The float32 graph.
        tokenizer: The bundle's ``tokenizer.json``.
        torch: The original in PyTorch.
        reference: The same, remembering what it has encoded.
        texts: What vectors are compared and speed is measured on.
        data: What ranking is compared on.
        calibration: What recipes that need it are calibrated on.
        threads: CPU threads of the converted encoder; ``None`` takes the physical cores.
    """

    checkpoint: HubCheckpoint
    folder: Path
    fp32: Path
    tokenizer: Path
    torch: TorchEncoder
    reference: TextEncoder
    texts: Sequence[str] = field(repr=False)
    data: Sequence[RetrievalData]
    calibration: Calibration
    threads: int | None = None

    @property
    def spec(self) -> EncoderSpec:
        """How a device must treat the converted graph."""
        return EncoderSpec(
            dim=self.checkpoint.dim,
            pooling="none",
            is_normalized=self.checkpoint.is_normalized,
            max_tokens=self.checkpoint.max_tokens,
            query_prefix=self.checkpoint.query_prefix,
            passage_prefix=self.checkpoint.passage_prefix,
        )

    def open(self, graph: Path) -> Encoder:
        """Load a graph as a device does. The caller closes."""
        tokenizer = TextTokenizer(self.tokenizer, model=graph.stem, max_tokens=self.checkpoint.max_tokens)
        session = Session(graph, threads=self.threads)
        return Encoder(bundle_id=graph.stem, spec=self.spec, tokenizer=tokenizer, session=session)


def set_up(
    checkpoint: HubCheckpoint,
    folder: Path,
    *,
    texts: Sequence[str],
    data: Sequence[RetrievalData] = (),
    threads: int | None = None,
) -> Bench:
    """Export the float32 graph into a folder and make sure that it computes what PyTorch computes.

    Args:
        checkpoint: What is converted.
        folder: Where graphs and the tokenizer go; it must exist.
        texts: Calibration takes those at odd places, comparison those at even places.
        data: Retrieval data for comparing rankings.
        threads: CPU threads of the converted encoder.

    Raises:
        ConversionError: If the checkpoint cannot be converted, or the graph computes something else.
    """
    compared, calibrating = list(texts[::2]), list(texts[1::2]) or list(texts)
    tokenizer, fp32 = folder / "tokenizer.json", folder / "fp32.onnx"
    write_tokenizer(checkpoint, tokenizer)
    export_fp32(checkpoint, fp32)
    torch = TorchEncoder.open(checkpoint, tokenizer)
    bench = Bench(
        checkpoint=checkpoint,
        folder=folder,
        fp32=fp32,
        tokenizer=tokenizer,
        torch=torch,
        reference=RememberedEncoder(torch),
        texts=compared,
        data=data,
        calibration=calibrate_on(
            calibrating[:N_CALIBRATION], tokenizer, max_tokens=min(checkpoint.max_tokens, CALIBRATION_TOKENS)
        ),
        threads=threads,
    )
    with bench.open(fp32) as encoder:
        parity = measure_vectors(bench.reference, encoder, compared[:16])
    if parity.cosine_worst < FLOAT_COSINE_MIN:
        raise ConversionError(
            f"the float32 graph has a cosine of {parity.cosine_worst:.6f} to PyTorch, not {FLOAT_COSINE_MIN} or more",
            hint="the checkpoint uses a variant of its architecture that is not supported",
        )
    return bench


def try_recipe(bench: Bench, recipe: Recipe, bounds: Bounds) -> OnnxTrial:
    """Apply a recipe and compare with the original; one that fails or is outside the bounds is a trial with a fault."""
    path, named = bench.folder / f"{recipe.name}.onnx", "+".join(each.name for each in bench.data) or "texts"
    trial = OnnxTrial(recipe=recipe, path=path, n_bytes=0)
    try:
        apply_recipe(bench.fp32, recipe, path, bench.calibration)
        trial = replace(trial, n_bytes=path.stat().st_size)
        with bench.open(path) as encoder:
            results = [*measure_vectors(bench.reference, encoder, bench.texts, data=named).results()]
            for data in bench.data:
                results += measure_ranking(bench.reference, encoder, data).results()
    except ConversionError as error:
        return replace(trial, fault=error.message)
    trial = replace(trial, results=tuple(results))
    try:
        return replace(trial, results=check(results, bounds))
    except ParityError as error:
        return replace(trial, fault=error.message)
