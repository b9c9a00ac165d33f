from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.conversion.onnx.calibration import Calibration, calibrate_on
from export.conversion.onnx.quantize import apply_recipe, product_nodes
from export.conversion.onnx.recipes import RECIPES, Recipe, recipe_named
from export.conversion.onnx.saving import load_graph
from export.conversion.onnx.sensitivity import by_sensitivity
from export.errors import ConversionError
from ondevice.retrieval.encoding.session import Session

N_PRODUCTS = 12  # six in each of two layers
# How near a recipe keeps a tiny random model, whose activations are rougher than a trained one's.
LEAST = {"fp32": 1 - 1e-6, "fp16-weights": 0.9999, "int4-blocks": 0.9}


def _vectors(graph: Path, calibration: Calibration) -> np.ndarray:
    session = Session(graph, threads=1)
    return np.concatenate([session.run(feed) for feed in calibration.feeds])


def _kinds(graph: Path) -> Counter[str]:
    return Counter(node.op_type for node in load_graph(graph).graph.node)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_every_recipe_keeps_the_vectors_and_repeats_its_bytes(
    recipe: Recipe, tiny_fp32: Path, tiny_calibration: Calibration, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.onnx", tmp_path / "second.onnx"
    apply_recipe(tiny_fp32, recipe, first, tiny_calibration)
    apply_recipe(tiny_fp32, recipe, second, tiny_calibration)
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path).encode() not in first.read_bytes()
    wanted, found = _vectors(tiny_fp32, tiny_calibration), _vectors(first, tiny_calibration)
    cosines = np.einsum("nd,nd->n", wanted, found) / np.linalg.norm(found, axis=1)
    assert cosines.mean() >= LEAST.get(recipe.name, 0.99)


def test_dynamic_recipes_put_every_product_into_integers(
    tiny_fp32: Path, tiny_calibration: Calibration, tmp_path: Path
) -> None:
    apply_recipe(tiny_fp32, recipe_named("int8-dynamic"), tmp_path / "out.onnx", tiny_calibration)
    assert _kinds(tmp_path / "out.onnx")["MatMulInteger"] == N_PRODUCTS


def test_static_recipes_round_activations_by_fixed_steps(
    tiny_fp32: Path, tiny_calibration: Calibration, tmp_path: Path
) -> None:
    apply_recipe(tiny_fp32, recipe_named("int8-static"), tmp_path / "out.onnx", tiny_calibration)
    kinds = _kinds(tmp_path / "out.onnx")
    # One step for each different input: the query, key and value products share theirs.
    assert kinds["QuantizeLinear"] == 8
    assert kinds["DynamicQuantizeLinear"] == 0


def test_block_recipes_use_the_runtimes_own_product(tiny_fp32: Path, tmp_path: Path) -> None:
    apply_recipe(tiny_fp32, recipe_named("int4-blocks"), tmp_path / "out.onnx")
    nodes = [node for node in load_graph(tmp_path / "out.onnx").graph.node if node.op_type == "MatMulNBits"]
    assert len(nodes) == N_PRODUCTS
    settings = {attribute.name: attribute.i for attribute in nodes[0].attribute}
    assert (settings["bits"], settings["block_size"], settings["accuracy_level"]) == (4, 32, 4)


def test_excluded_products_stay_as_they_are(tiny_fp32: Path, tmp_path: Path) -> None:
    products = product_nodes(load_graph(tiny_fp32))
    assert len(products) == N_PRODUCTS
    recipe = replace(recipe_named("int8-dynamic"), excluded=tuple(products[:5]))
    apply_recipe(tiny_fp32, recipe, tmp_path / "out.onnx")
    assert _kinds(tmp_path / "out.onnx")["MatMulInteger"] == N_PRODUCTS - 5
    assert product_nodes(load_graph(tmp_path / "out.onnx")) == products[:5]


def test_seven_bits_stay_within_64(tiny_fp32: Path, tmp_path: Path) -> None:
    from onnx import TensorProto, numpy_helper

    apply_recipe(tiny_fp32, recipe_named("int8-dynamic-7bit"), tmp_path / "out.onnx")
    weights = [
        numpy_helper.to_array(tensor)
        for tensor in load_graph(tmp_path / "out.onnx").graph.initializer
        if tensor.data_type == TensorProto.INT8 and tensor.name.startswith("layer") and len(tensor.dims) == 2
    ]
    assert len(weights) == N_PRODUCTS
    assert max(int(np.abs(weight.astype(np.int32)).max()) for weight in weights) <= 64


