"""Convert a trained persona into a bundle that devices load, and compare what it makes with what was trained.

Two comparisons must hold: the projected vectors of real texts, and what the language model expects next behind rows
made by PyTorch and behind rows made as a device does. The model computes in full floats for that. llama.cpp rounds what
goes into each product to eight bits, so that rows which differ in the sixth digit already move what it expects by more
than a projector of int8 does; how far it is from PyTorch is told, and bounds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export.conversion.about import About
from export.conversion.onnx.linear_layers import Layers, read_layers
from export.conversion.onnx.persona_folder import PROJECTOR_NAME, ROWS_NAME, TrainedPersona, read_trained
from export.conversion.onnx.projector import (
    Storage,
    compare_projected,
    describe_layers,
    measure_graph,
    probes_of,
    projector_graph,
    storages,
    write_smallest,
)
from export.conversion.onnx.saving import save_graph
from export.errors import ConversionError
from export.gate.bounds import PERSONA_BOUNDS, Bounds, check
from export.gate.cpu import cpu_class
from export.gate.logits import compare_logits
from export.gate.suffix_logits import SuffixReader
from export.gate.texts import built_in_texts
from ondevice.adaptation.lora.weights import load_base
from ondevice.bundle import Bundle, FileEntry, GateResult, Manifest, PersonaSpec
from ondevice.bundle.manifest import digest_file
from ondevice.bundle.probes import write_probes
from ondevice.config import EngineConfig
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.encoding.persona_model import PersonaModel

N_PROMPTS = 32
"""Prompts behind which the rows are compared."""

_N_TEXTS, _MOST_HISTORY, _REQUEST_CHARS = 128, 12, 160
_DATA = "built-in"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Probe:
    """A request with a history.

    Args:
        tokens: The prompt.
        query: The request's vector.
        items: The history's, float32[n, n_in]; the first probe has none.
        task: Whose rows stand before the persona's.
    """

    tokens: list[int] = field(repr=False)
    query: NDArray[np.float32] = field(repr=False)
    items: NDArray[np.float32] = field(repr=False)
    task: str


def convert_persona(
    source: Path,
    base: Bundle,
    encoder: Bundle,
    out: Path,
    about: About,
    *,
    recipe: str = "auto",
    bounds: Bounds = PERSONA_BOUNDS,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write a persona's bundle, which appears complete or not at all.

    Args:
        source: The folder that the training wrote.
        base: The generator's bundle that it was trained on.
        encoder: The bundle of the encoder that it was trained with.
        out: The bundle's folder (new).
        about: What its manifest says of it.
        recipe: ``int8``, ``fp16`` or ``fp32``, for the projector; ``auto`` takes the smallest that keeps to the bounds.
        bounds: What ``cosine_worst`` of the projected vectors and ``divergence`` (the mean Kullback-Leibler divergence
            of what comes next, in nats) must keep to. ``served_divergence`` tells how far llama.cpp behind a device's
            rows is from PyTorch behind its own.
        on_progress: Called with (done, total) recipes.

    Raises:
        BundleError: If a bundle cannot be used.
        ConversionError: If ``source`` is no whole persona, there is something at ``out``, or no licence is known.
        ModelMismatchError: If it was trained on another language model or with another encoder.
        ParityError: If no recipe keeps to the bounds.
        StorageError: If the disk refuses.
    """
    tried = storages(recipe)
    terms, trained = about.terms(base.manifest.license), read_trained(source)
    _check_made_for(trained, base, encoder)
    layers = read_layers(source / PROJECTOR_NAME, activation="gelu")
    vectors, probes = _probes(trained, base, encoder)
    made_from = {name: digest_file(source / name)[0] for name in (PROJECTOR_NAME, ROWS_NAME)}

    def write(folder: Path, storage: Storage) -> Manifest:
        save_graph(projector_graph(layers, storage), folder / "model.onnx")
        roles = {"model": "model.onnx", **_write_tables(folder, trained)}
        manifest = about.manifest(
            "persona",
            _spec(trained),
            license=terms,
            source="converted from a trained persona",
            files={role: FileEntry.measure(folder, name) for role, name in roles.items()},
            recipe=describe_layers(layers, storage),
            made_from=made_from,
            learned_fold=trained.learned_fold,
        )
        return _measured(Bundle(folder=folder, manifest=manifest), trained, base, layers, vectors, probes, bounds)

    return write_smallest(out, tried, write, on_progress)


def measure_persona(bundle: Bundle, source: Path) -> tuple[GateResult, ...]:
    """Compare the projector of a persona's bundle with the trained one on random vectors."""
    with PersonaModel.open(bundle) as persona:
        return measure_graph(persona.projector, read_layers(source / PROJECTOR_NAME, activation="gelu"))


def _check_made_for(trained: TrainedPersona, base: Bundle, encoder: Bundle) -> None:
    if base.generator is None:
        raise base.wrong_kind("generator")
    if base.files["model"].sha256 != trained.base_sha256:
        raise ModelMismatchError(
            f"the persona was trained on another language model than {base.name!r}", hint="name that one with --base"
        )
    if encoder.id != trained.encoder:
        raise ModelMismatchError(
            f"the persona was trained with the encoder {trained.encoder!r}, not with {encoder.id!r}",
            hint="name that one with --encoder",
        )


