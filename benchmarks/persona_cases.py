"""What a persona takes before the first token, by the size of the history, against answering without one.

The persona is random, of the sizes that a training gives it: none of this depends on what it has learned.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY, filled
from export.conversion.about import About
from export.conversion.onnx.projector import convert_projector
from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.lora.weights import read_shape
from ondevice.bundle import Bundle, FileEntry, Manifest, PersonaSpec, write_manifest

SIZES = (50, 500, 5_000)
_NAME = "persona"
_REQUEST = "Write a long letter to a friend about the garden, the concert and the journey."
_LENGTH = 3.2
"""That of the embeddings of the default model."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured."""

    encoder: str = "minilm-l6-int8"
    generator: str = "smollm2-135m-instruct"
    sizes: tuple[int, ...] = SIZES
    n_rows: int = 1
    n_task_rows: int = 2
    rank: int = 16
    max_items: int = 512
    n_answers: int = 31
    threads: int | None = None


def run(models: Path, sizes: Sizes | None = None) -> Iterator[Row]:
    """Answer with and without a persona in turns, from profiles of each size."""
    sizes = sizes or Sizes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for bundle in (sizes.encoder, sizes.generator):
            shutil.copytree(models / bundle, folder / bundle)
        encoder = Bundle.open(folder / sizes.encoder, kind="encoder")
        _make_persona(folder, encoder, Bundle.open(folder / sizes.generator, kind="generator"), sizes)
        chosen = ModelSet(
            folder,
            encoder=sizes.encoder,
            generator=sizes.generator,
            persona=_NAME,
            engine=EngineConfig(threads=sizes.threads),
        )
        for n in sizes.sizes:
            path = folder / f"{n}.profile"
            filled(path, n, encoder_id=encoder.id, dim=_dim_of(encoder)).close()
            with Personalizer.open(path, app_key=KEY.key, models=chosen) as me:
                yield from _answers(me, n, sizes)


def _answers(me: Personalizer, n: int, sizes: Sizes) -> Iterator[Row]:
    """Let both take turns; what differs is the persona alone, as both find the prompt read."""
    condition = f"{n:,} items, {min(n, sizes.max_items)} of them in the persona, prompt read before"

    def first_ms(*, persona: bool) -> float:
        return time_ms(lambda: me.generate(_REQUEST, retriever="none", max_tokens=1, persona=persona))

    def making_ms() -> float:
        return me.prepare(_REQUEST, retriever="none", max_tokens=1, persona=True).timings_ms["persona"]

    first_ms(persona=True)
    first_ms(persona=False)
    having, lacking = alternate(lambda: first_ms(persona=True), lambda: first_ms(persona=False), n=sizes.n_answers)
    yield summarize([making_ms() for _ in range(sizes.n_answers)], case="make the rows", condition=condition)
    yield summarize(having, case="first token, with a persona", condition=condition)
    yield summarize(lacking, case="first token, without", condition=condition)
    added = [one - other for one, other in zip(having, lacking, strict=True)]
    yield summarize(added, case="added to the first token", condition=condition)


def _make_persona(folder: Path, encoder: Bundle, base: Bundle, sizes: Sizes) -> None:
    """Write a bundle of random numbers beside the models that it is for."""
    from safetensors.numpy import save_file

    random = np.random.default_rng(0)
    n_in, n_out = _dim_of(encoder), read_shape(base.file("model")).dim
    layers = {}
    for number, (one, other) in enumerate(((n_in, n_out), (n_out, sizes.n_rows * n_out))):
        layers[f"{number}.weight"] = random.normal(0, one**-0.5, (other, one)).astype(np.float32)
        layers[f"{number}.bias"] = np.zeros(other, np.float32)
    save_file(layers, folder / "layers.safetensors")
    about = About(name="projector", version="1", license="CC0-1.0")
    convert_projector(folder / "layers.safetensors", folder / "projector", about, activation="gelu")
    out = folder / _NAME
    out.mkdir()
    shutil.copy(folder / "projector" / "model.onnx", out / "model.onnx")
    rows = random.standard_normal((sizes.n_task_rows + sizes.n_rows, n_out))
    rows *= _LENGTH / np.linalg.norm(rows, axis=1, keepdims=True)
    (out / "rows.f32").write_bytes(rows.astype("<f4").tobytes())
    query_map = random.normal(0, n_in**-0.5, (2, n_in, sizes.rank))
    (out / "map.f32").write_bytes(query_map.astype("<f4").tobytes())
    files = {"model": "model.onnx", "rows": "rows.f32", "map": "map.f32"}
    manifest = Manifest(
        kind="persona",
        name=_NAME,
        version="1",
        license="CC0-1.0",
        source="random",
        files={role: FileEntry.measure(out, name) for role, name in files.items()},
        persona=PersonaSpec(
            n_in=n_in,
            n_out=n_out,
            n_rows=sizes.n_rows,
            n_task_rows=sizes.n_task_rows,
            rank=sizes.rank,
            encoder=encoder.id,
            bases=(base.files["model"].sha256,),
            tasks=("chat",),
            temperature=0.05,
            null_score=0.0,
            gain=_LENGTH,
            max_items=sizes.max_items,
        ),
    )
    write_manifest(out, manifest)


def _dim_of(encoder: Bundle) -> int:
    """Return the numbers in one of its vectors."""
    if encoder.encoder is None:
        raise encoder.wrong_kind("encoder")
    return encoder.encoder.dim
