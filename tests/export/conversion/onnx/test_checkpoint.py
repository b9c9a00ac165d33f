from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from export.conversion.onnx.checkpoint import read_checkpoint
from export.errors import ConversionError
from tests.tiny_checkpoints import DIM, MAX_TOKENS, edit_json, make_tiny_checkpoint, write_json


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_folder, tmp_path / "copy")


def test_says_what_the_folder_says(tiny_folder: Path) -> None:
    found = read_checkpoint(tiny_folder)
    assert (found.architecture, found.dim, found.max_tokens) == ("bert", DIM, MAX_TOKENS)
    assert (found.pooling, found.is_normalized) == ("mean", True)
    assert (found.query_prefix, found.passage_prefix) == ("", "")
    assert set(found.files) == {
        "1_Pooling/config.json",
        "config.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "tokenizer.json",
    }


def test_prompts_become_prefixes(folder: Path) -> None:
    write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"query": "query: ", "document": "passage: "}, "default_prompt_name": None},
    )
    found = read_checkpoint(folder)
    assert (found.query_prefix, found.passage_prefix) == ("query: ", "passage: ")


def test_a_default_prompt_stands_before_both(folder: Path) -> None:
    write_json(
        folder / "config_sentence_transformers.json",
        {"prompts": {"similarity": "compare: "}, "default_prompt_name": "similarity"},
    )
    found = read_checkpoint(folder)
    assert (found.query_prefix, found.passage_prefix) == ("compare: ", "compare: ")


def test_the_model_card_gives_the_licence(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# A model\n")
    assert read_checkpoint(folder).license == "apache-2.0"


def test_a_bare_transformer_is_pooled_by_the_mean_over_all_its_positions(folder: Path) -> None:
    (folder / "modules.json").unlink()
    found = read_checkpoint(folder)
    assert (found.pooling, found.is_normalized, found.max_tokens) == ("mean", False, 40)


def test_positions_of_the_roberta_line_start_after_the_padding(tmp_path: Path) -> None:
    folder = make_tiny_checkpoint(tmp_path / "roberta", architecture="roberta")
    (folder / "sentence_bert_config.json").unlink()
    assert read_checkpoint(folder).max_tokens == 38


def test_newer_pooling_files_name_the_mode(folder: Path) -> None:
    write_json(folder / "1_Pooling" / "config.json", {"embedding_dimension": DIM, "pooling_mode": "cls"})
    assert read_checkpoint(folder).pooling == "cls"


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        ("config.json", {"model_type": "llama"}, "'llama' is not supported.*bert, distilbert, mpnet"),
        ("config.json", {"hidden_size": 48}, "32 numbers, but the model gives 48"),
        ("config.json", {"hidden_size": "wide"}, "no hidden_size"),
        ("config.json", {"max_position_embeddings": None}, "no max_position_embeddings"),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}, "pooling none"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "supported are: mean, cls"),
        ("1_Pooling/config.json", {"include_prompt": False}, "leaves the prompt out"),
        ("1_Pooling/config.json", {"word_embedding_dimension": "32"}, "whole number"),
        ("sentence_bert_config.json", {"max_seq_length": 99}, "99, but the model has positions for 40"),
        ("sentence_bert_config.json", {"max_seq_length": 0}, "3 or more"),
    ],
)
def test_files_that_cannot_be_followed_are_refused(
    folder: Path, file: str, changes: dict[str, object], message: str
) -> None:
    edit_json(folder / file, **changes)
    with pytest.raises(ConversionError, match=message):
        read_checkpoint(folder)


def test_a_dense_module_is_refused_by_name(folder: Path) -> None:
    kinds = ("Transformer", "Pooling", "Dense")
    write_json(folder / "modules.json", [{"type": f"x.{kind}", "path": ""} for kind in kinds])
    with pytest.raises(ConversionError, match="Transformer, Pooling, Dense cannot be converted"):
        read_checkpoint(folder)


def test_a_module_outside_the_folder_is_refused(folder: Path) -> None:
    write_json(folder / "modules.json", [{"type": "x.Transformer", "path": "../other"}])
    with pytest.raises(ConversionError, match="outside its folder"):
        read_checkpoint(folder)


@pytest.mark.parametrize("text", ["[1, 2]", "{", "[{}]", '{"a": 1}'])
def test_a_damaged_list_of_modules_is_refused(folder: Path, text: str) -> None:
    (folder / "modules.json").write_text(text)
    with pytest.raises(ConversionError, match=r"modules\.json"):
        read_checkpoint(folder)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("tokenizer.json", "has no tokenizer"),
        ("model.safetensors", "has no weights"),
        ("config.json", "'config.json' is missing"),
        ("1_Pooling/config.json", "'config.json' is missing in '1_Pooling'"),
    ],
)
def test_missing_files_are_named(folder: Path, file: str, message: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ConversionError, match=message):
        read_checkpoint(folder)


def test_pickled_weights_are_refused_and_never_opened(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"never read")
    with pytest.raises(ConversionError, match=r"pickled.*safetensors"):
        read_checkpoint(folder)


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match="no folder 'nothing'"):
        read_checkpoint(tmp_path / "nothing")