def _spec(trained: TrainedPersona) -> PersonaSpec:
    net, sizes = trained.net, trained.net.sizes
    return PersonaSpec(
        n_in=sizes.n_in,
        n_out=sizes.n_out,
        n_rows=sizes.n_rows,
        n_task_rows=sizes.n_task_rows,
        rank=sizes.rank,
        encoder=trained.encoder,
        bases=(trained.base_sha256,),
        tasks=trained.tasks,
        temperature=net.temperature,
        null_score=float(net.null_score),
        gain=float(net.gain),
        max_items=trained.max_history,
    )


def _write_tables(folder: Path, trained: TrainedPersona) -> dict[str, str]:
    """Write the rows and the map as raw numbers; return their files by role."""
    net = trained.net
    tables = {"rows": torch.cat([net.task_rows, net.null])}
    if net.sizes.rank:
        tables["map"] = torch.stack([net.up, net.down])
    for role, table in tables.items():
        (folder / f"{role}.f32").write_bytes(table.numpy().astype("<f4").tobytes())
    return {role: f"{role}.f32" for role in tables}


def _probes(trained: TrainedPersona, base: Bundle, encoder: Bundle) -> tuple[NDArray[np.float32], list[Probe]]:
    """Return texts' vectors, and requests with histories of them, the first with none."""
    texts = list(dict.fromkeys(built_in_texts()))[:_N_TEXTS]
    with Encoder.open(encoder) as opened:
        items = opened.encode_passages(texts)
        requests = [texts[number % len(texts)][:_REQUEST_CHARS] for number in range(N_PROMPTS)]
        queries = opened.encode_queries(requests)
    with Engine.open(base, config=EngineConfig()) as engine:
        prompts = [engine.tokenize_turn([Message(role="user", content=text)], "")[0] for text in requests]
    probes = []
    for number, (tokens, query) in enumerate(zip(prompts, queries, strict=True)):
        places = [(7 * number + 5 * step + 1) % len(texts) for step in range(number % (_MOST_HISTORY + 1))]
        task = trained.tasks[number % len(trained.tasks)]
        probes.append(Probe(tokens=tokens, query=query, items=items[places], task=task))
    return items, probes


def _measured(
    bundle: Bundle,
    trained: TrainedPersona,
    base: Bundle,
    layers: Layers,
    vectors: NDArray[np.float32],
    probes: Sequence[Probe],
    bounds: Bounds,
) -> Manifest:
    """Compare the bundle with what was trained and write its probes; return the manifest with both."""
    wanted = layers.apply(vectors.astype(np.float64))
    try:
        with PersonaModel.open(bundle) as persona:
            made = persona.projector.project(vectors)
            rows = [persona.rows(probe.query, probe.items, probe.task).rows for probe in probes]
    except BundleError as error:
        raise ConversionError(f"the converted persona cannot be used: {error.message}") from None
    results = [*compare_projected(wanted, made.astype(np.float64), data=_DATA)]
    model = load_base(base.file("model")).model
    wanted_next = [
        _expected(model, probe.tokens, torch_rows(trained, probe.query, probe.items, probe.task)) for probe in probes
    ]
    made_next = (_expected(model, probe.tokens, each) for probe, each in zip(probes, rows, strict=True))
    parity = compare_logits(zip(wanted_next, made_next, strict=True))
    longest = max(len(probe.tokens) for probe in probes) + len(rows[0])
    with SuffixReader(base.file("model"), context_tokens=longest) as reader:
        served_next = (reader.read_behind(probe.tokens, each) for probe, each in zip(probes, rows, strict=True))
        served = compare_logits(zip(wanted_next, served_next, strict=True))
    for measure, value in (
        ("divergence", parity.divergence),
        ("logits_cosine_worst", parity.cosine_min),
        ("served_cosine_mean", served.cosine_mean),
        ("served_divergence", served.divergence),
    ):
        results.append(GateResult(measure=measure, value=value, bound=None, data=_DATA, n=parity.n, cpu=cpu_class()))
    files = {**bundle.files, "probes": write_probes(bundle.folder, probes_of(vectors, made))}
    return replace(bundle.manifest, files=files, gate=check(results, bounds))


def _expected(model: Any, tokens: Sequence[int], rows: NDArray[np.float32]) -> NDArray[np.float32]:  # noqa: ANN401
    """Return what a model of transformers expects behind a prompt and rows, float32[1, vocabulary]."""
    with torch.inference_mode():
        prompt = torch.nn.functional.embedding(torch.tensor(tokens), model.model.embed_tokens.weight)
        states = model.model(inputs_embeds=torch.cat([prompt, torch.from_numpy(rows)])[None], use_cache=False)[0]
        logits: NDArray[np.float32] = model.lm_head(states[:, -1]).numpy()
    return logits


def torch_rows(
    trained: TrainedPersona, query: NDArray[np.float32], items: NDArray[np.float32], task: str
) -> NDArray[np.float32]:
    """Return what PyTorch makes of a request and a history: the task's rows, then the persona's."""
    n_items = max(1, len(items))
    padded = np.zeros((1, n_items, trained.net.sizes.n_in), dtype=np.float32)
    padded[0, : len(items)] = items
    mask = torch.arange(n_items)[None] < len(items)
    with torch.inference_mode():
        own = trained.net(torch.from_numpy(query[None].copy()), torch.from_numpy(padded), mask)[0]
        rows = torch.cat([trained.net.rows_of_task(trained.tasks.index(task)), own])
    out: NDArray[np.float32] = rows.numpy()
    return out
