"""An encoder's bench: recipes are compared by their vectors and rankings, and timed on texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from export.conversion.onnx.bench import Bench
from export.conversion.onnx.calibration import N_CALIBRATION, calibrate_on
from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.fp32 import export_fp32
from export.conversion.onnx.reference import TorchEncoder
from export.conversion.onnx.tokenizing import write_tokenizer
from export.errors import ConversionError, ParityError
from export.gate.ranking import measure_ranking
from export.gate.retrieval_data import RetrievalData
from export.gate.texts import built_in_texts
from export.gate.vectors import RememberedEncoder, TextEncoder, measure_vectors
from ondevice.bundle import EncoderSpec, GateResult
from ondevice.bundle.probes import EncoderProbes
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import TextTokenizer

CALIBRATION_TOKENS = 128
# A float32 graph that is further from PyTorch than this computes something else.
FLOAT_COSINE_MIN = 0.9999
N_PROBES = 8
# A probe is one short text on an unknown CPU: what is wrong there comes out far below, rounding far above.
PROBE_SLACK = 0.02
_DIGITS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderBench(Bench[TextEncoder]):
    """What recipes for an encoder are tried with.

    Args:
        reference: The original, remembering what it has encoded.
        texts: What vectors are compared and speed is measured on.
        data: What ranking is compared on.
        passages: The id of the encoder whose vectors of passages this one's queries search; ``None`` if it has its own.
        threads: CPU threads of the converted encoder; ``None`` takes the physical cores.
    """

    kind: ClassVar[Literal["encoder"]] = "encoder"
    unit: ClassVar[str] = "texts"
    n_timed: ClassVar[int] = 64
    nearest_by: ClassVar[str] = "cosine_mean"
    measures: ClassVar[Mapping[str, str]] = {
        "cosine": "cosine_mean",
        "cosine_p1": "cosine_p1",
        "ndcg@10_drop": "ndcg@10_drop",
        "ndcg@10_to_reference": "ndcg@10_to_reference",
    }
    excludes_products: ClassVar[bool] = True

    reference: TextEncoder
    texts: Sequence[str] = field(repr=False)
    data: Sequence[RetrievalData]
    passages: str | None = None
    threads: int | None = None

    @property
    def data_name(self) -> str:
        """The names of the retrieval data."""
        return "+".join(each.name for each in self.data)

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
            passages=self.passages,
        )

    def open(self, graph: Path) -> Encoder:
        """Load a graph as a device does. The caller closes."""
        tokenizer = TextTokenizer(self.tokenizer, model=graph.stem, max_tokens=self.checkpoint.max_tokens)
        session = Session(graph, threads=self.threads)
        return Encoder(bundle_id=graph.stem, spec=self.spec, tokenizer=tokenizer, session=session)

    def measure(self, converted: TextEncoder) -> list[GateResult]:
        """Compare vectors, and the rankings of all data."""
        named = self.data_name or "texts"
        results = [*measure_vectors(self.reference, converted, self.texts, data=named).results()]
        for data in self.data:
            results += measure_ranking(self.reference, converted, data).results()
        return results

    def timed(self, model: TextEncoder) -> Callable[[], object]:
        """Return a call that encodes texts."""
        texts = [self.texts[index * len(self.texts) // self.n_timed] for index in range(self.n_timed)]
        return partial(model.encode_passages, texts)

    def probes(self, graph: Path) -> EncoderProbes:
        """Return neutral texts, and the original's vectors of them."""
        texts = tuple(built_in_texts()[:N_PROBES])
        wanted = self.torch.encode_passages(texts)
        with self.open(graph) as encoder:
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


def set_up_encoder(
    checkpoint: HubCheckpoint,
    folder: Path,
    *,
    texts: Sequence[str],
    data: Sequence[RetrievalData] = (),
    passages: str | None = None,
    threads: int | None = None,
) -> EncoderBench:
    """Export the float32 graph into a folder and make sure that it computes what PyTorch computes.

    Args:
        checkpoint: What is converted.
        folder: Where graphs and the tokenizer go; it must exist.
        texts: Calibration takes those at odd places, comparison those at even places.
        data: Retrieval data for comparing rankings.
        passages: The id of the encoder whose vectors of passages it searches.
        threads: CPU threads of the converted encoder.
    """
    compared, calibrating = list(texts[::2]), list(texts[1::2]) or list(texts)
    tokenizer = folder / "tokenizer.json"
    write_tokenizer(checkpoint, tokenizer)
    torch = TorchEncoder.open(checkpoint, tokenizer)
    bench = EncoderBench(
        checkpoint=checkpoint,
        folder=folder,
        torch=torch,
        reference=RememberedEncoder(torch),
        texts=compared,
        data=data,
        calibration=calibrate_on(
            calibrating[:N_CALIBRATION], tokenizer, max_tokens=min(checkpoint.max_tokens, CALIBRATION_TOKENS)
        ),
        passages=passages,
        threads=threads,
    )
    export_fp32(checkpoint, bench.fp32)
    with bench.open(bench.fp32) as encoder:
        parity = measure_vectors(bench.reference, encoder, compared[:16])
    if parity.cosine_worst < FLOAT_COSINE_MIN:
        raise ConversionError(
            f"the float32 graph has a cosine of {parity.cosine_worst:.6f} to PyTorch, not {FLOAT_COSINE_MIN} or more",
            hint="the checkpoint uses a variant of its architecture that is not supported",
        )
    return bench
