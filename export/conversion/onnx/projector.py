"""Convert a weights-only module (linear layers, such as Persona-Plug's projector) into a bundle that devices load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from export.conversion.about import About
from export.conversion.onnx.graph import IR_VERSION, MICROSOFT, OPSET, GraphWriter
from export.conversion.onnx.linear_layers import Layers, find_weights, read_layers
from export.conversion.onnx.saving import save_graph
from export.conversion.onnx.weights import Linear
from export.drafting import drafting
from export.errors import ConversionError, ParityError
from export.gate.bounds import PROJECTOR_BOUNDS, Bounds, check
from export.gate.cpu import cpu_class
from ondevice.bundle import Bundle, FileEntry, GateResult, Manifest, ProjectorSpec, write_manifest
from ondevice.bundle.manifest import digest_file
from ondevice.bundle.probes import ProjectorProbes, write_probes
from ondevice.errors import BundleError
from ondevice.retrieval.encoding.projector import Projector

Storage = Literal["int8", "fp16", "fp32"]
"""How the matrices are stored; sums are float32 in any case."""

MIN_COSINE = 0.999
_N_VECTORS, _N_PROBES = 256, 4
_OPERATORS = {"relu": ("Relu", ""), "tanh": ("Tanh", ""), "gelu": ("Gelu", MICROSOFT)}


def convert_projector(
    source: Path,
    out: Path,
    about: About,
    *,
    activation: str | None = None,
    recipe: str = "auto",
    bounds: Bounds = PROJECTOR_BOUNDS,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write a projector's bundle.

    The converted module is compared with the original, computed in double precision, on random vectors of length 1.

    Args:
        source: A safetensors file of linear layers, or a folder with one.
        out: The bundle's folder (new).
        about: What its manifest says of it.
        activation: What stands between two layers, see :data:`~export.conversion.onnx.linear_layers.ACTIVATIONS`.
        recipe: ``int8``, ``fp16`` or ``fp32``; ``auto`` takes the smallest that keeps to the bounds.
        bounds: What ``relative_error`` (the largest distance from the original's vector, over that vector's length)
            and ``cosine_worst`` must keep to.
        on_progress: Called with (done, total) recipes.

    Raises:
        ConversionError: If the weights cannot be converted.
        ParityError: If no recipe keeps to the bounds.
        StorageError: If the disk refuses.
    """
    tried = storages(recipe)
    terms, weights = about.terms(), find_weights(source)
    layers = read_layers(weights, activation=activation)

    def write(folder: Path, storage: Storage) -> Manifest:
        save_graph(projector_graph(layers, storage), folder / "model.onnx")
        manifest = about.manifest(
            "projector",
            ProjectorSpec(n_in=layers.n_in, n_out=layers.n_out),
            license=terms,
            source=f"converted from {weights.name}",
            files={"model": FileEntry.measure(folder, "model.onnx")},
            recipe=describe_layers(layers, storage),
            made_from={weights.name: digest_file(weights)[0]},
        )
        return _measured(Bundle(folder=folder, manifest=manifest), layers, bounds)

    return write_smallest(out, tried, write, on_progress)


def storages(recipe: str) -> tuple[Storage, ...]:
    """Return the recipes to try: the one named, or for ``auto`` all, the smallest first.

    Raises:
        ConversionError: If there is no such recipe.
    """
    if recipe not in ("auto", *get_args(Storage)):
        raise ConversionError(f"there is no recipe {recipe!r}", hint=f"there are: auto, {', '.join(get_args(Storage))}")
    return tuple(each for each in get_args(Storage) if recipe in ("auto", each))


def write_smallest(
    out: Path,
    tried: Sequence[Storage],
    write: Callable[[Path, Storage], Manifest],
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write a bundle by the first recipe that keeps to its bounds.

    Args:
        out: The bundle's folder (new).
        tried: The recipes, see :func:`storages`.
        write: Writes the files into a folder and returns the manifest, or raises :class:`ParityError`.
        on_progress: Called with (done, total) recipes.

    Raises:
        ParityError: If no recipe keeps to the bounds.
    """
    for number, storage in enumerate(tried, start=1):
        try:
            with drafting(out) as folder:
                manifest = write(folder, storage)
                write_manifest(folder, manifest)
        except ParityError:
            if number == len(tried):
                raise
        else:
            if on_progress is not None:
                on_progress(len(tried), len(tried))
            return manifest
        if on_progress is not None:
            on_progress(number, len(tried))
    raise AssertionError("the last recipe returns or raises")


def describe_layers(layers: Layers, storage: Storage) -> str:
    """Return how layers are stored, in one line."""
    return f"{storage}, {len(layers.linears)} layers, activation {layers.activation}"


def measure_projector(bundle: Bundle, layers: Layers) -> tuple[GateResult, ...]:
    """Compare a projector's bundle with its original on random vectors of length 1."""
    with _opened(bundle) as projector:
        return measure_graph(projector, layers)


def measure_graph(projector: Projector, layers: Layers) -> tuple[GateResult, ...]:
    """Compare an open projector with its original on random vectors of length 1."""
    _, wanted, made = _projected(projector, layers)
    return compare_projected(wanted, made.astype(np.float64))


@contextmanager
def _opened(bundle: Bundle) -> Iterator[Projector]:
    try:
        with Projector.open(bundle) as projector:
            yield projector
    except BundleError as error:
        raise ConversionError(f"the converted module cannot be used: {error.message}") from None


def _projected(
    projector: Projector, layers: Layers
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float32]]:
    """Return random vectors, and what the original and the converted module make of them."""
    vectors = np.random.default_rng(0).standard_normal((_N_VECTORS, layers.n_in))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    wanted = layers.apply(vectors.astype(np.float64))
    if not np.isfinite(wanted).all():
        raise ConversionError("the original gives numbers that are not finite")
    return vectors, wanted, projector.project(vectors)


