from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from export.conversion.onnx.checkpoint import read_checkpoint
from export.conversion.onnx.encoder_bench import set_up_encoder
from export.conversion.onnx.fp32 import export_fp32
from export.conversion.onnx.reference import TorchEncoder
from export.errors import ConversionError
from ondevice.retrieval.encoding.session import Session
from tests.tiny_checkpoints import DIM, edit_json, make_tiny_checkpoint

MASK = np.array([[1] * 9, [1] * 4 + [0] * 5, [1, 1, 0, 0, 0, 0, 0, 0, 0]], np.int64)
# Ids that are nobody's padding: RoBERTa counts positions by what is not the padding id.
IDS = np.where(MASK == 1, np.arange(27).reshape(3, 9) % 50 + 4, 1).astype(np.int64)


def _torch_states(folder: Path) -> np.ndarray:
    import torch
    from transformers import AutoModel

    model = AutoModel.from_pretrained(str(folder), local_files_only=True).eval()
    with torch.inference_mode():
        found = model(input_ids=torch.from_numpy(IDS), attention_mask=torch.from_numpy(MASK))
    return np.asarray(found.last_hidden_state.numpy())


@pytest.mark.parametrize("architecture", ["bert", "distilbert", "mpnet", "roberta", "xlm-roberta"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_the_graph_computes_what_torch_computes(tmp_path: Path, architecture: str, pooling: str) -> None:
    folder = make_tiny_checkpoint(tmp_path / "tiny", architecture=architecture, pooling=pooling, normalizes=False)
    export_fp32(read_checkpoint(folder), tmp_path / "fp32.onnx")
    session = Session(tmp_path / "fp32.onnx", threads=1)
    assert session.inputs == ("input_ids", "attention_mask")
    found = session.run({"input_ids": IDS, "attention_mask": MASK})
    states = _torch_states(folder)
    wanted = states[:, 0] if pooling == "cls" else (states * MASK[..., None]).sum(1) / MASK.sum(1, keepdims=True)
    assert found.shape == (3, DIM)
    np.testing.assert_allclose(found, wanted, atol=2e-5)


def test_what_is_masked_changes_nothing(tiny_fp32: Path) -> None:
    session = Session(tiny_fp32, threads=1)
    other = np.where(MASK == 1, IDS, 7)
    first, second = (session.run({"input_ids": ids, "attention_mask": MASK}) for ids in (IDS, other))
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_a_normalizing_checkpoint_gives_unit_vectors(tiny_fp32: Path) -> None:
    found = Session(tiny_fp32, threads=1).run({"input_ids": IDS, "attention_mask": MASK})
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-6)


def test_the_same_checkpoint_gives_the_same_bytes(tiny_folder: Path, tiny_fp32: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(tiny_folder, tmp_path / "another place")
    export_fp32(read_checkpoint(elsewhere), tmp_path / "again.onnx")
    data = tiny_fp32.read_bytes()
    assert (tmp_path / "again.onnx").read_bytes() == data
    assert os.fsencode(tiny_folder.parent) not in data


def test_reference_is_the_pooled_torch_model(tiny_folder: Path) -> None:
    checkpoint = read_checkpoint(tiny_folder)
    encoder = TorchEncoder.open(checkpoint, tiny_folder / "tokenizer.json", batch=2)
    texts = ["the dog and the cat", "rain", "tea with cake in the garden"]
    vectors = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_queries([text]) for text in texts])
    assert vectors.shape == (3, DIM)
    np.testing.assert_allclose(vectors, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def _break_weights(folder: Path, name: str, value: float | None) -> None:
    from safetensors.numpy import load_file, save_file

    tensors = dict(load_file(folder / "model.safetensors"))
    if value is None:
        del tensors[name]
    else:
        tensors[name] = tensors[name].copy()
        tensors[name][0] = value
    save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("value", "message"), [(None, "lack the tensor"), (float("nan"), "1 numbers not finite"), (np.inf, "not finite")]
)
def test_weights_that_are_missing_or_not_finite_are_refused(
    tiny_folder: Path, tmp_path: Path, value: float | None, message: str
) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    _break_weights(folder, "encoder.layer.1.output.dense.bias", value)
    with pytest.raises(ConversionError, match=message):
        export_fp32(read_checkpoint(folder), tmp_path / "out.onnx")
    assert not (tmp_path / "out.onnx").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden_act": "quick_gelu"}, "'quick_gelu' cannot be converted.*gelu, relu"),
        ({"position_embedding_type": "relative_key"}, "'relative_key'"),
        ({"is_decoder": True}, "is_decoder"),
        ({"num_attention_heads": 5}, "5 heads do not fit vectors of 32"),
        ({"num_hidden_layers": 3}, "lack the tensor 'encoder.layer.2"),
    ],
)
def test_variants_that_would_compute_something_else_are_refused(
    tiny_folder: Path, tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    edit_json(folder / "config.json", **changes)
    with pytest.raises(ConversionError, match=message):
        export_fp32(read_checkpoint(folder), tmp_path / "out.onnx")


def test_truncated_weights_are_refused(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(ConversionError, match="cannot be read"):
        export_fp32(read_checkpoint(folder), tmp_path / "out.onnx")


def test_a_graph_that_differs_from_torch_is_never_used(tiny_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "copy")
    checkpoint = read_checkpoint(folder)
    # The weights change between reading the configuration and the comparison: what torch loads is another model.
    other = make_tiny_checkpoint(tmp_path / "other", seed=4)
    config = dict(checkpoint.config) | {"layer_norm_eps": 3.0}
    object.__setattr__(checkpoint, "config", config)
    with pytest.raises(ConversionError, match=r"has a cosine of .* to PyTorch"):
        set_up_encoder(checkpoint, other, texts=["the dog", "a cat", "tea and cake"])
