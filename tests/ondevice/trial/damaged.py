"""Bundles whose manifest is right and whose model is not: damaged in ways that end a process, or never end."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from ondevice.bundle import Bundle, FileEntry, read_manifest, write_manifest
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder


def with_new_hashes(folder: Path) -> Bundle:
    """Write the manifest of what lies in the folder now."""
    manifest = read_manifest(folder)
    files = {role: FileEntry.measure(folder, entry.path) for role, entry in manifest.files.items()}
    write_manifest(folder, replace(manifest, files=files))
    return Bundle.open(folder, kind=manifest.kind)


def generator_with(folder: Path, key: str, value: int) -> Bundle:
    """Return a language model whose metadata hold another number."""
    made = make_tiny_generator(folder)
    path = made.file("model")
    data = bytearray(path.read_bytes())
    # The key's text, the value's type in four bytes, the value in four.
    struct.pack_into("<I", data, data.index(key.encode()) + len(key) + 4, value)
    path.write_bytes(data)
    return with_new_hashes(folder)


def encoder_that_never_ends(folder: Path) -> Bundle:
    """Return an encoder whose graph counts to 2^62 before it gives its output."""
    made = make_tiny_encoder(folder)
    model = onnx.load(made.file("model"))
    graph = model.graph
    kept = graph.output[0].name
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["still"], ["goes_on"]),
            helper.make_node("Add", ["sum", "sum"], ["twice"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("still", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", TensorProto.FLOAT, []),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("twice", TensorProto.FLOAT, []),
        ],
    )
    graph.initializer.extend(
        [
            helper.make_tensor("turns", TensorProto.INT64, [], [1 << 62]),
            helper.make_tensor("yes", TensorProto.BOOL, [], [True]),
            helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
        ]
    )
    for node in graph.node:
        for place, name in enumerate(node.output):
            if name == kept:
                node.output[place] = "before"
    graph.node.extend(
        [
            helper.make_node("Loop", ["turns", "yes", "zero"], ["nothing"], body=body),
            helper.make_node("Add", ["before", "nothing"], [kept]),
        ]
    )
    onnx.save(model, made.file("model"))
    return with_new_hashes(folder)
