"""A tiny real persona, made on the spot: random rows and a random projector with one nonlinearity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, FileEntry, Manifest, PersonaSpec, write_manifest
from tests.tiny_generator import EMBEDDING

DIM = 32
"""Numbers in the vectors of the tiny encoder."""


def make_tiny_persona(
    folder: Path,
    *,
    encoder: str,
    bases: Sequence[str],
    name: str = "tiny-persona",
    seed: int = 3,
    tasks: Sequence[str] = ("chat", "LaMP_1"),
    n_in: int = DIM,
    n_out: int = EMBEDDING,
    n_rows: int = 2,
    n_task_rows: int = 1,
    rank: int = 4,
    max_items: int = 512,
    spec: PersonaSpec | None = None,
) -> Bundle:
    """Write a persona bundle into ``folder`` (created) and open it.

    Args:
        folder: The bundle's folder.
        encoder: The id of the encoder of the items.
        bases: SHA-256 of the language models that it fits.
        name: The bundle's name.
        seed: Other seeds give other numbers.
        tasks: What it knows.
        n_in: Numbers in an item's vector.
        n_out: Numbers in an embedding.
        n_rows: Rows of the user.
        n_task_rows: Rows of the task.
        rank: Of the map of the request's vector.
        max_items: So many of the newest items have a part.
        spec: What the manifest says, where that is not what the files hold.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    true = PersonaSpec(
        n_in=n_in,
        n_out=n_out,
        n_rows=n_rows,
        n_task_rows=n_task_rows,
        rank=rank,
        encoder=encoder,
        bases=tuple(bases),
        tasks=tuple(tasks),
        temperature=0.1,
        null_score=0.2,
        gain=8.0,
        max_items=max_items,
    )
    write_numbers(folder / "rows.f32", random.standard_normal((len(tasks) * n_task_rows + n_rows, n_out)))
    roles = {"model": "model.onnx", "rows": "rows.f32"}
    if rank:
        write_numbers(folder / "map.f32", random.standard_normal((2, n_in, rank)) * 0.2)
        roles["map"] = "map.f32"
    _write_graph(folder / "model.onnx", random.standard_normal((n_in, n_rows * n_out)).astype(np.float32))
    manifest = Manifest(
        kind="persona",
        name=name,
        version="1",
        license="CC0-1.0",
        source="made by the tests",
        files={role: FileEntry.measure(folder, path) for role, path in roles.items()},
        persona=spec or true,
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="persona")


def write_numbers(path: Path, numbers: NDArray[np.float64]) -> None:
    """Write numbers as a bundle has them, raw."""
    path.write_bytes(numbers.astype("<f4").tobytes())


def vouch_again(bundle: Bundle, role: str) -> Bundle:
    """Let the manifest say what a file holds now, as a builder's would that made it so."""
    files = {**bundle.files, role: FileEntry.measure(bundle.folder, bundle.files[role].path)}
    write_manifest(bundle.folder, replace(bundle.manifest, files=files))
    return Bundle.open(bundle.folder, kind="persona")


def _write_graph(path: Path, matrix: NDArray[np.float32]) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["vectors", "matrix"], ["mapped"]),
            helper.make_node("Tanh", ["mapped"], ["projected"]),
        ],
        "tiny",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", matrix.shape[0]])],
        [helper.make_tensor_value_info("projected", TensorProto.FLOAT, ["n", matrix.shape[1]])],
        [numpy_helper.from_array(matrix, "matrix")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