def _measured(bundle: Bundle, layers: Layers, bounds: Bounds) -> Manifest:
    """Compare the graph with the original and write its probes; return the manifest with both."""
    with _opened(bundle) as projector:
        vectors, wanted, made = _projected(projector, layers)
    gate = check(compare_projected(wanted, made.astype(np.float64)), bounds)
    files = {**bundle.files, "probes": write_probes(bundle.folder, probes_of(vectors, made))}
    return replace(bundle.manifest, files=files, gate=gate)


def probes_of(vectors: NDArray[np.float32], made: NDArray[np.float32]) -> ProjectorProbes:
    """Return some vectors and what was made of them here, for devices to try."""
    return ProjectorProbes(
        vectors=tuple(tuple(map(float, row)) for row in vectors[:_N_PROBES]),
        projected=tuple(tuple(map(float, row)) for row in made[:_N_PROBES]),
        min_cosine=MIN_COSINE,
    )


def compare_projected(
    wanted: NDArray[np.float64], made: NDArray[np.float64], *, data: str = "random"
) -> tuple[GateResult, ...]:
    """Return how far projected vectors are from the original's, float64[n, n_out] each."""
    lengths = np.linalg.norm(wanted, axis=1)
    if not lengths.all():
        raise ConversionError("the original maps a vector to zero")
    errors = np.linalg.norm(made - wanted, axis=1) / lengths
    floors = np.maximum(lengths * np.linalg.norm(made, axis=1), np.finfo(np.float64).tiny)
    cosines = (wanted * made).sum(axis=1) / floors
    found = (("relative_error", float(errors.max())), ("cosine_worst", float(cosines.min())))
    return tuple(
        GateResult(measure=measure, value=value, bound=None, data=data, n=len(wanted), cpu=cpu_class())
        for measure, value in found
    )


def projector_graph(layers: Layers, storage: Storage) -> object:
    """Return the layers as an ONNX graph whose matrices are stored so."""
    from onnx import TensorProto, helper

    writer = GraphWriter()
    states = "vectors"
    for index, linear in enumerate(layers.linears):
        if index > 0:
            states = _activated(writer, layers.activation, states, f"active.{index}")
        weight = _stored(writer, linear, storage, f"layer.{index}")
        states = writer.node(
            "Gemm", [states, weight, writer.constant(f"layer.{index}.bias", linear.bias)], f"layer.{index}"
        )
    writer.node("Identity", [states], "projected")
    graph = helper.make_graph(
        writer.nodes,
        "projector",
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["vectors_n", layers.n_in])],
        [helper.make_tensor_value_info("projected", TensorProto.FLOAT, ["vectors_n", layers.n_out])],
        list(writer.constants.values()),
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def _stored(writer: GraphWriter, linear: Linear, storage: str, name: str) -> str:
    from onnx import TensorProto

    if storage == "fp32":
        return writer.constant(f"{name}.weight", linear.weight)
    if storage == "fp16":
        with np.errstate(over="ignore"):  # what does not fit becomes infinite, and the comparison refuses it
            half = writer.constant(f"{name}.weight", linear.weight.astype(np.float16))
        return writer.node("Cast", [half], f"{name}.wide", to=TensorProto.FLOAT)
    scale = np.maximum(np.abs(linear.weight).max(axis=0) / 127, np.finfo(np.float32).tiny).astype(np.float32)
    whole = np.clip(np.rint(linear.weight / scale), -127, 127).astype(np.int8)
    inputs = [writer.constant(f"{name}.weight", whole), writer.constant(f"{name}.scale", scale)]
    return writer.node("DequantizeLinear", inputs, f"{name}.wide", axis=1)


def _activated(writer: GraphWriter, activation: str, states: str, name: str) -> str:
    if activation == "none":
        return states
    if activation == "silu":
        return writer.node("Mul", [states, writer.node("Sigmoid", [states], f"{name}.gate")], name)
    if activation == "gelu_tanh":
        return writer.node("FastGelu", [states], name, domain=MICROSOFT)
    operator, domain = _OPERATORS[activation]
    return writer.node(operator, [states], name, domain=domain)
