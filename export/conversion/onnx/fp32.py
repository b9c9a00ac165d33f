"""From a checkpoint to its float32 graph on disk."""

from __future__ import annotations

from pathlib import Path

from export.conversion.onnx.checkpoint import HubCheckpoint
from export.conversion.onnx.graph import encoder_graph
from export.conversion.onnx.weights import read_body


def export_fp32(checkpoint: HubCheckpoint, out: Path) -> None:
    """Write an encoder as a float32 ONNX file that pools, and normalizes where the checkpoint does.

    The same checkpoint gives the same bytes. Inputs: ``input_ids`` and ``attention_mask``, int64[texts, tokens];
    output: ``vectors``, float32[texts, dim].
    """
    from export.conversion.onnx.saving import save_graph

    graph = encoder_graph(read_body(checkpoint), pooling=checkpoint.pooling, is_normalized=checkpoint.is_normalized)
    save_graph(graph, out)
