"""Projectors: PyTorch's own numbers come out of the bundle, and what is no chain of linear layers is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from export.conversion.about import About
from export.conversion.onnx.linear_layers import ACTIVATIONS
from export.conversion.onnx.projector import convert_projector
from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from ondevice.bundle import Bundle, Manifest
from ondevice.bundle.probes import ProjectorProbes, read_probes
from ondevice.retrieval.encoding.probing import probe_projector
from ondevice.retrieval.encoding.projector import Projector

MODULES: dict[str, torch.nn.Module] = {
    "gelu": torch.nn.GELU(),
    "gelu_tanh": torch.nn.GELU(approximate="tanh"),
    "relu": torch.nn.ReLU(),
    "silu": torch.nn.SiLU(),
    "tanh": torch.nn.Tanh(),
    "none": torch.nn.Identity(),
}


def two_layers(activation: str) -> torch.nn.Sequential:
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Linear(12, 24), MODULES[activation], torch.nn.Linear(24, 8))


def saved(folder: Path, tensors: Mapping[str, torch.Tensor]) -> Path:
    path = folder / "projector.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, str(path))
    return path


def convert(source: Path, out: Path, *, paper: str | None = None, **more: Any) -> Manifest:
    about = About(name="tiny", version="1.0", license="CC0-1.0", paper=paper)
    return convert_projector(source, out, about, **more)


def project(out: Path, vectors: np.ndarray) -> np.ndarray:
    with Projector.open(Bundle.open(out, kind="projector"), threads=1) as projector:
        return projector.project(vectors)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize(("recipe", "tolerance"), [("fp32", 1e-5), ("fp16", 2e-3), ("int8", 2e-2)])
def test_two_layers_give_pytorchs_numbers(tmp_path: Path, activation: str, recipe: str, tolerance: float) -> None:
    module = two_layers(activation)
    bounds = Bounds(relative_error_max=tolerance)
    source = saved(tmp_path, module.state_dict())
    manifest = convert(source, tmp_path / "out", activation=activation, recipe=recipe, bounds=bounds)
    vectors = np.random.default_rng(1).standard_normal((9, 12)).astype(np.float32)
    wanted = module(torch.from_numpy(vectors)).detach().numpy()
    np.testing.assert_allclose(project(tmp_path / "out", vectors), wanted, atol=tolerance * np.abs(wanted).max())
    assert manifest.recipe == f"{recipe}, 2 layers, activation {activation}"


def test_one_layer_without_a_bias(tmp_path: Path) -> None:
    weight = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    manifest = convert(saved(tmp_path, {"weight": weight}), tmp_path / "out", recipe="fp32")
    vectors = np.eye(3, dtype=np.float32)
    np.testing.assert_allclose(project(tmp_path / "out", vectors), weight.numpy().T, rtol=1e-6)
    assert manifest.projector is not None
    assert (manifest.projector.n_in, manifest.projector.n_out) == (3, 5)


def test_layers_follow_by_number_and_half_precision_is_read(tmp_path: Path) -> None:
    torch.manual_seed(0)
    first, second = torch.nn.Linear(6, 4), torch.nn.Linear(4, 7)
    tensors = {"proj.10.weight": second.weight, "proj.10.bias": second.bias, "proj.2.weight": first.weight}
    tensors = {name: tensor.detach().bfloat16() for name, tensor in tensors.items()}
    convert(saved(tmp_path, tensors), tmp_path / "out", activation="relu", recipe="fp32")
    vectors = np.random.default_rng(1).standard_normal((3, 6)).astype(np.float32)
    wide = {name: tensor.float().numpy() for name, tensor in tensors.items()}
    hidden = np.maximum(vectors @ wide["proj.2.weight"].T, 0)
    wanted = hidden @ wide["proj.10.weight"].T + wide["proj.10.bias"]
    np.testing.assert_allclose(project(tmp_path / "out", vectors), wanted, atol=1e-5)


def test_the_manifest_says_what_was_measured_and_the_probes_hold(tmp_path: Path) -> None:
    source = saved(tmp_path, two_layers("gelu").state_dict())
    manifest = convert(source, tmp_path / "out", activation="gelu", paper="arXiv:2409.11901")
    measures = {result.measure: result for result in manifest.gate}
    assert measures["relative_error"].bound == 0.01
    assert 0 < measures["relative_error"].value < 0.01
    assert measures["cosine_worst"].value > 0.9999
    assert list(manifest.made_from) == ["projector.safetensors"]
    bundle = Bundle.open(tmp_path / "out", kind="projector")
    assert bundle.manifest == manifest
    probes = read_probes(bundle)
    assert isinstance(probes, ProjectorProbes)
    with Projector.open(bundle) as projector:
        assert probe_projector(projector, probes) > 0.99999


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    source = saved(tmp_path, two_layers("tanh").state_dict())
    for name in ("one", "two"):
        convert(source, tmp_path / name, activation="tanh")
    files = [sorted((path.name, path.read_bytes()) for path in (tmp_path / name).iterdir()) for name in ("one", "two")]
    assert files[0] == files[1]


def test_auto_takes_the_smallest_that_keeps_to_the_bounds(tmp_path: Path) -> None:
    source = saved(tmp_path, two_layers("tanh").state_dict())
    chosen = {}
    for bound in (0.02, 0.002, 1e-5):
        manifest = convert(source, tmp_path / str(bound), activation="tanh", bounds=Bounds(relative_error_max=bound))
        chosen[bound] = str(manifest.recipe).partition(",")[0]
    assert chosen == {0.02: "int8", 0.002: "fp16", 1e-5: "fp32"}


def test_outside_the_bounds_nothing_is_left(tmp_path: Path) -> None:
    source = saved(tmp_path, two_layers("tanh").state_dict())
    with pytest.raises(ParityError, match="relative_error on random"):
        convert(source, tmp_path / "out", activation="tanh", recipe="int8", bounds=Bounds(relative_error_max=1e-6))
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


LINEAR = {"0.weight": torch.ones(4, 3), "0.bias": torch.ones(4)}


@pytest.mark.parametrize(
    ("tensors", "activation", "reason"),
    [
        ({**LINEAR, "1.weight": torch.ones(2, 5)}, "relu", "layer '1' takes 5 numbers, but '0' before it gives 4"),
        ({**LINEAR, "1.weight": torch.ones(2, 4)}, "swish", "the activation 'swish' is not known"),
        ({**LINEAR, "1.weight": torch.ones(2, 4)}, None, "there are 2 layers, but no activation was named"),
        (LINEAR, "relu", "there is one layer, so the activation 'relu' has no place"),
        ({**LINEAR, "0.bias": torch.ones(3)}, None, "layer '0' gives 4 numbers, but its bias has 3"),
        (
            {**LINEAR, "0.weight": torch.full((4, 3), torch.nan)},
            None,
            "the tensor '0.weight' holds 12 numbers not fini",
        ),
        ({**LINEAR, "0.bias": torch.full((4,), torch.inf)}, None, "the tensor '0.bias' holds 4 numbers not finite"),
        ({"0.weight": torch.ones(4, 3, 1)}, None, "the tensor '0.weight' must have 2 axes, not 3"),
        ({"0.bias": torch.ones(4)}, None, "the weights lack the tensor '0.weight'"),
        ({**LINEAR, "norm.gamma": torch.ones(4)}, None, "the tensor 'norm.gamma' is no floating-point part of a lin"),
        ({"weight": torch.ones(4, 3, dtype=torch.int8)}, None, "the tensor 'weight' is no floating-point part of a li"),
        ({"weight": torch.ones(0, 3)}, None, "the layer '' is empty"),
        ({"weight": torch.zeros(4, 3)}, None, "the original maps a vector to zero"),
        ({"weight": torch.full((4, 3), 1e38), "bias": torch.full((4,), 3e38)}, None, "not finite"),
        ({}, None, "holds no tensor"),
    ],
)
def test_weights_that_are_no_chain_are_refused(
    tmp_path: Path, tensors: Mapping[str, torch.Tensor], activation: str | None, reason: str
) -> None:
    source = saved(tmp_path, tensors)
    with pytest.raises(ConversionError, match=reason):
        convert(source, tmp_path / "out", activation=activation, recipe="fp32")
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_pickled_weights_are_never_opened(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    torch.save(two_layers("relu").state_dict(), tmp_path / "in" / "pytorch_model.bin")
    for source in (tmp_path / "in", tmp_path / "in" / "pytorch_model.bin"):
        with pytest.raises(ConversionError, match=r"pickled|not a safetensors file"):
            convert(source, tmp_path / "out", activation="relu")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_file_that_is_missing_or_no_safetensors(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="there is no file"):
        convert(tmp_path / "none.safetensors", tmp_path / "out")
    (tmp_path / "torn.safetensors").write_bytes(b"\x80" * 40)
    with pytest.raises(ConversionError, match="cannot be read"):
        convert(tmp_path / "torn.safetensors", tmp_path / "out")
    with pytest.raises(ConversionError, match="there is no recipe 'int2'"):
        convert(tmp_path / "torn.safetensors", tmp_path / "out", recipe="int2")
    assert [path.name for path in tmp_path.iterdir()] == ["torn.safetensors"]


def test_a_folder_with_the_weights_will_do(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save_file(two_layers("relu").state_dict(), str(tmp_path / "in" / "model.safetensors"))
    assert convert(tmp_path / "in", tmp_path / "out", activation="relu").projector is not None
