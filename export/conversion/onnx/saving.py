"""ONNX files, read and written the same way everywhere: whole, atomically, with the same bytes for the same graph."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from export.errors import ConversionError
from ondevice.errors import StorageError

if TYPE_CHECKING:
    import onnx


def load_graph(path: Path) -> onnx.ModelProto:
    """Read an ONNX file whose weights are inside it.

    Raises:
        ConversionError: If it is missing or no ONNX file.
    """
    import onnx

    try:
        return onnx.load(str(path), load_external_data=False)
    except Exception as error:  # protobuf's errors share no base with the rest
        raise ConversionError(f"the file {path.name!r} is no ONNX graph: {type(error).__name__}") from None


def save_graph(model: onnx.ModelProto, path: Path, *, keep_types: bool = False) -> None:
    """Check a graph, drop what does not compute (paths, traces, documentation), and write it.

    Args:
        model: The graph; it is changed in place.
        path: Where it goes; what is there is replaced.
        keep_types: Whether declared types of inner values stay.

    Raises:
        ConversionError: If the graph is not valid.
        StorageError: If the disk refuses.
    """
    import onnx

    _strip(model)
    if not keep_types:
        del model.graph.value_info[:]
    try:
        onnx.checker.check_model(model)
        data = model.SerializeToString(deterministic=True)
    except Exception as error:  # the checker's errors and protobuf's share no base
        raise ConversionError(f"the graph for {path.name!r} is not valid: {type(error).__name__}") from None
    draft = path.with_name(f".{path.name}.draft")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise StorageError(f"the graph {path.name!r} cannot be written: {error.strerror}") from None


def _strip(model: onnx.ModelProto) -> None:
    from export.conversion.onnx.graph import PRODUCER

    model.producer_name, model.producer_version = PRODUCER, ""
    model.doc_string = ""
    del model.metadata_props[:]
    del model.graph.metadata_props[:]
    model.graph.doc_string = ""
    for part in (*model.graph.node, *model.graph.initializer, *model.graph.input, *model.graph.output):
        part.doc_string = ""
        del part.metadata_props[:]
