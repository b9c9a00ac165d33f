"""Which tensor gets which type is what the quantization says, and the same input gives the same bytes."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from export.conversion.gguf.importance import importance_of
from export.conversion.gguf.quantize import RECIPES, mixed, named_quantization
from export.errors import ConversionError
from export.models import load_registry
from export.quantization import Quantization, quantize_gguf
from ondevice.bundle import Bundle
from tests.tiny_llm import make_model, write_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_base(make_model("llama"), tmp_path_factory.mktemp("base") / "model")


def types_of(path: Path) -> dict[str, str]:
    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}


def test_named_tensors_get_their_type_and_all_others_the_mixtures(base: Bundle, tmp_path: Path) -> None:
    quantize_gguf(base.file("model"), tmp_path / "out", mixed(("ffn_gate", "attn_q"), "IQ4_NL"))
    found = types_of(tmp_path / "out")
    assert found["blk.0.ffn_gate.weight"] == found["blk.1.attn_q.weight"] == "IQ4_NL"
    assert found["blk.0.ffn_up.weight"] == found["token_embd.weight"] == found["output.weight"] == "Q8_0"
    assert found["blk.0.attn_norm.weight"] == "F32"


def test_embeddings_and_output_have_types_of_their_own(base: Bundle, tmp_path: Path) -> None:
    recipe = Quantization(name="x", mixture="Q4_0", token_embedding="F16", output="Q8_0")
    quantize_gguf(base.file("model"), tmp_path / "out", recipe)
    found = types_of(tmp_path / "out")
    assert (found["token_embd.weight"], found["output.weight"], found["blk.0.ffn_up.weight"]) == ("F16", "Q8_0", "Q4_0")


def test_the_same_input_gives_the_same_bytes_on_any_number_of_threads(base: Bundle, tmp_path: Path) -> None:
    for name, threads in (("one", 1), ("two", 2)):
        quantize_gguf(base.file("model"), tmp_path / name, RECIPES["iq4_nl"], threads=threads)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_importance_moves_the_error_to_where_it_does_not_matter(base: Bundle, tmp_path: Path) -> None:
    name = "blk.0.ffn_up.weight"
    counts = np.full(64, 1e-3, np.float32)
    counts[:8] = 1000
    errors = []
    original = next(t for t in gguf.GGUFReader(base.file("model")).tensors if t.name == name).data
    for importance in ({name: np.ones(64, np.float32)}, {name: counts}):
        quantize_gguf(base.file("model"), tmp_path / "out", mixed(("ffn_up",), "Q4_0"), importance=importance)
        tensor = next(t for t in gguf.GGUFReader(tmp_path / "out").tensors if t.name == name)
        error = gguf.quants.dequantize(tensor.data, tensor.tensor_type) - original
        errors.append(float(np.square(error[:, :8]).mean()))
    assert errors[1] < 0.8 * errors[0]


def test_measured_importance_is_what_the_quantizer_takes(base: Bundle, tmp_path: Path) -> None:
    importance = importance_of(base.file("model"), ["the cat slept on the warm stone"])
    quantize_gguf(base.file("model"), tmp_path / "with", RECIPES["q4_0"], importance=importance)
    quantize_gguf(base.file("model"), tmp_path / "without", RECIPES["q4_0"])
    assert (tmp_path / "with").read_bytes() != (tmp_path / "without").read_bytes()
    assert types_of(tmp_path / "with") == types_of(tmp_path / "without")


def test_a_recipe_that_needs_importance_says_so(base: Bundle, tmp_path: Path) -> None:
    recipe = Quantization(name="x", mixture="Q4_0", needs_importance=True)
    with pytest.raises(ConversionError, match="'x' needs an importance matrix"):
        quantize_gguf(base.file("model"), tmp_path / "out", recipe)


@pytest.mark.parametrize("cut", [3, 4, 100, 5000, -1000])
def test_a_file_cut_short_leaves_nothing(base: Bundle, tmp_path: Path, cut: int) -> None:
    (tmp_path / "cut.gguf").write_bytes(base.file("model").read_bytes()[:cut])
    with pytest.raises(ConversionError):
        quantize_gguf(tmp_path / "cut.gguf", tmp_path / "out", RECIPES["q8_0"])
    assert [path.name for path in tmp_path.iterdir()] == ["cut.gguf"]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"'gone\.gguf' cannot be read"):
        quantize_gguf(tmp_path / "gone.gguf", tmp_path / "out", RECIPES["q8_0"])


def test_names() -> None:
    assert named_quantization("Q8_0") is RECIPES["q8_0"]
    assert named_quantization("q5_0") == Quantization(name="q5_0", mixture="Q5_0")
    with pytest.raises(ConversionError, match="no quantization 'q9'"):
        named_quantization("q9")
    with pytest.raises(ValueError, match="no mixture 'Q9'"):
        Quantization(name="x", mixture="Q9")
    with pytest.raises(ValueError, match="no tensor type 'Q9'"):
        Quantization(name="x", mixture="Q8_0", tensors=(("ffn", "Q9"),))


def test_the_default_generators_recipe_is_offered() -> None:
    derivation = load_registry().get("smollm2-135m-instruct").files[0].derivation
    assert derivation is not None
    assert named_quantization(derivation.quantization.name) == derivation.quantization