def test_tables_shrink(tiny_fp32: Path, tmp_path: Path) -> None:
    from onnx import numpy_helper

    sizes = {}
    for form in ("float", "half", "int8"):
        apply_recipe(tiny_fp32, Recipe(name=form, scheme="float", tables=form), tmp_path / f"{form}.onnx")
        tensors = {tensor.name: tensor for tensor in load_graph(tmp_path / f"{form}.onnx").graph.initializer}
        sizes[form] = numpy_helper.to_array(tensors["word.table"]).itemsize
    assert sizes == {"float": 4, "half": 2, "int8": 1}


def test_smoothing_saves_a_model_with_an_outlier(
    tiny_fp32: Path, tiny_calibration: Calibration, tmp_path: Path
) -> None:
    import onnx
    from onnx import numpy_helper

    # One channel of the first normalization becomes huge, and the weights that meet it small: the same model but for
    # what rounding makes of it.
    model = load_graph(tiny_fp32)
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    for name in ("layer.0.attended_norm.scale", "layer.0.attended_norm.shift"):
        values = numpy_helper.to_array(tensors[name]).copy()
        values[3] *= 60
        tensors[name].CopyFrom(numpy_helper.from_array(values, name))
    weight = numpy_helper.to_array(tensors["layer.0.up.weight"]).copy()
    weight[3] /= 60
    tensors["layer.0.up.weight"].CopyFrom(numpy_helper.from_array(weight, "layer.0.up.weight"))
    onnx.save(model, str(tmp_path / "outlier.onnx"))
    wanted = _vectors(tmp_path / "outlier.onnx", tiny_calibration)
    lost = {}
    only_up = tuple(name for name in product_nodes(model) if name != "layer.0.up")
    for name in ("int8-dynamic", "int8-smooth"):
        recipe = replace(recipe_named(name), excluded=only_up, tables="float")
        apply_recipe(tmp_path / "outlier.onnx", recipe, tmp_path / "out.onnx", tiny_calibration)
        lost[name] = 1 - np.einsum("nd,nd->n", wanted, _vectors(tmp_path / "out.onnx", tiny_calibration)).mean()
    assert lost["int8-smooth"] < lost["int8-dynamic"] / 10
    assert by_sensitivity(tmp_path / "outlier.onnx", product_nodes(model), tiny_calibration)[0] == "layer.0.up"


def test_misuse_is_refused(tiny_fp32: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="needs calibration texts"):
        apply_recipe(tiny_fp32, recipe_named("int8-smooth"), tmp_path / "out.onnx")
    with pytest.raises(ValueError, match="'nowhere', which is no product"):
        apply_recipe(tiny_fp32, replace(RECIPES[0], excluded=("nowhere",)), tmp_path / "out.onnx")
    with pytest.raises(ValueError, match="no recipe 'int3'"):
        recipe_named("int3")
    with pytest.raises(ValueError, match="4 bits"):
        Recipe(name="x", scheme="dynamic", bits=4)
    with pytest.raises(ValueError, match="not for the scheme 'blocks'"):
        Recipe(name="x", scheme="blocks", smoothing=True)


def test_a_graph_without_products_is_refused(tmp_path: Path) -> None:
    from tests.tiny_models import make_tiny_encoder

    bundle = make_tiny_encoder(tmp_path / "tiny")
    with pytest.raises(ConversionError, match="nothing to quantize"):
        apply_recipe(bundle.file("model"), recipe_named("int8-dynamic"), tmp_path / "out.onnx")
    (tmp_path / "text.onnx").write_text("not a graph")
    with pytest.raises(ConversionError, match="no ONNX graph"):
        apply_recipe(tmp_path / "text.onnx", recipe_named("int8-dynamic"), tmp_path / "out.onnx")


def test_calibration_needs_texts_and_shows_none(tiny_folder: Path) -> None:
    with pytest.raises(ValueError, match="texts to calibrate on"):
        calibrate_on([], tiny_folder / "tokenizer.json", max_tokens=8)
    assert repr(calibrate_on(["the dog"], tiny_folder / "tokenizer.json", max_tokens=8)) == "Calibration(1 batches)"
