"""Bundles tried with their real runtimes: what loads and computes right is used, what does not never is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice import OndeviceError, install_bundle, roll_back_bundle
from ondevice.bundle import (
    AdapterSpec,
    Bundle,
    EncoderSpec,
    FileEntry,
    Manifest,
    ProjectorSpec,
    read_manifest,
    write_manifest,
)
from ondevice.bundle.listing import list_models
from ondevice.bundle.probes import (
    EncoderProbes,
    GeneratorProbes,
    Probes,
    ProjectorProbes,
    SelectorProbes,
    write_probes,
)
from ondevice.errors import BundleError, ManifestError, ModelMismatchError, NotFoundError, SignatureError
from ondevice.generation.llama.adapter_bundle import use_adapter_bundle
from ondevice.generation.llama.engine import Engine
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.retrieval.encoding.persona_model import PersonaModel
from tests.ondevice.bundle.signed import OURS, THEIRS, pack
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator
from tests.tiny_models import make_tiny_encoder
from tests.tiny_persona import DIM, make_tiny_persona
from tests.tiny_selector import make_tiny_projector, make_tiny_selector, score_by_hand

TEXTS = ("coffee and cake", "the train to paris", "rain")
PROMPT, ANSWER = "the cat", " and the rain"


def changed(bundle: Bundle, *, probes: Probes | None = None, version: str = "1", **fields: Any) -> Path:
    """Give a bundle probes and another version; return its folder."""
    manifest = read_manifest(bundle.folder)
    files = dict(manifest.files)
    if probes is not None:
        files["probes"] = write_probes(bundle.folder, probes)
    write_manifest(bundle.folder, replace(manifest, files=files, version=version, **fields))
    return bundle.folder


def rows(vectors: np.ndarray) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(number) for number in row) for row in vectors)


def encoder_probes(bundle: Bundle, *, is_right: bool) -> Probes:
    with Encoder.open(bundle) as encoder:
        vectors = encoder.encode_passages(TEXTS)
    return EncoderProbes(texts=TEXTS, vectors=rows(vectors if is_right else vectors[::-1]), min_cosine=0.999)


def generator_probes(bundle: Bundle, *, is_right: bool, adapter: Bundle | None = None) -> Probes:
    with Engine.open(bundle) as engine:
        if adapter is not None:
            use_adapter_bundle(engine, adapter, bundle)
        found = engine.log_likelihood(PROMPT, ANSWER)
    shift = 0.0 if is_right else 0.5
    return GeneratorProbes(
        prompt=PROMPT, answer=ANSWER, log_likelihood=tuple(float(each) - shift for each in found), tolerance=0.01
    )


def encoder(folder: Path, *, is_right: bool) -> Path:
    bundle = make_tiny_encoder(folder)
    return changed(bundle, probes=encoder_probes(bundle, is_right=is_right))


def selector(folder: Path, *, is_right: bool) -> Path:
    pairs = (("coffee cake", "rain"), ("train", ""))
    scores = tuple(score_by_hand(*pair) + (0 if is_right else 0.5) for pair in pairs)
    return changed(make_tiny_selector(folder), probes=SelectorProbes(pairs=pairs, scores=scores, tolerance=0.1))


def projector(folder: Path, *, is_right: bool) -> Path:
    matrix = np.array([[1.0, 2.0, 3.0], [0.0, 1.0, -1.0]])
    given = np.array([[1.0, 0.0], [1.0, 1.0]])
    projected = given @ (matrix if is_right else -matrix)
    probes = ProjectorProbes(vectors=rows(given), projected=rows(projected), min_cosine=0.999)
    return changed(make_tiny_projector(folder, matrix), probes=probes)


def generator(folder: Path, *, is_right: bool) -> Path:
    bundle = make_tiny_generator(folder)
    return changed(bundle, probes=generator_probes(bundle, is_right=is_right))


def make_adapter(folder: Path, bases: Sequence[Bundle], *, seed: int = 1, data: bytes | None = None) -> Bundle:
    folder.mkdir(parents=True)
    (folder / "adapter.gguf").write_bytes(make_tiny_adapter(seed=seed) if data is None else data)
    manifest = Manifest(
        kind="adapter",
        name="tiny-adapter",
        version="1",
        license="CC0-1.0",
        source="made by the tests",
        files={"model": FileEntry.measure(folder, "adapter.gguf")},
        adapter=AdapterSpec(
            bases=tuple(base.files["model"].sha256 for base in bases), architecture="llama", rank=4, alpha=8.0
        ),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="adapter")


@pytest.mark.parametrize("make", [encoder, selector, projector, generator])
def test_probes_decide_whether_a_model_is_used(tmp_path: Path, make: Callable[..., Path]) -> None:
    models = tmp_path / "models"
    right = make(tmp_path / "right", is_right=True)
    done = install_bundle(right, models=models)
    assert done.is_changed
    wrong = make(tmp_path / "wrong", is_right=False)
    manifest = read_manifest(wrong)
    write_manifest(wrong, replace(manifest, version="2"))
    with pytest.raises(BundleError, match="on this machine") as caught:
        install_bundle(pack(wrong, tmp_path / "wrong.ondevice"), models=models)
    assert "this CPU computes it otherwise" in str(caught.value.hint)
    assert Bundle.open(models / manifest.name, kind=manifest.kind).version == "1"


def test_a_model_that_its_runtime_refuses_is_not_used(tmp_path: Path) -> None:
    models = tmp_path / "models"
    folder = make_tiny_encoder(tmp_path / "made").folder
    (folder / "model.onnx").write_bytes(b"no graph")
    manifest = read_manifest(folder)
    files = {**manifest.files, "model": FileEntry.measure(folder, "model.onnx")}
    write_manifest(folder, replace(manifest, files=files))
    with pytest.raises(BundleError):
        install_bundle(folder, models=models)
    assert [path.name for path in models.iterdir()] == [".install-lock"]


def test_a_model_that_gives_no_numbers_is_not_used(tmp_path: Path) -> None:
    poisoned = make_tiny_generator(tmp_path / "made", poison=float("nan"))
    with pytest.raises(OndeviceError):
        install_bundle(poisoned.folder, models=tmp_path / "models")
    assert not (tmp_path / "models" / "tiny-generator").exists()


def test_a_manifest_that_its_graph_contradicts_is_seen(tmp_path: Path) -> None:
    spec = EncoderSpec(dim=31, pooling="mean", is_normalized=False, max_tokens=64)
    folder = changed(make_tiny_encoder(tmp_path / "made"), encoder=spec)
    with pytest.raises(ModelMismatchError, match="32 numbers, its manifest says 31"):
        install_bundle(folder, models=tmp_path / "models")


def test_probes_of_another_size_are_seen(tmp_path: Path) -> None:
    probes = EncoderProbes(texts=("a",), vectors=((1.0, 0.0),), min_cosine=0.9)
    folder = changed(make_tiny_encoder(tmp_path / "encoder"), probes=probes)
    with pytest.raises(ModelMismatchError, match="vectors of 2 numbers, the model gives 32"):
        install_bundle(folder, models=tmp_path / "models")
    made = make_tiny_projector(tmp_path / "projector", np.eye(2), spec=ProjectorSpec(n_in=2, n_out=2))
    folder = changed(made, probes=ProjectorProbes(vectors=((1.0,),), projected=((1.0,),), min_cosine=0.9))
    with pytest.raises(ModelMismatchError, match="vectors of 1 numbers, it takes 2"):
        install_bundle(folder, models=tmp_path / "models")
    one = GeneratorProbes(prompt="a", answer="bcd", log_likelihood=(-1.0,), tolerance=10.0)
    folder = changed(make_tiny_generator(tmp_path / "generator"), probes=one)
    with pytest.raises(ModelMismatchError, match=r"answer has 3 tokens in 'tiny-generator-[0-9a-f]+', its file says 1"):
        install_bundle(folder, models=tmp_path / "models")


def test_probes_of_another_kind_are_refused(tmp_path: Path) -> None:
    bundle = make_tiny_encoder(tmp_path / "made")
    probes = SelectorProbes(pairs=(("a", "b"),), scores=(1.0,), tolerance=1.0)
    with pytest.raises(ManifestError, match="of the probes is missing"):
        install_bundle(changed(bundle, probes=probes), models=tmp_path / "models")


def test_an_adapter_needs_its_base_and_is_tried_on_it(tmp_path: Path) -> None:
    models = tmp_path / "models"
    base = make_tiny_generator(tmp_path / "base")
    other = make_tiny_generator(tmp_path / "other", seed=9, name="other")
    adapter = make_adapter(tmp_path / "adapter", [base])
    changed(adapter, probes=generator_probes(base, is_right=True, adapter=adapter))
    install_bundle(other.folder, models=models)
    with pytest.raises(NotFoundError, match="none of the 1 language models") as caught:
        install_bundle(adapter.folder, models=models)
    assert caught.value.hint == "install its base model first"
    install_bundle(base.folder, models=models)
    assert install_bundle(adapter.folder, models=models).kind == "adapter"


def test_an_adapter_s_probes_are_of_the_adapted_model(tmp_path: Path) -> None:
    models = tmp_path / "models"
    base = make_tiny_generator(models / "tiny-generator")
    adapter = make_adapter(tmp_path / "adapter", [base])
    changed(adapter, probes=generator_probes(base, is_right=True))
    with pytest.raises(BundleError, match="nats off on this machine"):
        install_bundle(adapter.folder, models=models)
    assert not (models / "tiny-adapter").exists()


def test_an_adapter_on_another_base_than_it_was_measured_on_is_only_run(tmp_path: Path) -> None:
    models = tmp_path / "models"
    measured = make_tiny_generator(tmp_path / "measured", seed=9)
    here = make_tiny_generator(models / "tiny-generator")
    adapter = make_adapter(tmp_path / "adapter", [measured, here])
    changed(adapter, probes=generator_probes(measured, is_right=True, adapter=adapter))
    assert install_bundle(adapter.folder, models=models).is_changed


def test_bytes_that_are_no_adapter_are_refused(tmp_path: Path) -> None:
    models = tmp_path / "models"
    base = make_tiny_generator(models / "tiny-generator")
    adapter = make_adapter(tmp_path / "adapter", [base], data=b"GGUF, it says")
    with pytest.raises(OndeviceError):
        install_bundle(adapter.folder, models=models)
    assert not (models / "tiny-adapter").exists()


def test_a_persona_needs_its_base_and_is_tried_on_it(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    base = make_tiny_generator(tmp_path / "base")
    sizes: dict[str, Any] = {"encoder": "tiny", "bases": [base.files["model"].sha256]}
    persona = make_tiny_persona(tmp_path / "persona", **sizes)
    with PersonaModel.open(persona) as opened:
        vectors = np.eye(3, DIM, dtype=np.float32)
        projected = opened.projector.project(vectors)
    probes = ProjectorProbes(vectors=rows(vectors), projected=rows(projected), min_cosine=0.999)
    wrong = replace(probes, projected=rows(-projected))
    changed(persona, probes=probes)
    with pytest.raises(NotFoundError, match="that the persona 'tiny-persona' was made for is here"):
        install_bundle(persona.folder, models=models)
    install_bundle(base.folder, models=models)
    assert install_bundle(persona.folder, models=models).kind == "persona"
    assert [(each.name, each.manifest and each.manifest.kind) for each in list_models(models)] == [
        ("tiny-generator", "generator"),
        ("tiny-persona", "persona"),
    ]
    changed(persona, probes=wrong, version="2")
    with pytest.raises(BundleError, match=r"cosine -1\.0000"):
        install_bundle(persona.folder, models=models)
    with pytest.raises(ModelMismatchError, match="48 numbers, the model's embeddings have 64"):
        install_bundle(make_tiny_persona(tmp_path / "wide", name="wide", n_out=48, **sizes).folder, models=models)


def test_only_the_pinned_publisher_s_are_installed_and_gone_back_to(tmp_path: Path) -> None:
    models = tmp_path / "models"
    unsigned = make_tiny_encoder(models / "tiny-encoder")
    for version, publisher in (("2", OURS), ("3", THEIRS)):
        folder = shutil.copytree(unsigned.folder, tmp_path / version)
        changed(Bundle(folder=folder, manifest=unsigned.manifest), version=version)
        publisher.sign(folder)
    assert install_bundle(tmp_path / "2", models=models, publishers=[OURS.key]).version == "2"
    with pytest.raises(SignatureError, match="none of the 1 publishers"):
        install_bundle(tmp_path / "3", models=models, publishers=[OURS.key])
    with pytest.raises(SignatureError, match="is not signed"):
        roll_back_bundle("tiny-encoder", models=models, publishers=[OURS.key])
    assert roll_back_bundle("tiny-encoder", models=models).version == "1"
