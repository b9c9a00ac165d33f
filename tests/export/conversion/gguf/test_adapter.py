"""A PEFT folder becomes an adapter bundle that computes what PEFT computes, or nothing is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from export.conversion.about import About
from export.conversion.gguf.adapter import convert_adapter
from export.conversion.gguf.adapter_parity import AdaptedReader
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from ondevice.bundle import Bundle, Manifest
from ondevice.bundle.probes import GeneratorProbes, read_probes
from ondevice.config import EngineConfig
from ondevice.errors import BundleError, ModelMismatchError, OndeviceError
from ondevice.generation.llama.adapter_bundle import use_adapter_bundle
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.probing import probe_generator
from tests.tiny_llm import edit_config, edit_tensors, make_model, torch_logits, write_base, write_lora

TOKENS = [1, 70, 105, 118, 101, 37, 80, 99, 105, 44, 37, 102, 110, 200]
TEXTS = ["five boats, and a rose garden in the rain"]
Q = "self_attn__q_proj__"


class Made:
    """A base, an adapter for it, and what torch says of the two."""

    def __init__(self, folder: Path, architecture: str, **settings: Any) -> None:
        model = make_model(architecture)
        self.base = write_base(model, folder / "base")
        self.plain = torch_logits(model, TOKENS)
        self.peft = folder / "lora"
        self.adapted = torch_logits(write_lora(model, self.peft, **settings), TOKENS)
        self.out = folder / "adapter"

    def convert(self, *, training_data: str | None = None, **settings: Any) -> Manifest:
        about = About(name="tiny-adapter", version="1", training_data=training_data)
        return convert_adapter(self.peft, self.base.folder, self.out, about, **{"texts": TEXTS} | settings)

    def llama_logits(self) -> np.ndarray[Any, np.dtype[np.float32]]:
        data = Bundle.open(self.out, kind="adapter").file("model").read_bytes()
        with AdaptedReader(self.base.file("model"), adapter=data) as candidate:
            return candidate.read(TOKENS)


def cosine(first: Any, second: Any) -> float:
    norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return float(((first * second).sum(axis=1) / norms).min())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"), "llama")


@pytest.fixture
def made(shared: Made, tmp_path: Path) -> Made:
    """Return a base and a copy of its adapter that the test may spoil."""
    own = Made.__new__(Made)
    own.__dict__.update(shared.__dict__)
    own.peft, own.out = tmp_path / "lora", tmp_path / "adapter"
    shutil.copytree(shared.peft, own.peft)
    return own


@pytest.mark.parametrize("architecture", ["llama", "qwen2"])
def test_llama_cpp_computes_what_peft_computes(architecture: str, tmp_path: Path) -> None:
    made = Made(tmp_path, architecture)
    manifest = made.convert()
    assert cosine(made.llama_logits(), made.adapted) > 0.9995
    assert cosine(made.plain, made.adapted) < 0.9
    gate = {result.measure: result for result in manifest.gate}
    assert gate["logits_cosine"].value > 0.9995
    assert gate["logits_cosine"].bound == 0.999
    assert gate["logits_cosine_unadapted"].value < 0.95


SETTINGS: dict[str, dict[str, Any]] = {
    "rsLoRA": {"use_rslora": True, "r": 8},
    "ranks and alphas by pattern": {
        "rank_pattern": {"layers.1.self_attn.v_proj": 2, "o_proj": 7},
        "alpha_pattern": {"q_proj": 11, "layers.0.mlp.down_proj": 3},
    },
    "rsLoRA with patterns": {"use_rslora": True, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"v_proj": 1}},
    "one layer": {"layers_to_transform": [1]},
    "q and v alone": {"target_modules": ["q_proj", "v_proj"]},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_every_plain_lora_keeps_its_strength(settings: dict[str, Any], tmp_path: Path) -> None:
    made = Made(tmp_path, "llama", **settings)
    made.convert()
    assert cosine(made.llama_logits(), made.adapted) > 0.9995
    assert cosine(made.plain, made.adapted) < 0.99


def test_a_bfloat16_adapter_is_read(made: Made) -> None:
    from safetensors.torch import load_file, save_file

    path = made.peft / "adapter_model.safetensors"
    save_file({name: tensor.to(torch.bfloat16) for name, tensor in load_file(path).items()}, path)
    made.convert()
    assert cosine(made.llama_logits(), made.adapted) > 0.99


def test_the_manifest_says_what_it_fits_and_what_it_was_made_from(made: Made, tmp_path: Path) -> None:
    other = write_base(make_model("llama", seed=5), tmp_path / "other")
    told: list[tuple[int, int]] = []
    manifest = made.convert(
        further_bases=[other.folder],
        training_data="nothing but chance",
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert Bundle.open(made.out, kind="adapter").manifest == manifest
    assert manifest.adapter is not None
    assert manifest.adapter.bases == (made.base.files["model"].sha256, other.files["model"].sha256)
    assert (manifest.adapter.architecture, manifest.adapter.rank, manifest.adapter.alpha) == ("llama", 4, 6.0)
    assert set(manifest.made_from) == {"adapter_config.json", "adapter_model.safetensors", "model.gguf"}
    assert manifest.license == "Apache-2.0"
    assert manifest.training_data == "nothing but chance"
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert sorted(path.name for path in made.out.iterdir()) == ["adapter.gguf", "manifest.json", "probes.json"]


def test_the_same_input_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    first = made.convert()
    made.out = tmp_path / "again"
    assert made.convert().files == first.files


def refused(made: Made, error: type[OndeviceError], says: str, **settings: Any) -> None:
    with pytest.raises(error, match=says):
        made.convert(**settings)
    assert not made.out.exists()
    assert not list(made.out.parent.glob(".adapter-*"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"use_dora": True}, "'use_dora': DoRA"),
        ({"bias": "all"}, "trains biases .bias='all'."),
        ({"lora_bias": True}, "'lora_bias'"),
        ({"fan_in_fan_out": True}, "'fan_in_fan_out'"),
        ({"modules_to_save": ["lm_head"]}, "'modules_to_save': whole retrained layers"),
        ({"trainable_token_indices": [3]}, "'trainable_token_indices'"),
        ({"layer_replication": [[0, 2]]}, "'layer_replication'"),
        ({"alora_invocation_tokens": [3]}, "'alora_invocation_tokens'"),
        ({"init_lora_weights": "pissa_niter_4"}, "began from 'pissa_niter_4'"),
        ({"peft_type": "IA3"}, "of the type 'IA3'"),
        ({"r": 5}, "has the rank 4, but adapter_config.json states 5"),
        ({"r": "4"}, "'r' of adapter_config.json must be a number above 0"),
        ({"lora_alpha": 0}, "'lora_alpha' of adapter_config.json must be a number above 0, not 0"),
        ({"lora_alpha": float("nan")}, "must be a number above 0, not nan"),
        ({"alpha_pattern": {"(": 3}}, "'alpha_pattern' of adapter_config.json is not readable"),
        ({"rank_pattern": [4]}, "'rank_pattern' of adapter_config.json is not readable"),
    ],
)
def test_settings_that_llama_cpp_has_not_are_refused(made: Made, fields: dict[str, Any], says: str) -> None:
    edit_config(made.peft, **fields)
    refused(made, ConversionError, says)


@pytest.mark.parametrize(
    ("tensors", "says"),
    [
        ({f"layers__0__{Q}lora_A__weight": np.full((4, 64), np.nan, np.float32)}, "not finite"),
        ({f"layers__0__{Q}lora_B__weight": np.full((64, 4), np.inf, np.float32)}, "not finite"),
        ({f"layers__0__{Q}lora_A__weight": None}, "matrix A of 'blk.0.attn_q.weight' is missing"),
        ({f"layers__0__{Q}lora_A__weight": np.ones((3, 64), np.float32)}, "ranks 3 and 4"),
        ({"lora_B__weight": None}, "no B matrices"),
        ({"weight": None}, "holds no tensors"),
    ],
)
def test_damaged_tensors_are_refused(made: Made, tensors: dict[str, Any], says: str) -> None:
    edit_tensors(made.peft, **tensors)
    refused(made, ConversionError, says)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("base_model.model.lm_head.lora_A.weight", "embeddings or the output layer"),
        ("base_model.model.model.embed_tokens.lora_embedding_A", "embeddings or the output layer"),
        ("base_model.model.lm_head.weight", "embeddings or the output layer"),
        ("base_model.model.model.layers.0.self_attn.q_proj.lora_magnitude_vector", "DoRA"),
        ("base_model.model.model.layers.0.input_layernorm.weight", "no LoRA matrix"),
        ("base_model.model.model.layers.0.block.gate.lora_A.weight", "no LoRA matrix of a layer's"),
    ],
)
def test_tensors_beside_the_projections_are_refused(made: Made, name: str, says: str) -> None:
    from safetensors.numpy import load_file, save_file

    path = made.peft / "adapter_model.safetensors"
    save_file(load_file(path) | {name: np.ones((4, 64), np.float32)}, path)
    refused(made, ConversionError, says)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def as_pickle(path: Path) -> None:
    path.rename(path.with_name("adapter_model.bin"))


@pytest.mark.parametrize(
    ("name", "spoil", "says"),
    [
        ("adapter_config.json", Path.unlink, "has no adapter_config.json"),
        ("adapter_config.json", lambda path: path.write_text("{"), "adapter_config.json is not valid json"),
        ("adapter_config.json", lambda path: path.write_text("[]"), "of the type None"),
        ("adapter_model.safetensors", Path.unlink, "has no adapter_model.safetensors"),
        ("adapter_model.safetensors", cut, "damaged or cut short"),
        ("adapter_model.safetensors", lambda path: path.write_bytes(b"PK\3\4 no tensors"), "damaged or cut short"),
        ("adapter_model.safetensors", as_pickle, "are a pickle"),
    ],
)
def test_damaged_folders_are_refused(made: Made, name: str, spoil: Callable[[Path], object], says: str) -> None:
    spoil(made.peft / name)
    refused(made, ConversionError, says)


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"layers": 3}, "changes layer 2, but the base model has 2 layers"),
        ({"embedding": 32}, "'blk.0.attn_q.weight' as 32x32, but in the base model it is 64x64"),
    ],
)
def test_an_adapter_for_another_base_is_refused(made: Made, sizes: dict[str, Any], says: str) -> None:
    shutil.rmtree(made.peft)
    write_lora(make_model("llama", **sizes), made.peft)
    refused(made, ModelMismatchError, says)


def test_an_adapter_for_a_model_of_another_name_is_refused_unless_told_otherwise(made: Made) -> None:
    edit_config(made.peft, base_model_name_or_path="somebody/Tiny-Other")
    refused(made, ModelMismatchError, "trained on 'somebody/Tiny-Other', but the base model is 'tiny-base'")
    made.convert(is_base_name_checked=False)


@pytest.mark.parametrize("name", ["somebody/Tiny-Base", "owner/tiny_base-gguf", "/home/of/a/builder", "", None])
def test_a_base_of_the_same_name_or_of_none_is_accepted(made: Made, name: str | None) -> None:
    edit_config(made.peft, base_model_name_or_path=name)
    made.convert()


def test_a_further_base_of_another_shape_is_refused(made: Made, tmp_path: Path) -> None:
    deeper = write_base(make_model("llama", layers=3), tmp_path / "deeper")
    refused(made, ModelMismatchError, "a llama of 3 layers, the base a llama of 2", further_bases=[deeper.folder])
    tied = write_base(make_model("llama", is_tied=True), tmp_path / "tied")
    refused(made, ModelMismatchError, "another shape of 'output.weight'", further_bases=[tied.folder])
    with pytest.raises(ModelMismatchError, match=r"another shape of 'output.weight'"):
        convert_adapter(
            made.peft,
            tied.folder,
            made.out,
            About(name="a", version="1"),
            texts=TEXTS,
            further_bases=[made.base.folder],
        )


def test_a_base_that_is_no_model_is_refused(made: Made, tmp_path: Path) -> None:
    base = made.base.file("model").read_bytes()
    path = tmp_path / "base.gguf"
    for content, says in ((base[: len(base) // 2], "cut short"), (base[:300], "cut short"), (b"text", "no GGUF file")):
        path.write_bytes(content)
        with pytest.raises(ConversionError, match=says):
            convert_adapter(made.peft, path, made.out, About(name="a", version="1", license="MIT"), texts=TEXTS)
    assert not made.out.exists()


def test_a_gguf_file_alone_needs_a_licence(made: Made) -> None:
    path = made.base.file("model")
    with pytest.raises(ConversionError, match="needs a licence"):
        convert_adapter(made.peft, path, made.out, About(name="a", version="1"), texts=TEXTS)
    convert_adapter(made.peft, path, made.out, About(name="a", version="1", license="MIT"), texts=TEXTS)


def test_outside_the_bounds_nothing_is_left(made: Made) -> None:
    refused(made, ParityError, "logits_cosine on given", bounds=Bounds(logits_cosine_min=1.5))


def test_what_stands_at_the_place_is_kept(made: Made) -> None:
    made.out.mkdir()
    (made.out / "mine").touch()
    with pytest.raises(ConversionError, match="there is something at 'adapter' already"):
        made.convert()
    assert (made.out / "mine").exists()


def test_its_probes_hold_with_it_and_not_without(made: Made) -> None:
    made.convert()
    adapter = Bundle.open(made.out, kind="adapter")
    probes = read_probes(adapter)
    assert isinstance(probes, GeneratorProbes)
    with Engine.open(made.base, config=EngineConfig(threads=1)) as engine:
        with pytest.raises(BundleError, match="nats off on this machine"):
            probe_generator(engine, probes)
        use_adapter_bundle(engine, adapter, made.base)
        assert probe_generator(engine, probes) < 0.01


def test_a_base_that_is_not_converted_yet_is_refused(made: Made, tmp_path: Path) -> None:
    make_model("llama").save_pretrained(tmp_path / "folder")
    with pytest.raises(ConversionError, match="'folder' is not converted yet") as caught:
        convert_adapter(
            made.peft, tmp_path / "folder", made.out, About(name="a", version="1", license="MIT"), texts=TEXTS
        )
    assert "ondevice-export llm" in str(caught.value)
    assert not made.out.exists()
